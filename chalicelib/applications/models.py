"""An application's row, its history, and what one application can decide alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class ApplicationStatus(StrEnum):
    ACTIVE = "active"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class StageChangeKind(StrEnum):
    APPLIED = "applied"
    MOVED = "moved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Application(Base):
    __tablename__ = "applications"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    position_id: Mapped[UUID]
    stage: Mapped[str]
    status: Mapped[str]
    status_reason: Mapped[str | None]
    source: Mapped[str | None]
    applied_at: Mapped[datetime] = mapped_column(Moment)
    stage_entered_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[UUID | None]
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_active(self) -> bool:
        return self.status == ApplicationStatus.ACTIVE


class StageChange(Base):
    """One step of an application's history."""

    __tablename__ = "stage_changes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    application_id: Mapped[UUID]
    kind: Mapped[str]
    from_stage: Mapped[str | None]
    to_stage: Mapped[str | None]
    reason: Mapped[str | None]
    note: Mapped[str | None]
    user_id: Mapped[UUID | None]
    changed_at: Mapped[datetime] = mapped_column(Moment)
