"""A user's second factor and its recovery codes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class SecondFactor(Base):
    """One a user at most. It counts once it is confirmed: until then nobody has shown that the app has the secret."""

    __tablename__ = "second_factors"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
    sealed_secret: Mapped[bytes]
    # Which key the secret is sealed with: an older one is replaced at the next use.
    key_id: Mapped[str]
    # The newest time step whose code was taken: it and all before it are spent.
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    second_factor_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
