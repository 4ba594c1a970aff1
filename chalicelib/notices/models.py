"""A notice's row."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment
from chalicelib.events.models import Subject


class NoticeKind(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of mail
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of mail


class NoticeStatus(StrEnum):
    """queued → sending → sent; or failed, when it certainly was not sent, or unconfirmed, when nobody knows."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"


class Notice(Base):
    """What it says is not kept: its words, and any link in them, are written when it is sent."""

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    kind: Mapped[str]
    user_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default=NoticeStatus.QUEUED)
    job_id: Mapped[UUID | None]
    handed_over_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    mail_id: Mapped[str | None]
    error_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def about(self) -> Subject:
        """The notice, as events name it."""
        return Subject("notice", self.id)
