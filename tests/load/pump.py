"""The pump of a load test: `python -m tests.load.pump` carries queues, and what runs every minute, to their handlers.

Each function has a process of its own, as on Lambda it has containers of its own: a screening does not wait for an
import's Python. infra/local/pump.py does all nightly work at each start; of a million candidates that would be measured
instead. The file of `--ready` says that every process has begun.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from infra.local import resources
from infra.local.delivery import Handler, Source
from infra.local.pump import QUEUE_FUNCTIONS, SCHEDULES, Pump, handler_of
from tests.load.server import fork, watch

EVERY_MINUTE = ("functions.relay_jobs", "functions.roll_up_metrics")
# Nobody waits for these on a screen. On Lambda their containers take no CPU from those of the API; here all share two
# cores, and so they come last. What PostgreSQL does for them has no such rank, here or there.
LAST, LAST_NICE = ("low", "webhook"), 10


def _pump(queue: str | None, schedules: Mapping[str, tuple[Handler, float]], ready: Path) -> None:
    """Deliver one queue, or the schedules, until SIGTERM, finishing the batch in hand."""
    from chalicelib.settings import settings

    wish = settings()
    assert wish.aws_endpoint_url is not None
    sqs = resources.client("sqs", wish.aws_endpoint_url, wish.aws_region)
    queues = resources.ensure_queues(sqs)
    sources = []
    if queue is not None:
        sources = [Source(queues[queue], handler_of(import_module(QUEUE_FUNCTIONS[queue])), wish.aws_region)]
    if queue in LAST:
        os.nice(LAST_NICE)
    pump = Pump(sqs, sources, schedules)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pump.start()
    (ready / str(queue)).touch()
    told.wait()
    pump.stop()


@click.command()
@click.option("--ready", type=click.Path(path_type=Path), required=True, help="file that is made when all have begun")
def main(ready: Path) -> None:
    """Deliver until SIGTERM."""
    logging.basicConfig(level=logging.WARNING)
    for module in QUEUE_FUNCTIONS.values():
        import_module(module)
    schedules = {module: (handler_of(import_module(module)), SCHEDULES[module]) for module in EVERY_MINUTE}
    begun = ready.with_suffix(".each")
    begun.mkdir()
    children = [fork(lambda queue=queue: _pump(queue, {}, begun)) for queue in QUEUE_FUNCTIONS]  # type: ignore[misc]
    children.append(fork(lambda: _pump(None, schedules, begun)))
    while len(list(begun.iterdir())) < len(children) and all(Path(f"/proc/{each}").exists() for each in children):
        time.sleep(0.05)
    ready.touch()
    raise SystemExit(0 if watch(children) else 1)


if __name__ == "__main__":
    main()
