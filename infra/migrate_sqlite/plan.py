"""What becomes of every row, decided before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from infra.migrate_sqlite import accounts, keeping, meetings, openings
from infra.migrate_sqlite import people as persons
from infra.migrate_sqlite.decisions import Item, Outcome
from infra.migrate_sqlite.legacy import KEYS, LEFT_BEHIND
from infra.migrate_sqlite.source import Source
from infra.migrate_sqlite.world import Here, World

DATED = ("users", "projects", "positions", "candidates")


@dataclass(frozen=True, slots=True)
class Step:
    """All rows of one table, written in one transaction."""

    table: str
    items: list[Item]

    def count(self, outcome: Outcome) -> int:
        return sum(item.outcome is outcome for item in self.items)

    @property
    def altered(self) -> int:
        """How many rows are kept, though not as they were."""
        kept = (Outcome.WRITTEN, Outcome.MERGED, Outcome.HISTORY)
        return sum(bool(item.decisions) for item in self.items if item.outcome in kept)


def plan(source: Source, organization_id: UUID, here: Here, *, region: str | None, now: datetime) -> list[Step]:
    """Each table's rows, in the order in which they have to be written. Raises Mistake."""
    world = World(organization_id, now, newest_time(source) or now, here, region)
    rows = {table: source.tables.get(table, []) for table in KEYS}
    made = {
        "users": accounts.users(world, rows["users"]),
        "projects": openings.projects(world, rows["projects"]),
        "positions": openings.positions(world, rows["positions"]),
    }
    made["candidates"], made["candidate_status_history"] = persons.people(
        world, rows["candidates"], rows["candidate_status_history"]
    )
    made["interviews"] = meetings.interviews(world, rows["interviews"])
    made |= {table: keeping.kept(world, table, rows[table]) for table in keeping.KEPT}
    made |= {table: keeping.left(world, table, rows[table]) for table in LEFT_BEHIND}
    return [Step(table, made[table]) for table in KEYS if table not in source.absent]


def newest_time(source: Source) -> datetime | None:
    """The latest moment at which anything of the file was made."""
    moments = [_moment(row.get("created_at")) for table in DATED for row in source.tables.get(table, [])]
    return max((moment for moment in moments if moment is not None), default=None)


def oldest_time(source: Source) -> datetime | None:
    moments = [_moment(row.get("created_at")) for table in DATED for row in source.tables.get(table, [])]
    return min((moment for moment in moments if moment is not None), default=None)


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year <= 2200 else None
