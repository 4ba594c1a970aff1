"""A job's row, its kinds, and how each kind is tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base

LONGEST_DELAY_SECONDS = 900  # SQS accepts no longer delay
UNAVAILABLE_FACTOR = 5  # a service that is down deserves a longer breath than a passing fault


class JobKind(StrEnum):
    SCAN_DOCUMENT = "scan_document"
    ANALYZE_DOCUMENT = "analyze_document"
    SCREEN_CANDIDATE = "screen_candidate"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


class QueueName(StrEnum):
    SCAN = "scan"
    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


QUEUE_OF = {
    JobKind.SCAN_DOCUMENT: QueueName.SCAN,
    JobKind.SCREEN_CANDIDATE: QueueName.HIGH,
    JobKind.ANALYZE_DOCUMENT: QueueName.DEFAULT,
}
PRIORITY_OF = {
    JobKind.SCAN_DOCUMENT: Priority.HIGH,
    JobKind.SCREEN_CANDIDATE: Priority.HIGH,
    JobKind.ANALYZE_DOCUMENT: Priority.DEFAULT,
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after how many seconds a job is tried again: doubling from `base_seconds`, five times as long
    when what failed was a service that is down."""

    max_attempts: int
    base_seconds: int

    def delay_seconds(self, attempt: int, *, is_unavailable: bool) -> int:
        """Whole seconds between failed attempt number `attempt` (from 1) and the next one."""
        factor = UNAVAILABLE_FACTOR if is_unavailable else 1
        doublings: int = 2 ** (attempt - 1)
        return min(self.base_seconds * factor * doublings, LONGEST_DELAY_SECONDS)


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    kind: Mapped[str]
    priority: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=JobStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int]
    progress_done: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    progress_total: Mapped[int | None] = mapped_column(sa.BigInteger)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    unique_key: Mapped[str | None]
    requested_by: Mapped[UUID | None]
    request_id: Mapped[str | None]
    enqueued_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    next_attempt_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    lease_expires_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class JobMessage:
    """All that a queue carries of a job."""

    job_id: UUID
    organization_id: UUID
    kind: JobKind

    @property
    def queue(self) -> QueueName:
        return QUEUE_OF[self.kind]

    def as_json(self) -> dict[str, str]:
        return {"job_id": str(self.job_id), "organization_id": str(self.organization_id), "kind": self.kind.value}

    @classmethod
    def of_json(cls, body: dict[str, Any]) -> JobMessage:
        """The message in `body`; KeyError, ValueError or TypeError when it is none."""
        return cls(UUID(body["job_id"]), UUID(body["organization_id"]), JobKind(body["kind"]))


@dataclass(slots=True)
class JobRun:
    """One attempt at a job. `attempt` (from 1) fences it: an attempt that was taken over can finish nothing."""

    id: UUID
    organization_id: UUID
    kind: JobKind
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    requested_by: UUID | None
    request_id: str | None
    result: dict[str, Any] = field(default_factory=dict)

    def id_of(self, name: str) -> UUID:
        """The id that the payload holds under `name`."""
        return UUID(self.payload[name])
