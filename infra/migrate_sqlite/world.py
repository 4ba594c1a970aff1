"""What the old rows become part of: the organization, who and what is there, and how references are followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chalicelib.events.models import Actor, Event, Subject
from infra.migrate_sqlite.decisions import Item, Outcome
from infra.migrate_sqlite.ids import id_of
from infra.migrate_sqlite.legacy import KEYS
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row

SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Here:
    """Who is there before anything is written: the organization's users, admins and candidates by address, and the
    addresses that sign in to other organizations."""

    users: dict[str, UUID] = field(default_factory=dict)
    admins: tuple[UUID, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    candidates: dict[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a candidate row came to rest. `leads` says whether the state of the application is this row's."""

    candidate_id: UUID
    application_id: UUID | None = None
    position_id: UUID | None = None
    leads: bool = False


@dataclass(slots=True)
class World:
    organization_id: UUID
    now: datetime
    late: datetime
    """Stands for times that cannot be read: the newest of the file, so that nobody is taken for long forgotten."""
    here: Here
    region: str | None = None
    users: dict[str, UUID] = field(default_factory=dict)
    admin: UUID | None = None
    projects: dict[str, tuple[UUID, UUID]] = field(default_factory=dict)
    """The project and who made it, by the old id."""
    positions: dict[str, tuple[UUID, str | None]] = field(default_factory=dict)
    """The position and its old project, by the old id."""
    placed: dict[str, Placed] = field(default_factory=dict)
    applications: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    """By candidate and position."""

    def begin(self, table: str, row: Row) -> tuple[Item, Reader]:
        """An item for a row, written until something speaks against it."""
        item = Item(table, str(row[KEYS[table]]), Outcome.WRITTEN)
        return item, Reader(row, item)

    def id_of(self, what: str, key: str, at: datetime) -> UUID:
        return id_of(self.organization_id, what, key, at)

    def made_at(self, reader: Reader, name: str = "created_at") -> datetime:
        """When a row was made; the newest time of the file where it does not say so readably."""
        moment = reader.moment(name)
        if moment is None:
            reader.item.decide("time_assumed", "the newest time of the file stands for it", name)
        return moment or self.late

    def user(self, reader: Reader, name: str) -> UUID | None:
        """Whom a column names; None, with a decision, for somebody who is not there."""
        key = reader.key(name)
        if key is not None and key not in self.users:
            reader.item.decide("reference_orphaned", "dropped: there is no such user", name)
        return self.users.get(key or "")

    def maker(self, reader: Reader, name: str = "created_by") -> UUID:
        """Who made something that has to have a maker; the first admin for nobody."""
        found = self.user(reader, name)
        if found is None:
            assert self.admin is not None
            reader.item.decide("maker_assumed", "counts as made by the first admin", name)
        return found or self.admin  # type: ignore[return-value]

    def brought(self, reader: Reader, action: str, subject: Subject, at: datetime) -> Event:
        """The event that a row was brought over, now; it holds the row as it was."""
        return self._event(reader, action, subject, SYSTEM, self.now, at)

    def happened(self, reader: Reader, action: str, subject: Subject, actor_id: UUID | None, at: datetime) -> Event:
        """The event of something that happened in the old system, when it did; it holds the row as it was."""
        actor = SYSTEM if actor_id is None else Actor("user", actor_id)
        return self._event(reader, action, subject, actor, at, at)

    def _event(
        self, reader: Reader, action: str, subject: Subject, actor: Actor, occurred_at: datetime, at: datetime
    ) -> Event:
        item = reader.item
        event_id = self.id_of(f"event/{item.table}", item.key, at)
        after = {"legacy_table": item.table, "legacy_id": item.key, "legacy": reader.as_it_was()}
        return Event(action, subject, actor, occurred_at, after=after, id=event_id)

    def about(self, placed: Placed) -> Subject:
        """A candidate's application, or the candidate where there is none."""
        kind = "candidate" if placed.application_id is None else "application"
        return Subject(
            kind,
            placed.application_id or placed.candidate_id,
            candidate_id=placed.candidate_id,
            application_id=placed.application_id,
            position_id=placed.position_id,
        )

    def organization(self) -> Subject:
        return Subject("organization", self.organization_id)
