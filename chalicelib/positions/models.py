"""A position's row, and what one position can decide alone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment

DEFAULT_STAGES = ("applied", "screen", "interview", "offer", "hired")


class PositionStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Position(Base):
    __tablename__ = "positions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    title: Mapped[str]
    department: Mapped[str | None]
    location: Mapped[str | None]
    description: Mapped[str | None]
    experience_years_min: Mapped[int | None]
    openings: Mapped[int]
    status: Mapped[str]
    salary_min: Mapped[Decimal | None]
    salary_max: Mapped[Decimal | None]
    currency: Mapped[str | None]
    requirements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    stages: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    source_document_id: Mapped[UUID | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def first_stage(self) -> str:
        return self.stages[0]

    @property
    def hiring_stage(self) -> str:
        """The last stage of the pipeline: whoever stands there fills an opening."""
        return self.stages[-1]


HIDDEN = {"organization_id", "source_document_id", "deleted_at", "version"}
# All that is shown of a position.
SHOWN = [column for column in Position.__table__.columns if column.name not in HIDDEN]
