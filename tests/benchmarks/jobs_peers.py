"""RQ and Dramatiq as contestants of the job benchmark: `python -m tests.benchmarks.jobs_peers SYSTEM ROLE JOB QUEUE`.

Runs in the benchmark's own environment, where they are installed, so none of their names is imported at the top. Both
are used as their guides show, with their own defaults; results are kept as long as RQ keeps them by default.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from tests.benchmarks import jobs_side
from tests.benchmarks.jobs_side import Side, enqueue_batch

REDIS_VARIABLE = "BENCH_REDIS_URL"


def noop() -> None:
    """The job that does nothing."""


def screen(number: int) -> None:
    """The job that rates an application: the same reading, rating and writing as ours, with no job row to fence it."""
    from tests.benchmarks import jobs_screening

    jobs_screening.screen(number)


def _redis() -> Any:
    return import_module("redis").Redis.from_url(os.environ[REDIS_VARIABLE])


class Rq:
    """RQ with SimpleWorker, or with the default worker, which forks for each job."""

    def __init__(self, worker: str, job: str, queue: str) -> None:
        self._rq, connection = import_module("rq"), _redis()
        self._queue = self._rq.Queue(queue, connection=connection)
        self._worker = getattr(self._rq, worker)
        registries = import_module("rq.registry")
        self._finished = registries.FinishedJobRegistry(queue=self._queue)
        self._failed = registries.FailedJobRegistry(queue=self._queue)
        self._function: Any = noop if job == "noop" else screen
        self._takes_number = job != "noop"
        self._enqueued = 0

    def enqueue(self, count: int) -> None:
        self._enqueued += count
        for start in range(0, count, enqueue_batch()):
            numbers = range(start, min(count, start + enqueue_batch()))
            arguments = [(number,) if self._takes_number else () for number in numbers]
            self._queue.enqueue_many([self._rq.Queue.prepare_data(self._function, args) for args in arguments])

    def work_off(self) -> None:
        self._new_worker().work(burst=True)

    def is_done(self) -> bool:
        if self._failed.get_job_count(cleanup=False):
            raise RuntimeError("a job failed")
        return bool(self._finished.get_job_count(cleanup=False) >= self._enqueued)

    def work_for_ever(self) -> None:
        self._new_worker().work()

    def _new_worker(self) -> Any:
        return self._worker([self._queue], connection=self._queue.connection)


class Dramatiq:
    """Dramatiq on its Redis broker. Its own command line starts the workers of the setup with several processes."""

    def __init__(self, job: str, queue: str) -> None:
        broker, actors = dramatiq_on(queue)
        self._broker, self._queue, self._actor = broker, queue, actors[job]
        self._worker: Any = None
        self._takes_number = job != "noop"

    def enqueue(self, count: int) -> None:
        for number in range(count):
            self._actor.send(number) if self._takes_number else self._actor.send()

    def work_off(self) -> None:
        if self._worker is None:
            self._worker = import_module("dramatiq").Worker(self._broker, worker_threads=8)
            self._worker.start()

    def is_done(self) -> bool:
        return bool(self._broker.do_qsize(self._queue) == 0)

    def work_for_ever(self) -> None:
        raise NotImplementedError("the dramatiq command does this")


def dramatiq_on(queue: str) -> tuple[Any, dict[str, Any]]:
    """Dramatiq's broker on our Redis, and its actors by job, on this queue."""
    dramatiq = import_module("dramatiq")
    broker = import_module("dramatiq.brokers.redis").RedisBroker(url=os.environ[REDIS_VARIABLE])
    dramatiq.set_broker(broker)
    actors = {
        "noop": dramatiq.actor(noop, queue_name=queue, actor_name="noop"),
        "screening": dramatiq.actor(screen, queue_name=queue, actor_name="screen"),
    }
    return broker, actors


def side_of(system: str, job: str, queue: str) -> Side:
    """The contestant of this name."""
    if system == "dramatiq":
        return Dramatiq(job, queue)
    return Rq({"rq-simple": "SimpleWorker", "rq-fork": "Worker"}[system], job, queue)


def main() -> None:
    system, role, job, queue = sys.argv[1:]
    side = side_of(system, job, queue)
    if role == "work":
        jobs_side.work(side)
    else:
        jobs_side.drive(side, works=role == "drive-and-work")


if __name__ == "__main__":
    # Under its own name, since workers look the job's function up by it.
    import_module("tests.benchmarks.jobs_peers").main()
