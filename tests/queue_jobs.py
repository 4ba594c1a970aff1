"""What queues are asked and what they answer, whoever plays them; and how they serve as `clients.Queues`."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib import clients
from chalicelib.clients import SQS_BATCH, DeadLetter, QueueUnavailable
from chalicelib.jobs.models import JobMessage, QueueName

if TYPE_CHECKING:
    from tests.queue_store import Stored

PREFIX = "recruitpro-local-"
REGION = "eu-central-1"
DEAD_LETTER_SUFFIX = "-dlq"
DEAD_LETTER_RETENTION_SECONDS = 14 * 86_400
DEAD_IN_HAND_SECONDS = 30


class QueueRefusal(Exception):
    """The queue does not accept the call. `code` is the one of SQS, without its "AWS.SimpleQueueService."."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


class CallFailed(Exception):
    """The call got no answer; whether it had an effect is not known."""


class Entry(NamedTuple):
    """A message to send. A tuple, as is Message, since those that go between processes are many."""

    body: str
    delay_seconds: float | None = None
    """None: the queue's own."""
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The approximate numbers of SQS, here exact."""

    visible: int
    not_visible: int
    delayed: int

    @property
    def total(self) -> int:
        return self.visible + self.not_visible + self.delayed


class Message(NamedTuple):
    """One delivery of a message. Times are seconds since the epoch."""

    id: str
    receipt: str
    body: str
    receive_count: int
    sent_at: float
    first_received_at: float
    group: str | None
    source: str | None

    @classmethod
    def of(cls, stored: Stored) -> Message:
        return cls(
            stored.message_id,
            str(stored.receipt),
            stored.body,
            stored.receive_count,
            stored.sent_at,
            stored.first_received_at or 0.0,
            stored.group or None,
            stored.source,
        )

    def as_record(self, queue: str) -> dict[str, Any]:
        """The message as Lambda hands it to a function."""
        attributes = {
            "ApproximateReceiveCount": str(self.receive_count),
            "SentTimestamp": str(int(self.sent_at * 1000)),
            "ApproximateFirstReceiveTimestamp": str(int(self.first_received_at * 1000)),
            "SenderId": "AIDATESTS",
        }
        if self.group is not None:
            attributes["MessageGroupId"] = self.group
        if self.source is not None:
            attributes["DeadLetterQueueSourceArn"] = arn_of(self.source)
        return {
            "messageId": self.id,
            "receiptHandle": self.receipt,
            "body": self.body,
            "attributes": attributes,
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": arn_of(queue),
            "awsRegion": REGION,
        }


class MoveStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Move:
    """How far a move of messages out of a dead-letter queue is."""

    handle: str
    source: str
    destination: str | None
    per_second: float | None
    status: MoveStatus
    moved: int
    to_move: int

    @property
    def is_running(self) -> bool:
        return self.status is MoveStatus.RUNNING


def arn_of(queue: str) -> str:
    """The ARN of a queue by its short name."""
    return f"arn:aws:sqs:{REGION}:123456789012:{PREFIX}{queue}"


def name_of(arn: str) -> str:
    """The short name of the queue of this ARN."""
    return arn.rsplit(":", 1)[-1].removeprefix(PREFIX)


class JobQueues(ABC):
    """Queues by short name; in terms of these, `clients.Queues`."""

    @abstractmethod
    def create_queue(
        self,
        name: str,
        *,
        visibility_seconds: float = 30,
        retention_seconds: float = 345_600,
        delay_seconds: float = 0,
        dead_letter: str | None = None,
        max_receive_count: int = 5,
    ) -> None: ...
    @abstractmethod
    def send_batch(self, queue: str, entries: Sequence[Entry]) -> list[str]: ...
    @abstractmethod
    def receive(
        self, queue: str, *, limit: int = 10, visibility_seconds: float | None = None, wait_seconds: float = 0
    ) -> list[Message]: ...
    @abstractmethod
    def delete_batch(self, queue: str, receipts: Sequence[str]) -> None: ...
    @abstractmethod
    def change_visibility(self, queue: str, receipt: str, seconds: float) -> None: ...
    @abstractmethod
    def counts(self, queue: str) -> Counts: ...

    def create_job_queues(self, *, visibility_seconds: float = 60, max_receive_count: int = 5) -> None:
        """The queues of the product, each with its dead-letter queue, as the template has them."""
        for name in QueueName:
            dead_letter = name.value + DEAD_LETTER_SUFFIX
            self.create_queue(dead_letter, retention_seconds=DEAD_LETTER_RETENTION_SECONDS)
            self.create_queue(
                name.value,
                visibility_seconds=visibility_seconds,
                dead_letter=dead_letter,
                max_receive_count=max_receive_count,
            )

    def send(self, queue: str, messages: Sequence[JobMessage]) -> None:
        """Send job messages, the organization as their group; raises QueueUnavailable when a call fails."""
        for start in range(0, len(messages), SQS_BATCH):
            entries = [
                Entry(json.dumps(message.as_json()), group=str(message.organization_id))
                for message in messages[start : start + SQS_BATCH]
            ]
            with _unavailable():
                self.send_batch(queue, entries)

    def delay(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        """Bring a received message back after `seconds`."""
        self.change_visibility(name_of(queue_arn), receipt_handle, seconds)

    def count_dead(self, queue: str) -> int:
        """How many messages of a queue were given up."""
        with _unavailable():
            counts = self.counts(queue + DEAD_LETTER_SUFFIX)
        return counts.visible + counts.not_visible

    def take_dead(self, queue: str) -> list[DeadLetter]:
        """Up to ten messages that were given up; each comes back after half a minute unless it is deleted."""
        with _unavailable():
            messages = self.receive(queue + DEAD_LETTER_SUFFIX, visibility_seconds=DEAD_IN_HAND_SECONDS)
        return [DeadLetter(message.id, message.body, message.receipt) for message in messages]

    def delete_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        """Delete given-up messages, at most ten."""
        if letters:
            with _unavailable():
                self.delete_batch(queue + DEAD_LETTER_SUFFIX, [letter.receipt_handle for letter in letters])

    def release_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        """Let given-up messages be taken by others at once."""
        for letter in letters:
            with _unavailable():
                self.change_visibility(queue + DEAD_LETTER_SUFFIX, letter.receipt_handle, 0)

    def check(self) -> None:
        """Raises QueueUnavailable unless the queues answer."""
        with _unavailable():
            self.counts(QueueName.HIGH.value)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (CallFailed, QueueRefusal) as error:
        raise QueueUnavailable("the queue does not answer now") from error


class _Installed:
    """Stands for `clients.queues`; whoever forgets settings forgets their clients too, so it can be told to."""

    def __init__(self, queues: clients.Queues) -> None:
        self._queues = queues

    def __call__(self) -> clients.Queues:
        return self._queues

    def cache_clear(self) -> None:
        pass


@contextmanager
def installed(queues: clients.Queues) -> Iterator[None]:
    """Meanwhile `clients.queues()` answers these queues, in this process."""
    before = clients.queues
    clients.queues = _Installed(queues)  # type: ignore[assignment]
    try:
        yield
    finally:
        clients.queues = before
