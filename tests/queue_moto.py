"""moto's SQS, asked and answering as the double does, so that both can be held to the same tests."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.queue_jobs import Counts, Entry, JobQueues, Message, QueueRefusal, name_of

COUNTED = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


class MotoQueues(JobQueues):
    """Queues of its own in moto: each name gets a suffix that nobody else has."""

    def __init__(self, sqs: Any) -> None:
        self._sqs, self._suffix = sqs, f"-{uuid4().hex[:8]}"

    def pass_by(self, seconds: float) -> None:
        """Time has to pass here."""
        time.sleep(seconds)

    def create_queue(
        self,
        name: str,
        *,
        visibility_seconds: float = 30,
        retention_seconds: float = 345_600,
        delay_seconds: float = 0,
        dead_letter: str | None = None,
        max_receive_count: int = 5,
    ) -> None:
        attributes = {
            "VisibilityTimeout": str(int(visibility_seconds)),
            "MessageRetentionPeriod": str(int(retention_seconds)),
            "DelaySeconds": str(int(delay_seconds)),
        }
        if dead_letter is not None:
            redrive = {"deadLetterTargetArn": self._arn(dead_letter), "maxReceiveCount": str(max_receive_count)}
            attributes["RedrivePolicy"] = json.dumps(redrive)
        with _refusals():
            self._sqs.create_queue(QueueName=name + self._suffix, Attributes=attributes)

    def send_batch(self, queue: str, entries: Sequence[Entry]) -> list[str]:
        sent = []
        for number, entry in enumerate(entries):
            sent.append({"Id": str(number), "MessageBody": entry.body})
            if entry.delay_seconds is not None:
                sent[-1]["DelaySeconds"] = int(entry.delay_seconds)  # type: ignore[assignment]
            if entry.group is not None:
                sent[-1]["MessageGroupId"] = entry.group
        with _refusals():
            answer = self._sqs.send_message_batch(QueueUrl=self._url(queue), Entries=sent)
        for failed in answer.get("Failed", []):
            raise QueueRefusal(failed["Code"].rsplit(".", 1)[-1], failed.get("Message", ""))
        return [entry["MessageId"] for entry in answer["Successful"]]

    def receive(
        self, queue: str, *, limit: int = 10, visibility_seconds: float | None = None, wait_seconds: float = 0
    ) -> list[Message]:
        asked: dict[str, Any] = {"MaxNumberOfMessages": limit, "WaitTimeSeconds": int(wait_seconds)}
        if visibility_seconds is not None:
            asked["VisibilityTimeout"] = int(visibility_seconds)
        with _refusals():
            answer = self._sqs.receive_message(
                QueueUrl=self._url(queue), MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"], **asked
            )
        return [_message(found) for found in answer.get("Messages", [])]

    def delete_batch(self, queue: str, receipts: Sequence[str]) -> None:
        entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)]
        with _refusals():
            answer = self._sqs.delete_message_batch(QueueUrl=self._url(queue), Entries=entries)
        for failed in answer.get("Failed", []):
            raise QueueRefusal(failed["Code"].rsplit(".", 1)[-1], failed.get("Message", ""))

    def change_visibility(self, queue: str, receipt: str, seconds: float) -> None:
        with _refusals():
            self._sqs.change_message_visibility(
                QueueUrl=self._url(queue), ReceiptHandle=receipt, VisibilityTimeout=int(seconds)
            )

    def counts(self, queue: str) -> Counts:
        with _refusals():
            answer = self._sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=list(COUNTED))
        return Counts(*(int(answer["Attributes"][name]) for name in COUNTED))

    def purge(self, queue: str) -> None:
        with _refusals():
            self._sqs.purge_queue(QueueUrl=self._url(queue))

    def start_move(self, source: str, destination: str | None = None) -> str:
        with _refusals():
            return str(self._sqs.start_message_move_task(SourceArn=self._arn(source))["TaskHandle"])

    def _url(self, queue: str) -> str:
        with _refusals():
            return str(self._sqs.get_queue_url(QueueName=queue + self._suffix)["QueueUrl"])

    def _arn(self, queue: str) -> str:
        with _refusals():
            answer = self._sqs.get_queue_attributes(QueueUrl=self._url(queue), AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])


def _message(found: dict[str, Any]) -> Message:
    attributes = found["Attributes"]
    source = attributes.get("DeadLetterQueueSourceArn")
    return Message(
        found["MessageId"],
        found["ReceiptHandle"],
        found["Body"],
        int(attributes["ApproximateReceiveCount"]),
        int(attributes["SentTimestamp"]) / 1000,
        int(attributes["ApproximateFirstReceiveTimestamp"]) / 1000,
        attributes.get("MessageGroupId"),
        name_of(source).rsplit("-", 1)[0] if source is not None else None,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        raise QueueRefusal(told["Code"].rsplit(".", 1)[-1], told.get("Message", "")) from error
