"""All that a calendar is told of an interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who conducts the interview."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """All that a calendar shows. `sequence` grows with each change; moments are aware."""

    id: UUID
    sequence: int
    title: str
    starts_at: datetime
    duration_minutes: int
    time_zone: str
    is_cancelled: bool
    location: str | None
    video_link: str | None
    notes: str | None
    changed_at: datetime
    attendees: Sequence[Attendee]
