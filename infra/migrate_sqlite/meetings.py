"""Interviews."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chalicelib.interviews.models import InterviewKind, InterviewStatus
from infra.migrate_sqlite.decisions import Item, Outcome, Target
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.world import Placed, World

KINDS = {
    "phone": InterviewKind.PHONE,
    "call": InterviewKind.PHONE,
    "video": InterviewKind.VIDEO,
    "online": InterviewKind.VIDEO,
    "onsite": InterviewKind.ONSITE,
    "on_site": InterviewKind.ONSITE,
    "in_person": InterviewKind.ONSITE,
    "office": InterviewKind.ONSITE,
}
MINUTES, ZONE = 60, "UTC"
"""What the API takes for an interview that does not say how long it is, and the zone in which the old times are."""


def interviews(world: World, rows: Iterable[Row]) -> list[Item]:
    """An item a row."""
    return [_interview(world, *world.begin("interviews", row)) for row in rows]


def _interview(world: World, item: Item, reader: Reader) -> Item:
    candidate = world.placed.get(reader.key("candidate_id") or "")
    if candidate is None:
        return item.refuse("reference_orphaned", "there is no such candidate", "candidate_id")
    at, starts_at = world.made_at(reader), reader.moment("scheduled_at")
    position_id = world.positions.get(reader.key("position_id") or "", (None, None))[0]
    application_id = world.applications.get((candidate.candidate_id, position_id)) if position_id else None
    if application_id is None:
        item.decide("no_application", "kept as an event: nobody applied for this position", "position_id")
    elif starts_at is None or not 2000 <= starts_at.year <= 2100:
        item.decide("time_needed", "kept as an event: an interview has a time from 2000 to 2100", "scheduled_at")
    else:
        placed = Placed(candidate.candidate_id, application_id, position_id)
        values = _values(world, reader, placed, at, starts_at)
        item.targets.append(Target("interviews", values))
        item.event = world.brought(reader, "interview_brought_over", world.about(placed), at)
        return item
    item.outcome = Outcome.HISTORY
    item.event = world.happened(reader, "legacy_interview", world.about(candidate), None, at)
    return item


def _values(world: World, reader: Reader, placed: Placed, at: datetime, starts_at: datetime) -> dict[str, Any]:
    feedback = reader.prose("feedback")
    world.user(reader, "updated_by")
    notes = "\n\n".join(part for part in (reader.prose("notes"), feedback and f"Feedback:\n{feedback}") if part)
    return {
        "id": world.id_of("interview", reader.item.key, at),
        "organization_id": world.organization_id,
        "application_id": placed.application_id,
        "starts_at": starts_at,
        "duration_minutes": MINUTES,
        "time_zone": ZONE,
        "kind": _kind(reader).value,
        # Only feedback shows that it took place.
        "status": (InterviewStatus.COMPLETED if feedback else InterviewStatus.SCHEDULED).value,
        "location": reader.line("location"),
        "video_link": reader.link("location"),
        "notes": Reader({"notes": notes}, reader.item).prose("notes"),
        "created_at": at,
        "updated_at": reader.moment("updated_at") or at,
    }


def _kind(reader: Reader) -> InterviewKind:
    mode = re.sub(r"[\s-]+", "_", str(reader.raw("mode") or "").strip().lower())
    if mode in KINDS:
        return KINDS[mode]
    kind = InterviewKind.VIDEO if reader.link("location") else InterviewKind.ONSITE
    reader.item.decide("kind_assumed", f"counts as {kind}; the event has it as it was", "mode")
    return kind
