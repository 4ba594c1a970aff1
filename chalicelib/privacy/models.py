"""The certificate of an erasure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class ErasureReason(StrEnum):
    PERSON_ASKED = "person_asked"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    RETENTION = "retention"
    DELETED = "deleted"
    OTHER = "other"


class ErasureStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"


class Erasure(Base):
    __tablename__ = "erasures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    job_id: Mapped[UUID]
    reason: Mapped[str]
    status: Mapped[str]
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    rows_erased: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    objects_erased: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    objects_kept: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)


class RetentionWarning(Base):
    __tablename__ = "retention_warnings"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    candidate_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_contact_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    warned_at: Mapped[datetime] = mapped_column(Moment)
