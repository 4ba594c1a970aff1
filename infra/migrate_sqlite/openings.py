"""Projects with their members, and positions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chalicelib.events.models import Subject
from chalicelib.positions.models import DEFAULT_STAGES
from infra.migrate_sqlite.accounts import named
from infra.migrate_sqlite.decisions import Item, Target
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.world import World

PROJECT_STATUSES = {"active", "on_hold", "completed", "archived"}
POSITION_STATUSES = {"draft", "open", "on_hold", "closed"}
PRIORITIES = {"low", "medium", "high", "urgent"}
YEARS = re.compile(r"(\d{1,2})\s*\+?\s*(?:years?|yrs?)", re.IGNORECASE)
REQUIREMENTS_MAX, REQUIREMENT_MAX, PROJECT_TAGS_MAX = 50, 500, 50


def projects(world: World, rows: Iterable[Row]) -> list[Item]:
    """An item a row."""
    return [_project(world, *world.begin("projects", row)) for row in rows]


def _project(world: World, item: Item, reader: Reader) -> Item:
    at = world.made_at(reader)
    project_id, made_by = world.id_of("project", item.key, at), world.maker(reader)
    world.projects[item.key] = project_id, made_by
    values = {
        "id": project_id,
        "organization_id": world.organization_id,
        "name": named(reader, "Project without a name"),
        "client": reader.line("client"),
        "sector": reader.line("sector"),
        "location": reader.line("location_region"),
        "summary": reader.prose("summary"),
        "priority": _one_of(reader, "priority", PRIORITIES, "medium"),
        "status": _one_of(reader, "status", PROJECT_STATUSES, "on_hold"),
        "target_hires": reader.whole("target_hires", 0, 100_000),
        "tags": reader.labels("tags", most=PROJECT_TAGS_MAX),
        "created_by": made_by,
        "created_at": at,
        "updated_at": at,
    }
    if reader.key("department"):
        reader.item.decide("department_left", "projects have no department here; the event has it", "department")
    item.targets += [Target("projects", values), *_members(world, reader, project_id, at)]
    item.event = world.brought(reader, "project_brought_over", Subject("project", project_id), at)
    return item


def _members(world: World, reader: Reader, project_id: UUID, at: datetime) -> list[Target]:
    members: dict[UUID, None] = {}
    for key in reader.texts("team_members", maximum=200):
        if key in world.users:
            members[world.users[key]] = None
        else:
            reader.item.decide("member_unknown", "a member was dropped: there is no such user", "team_members")
    fixed = {"organization_id": world.organization_id, "project_id": project_id, "added_at": at}
    return [Target("project_members", {**fixed, "user_id": user_id}) for user_id in members]


def _one_of(reader: Reader, name: str, known: set[str], otherwise: str) -> str:
    value = str(reader.raw(name)).strip().lower().replace("-", "_").replace(" ", "_")
    if value not in known:
        reader.item.decide(f"{name}_unknown", f"counts as {otherwise}; the event has it as it was", name)
    return value if value in known else otherwise


def positions(world: World, rows: Iterable[Row]) -> list[Item]:
    """An item a row."""
    return [_position(world, *world.begin("positions", row)) for row in rows]


def _position(world: World, item: Item, reader: Reader) -> Item:
    at, key = world.made_at(reader), reader.key("project_id")
    project_id, made_by = world.projects.get(key or "", (None, world.admin))
    if project_id is None:
        item.decide("reference_orphaned", "stands alone: there is no such project", "project_id")
    position_id = world.id_of("position", item.key, at)
    world.positions[item.key] = position_id, key
    values = {
        "id": position_id,
        "organization_id": world.organization_id,
        "project_id": project_id,
        "title": named(reader, "Position without a title", "title"),
        "department": reader.line("department"),
        "location": reader.line("location"),
        "openings": _openings(reader),
        "status": _one_of(reader, "status", POSITION_STATUSES, "draft"),
        "stages": list(DEFAULT_STAGES),
        "created_by": made_by,
        "created_at": at,
        "updated_at": at,
        **_described(world, reader, at),
    }
    item.targets.append(Target("positions", values))
    subject = Subject("position", position_id, position_id=position_id)
    item.event = world.brought(reader, "position_brought_over", subject, at)
    return item


def _openings(reader: Reader) -> int:
    openings = reader.whole("openings", 1, 100_000)
    if openings is None:
        reader.item.decide("openings_assumed", "counts as one opening", "openings")
    return openings or 1


def _described(world: World, reader: Reader, at: datetime) -> dict[str, object]:
    """What the position asks for. Sections that have no column of their own stand in the description."""
    experience = reader.line("experience")
    years = YEARS.match(experience or "")
    is_years = years is not None and int(years[1]) <= 60
    requirements, others = _requirements(world, reader, at)
    sections = [
        ("Experience", [experience] if experience and not is_years else []),
        ("Qualifications", reader.texts("qualifications", maximum=REQUIREMENT_MAX)),
        ("Responsibilities", reader.texts("responsibilities", maximum=REQUIREMENT_MAX)),
        ("Further requirements", others),
    ]
    parts = [reader.prose("description") or ""]
    parts += [f"{title}:\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections if lines]
    text = "\n\n".join(part for part in parts if part)
    whole = Reader({"description": text}, reader.item).prose("description")
    return {
        "description": whole,
        "experience_years_min": int(years[1]) if years is not None and is_years else None,
        "requirements": requirements,
    }


def _requirements(world: World, reader: Reader, at: datetime) -> tuple[list[dict[str, object]], list[str]]:
    """Requirements as the API takes them, and the lines that are too short or too many for that."""
    kept: list[dict[str, object]] = []
    others = []
    for number, text in enumerate(reader.texts("requirements", maximum=REQUIREMENT_MAX)):
        if len(text) < 2 or len(kept) == REQUIREMENTS_MAX:
            reader.item.decide("requirement_described", "stands in the description instead", "requirements")
            others.append(text)
            continue
        requirement_id = world.id_of("requirement", f"{reader.item.key}/{number}", at)
        kept.append({"id": str(requirement_id), "text": text, "kind": "must", "weight": 3})
    return kept, others
