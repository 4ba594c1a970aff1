"""What has no table of ours, or may have none: kept word by word as events in the history of what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.events.models import Subject
from infra.migrate_sqlite.decisions import Decision, Item, Outcome
from infra.migrate_sqlite.legacy import LEFT_BEHIND
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.world import World


@dataclass(frozen=True, slots=True)
class Kept:
    """How rows of a table are kept: as which event, when it happened, who did it, and what is to be told of each."""

    action: str
    at: str = "created_at"
    actor: str | None = None
    told: Decision | None = None


KEPT = {
    "documents": Kept(
        "legacy_document",
        "uploaded_at",
        "owner_user",
        Decision("file_not_brought", "upload it, so that it is scanned; the event has its name and place", "file_url"),
    ),
    "project_documents": Kept(
        "legacy_document",
        "uploaded_at",
        "uploaded_by",
        Decision("file_not_brought", "upload it, so that it is scanned; the event has its name and place", "file_url"),
    ),
    "screening_runs": Kept(
        "legacy_screening",
        told=Decision("no_evidence", "no screening here: nothing in it can be found in a document; screen anew"),
    ),
    "outreach_runs": Kept(
        "legacy_outreach",
        actor="user_id",
        told=Decision("not_sent_here", "no message here: nobody knows whether it was sent"),
    ),
    "communication_templates": Kept(
        "legacy_template", actor="created_by", told=Decision("no_templates", "there are no templates of one's own here")
    ),
    "salary_benchmarks": Kept(
        "legacy_salary_benchmark",
        actor="created_by",
        told=Decision("no_source", "no salary data here: no publication says these figures", "sources"),
    ),
    "project_market_research": Kept(
        "legacy_market_research",
        "started_at",
        told=Decision("not_counted_here", "no market research here: its counts cannot be shown"),
    ),
    "activity_feed": Kept("legacy_activity", actor="actor_id"),
}


def kept(world: World, table: str, rows: Iterable[Row]) -> list[Item]:
    """An item a row."""
    return [_keep(world, KEPT[table], *world.begin(table, row)) for row in rows]


def _keep(world: World, how: Kept, item: Item, reader: Reader) -> Item:
    item.outcome = Outcome.HISTORY
    subject = _subject(world, reader)
    if subject is None:
        return item.refuse(
            "person_missing", "tells of a candidate who is not there to be asked or erased", "candidate_id"
        )
    if how.told is not None:
        item.decisions.append(how.told)
    at = world.made_at(reader, how.at)
    actor_id = None if how.actor is None or reader.raw("actor_type") == "system" else world.user(reader, how.actor)
    item.event = world.happened(reader, how.action, subject, actor_id, at)
    return item


def _subject(world: World, reader: Reader) -> Subject | None:
    """What a row is about: the nearest to a person that it names; None when the person it is about is missing."""
    candidate, position, project = _named(reader)
    if candidate is not None:
        placed = world.placed.get(candidate)
        return None if placed is None else world.about(placed)
    if str(reader.raw("event_type") or "").startswith("candidate"):
        return None
    if position is not None and position in world.positions:
        position_id = world.positions[position][0]
        return Subject("position", position_id, position_id=position_id)
    if project is not None and project in world.projects:
        return Subject("project", world.projects[project][0])
    if position is not None or project is not None:
        reader.item.decide("reference_orphaned", "kept with the organization: what it is about is not there")
    return world.organization()


def _named(reader: Reader) -> tuple[str | None, str | None, str | None]:
    """Candidate, position and project of a row; documents say it by a scope."""
    scope, scope_id = str(reader.raw("scope") or "").lower(), reader.key("scope_id")
    by_scope = {name: scope_id if scope == name else None for name in ("candidate", "position", "project")}
    candidate = reader.key("candidate_id") or by_scope["candidate"]
    position = reader.key("position_id") or by_scope["position"]
    return candidate, position, reader.key("project_id") or by_scope["project"]


def left(world: World, table: str, rows: Iterable[Row]) -> list[Item]:
    """An item a row of a table that is left behind."""
    items = [world.begin(table, row)[0] for row in rows]
    for item in items:
        item.outcome = Outcome.LEFT
        item.decide("left_behind", LEFT_BEHIND[table])
    return items
