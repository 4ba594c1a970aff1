"""RecruitPro as a contestant of the job benchmark: `python -m tests.benchmarks.jobs_ours ROLE JOB`.

A job is a row and an outbox row in one transaction, relayed to the queue after the commit; delivered in batches to
`jobs.consume`, claimed, and finished in the transaction of its effects, quick jobs of a batch together. The queue
double runs in a process of its own, as SQS and Redis do.
"""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import sys
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.events.models import Actor
from chalicelib.jobs import service
from chalicelib.jobs.consume import BatchAnswer, consume
from chalicelib.jobs.models import RULES, JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.jobs.service import Wanted
from chalicelib.screening import jobs as screening
from tests.benchmarks import jobs_side
from tests.benchmarks.jobs_side import BATCH_SIZE_VARIABLE, CASE_VARIABLE, enqueue_batch
from tests.queue_delivery import deliver
from tests.queue_jobs import installed
from tests.queue_server import QueueClient

KIND = JobKind.SCREEN_CANDIDATE
QUEUE = RULES[KIND].queue.value


def write_nothing(session: Session, run: JobRun) -> None:
    """A quick job without effects, claimed and finished as any other is."""


WORK = {"noop": {KIND: Work(write=write_nothing)}, "screening": screening.WORK}


class Ours:
    """Jobs of one organization; its screenings take turns over a few applications."""

    def __init__(self, job: str) -> None:
        case = json.loads(os.environ[CASE_VARIABLE])
        self._organization_id = UUID(case["organization_id"])
        self._application_ids: list[str] = case["application_ids"]
        self._work = WORK[job]
        self._batch_size = int(os.environ[BATCH_SIZE_VARIABLE])
        self.queues = QueueClient.from_environment()
        self._number = 0

    def enqueue(self, count: int) -> None:
        while count > 0:
            with db.transaction(self._organization_id) as session:
                wanted = [Wanted(self._payload()) for _ in range(min(count, enqueue_batch()))]
                service.enqueue_many(session, KIND, wanted, actor=Actor("system"), now=utc_now())
            count -= len(wanted)

    def _payload(self) -> dict[str, object]:
        self._number += 1
        return {"application_id": self._application_ids[self._number % len(self._application_ids)]}

    def work_off(self) -> None:
        while self._deliver(wait_seconds=0):
            pass

    def is_done(self) -> bool:
        return self.queues.counts(QUEUE).total == 0

    def work_for_ever(self) -> None:
        while True:
            self._deliver(wait_seconds=20)

    def _deliver(self, *, wait_seconds: float) -> int:
        def handler(event: dict[str, Any]) -> BatchAnswer:
            return consume(event, self._work)

        return deliver(self.queues, QUEUE, handler, batch_size=self._batch_size, wait_seconds=wait_seconds)


def profile(side: Ours, count: int) -> None:
    """Print where the time goes when `count` jobs are enqueued, and when they are done."""
    side.enqueue(enqueue_batch())
    side.work_off()
    for title, act in (("enqueue", lambda: side.enqueue(count)), ("work", side.work_off)):
        profiler = cProfile.Profile()
        profiler.runcall(act)
        text = io.StringIO()
        for order in ("cumulative", "tottime"):
            pstats.Stats(profiler, stream=text).strip_dirs().sort_stats(order).print_stats(40)
        print(f"== {title}: {count} jobs\n{text.getvalue()}")


def main() -> None:
    role, job = sys.argv[1:3]
    side = Ours(job)
    with installed(side.queues):
        if role == "work":
            jobs_side.work(side)
        elif role == "profile":
            profile(side, int(sys.argv[3]))
        else:
            jobs_side.drive(side, works=role == "drive-and-work")


if __name__ == "__main__":
    main()
