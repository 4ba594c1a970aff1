"""A webhook's row, a delivery's row, and when a delivery is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from chalicelib.db import Base, Moment
from chalicelib.events.models import Subject

MOST_WEBHOOKS = 10
EVERYTHING = "*"
# Eight attempts over a day: at once, then after so many seconds, each spread by a tenth.
DELAYS_SECONDS = (30, 300, 1800, 7200, 18_000, 28_800, 28_800)
MOST_TRIES = len(DELAYS_SECONDS) + 1
JITTER = 0.1
HISTORY_KEPT = 32
# Whoever has accepted nothing for so long, and lets one more delivery fail, is not sent to any more.
DISABLED_AFTER = timedelta(days=5)
BOTH_SECRETS_FOR = timedelta(hours=24)


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisabledCode(StrEnum):
    """Why nothing is sent any more: the receiver said 410 Gone, or failed for five days."""

    GONE = "gone"
    FAILING = "failing"


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    description: Mapped[str | None]
    is_active: Mapped[bool]
    secret_key_id: Mapped[str | None]
    secret_sealed: Mapped[bytes | None]
    previous_key_id: Mapped[str | None]
    previous_sealed: Mapped[bytes | None]
    previous_secret_until: Mapped[datetime | None] = mapped_column(Moment)
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_code: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int]

    @property
    def about(self) -> Subject:
        """The webhook, as events name it."""
        return Subject("webhook", self.id)


class Delivery(Base):
    __tablename__ = "webhook_deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    webhook_id: Mapped[UUID]
    event_id: Mapped[UUID]
    type: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int]
    tries_left: Mapped[int]
    next_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    last_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    response_status: Mapped[int | None]
    error_code: Mapped[str | None]
    duration_ms: Mapped[int | None]
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one request went. `error_code` is None when it was accepted; `status` None when there was no answer."""

    at: datetime
    duration_ms: int
    status: int | None = None
    error_code: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "duration_ms": self.duration_ms,
            "status": self.status,
            "error_code": self.error_code,
        }


def delay_after(tries_left: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long after a failed attempt the next one comes, when so many are left (1 or more); `chance` gives 0 to 1."""
    seconds = DELAYS_SECONDS[MOST_TRIES - 1 - tries_left]
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance() - 1)))
