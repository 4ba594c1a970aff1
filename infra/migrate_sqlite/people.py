"""Candidates and applications, both of which one old row was; and the steps of each application.

Living rows with one address are one person, as everywhere here (chalicelib/bulk_imports/decisions.py): who was known
first is kept, gaps are filled from the others, and where these say something else it is told. A deleted row is a
candidate by itself, since nobody may come back by what somebody else's row says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.auth.common_passwords import folded
from chalicelib.bulk_imports import cells, contacts
from infra.migrate_sqlite.accounts import named
from infra.migrate_sqlite.decisions import Item, Outcome, Target
from infra.migrate_sqlite.pipeline import FIRST, Change, State, is_known, plain, settle
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.steps import read_history, step, steps
from infra.migrate_sqlite.world import Placed, World

BEST_RATING = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """One row of candidates, read."""

    at: datetime
    item: Item
    reader: Reader


@dataclass(slots=True)
class People:
    """Who is there so far. Rows come oldest first."""

    world: World
    changes: dict[str, list[Change]]
    by_email: dict[str, dict[str, Any]]
    targets: dict[UUID, dict[str, Any]]
    """The values of each application."""
    leaders: dict[UUID, str]
    """Which row's state an application has."""


def people(world: World, rows: Iterable[Row], history: Iterable[Row]) -> tuple[list[Item], list[Item]]:
    """An item for each row of candidates, and one for each row of their history."""
    unordered, changes = read_history(world, history)
    here = People(world, changes, {}, {}, {})
    drafts = []
    for row in rows:
        item, reader = world.begin("candidates", row)
        drafts.append(Draft(world.made_at(reader), item, reader))
    drafts.sort(key=lambda each: (each.at, each.item.key))
    for draft in drafts:
        _candidate(here, draft)
    return [draft.item for draft in drafts], [*unordered, *steps(world, changes, here.leaders)]


def _candidate(here: People, draft: Draft) -> None:
    world, item, reader = here.world, draft.item, draft.reader
    values = _values(world, draft)
    person = _person(here, item, values)
    position = _position(world, reader)
    placed = Placed(person["id"])
    if position is not None:
        application_id = _apply(here, draft, person["id"], position)
        placed = Placed(person["id"], application_id, position)
    elif plain(reader.raw("status")) not in {"new", ""}:
        item.decide("status_without_position", "candidates have no status by themselves; the event has it", "status")
    world.placed[item.key] = placed
    item.event = world.brought(reader, "candidate_brought_over", world.about(placed), draft.at)


def _values(world: World, draft: Draft) -> dict[str, Any]:
    reader = draft.reader
    deleted_at = reader.moment("deleted_at")
    if deleted_at is None and reader.key("deleted_at"):
        deleted_at = world.late
    return {
        "id": world.id_of("candidate", draft.item.key, draft.at),
        "organization_id": world.organization_id,
        "name": named(reader, "Candidate without a name"),
        "email": reader.contact("email", contacts.email),
        "phone": reader.contact("phone", contacts.phone, region=world.region),
        "source": reader.line("source"),
        "tags": _tags(reader),
        "created_at": draft.at,
        "updated_at": deleted_at or draft.at,
        "deleted_at": deleted_at,
    }


def _tags(reader: Reader) -> list[str]:
    tags = reader.labels("tags")
    if rating := reader.whole("rating", 1, BEST_RATING):
        tags.append(f"rating:{rating}")
    status = plain(reader.raw("status"))
    if status and not is_known(status) and status.isprintable():
        tags.append(f"status:{status}"[: cells.LABEL_MAX])
    if reader.key("resume_url"):
        reader.item.decide(
            "file_not_brought", "upload it, so that it is scanned; the event has its place", "resume_url"
        )
    if reader.raw("ai_score") not in (None, "", "null"):
        reader.json("ai_score")
        reader.item.decide("score_left", "a score without evidence is none here; the event has it", "ai_score")
    return tags[: cells.LABELS_MAX]


