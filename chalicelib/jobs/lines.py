"""The one line that the log holds of each attempt at a job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.jobs.models import JobRun
from chalicelib.logs import belongs_to, cost_of, log, log_context
from chalicelib.tracing import Trace


class Outcome(StrEnum):
    """How an attempt ended. One that is `unfinished` could not even say so: the database was out of reach."""

    SUCCEEDED = "succeeded"
    SPLIT = "split"
    RETRIED = "retried"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    UNFINISHED = "unfinished"


GOOD = {Outcome.SUCCEEDED, Outcome.SPLIT, Outcome.CANCELLED}


@dataclass(slots=True)
class Line:
    """What is told of an attempt at its end."""

    outcome: Outcome = Outcome.UNFINISHED
    more: dict[str, Any] = field(default_factory=dict)

    def write(self, run: JobRun, trace: Trace, wait_ms: float) -> None:
        """Write it."""
        say = log.info if self.outcome in GOOD else log.warning
        say("job_attempted", outcome=self.outcome.value, **self.more, wait_ms=wait_ms, **_who(run), **cost_of(trace))


@contextmanager
def told(run: JobRun, trace: Trace, *, due_at: datetime, now: datetime) -> Iterator[Line]:
    """An attempt, of which a line is written at its end, however that comes; and whatever is logged meanwhile says
    which attempt it was."""
    fields = {"job_id": str(run.id), "kind": run.kind.value, "attempt": run.attempt}
    line = Line()
    with log_context(**fields, organization_id=str(run.organization_id)):
        if run.trace_id is not None:
            belongs_to(trace, run.trace_id)
        try:
            yield line
        finally:
            line.write(run, trace, waited_ms(due_at, now))


def tell_together(runs: list[JobRun], trace: Trace, due_at: list[datetime], now: datetime) -> None:
    """A line for each job of a batch that was done in one transaction; each tells what all of them cost together."""
    for run, due in zip(runs, due_at, strict=True):
        more = {"job_id": run.id, "kind": run.kind.value, "attempt": run.attempt, "together": len(runs)}
        more |= {"organization_id": run.organization_id, "trace_id": run.trace_id or trace.id}
        Line(Outcome.SUCCEEDED, more).write(run, trace, waited_ms(due, now))


def waited_ms(due_at: datetime, now: datetime) -> float:
    """Milliseconds that a job waited for an attempt after it was due."""
    return round(max(0.0, (now - due_at).total_seconds() * 1000), 1)


def _who(run: JobRun) -> dict[str, Any]:
    return {"requested_by": run.requested_by, "request_id": run.request_id}
