"""What drives the functions on this machine: `python -m infra.local.pump` carries queues and clock to their handlers.

In AWS an event source mapping does this for each queue and EventBridge for each schedule. The handlers are the very
objects that Lambda calls; a batch's failures stay in the queue, everything else is deleted. moto's own mappings would
delete failures too, so they are not used.
"""

from __future__ import annotations

import importlib
import logging
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType, ModuleType
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import EventSourceHandler
from chalice.local import LambdaContext

from infra.local import resources

log = logging.getLogger("recruitpro.local.pump")

Handler = Callable[[dict[str, Any], Any], Any]
# Which function serves which queue: the same pairs as the event source mappings of the template.
QUEUE_FUNCTIONS = {
    "scan": "functions.scan_document",
    "high": "functions.run_screening",
    "default": "functions.analyze_document",
}
# In AWS the relay runs every minute, the shortest schedule there is; nobody wants to wait for that on a laptop.
SCHEDULES = {"functions.relay_jobs": 3.0, "functions.check_health": 300.0}
BATCH_SIZE = 10
POLL_SECONDS = 5
FUNCTION_TIMEOUT_MS = 60_000
FINISH_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Source:
    """A queue and the handler of its messages."""

    queue: resources.Queue
    handler: Handler
    region: str = "eu-central-1"


def handler_of(module: ModuleType) -> Handler:
    """The one handler that a module of `functions/` defines, as Lambda would find it by name."""
    handlers: list[Handler] = [value for value in vars(module).values() if isinstance(value, EventSourceHandler)]
    if len(handlers) != 1:
        raise LookupError(f"{module.__name__} defines {len(handlers)} handlers, not one")
    return handlers[0]


def take_batch(sqs: Any, source: Source, *, wait_seconds: int = POLL_SECONDS) -> list[dict[str, Any]]:
    """Up to ten messages of the queue, waiting for the first one at most so long."""
    answer = sqs.receive_message(
        QueueUrl=source.queue.url,
        MaxNumberOfMessages=BATCH_SIZE,
        WaitTimeSeconds=wait_seconds,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def deliver(sqs: Any, source: Source, messages: list[dict[str, Any]], *, retry_seconds: int | None = None) -> None:
    """Give one batch to its handler; delete what it did not name as failed. A handler that raises failed them all.

    Failures come back when the queue's visibility time-out ends, or when the handler said; or after `retry_seconds`.
    """
    function = source.queue.name
    try:
        answer = source.handler(sqs_event(messages, source), context(function))
        failed = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures", [])}
    except Exception:
        log.exception("batch_failed", extra={"queue": function})
        failed = {message["MessageId"] for message in messages}
    if "" in failed or failed - {message["MessageId"] for message in messages}:
        # So does Lambda: an unknown id means that the answer cannot be trusted.
        failed = {message["MessageId"] for message in messages}
    done = [_entry(message) for message in messages if message["MessageId"] not in failed]
    if done:
        sqs.delete_message_batch(QueueUrl=source.queue.url, Entries=done)
    again = [_entry(message) for message in messages if message["MessageId"] in failed]
    if again and retry_seconds is not None:
        entries = [entry | {"VisibilityTimeout": retry_seconds} for entry in again]
        sqs.change_message_visibility_batch(QueueUrl=source.queue.url, Entries=entries)
    log.info("%s: %d delivered, %d to be tried again", function, len(done), len(again))


def _entry(message: dict[str, Any]) -> dict[str, Any]:
    return {"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]}


def sqs_event(messages: list[dict[str, Any]], source: Source) -> dict[str, Any]:
    """The event that Lambda makes of these messages."""
    records = []
    for message in messages:
        attributes = {
            name: {
                "stringValue": value.get("StringValue"),
                "dataType": value["DataType"],
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        }
        records.append(
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": attributes,
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": source.queue.arn,
                "awsRegion": source.region,
            }
        )
    return {"Records": records}


def scheduled_event(name: str, *, region: str) -> dict[str, Any]:
    """The event that EventBridge sends when a schedule is due."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:events:{region}:123456789012:rule/{name}"],
        "detail": {},
    }


def context(function: str) -> LambdaContext:
    """The Lambda context of one invocation."""
    return LambdaContext(f"recruitpro-local-{function}", 1024, FUNCTION_TIMEOUT_MS)


def drain(sqs: Any, sources: list[Source], *, timeout_seconds: float, retry_seconds: int = 0) -> None:
    """Deliver until every queue is empty, in this thread; TimeoutError when they are not in time."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        delivered = False
        for source in sources:
            messages = take_batch(sqs, source, wait_seconds=0)
            if messages:
                deliver(sqs, source, messages, retry_seconds=retry_seconds)
                delivered = True
        if not delivered and not any(_waiting(sqs, source) for source in sources):
            return
        if time.monotonic() > deadline:
            raise TimeoutError("queues are not empty: " + ", ".join(s.queue.name for s in sources if _waiting(sqs, s)))
        if not delivered:
            time.sleep(0.05)


def _waiting(sqs: Any, source: Source) -> int:
    kinds = ("", "NotVisible", "Delayed")
    names = ["ApproximateNumberOfMessages" + kind for kind in kinds]
    counts = sqs.get_queue_attributes(QueueUrl=source.queue.url, AttributeNames=names)["Attributes"]
    return sum(int(count) for count in counts.values())


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
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(threadName)s %(message)s")
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
