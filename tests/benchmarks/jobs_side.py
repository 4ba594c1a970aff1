"""How a contestant of the job benchmark is driven, in whatever environment it runs: commands in, JSON lines out.

A driver enqueues so many jobs and is done when every one of them is; it works them off itself, or waits for workers
that run beside it. Only the standard library is used here.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import IO, Protocol

ENQUEUE_BATCH_VARIABLE = "BENCH_ENQUEUE_BATCH"
CASE_VARIABLE = "BENCH_CASE"
BATCH_SIZE_VARIABLE = "BENCH_BATCH_SIZE"
POLL_SECONDS = 0.005
PATIENCE_SECONDS = 120


def enqueue_batch() -> int:
    """How many jobs are enqueued at once."""
    return int(os.environ[ENQUEUE_BATCH_VARIABLE])


class Side(Protocol):
    """One system under test, with one kind of job."""

    def enqueue(self, count: int) -> None:
        """Enqueue `count` jobs, in batches of `enqueue_batch()` where the system knows batches."""

    def work_off(self) -> None:
        """Do all jobs there are, in this process."""

    def is_done(self) -> bool:
        """Whether every job enqueued so far has come to its end."""

    def work_for_ever(self) -> None:
        """Do jobs as they come, until killed."""


def drive(side: Side, *, works: bool) -> None:
    """Take turns as they are asked for on standard input, one number of jobs a line; `works` does them here."""
    out = _own_output()
    _say(out, "ready")
    for line in sys.stdin:
        count = int(line)
        started = time.perf_counter()
        side.enqueue(count)
        enqueued = time.perf_counter()
        if works:
            side.work_off()
        while not side.is_done():
            if time.perf_counter() - started > PATIENCE_SECONDS:
                raise TimeoutError(f"{count} jobs are not done after {PATIENCE_SECONDS} seconds")
            time.sleep(POLL_SECONDS)
        _say(out, {"count": count, "enqueue": enqueued - started, "total": time.perf_counter() - started})


def work(side: Side) -> None:
    """Be a worker."""
    _say(_own_output(), "ready")
    side.work_for_ever()


def _own_output() -> IO[str]:
    """Standard output for answers alone; what else is printed there, also by who opened it before, goes to the log."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out


def _say(out: IO[str], value: object) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()
