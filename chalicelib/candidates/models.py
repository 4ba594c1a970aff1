"""A candidate's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class Candidate(Base):
    __tablename__ = "candidates"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    location: Mapped[str | None]
    headline: Mapped[str | None]
    summary: Mapped[str | None]
    skills: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    experience: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    education: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    links: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    source: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    resume_document_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    # Whom this entry was merged into; it is deleted then, until that is undone.
    merged_into: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)


HIDDEN = {"organization_id", "deleted_at", "merged_into"}
# All that is shown of a candidate; the search vector beside it stays in the database.
SHOWN = [column for column in Candidate.__table__.columns if column.name not in HIDDEN]


class CandidateLabel(Base):
    """A skill or tag as the database indexes it; kept by a trigger."""

    __tablename__ = "candidate_labels"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    candidate_id: Mapped[UUID] = mapped_column(primary_key=True)


class CandidateMerge(Base):
    """One entry of a person merged into another: what it made of the remaining one's values, and the rows it moved."""

    __tablename__ = "candidate_merges"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    duplicate_id: Mapped[UUID]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    moved: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    merged_by: Mapped[UUID | None]
    merged_at: Mapped[datetime] = mapped_column(Moment)
    undone_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
