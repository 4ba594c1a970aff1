"""A project's row, and those of its members."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class ProjectStatus(StrEnum):
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class ProjectPriority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Project(Base):
    __tablename__ = "projects"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    client: Mapped[str | None]
    sector: Mapped[str | None]
    location: Mapped[str | None]
    summary: Mapped[str | None]
    priority: Mapped[str]
    status: Mapped[str]
    target_hires: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    is_private: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)


class ProjectMember(Base):
    """Somebody who sees a project when it is private."""

    __tablename__ = "project_members"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    added_by: Mapped[UUID | None]
    added_at: Mapped[datetime] = mapped_column(Moment)
