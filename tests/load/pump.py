"""The pump of a load test: `python -m tests.load.pump` carries queues, and what runs every minute, to their handlers.

infra/local/pump.py does all nightly work at each start; of a million candidates that would be measured instead.
"""

from __future__ import annotations

import logging
import signal
import threading
from importlib import import_module

from infra.local import resources
from infra.local.delivery import Source
from infra.local.pump import QUEUE_FUNCTIONS, SCHEDULES, Pump, handler_of

EVERY_MINUTE = ("functions.relay_jobs", "functions.roll_up_metrics")


def main() -> None:
    """Deliver until SIGTERM, finishing the batch in hand."""
    from chalicelib.settings import settings

    logging.basicConfig(level=logging.WARNING)
    wish = settings()
    assert wish.aws_endpoint_url is not None
    sqs = resources.client("sqs", wish.aws_endpoint_url, wish.aws_region)
    queues = resources.ensure_queues(sqs)
    sources = [
        Source(queues[queue], handler_of(import_module(module)), wish.aws_region)
        for queue, module in QUEUE_FUNCTIONS.items()
    ]
    schedules = {module: (handler_of(import_module(module)), SCHEDULES[module]) for module in EVERY_MINUTE}
    pump = Pump(sqs, sources, schedules)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pump.start()
    told.wait()
    pump.stop()


if __name__ == "__main__":
    main()
