"""Reads back what was written, and compares counts and checksums of both sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.events.models import canonical
from infra.migrate_sqlite.decisions import Item
from infra.migrate_sqlite.plan import Step
from infra.migrate_sqlite.source import Source
from infra.migrate_sqlite.target import faults_told
from infra.migrate_sqlite.writing import COLUMNS, IDENTITY, KNOWN, batches

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One table of ours: its rows by the plan and as they are, and the checksum over both. Rows that an earlier run
    wrote and that are another by now are in `changed_since` and in neither."""

    table: str
    rows: int
    there: int
    checksum: str
    checksum_there: str
    changed_since: int

    @property
    def is_equal(self) -> bool:
        return (self.rows, self.checksum) == (self.there, self.checksum_there)


@dataclass(frozen=True, slots=True)
class Verified:
    tables: list[Compared]
    unaccounted: dict[str, tuple[int, int]]
    """Old tables whose rows are not all accounted for: rows, and those with an outcome."""
    events: tuple[int, int]
    """How many there have to be, and how many there are."""

    @property
    def is_good(self) -> bool:
        return all(each.is_equal for each in self.tables) and not self.unaccounted and self.events[0] == self.events[1]


def verify(organization_id: UUID, source: Source, steps: Sequence[Step], written: set[int]) -> Verified:
    """Compare everything; `written` are the items (by `id()`) that this run wrote."""
    counted = {step.table: (source.counts[step.table], len({item.key for item in step.items})) for step in steps}
    expected: dict[str, list[tuple[Values, bool]]] = defaultdict(list)
    for step in steps:
        for item in step.items:
            for target in item.targets:
                expected[target.table].append((target.values, id(item) in written))
    with faults_told(), db.transaction(organization_id) as session:
        tables = [_compare(session, organization_id, table, expected[table]) for table in COLUMNS]
        told = [item for step in steps for item in step.items if item.event is not None]
        there = sum(_count_events(session, organization_id, batch) for batch in batches(told))
    return Verified(tables, {t: n for t, n in counted.items() if n[0] != n[1]}, (len(told), there))


def _count_events(session: Session, organization_id: UUID, items: Sequence[Item]) -> int:
    ids = canonical([item.event.id for item in items if item.event is not None])
    return len(session.scalars(KNOWN, {"organization_id": organization_id, "ids": ids}).all())


def _compare(session: Session, organization_id: UUID, table: str, expected: Sequence[tuple[Values, bool]]) -> Compared:
    ours, theirs, changed, there = [], [], 0, 0
    for start in range(0, len(expected), 1000):
        part = expected[start : start + 1000]
        found = _read(session, organization_id, table, [values for values, _ in part])
        for values, is_new in part:
            spelled, actual = _spelled(table, values), found.get(_key(table, values))
            if not is_new and actual != spelled:
                changed += 1
                continue
            ours.append(spelled)
            if actual is not None:
                there += 1
                theirs.append(actual)
    return Compared(table, len(ours), there, checksum(ours), checksum(theirs), changed)


def _read(session: Session, organization_id: UUID, table: str, rows: Sequence[Values]) -> dict[str, str]:
    first = IDENTITY.get(table, ("id",))[0]
    # Names of the code alone stand in the text.
    query = sa.text(
        f"select {', '.join(COLUMNS[table])} from {table}"  # noqa: S608
        f" where organization_id = :organization_id and {first} in ("
        "select cast(given.id as uuid) from json_array_elements_text(cast(:ids as json)) as given(id))"
    )
    ids = canonical(list({str(row[first]) for row in rows}))
    found = session.execute(query, {"organization_id": organization_id, "ids": ids}).mappings()
    return {_key(table, dict(row)): _spelled(table, dict(row)) for row in found}


def _key(table: str, values: Values) -> str:
    return "/".join(str(values[name]) for name in IDENTITY.get(table, ("id",)))


def _spelled(table: str, values: Values) -> str:
    return canonical({name: values.get(name) for name in COLUMNS[table]})


def checksum(lines: Iterable[str]) -> str:
    """SHA-256 over rows in one spelling, whatever their order; the first 16 hex digits."""
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]
