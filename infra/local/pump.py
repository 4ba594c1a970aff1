"""What drives the functions on this machine: `python -m infra.local.pump` carries queues and clock to their handlers.

In AWS an event source mapping does this for each queue and EventBridge for each schedule. The handlers are the very
objects that Lambda calls.
"""

from __future__ import annotations

import importlib
import logging
import signal
import threading
import time
from collections.abc import Mapping
from types import FrameType, ModuleType
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import EventSourceHandler

from infra.local import resources
from infra.local.delivery import Handler, Source, context, deliver, scheduled_event, take_batch

log = logging.getLogger("local.pump")

# Which function serves which queue: the same pairs as the event source mappings of the template.
QUEUE_FUNCTIONS = {
    "scan": "functions.scan_document",
    "high": "functions.run_screening",
    "default": "functions.run_default_jobs",
    "low": "functions.run_low_jobs",
    "webhook": "functions.deliver_webhooks",
}
# In AWS the relay runs every minute, the shortest schedule there is; nobody wants to wait for that on a laptop.
SCHEDULES = {
    "functions.relay_jobs": 3.0,
    "functions.roll_up_metrics": 60.0,
    "functions.check_health": 300.0,
    "functions.apply_retention": 60.0,
    # At each start and then once a day: a laptop is seldom awake at 03:00 UTC.
    "functions.rescan_documents": 86_400.0,
    "functions.expire_candidates": 86_400.0,
    "functions.verify_events": 86_400.0,
    "functions.reseal_secrets": 86_400.0,
    # There is no RDS on a laptop: they say so and do nothing, and health says that no backup is known.
    "functions.take_snapshot": 86_400.0,
    "functions.verify_restore": 86_400.0,
}
FINISH_SECONDS = 15.0


def handler_of(module: ModuleType) -> Handler:
    """The one handler that a module of `functions/` defines, as Lambda would find it by name."""
    handlers: list[Handler] = [value for value in vars(module).values() if isinstance(value, EventSourceHandler)]
    if len(handlers) != 1:
        raise LookupError(f"{module.__name__} defines {len(handlers)} handlers, not one")
    return handlers[0]


class Pump:
    """One thread per queue and per schedule, until `stop`."""

    def __init__(self, sqs: Any, sources: list[Source], schedules: Mapping[str, tuple[Handler, float]]) -> None:
        self._sqs, self._sources, self._schedules = sqs, sources, schedules
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._busy = 0

    def start(self) -> None:
        for source in self._sources:
            threading.Thread(target=self._poll, args=(source,), name=source.queue.name, daemon=True).start()
        for name, (handler, seconds) in self._schedules.items():
            threading.Thread(target=self._tick, args=(name, handler, seconds), name=name, daemon=True).start()

    def stop(self, *, seconds: float = FINISH_SECONDS) -> bool:
        """Take no more; whether everything in hand was finished within so many seconds."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.02)
        return not self._busy

    def _begins(self) -> bool:
        """Whether work may begin now; after `stop` none does."""
        with self._guard:
            if self._stopping.is_set():
                return False
            self._busy += 1
            return True

    def _ended(self) -> None:
        with self._guard:
            self._busy -= 1

    def _poll(self, source: Source) -> None:
        while not self._stopping.is_set():
            try:
                messages = take_batch(self._sqs, source)
                if messages and self._begins():
                    try:
                        deliver(self._sqs, source, messages)
                    finally:
                        self._ended()
            except (BotoCoreError, ClientError) as failure:
                log.warning("queue %s does not answer: %s", source.queue.name, failure)
                self._stopping.wait(1)

    def _tick(self, name: str, handler: Handler, seconds: float) -> None:
        while self._begins():
            try:
                handler(scheduled_event(name, region="eu-central-1"), context(name))
            except Exception:
                log.exception("schedule_failed", extra={"function": name})
            finally:
                self._ended()
            self._stopping.wait(seconds)


@click.command()
def main() -> None:
    """Deliver messages and schedules of the local environment until SIGTERM, finishing the batch in hand."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(threadName)s %(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    from chalicelib.settings import settings

    wish = settings()
    if wish.aws_endpoint_url is None:
        raise click.ClickException("RECRUITPRO_AWS_ENDPOINT_URL is not set: make stack sets it")
    sqs = resources.client("sqs", wish.aws_endpoint_url, wish.aws_region)
    queues = resources.ensure_queues(sqs)
    sources = [
        Source(queues[queue], handler_of(importlib.import_module(module)), wish.aws_region)
        for queue, module in QUEUE_FUNCTIONS.items()
    ]
    schedules = {
        module.removeprefix("functions."): (handler_of(importlib.import_module(module)), seconds)
        for module, seconds in SCHEDULES.items()
    }
    pump = Pump(sqs, sources, schedules)
    told = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    pump.start()
    # The stack waits for this line.
    log.info("pumping %s", ", ".join([*QUEUE_FUNCTIONS, *schedules]))
    told.wait()
    if not pump.stop():
        log.warning("stopped with a batch in hand: its messages come back")


if __name__ == "__main__":
    main()
