"""A job's row, its kinds, and how each kind is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib import tracing
from chalicelib.db import Base, Moment
from chalicelib.events.models import Actor

LONGEST_DELAY_SECONDS = 900  # SQS accepts no longer delay


class JobKind(StrEnum):
    SCAN_DOCUMENT = "scan_document"
    ANALYZE_DOCUMENT = "analyze_document"
    SCREEN_CANDIDATE = "screen_candidate"
    SCREENING_BATCH = "screening_batch"
    GENERATE_OUTREACH = "generate_outreach"
    SEND_OUTREACH = "send_outreach"
    SEND_NOTICE = "send_notice"
    MARKET_RESEARCH = "market_research"
    IMPORT_SALARY_DATA = "import_salary_data"
    BULK_IMPORT = "bulk_import"
    IMPORT_ROWS = "import_rows"
    UNDO_IMPORT = "undo_import"
    EXPORT_CANDIDATES = "export_candidates"
    DELIVER_WEBHOOK = "deliver_webhook"
    ERASE_CANDIDATE = "erase_candidate"


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}


class Priority(StrEnum):
    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"


class QueueName(StrEnum):
    SCAN = "scan"
    HIGH = "high"
    DEFAULT = "default"
    LOW = "low"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after how many seconds a job is tried again: doubling from `base_seconds`, and
    `unavailable_factor` times as long when what failed was a service that is down, which deserves a longer breath. Each
    delay is spread by up to `jitter` of itself, so that jobs which failed together do not come back together."""

    max_attempts: int
    base_seconds: float
    unavailable_factor: float = 5
    jitter: float = 0.2

    def delay_seconds(self, attempt: int, *, is_unavailable: bool, chance: Callable[[], float] = random.random) -> int:
        """Whole seconds between failed attempt number `attempt` (from 1) and the next one; `chance` gives 0 to 1."""
        base = self.base_seconds * (self.unavailable_factor if is_unavailable else 1)
        exact = min(base * 2.0 ** (attempt - 1), LONGEST_DELAY_SECONDS)
        spread = exact * (1 + self.jitter * (2 * chance() - 1))
        return min(round(spread), LONGEST_DELAY_SECONDS)


@dataclass(frozen=True, slots=True)
class KindRules:
    """Where jobs of a kind wait, how much more patiently than others they are tried again, and whether somebody may
    call them off."""

    queue: QueueName
    priority: Priority
    patience: float = 1
    can_be_cancelled: bool = True


RULES: Mapping[JobKind, KindRules] = {
    # A scan that is called off would leave a file without a verdict.
    JobKind.SCAN_DOCUMENT: KindRules(QueueName.SCAN, Priority.HIGH, can_be_cancelled=False),
    JobKind.SCREEN_CANDIDATE: KindRules(QueueName.HIGH, Priority.HIGH),
    JobKind.SCREENING_BATCH: KindRules(QueueName.HIGH, Priority.HIGH),
    JobKind.ANALYZE_DOCUMENT: KindRules(QueueName.DEFAULT, Priority.DEFAULT),
    JobKind.GENERATE_OUTREACH: KindRules(QueueName.DEFAULT, Priority.DEFAULT),
    JobKind.SEND_OUTREACH: KindRules(QueueName.DEFAULT, Priority.DEFAULT, patience=3),
    JobKind.SEND_NOTICE: KindRules(QueueName.DEFAULT, Priority.DEFAULT, patience=3, can_be_cancelled=False),
    JobKind.MARKET_RESEARCH: KindRules(QueueName.LOW, Priority.LOW),
    JobKind.IMPORT_SALARY_DATA: KindRules(QueueName.LOW, Priority.LOW),
    JobKind.BULK_IMPORT: KindRules(QueueName.LOW, Priority.LOW, patience=3),
    JobKind.IMPORT_ROWS: KindRules(QueueName.LOW, Priority.LOW, patience=3),
    JobKind.UNDO_IMPORT: KindRules(QueueName.LOW, Priority.LOW, patience=3, can_be_cancelled=False),
    JobKind.EXPORT_CANDIDATES: KindRules(QueueName.LOW, Priority.LOW),
    # A queue of its own, as its function alone has a way to the internet (docs/decisions/0014). Whoever wants no
    # deliveries switches the webhook off; one that was called off would wait forever.
    JobKind.DELIVER_WEBHOOK: KindRules(QueueName.WEBHOOK, Priority.LOW, can_be_cancelled=False),
    JobKind.ERASE_CANDIDATE: KindRules(QueueName.LOW, Priority.LOW, patience=3, can_be_cancelled=False),
}


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
    enqueued_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_expires_at: Mapped[datetime | None] = mapped_column(Moment)
    parent_id: Mapped[UUID | None]
    weight: Mapped[int] = mapped_column(sa.BigInteger, server_default="1")
    children_failed: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    is_split: Mapped[bool] = mapped_column(server_default=sa.false())
    cancel_requested_at: Mapped[datetime | None] = mapped_column(Moment)
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    trace_id: Mapped[str | None] = mapped_column(server_default=sa.FetchedValue())


@dataclass(frozen=True, slots=True)
class JobMessage:
    """All that a queue carries of a job. The trace that its row names is the one that counts."""

    job_id: UUID
    organization_id: UUID
    kind: JobKind
    trace_id: str | None = field(default=None, compare=False)

    @property
    def queue(self) -> QueueName:
        return RULES[self.kind].queue

    def as_json(self) -> dict[str, str]:
        body = {"job_id": str(self.job_id), "organization_id": str(self.organization_id), "kind": self.kind.value}
        return body if self.trace_id is None else {**body, "trace_id": self.trace_id}

    @classmethod
    def of_json(cls, body: dict[str, Any]) -> JobMessage:
        """The message in `body`; KeyError, ValueError or TypeError when it is none."""
        job_id, organization_id, kind = UUID(body["job_id"]), UUID(body["organization_id"]), JobKind(body["kind"])
        return cls(job_id, organization_id, kind, tracing.sane(body.get("trace_id")))


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
    parent_id: UUID | None = None
    weight: int = 1
    trace_id: str | None = None
    is_split: bool = False
    result: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Any) -> JobRun:
        """The attempt that a job's row stands at."""
        return cls(
            id=row.id,
            organization_id=row.organization_id,
            kind=JobKind(row.kind),
            payload=row.payload,
            attempt=row.attempts,
            max_attempts=row.max_attempts,
            requested_by=row.requested_by,
            request_id=row.request_id,
            parent_id=row.parent_id,
            weight=row.weight,
            trace_id=tracing.sane(row.trace_id),
        )

    @property
    def actor(self) -> Actor:
        """This job, as events name it."""
        return Actor("job", self.id, self.request_id)

    def id_of(self, name: str) -> UUID:
        """The id that the payload holds under `name`."""
        return UUID(self.payload[name])
