"""Invitations, and links to set a new password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment
from chalicelib.events.models import Subject


class Invitation(Base):
    """Open until it is used or revoked; its link works until it expires, and is known by its hash alone."""

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes | None]
    notice_id: Mapped[UUID | None]
    invited_by: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    user_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def about(self) -> Subject:
        """The invitation, as events name it."""
        return Subject("invitation", self.id)


class PasswordReset(Base):
    """A link to set a new password, known by its hash alone."""

    __tablename__ = "password_resets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
    token_hash: Mapped[bytes | None]
    replaces: Mapped[bytes]
    notice_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