def _person(here: People, item: Item, values: dict[str, Any]) -> dict[str, Any]:
    """Whom the row is about."""
    email = values["email"]
    if email is None or values["deleted_at"] is not None:
        item.targets.append(Target("candidates", values))
        return values
    known = here.by_email.get(email)
    if known is None and (id_here := here.world.here.candidates.get(email)) not in (None, values["id"]):
        known = here.by_email[email] = {**values, "id": id_here}
        item.outcome = Outcome.MERGED
        item.decide("known_here", "there is a candidate with this address already, who stays as they are", "email")
    elif known is None:
        here.by_email[email] = values
        item.targets.append(Target("candidates", values))
        return values
    else:
        item.outcome = Outcome.MERGED
        item.decide("same_address", "one more row of a person; the one who was known first is kept", "email")
        _fill(item, known, values)
    return known


def _fill(item: Item, known: dict[str, Any], values: dict[str, Any]) -> None:
    if not _words(values["name"]) & _words(known["name"]):
        message = "the names have no word in common: look whether two people share this address"
        item.decide("perhaps_two_people", message, "name")
    for name in ("name", "phone"):
        if values[name] and known[name] and values[name] != known[name]:
            message = f"an older row of this person has another {name}, which is kept; the event has this one"
            item.decide(f"conflicting_{name}", message, name)
    known["phone"] = known["phone"] or values["phone"]
    labels = {tag.casefold(): tag for tag in (*values["tags"], *known["tags"])}
    known["tags"] = sorted(labels.values())[: cells.LABELS_MAX]


def _words(name: str) -> set[str]:
    return set(re.split(r"\W+", folded(name))) - {""}


def _position(world: World, reader: Reader) -> UUID | None:
    key = reader.key("position_id")
    position_id, project = world.positions.get(key or "", (None, None))
    if key is not None and position_id is None:
        reader.item.decide("reference_orphaned", "no application: there is no such position", "position_id")
    asked = reader.key("project_id")
    if asked is not None and asked not in world.projects:
        reader.item.decide("reference_orphaned", "dropped: there is no such project", "project_id")
    elif asked is not None and asked != project:
        reader.item.decide(
            "project_left", "a candidate belongs to projects by positions; the event has it", "project_id"
        )
    return position_id


def _apply(here: People, draft: Draft, candidate_id: UUID, position_id: UUID) -> UUID:
    world, item = here.world, draft.item
    state, applied_at = _state(here, draft)
    pair = (candidate_id, position_id)
    known = world.applications.get(pair)
    if known is not None:
        item.decide(
            "same_position", "one more application for one position: the newest row's state counts", "position_id"
        )
        state.entered_at = max(state.entered_at, here.targets[known]["applied_at"])
        here.targets[known].update(_stood(state, max(draft.at, state.entered_at)))
        here.leaders[known] = item.key
        return known
    application_id = world.id_of("application", item.key, draft.at)
    made_by = world.user(draft.reader, "created_by")
    fixed = {"organization_id": world.organization_id, "id": application_id}
    values = {
        **fixed,
        "candidate_id": candidate_id,
        "position_id": position_id,
        "source": draft.reader.line("source"),
        "applied_at": applied_at,
        "created_by": made_by,
        **_stood(state, max(draft.at, state.entered_at)),
    }
    applied = step(world, application_id, item.key, applied_at, made_by, "applied", None, FIRST)
    item.targets += [Target("applications", values), applied]
    item.outcome = Outcome.WRITTEN
    world.applications[pair], here.targets[application_id] = application_id, values
    here.leaders[application_id] = item.key
    return application_id


def _stood(state: State, updated_at: datetime) -> dict[str, Any]:
    stood = {"stage": state.stage, "status": state.status, "stages_entered": list(state.stages)}
    return {**stood, "stage_entered_at": state.entered_at, "updated_at": updated_at}


def _state(here: People, draft: Draft) -> tuple[State, datetime]:
    """Where the row's application stands, and since when there has been one."""
    changes = here.changes.get(draft.item.key, [])
    applied_at = min([draft.at, *(change.at for change in changes[:1])])
    if applied_at < draft.at:
        draft.item.decide("changed_before_made", "the application counts from its first change on", "created_at")
    state = State(FIRST, applied_at)
    for change in changes:
        state.take(change)
    settle(state, draft.reader, draft.at)
    return state, applied_at
