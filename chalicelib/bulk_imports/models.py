"""An import's row, and what became of each row of its file."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base

Moment = sa.DateTime(timezone=True)
Json = JSONB(none_as_null=True)
UNDO_WITHIN = timedelta(hours=24)


class OnDuplicate(StrEnum):
    SKIP = "skip"
    UPDATE = "update"
    FAIL = "fail"


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


class ImportStatus(StrEnum):
    QUEUED = "queued"
    READING = "reading"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class Import(Base):
    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    document_id: Mapped[UUID]
    job_id: Mapped[UUID]
    mapping: Mapped[dict[str, str | None]] = mapped_column(JSONB)
    """What the caller wished: field -> column."""
    on_duplicate: Mapped[str]
    is_dry_run: Mapped[bool]
    format: Mapped[str | None]
    header: Mapped[list[str] | None] = mapped_column(Json)
    columns: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The ColumnMapping in force."""
    notes: Mapped[list[str] | None] = mapped_column(Json)
    preview: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    pieces: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    rows_total: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows_created: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rows_updated: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rows_skipped: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rows_failed: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    undo_job_id: Mapped[UUID | None]
    undo_status: Mapped[str | None]
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)


class ImportRow(Base):
    __tablename__ = "import_rows"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    line: Mapped[int] = mapped_column(sa.BigInteger)
    outcome: Mapped[str]
    candidate_id: Mapped[UUID | None]
    version: Mapped[int | None]
    problems: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    undone: Mapped[str | None]


def piece_key(organization_id: UUID, import_id: UUID, number: int) -> str:
    """Where a piece of a file waits for its job."""
    return f"imports/{organization_id}/{import_id}/{number}.jsonl"


def export_key(organization_id: UUID, job_id: UUID) -> str:
    """Where an export waits to be fetched."""
    return f"exports/{organization_id}/{job_id}.csv"
