"""An interview's row, who conducts it, and what they found."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.applications.models import Application
from chalicelib.db import Base, Moment
from chalicelib.events.models import Subject


class InterviewKind(StrEnum):
    PHONE = "phone"
    VIDEO = "video"
    ONSITE = "onsite"


class InterviewStatus(StrEnum):
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class InterviewAdvice(StrEnum):
    """Whether an interviewer would hire."""

    STRONG_YES = "strong_yes"
    YES = "yes"
    NO = "no"
    STRONG_NO = "strong_no"


class Interview(Base):
    __tablename__ = "interviews"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    application_id: Mapped[UUID]
    starts_at: Mapped[datetime] = mapped_column(Moment)
    duration_minutes: Mapped[int]
    time_zone: Mapped[str]
    kind: Mapped[str]
    status: Mapped[str]
    location: Mapped[str | None]
    video_link: Mapped[str | None]
    notes: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int]

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_minutes)

    @property
    def is_planned(self) -> bool:
        """Whether it takes its interviewers' time."""
        return self.status == InterviewStatus.SCHEDULED

    @property
    def during(self) -> Range[datetime]:
        """Its time: one that begins when another ends does not meet it."""
        return Range(self.starts_at, self.ends_at, bounds="[)")

    def about(self, application: Application) -> Subject:
        """The interview, as events name it."""
        return Subject(
            "interview",
            self.id,
            candidate_id=application.candidate_id,
            application_id=application.id,
            position_id=application.position_id,
        )


class Interviewer(Base):
    __tablename__ = "interviewers"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    interview_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    is_planned: Mapped[bool]


class Scorecard(Base):
    __tablename__ = "scorecards"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    interview_id: Mapped[UUID]
    user_id: Mapped[UUID]
    marks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    recommendation: Mapped[str]
    comment: Mapped[str | None] = mapped_column(sa.Text)
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int]
