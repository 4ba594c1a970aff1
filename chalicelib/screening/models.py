"""A screening's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class Screening(Base):
    __tablename__ = "screenings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    application_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    position_id: Mapped[UUID]
    document_id: Mapped[UUID | None]
    job_id: Mapped[UUID]
    score: Mapped[int]
    recommendation: Mapped[str]
    requirements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    strengths: Mapped[list[str]] = mapped_column(JSONB)
    gaps: Mapped[list[str]] = mapped_column(JSONB)
    provider: Mapped[str]
    model: Mapped[str]
    duration_ms: Mapped[int]
    input_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    review: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
