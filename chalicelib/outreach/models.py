"""A message's row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment
from chalicelib.events.models import Subject


class OutreachStatus(StrEnum):
    """queued (being written) → draft → sending → sent. What the mail service refused is failed, and may be edited and
    sent again; what it may have taken without saying so is unconfirmed, and only a person sends it again."""

    QUEUED = "queued"
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


class Outreach(Base):
    __tablename__ = "outreach"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    application_id: Mapped[UUID | None]
    candidate_id: Mapped[UUID]
    position_id: Mapped[UUID]
    template: Mapped[str]
    tone: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str | None]
    facts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    job_id: Mapped[UUID | None]
    send_job_id: Mapped[UUID | None]
    handed_over_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_to: Mapped[str | None]
    sent_by: Mapped[UUID | None]
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    mail_id: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_written(self) -> bool:
        return self.subject is not None and self.body is not None

    @property
    def is_editable(self) -> bool:
        """Whether nobody can have received it and it is not on its way."""
        return self.is_written and self.status in {OutreachStatus.DRAFT, OutreachStatus.FAILED}

    @property
    def is_removable(self) -> bool:
        return self.status in {OutreachStatus.DRAFT, OutreachStatus.FAILED}

    @property
    def about(self) -> Subject:
        """The message, as events name it."""
        return Subject(
            "outreach",
            self.id,
            candidate_id=self.candidate_id,
            application_id=self.application_id,
            position_id=self.position_id,
        )
