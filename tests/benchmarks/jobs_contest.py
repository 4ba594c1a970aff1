"""The contestants of the job benchmark as processes: started once, idle between their turns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.report import ROOT


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A system with one kind of job. `workers` are commands that run beside the driver; without any it works alone.
    `processes` is how many do jobs."""

    name: str
    job: str
    driver: Sequence[str]
    workers: Sequence[Sequence[str]] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: int = 1
    says_ready: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """How many jobs one turn had, and the seconds until all were enqueued, and until all were done."""

    count: int
    enqueue: float
    total: float

    @property
    def per_second(self) -> float:
        return self.count / self.total


class Running:
    """A setup whose processes run."""

    def __init__(self, setup: Setup, log: Path) -> None:
        self.setup = setup
        self.next_count = 0
        """How many jobs its next turn has."""
        self._log = log.open("ab")
        self._children = [self._start(command, says_ready=setup.says_ready) for command in setup.workers]
        self._driver = self._start(setup.driver, says_ready=True)

    def turn(self, count: int) -> Turn:
        """Let it enqueue and do `count` jobs."""
        assert self._driver.stdin is not None
        self._driver.stdin.write(f"{count}\n".encode())
        self._driver.stdin.flush()
        return Turn(**self._answer(self._driver))

    def pause(self) -> None:
        """Take the processor from it, so that what is idle in one system's way costs no other system's turn."""
        self._tell(signal.SIGSTOP)

    def resume(self) -> None:
        self._tell(signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        for child in (*self._children, self._driver):
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self._log.close()

    def _tell(self, number: signal.Signals) -> None:
        for child in (*self._children, self._driver):
            os.killpg(child.pid, number)

    def _start(self, command: Sequence[str], *, says_ready: bool) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(os.environ) | dict(self.setup.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if says_ready else self._log,
            stderr=self._log,
            # A group of its own: workers that fork end with it.
            start_new_session=True,
        )
        if says_ready:
            self._answer(child)
        return child

    def _answer(self, child: subprocess.Popen[bytes]) -> Any:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.setup.name} ended: see {self._log.name}")
        return json.loads(line)


def ours(job: str, workers: int, environment: Mapping[str, str]) -> Setup:
    """RecruitPro with so many workers beside the driver, or with none: the driver works."""
    command = [sys.executable, "-m", "tests.benchmarks.jobs_ours"]
    role = "drive" if workers else "drive-and-work"
    return Setup(
        "RecruitPro", job, [*command, role, job], [[*command, "work", job]] * workers, environment, workers or 1
    )


def rq(name: str, system: str, python: Path, job: str, workers: int, environment: Mapping[str, str]) -> Setup:
    """RQ with this worker."""
    command, queue = [str(python), "-m", "tests.benchmarks.jobs_peers", system], f"{system}-{job}-{workers}"
    role = "drive" if workers else "drive-and-work"
    beside = [[*command, "work", job, queue]] * workers
    return Setup(name, job, [*command, role, job, queue], beside, environment, workers or 1)


def dramatiq(python: Path, job: str, workers: int, environment: Mapping[str, str]) -> Setup:
    """Dramatiq with eight threads a process, its default; several processes by its own command."""
    queue = f"dramatiq-{job}-{workers}"
    role = "drive" if workers else "drive-and-work"
    driver = [str(python), "-m", "tests.benchmarks.jobs_peers", "dramatiq", role, job, queue]
    command = [str(python), "-m", "dramatiq", "tests.benchmarks.jobs_dramatiq", "--processes", str(workers)]
    variables = {**environment, "BENCH_QUEUE": queue}
    if not workers:
        return Setup("Dramatiq", job, driver, (), variables)
    return Setup("Dramatiq", job, driver, [command], variables, workers, says_ready=False)
