"""What SQS accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.queue_jobs import Entry, QueueRefusal

BATCH_LIMIT = 10
BYTES_LIMIT = 1024 * 1024
"""Of a message, and of a batch."""
LONGEST_DELAY_SECONDS = 900
LONGEST_VISIBILITY_SECONDS = 43_200
LONGEST_WAIT_SECONDS = 20
IN_FLIGHT_LIMIT = 120_000
NOT_ALLOWED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def refuse_unless(is_right: bool, code: str, detail: str) -> None:
    """Raises QueueRefusal when it is not."""
    if not is_right:
        raise QueueRefusal(code, detail)


def check_batch(sizes: Sequence[int]) -> None:
    """One to ten entries of these sizes in bytes."""
    refuse_unless(bool(sizes), "EmptyBatchRequest", "a batch has at least one entry")
    refuse_unless(len(sizes) <= BATCH_LIMIT, "TooManyEntriesInBatchRequest", "a batch has ten entries at most")
    refuse_unless(sum(sizes) <= BYTES_LIMIT, "BatchRequestTooLong", "a batch has 1 MiB at most")


def check_entry(entry: Entry) -> None:
    """A body of allowed characters that is not empty, and a delay of up to 15 minutes."""
    refuse_unless(bool(entry.body), "MissingParameter", "a message has a body")
    refuse_unless(NOT_ALLOWED.search(entry.body) is None, "InvalidMessageContents", "a character is not allowed")
    delay = entry.delay_seconds or 0
    refuse_unless(0 <= delay <= LONGEST_DELAY_SECONDS, "InvalidParameterValue", "a delay is 0 to 900 seconds")


def check_receive(limit: int, visibility_seconds: float | None, wait_seconds: float) -> None:
    """What may be asked of a receive."""
    refuse_unless(1 <= limit <= BATCH_LIMIT, "InvalidParameterValue", "one to ten messages")
    refuse_unless(
        0 <= (visibility_seconds or 0) <= LONGEST_VISIBILITY_SECONDS, "InvalidParameterValue", "0 to 43200 seconds"
    )
    refuse_unless(0 <= wait_seconds <= LONGEST_WAIT_SECONDS, "InvalidParameterValue", "a wait is 0 to 20 seconds")
