"""Writes the items of one table, in one transaction: rows and events together, a thousand items at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.events import repository as events
from chalicelib.events.models import canonical
from infra.migrate_sqlite.decisions import Item
from infra.migrate_sqlite.target import faults_told

BATCH = 1000
TIMES = {"created_at": "timestamptz", "updated_at": "timestamptz"}
OURS = {"id": "uuid", "organization_id": "uuid"}
# In the order in which they refer to one another.
COLUMNS = {
    "users": OURS
    | {"email": "text", "name": "text", "role": "text", "password_hash": "text", "is_active": "boolean"}
    | TIMES,
    "projects": OURS
    | {"name": "text", "client": "text", "sector": "text", "location": "text", "summary": "text", "priority": "text"}
    | {"status": "text", "target_hires": "int", "tags": "text[]", "created_by": "uuid"}
    | TIMES,
    "project_members": {
        "organization_id": "uuid",
        "project_id": "uuid",
        "user_id": "uuid",
        "added_at": "timestamptz",
    },
    "positions": OURS
    | {"project_id": "uuid", "title": "text", "department": "text", "location": "text", "description": "text"}
    | {"experience_years_min": "int", "openings": "int", "status": "text", "requirements": "jsonb", "stages": "text[]"}
    | {"created_by": "uuid"}
    | TIMES,
    "candidates": OURS
    | {"name": "text", "email": "text", "phone": "text", "source": "text", "tags": "text[]"}
    | {"deleted_at": "timestamptz"}
    | TIMES,
    "applications": OURS
    | {"candidate_id": "uuid", "position_id": "uuid", "stage": "text", "status": "text", "source": "text"}
    | {"applied_at": "timestamptz", "stage_entered_at": "timestamptz", "stages_entered": "text[]"}
    | {"created_by": "uuid", "updated_at": "timestamptz"},
    "stage_changes": OURS
    | {"application_id": "uuid", "kind": "text", "from_stage": "text", "to_stage": "text", "user_id": "uuid"}
    | {"changed_at": "timestamptz"},
    "interviews": OURS
    | {"application_id": "uuid", "starts_at": "timestamptz", "duration_minutes": "int", "time_zone": "text"}
    | {"kind": "text", "status": "text", "location": "text", "video_link": "text", "notes": "text"}
    | TIMES,
}
IDENTITY = {"project_members": ("project_id", "user_id")}
# One migration into an organization at a time; held until the table is written.
ALONE = sa.text(
    "select pg_advisory_xact_lock(hashtextextended('migrate_sqlite/' || cast(:organization_id as text), 0))"
)
KNOWN = sa.text("""
    select id from events where organization_id = :organization_id and id in (
        select cast(given.id as uuid) from json_array_elements_text(cast(:ids as json)) as given(id))
""")
Progress = Callable[[int], None]


def statement(table: str) -> sa.TextClause:
    """Inserts rows that come as one JSON parameter."""
    columns = COLUMNS[table]
    names, typed = ", ".join(columns), ", ".join(f"{name} {kind}" for name, kind in columns.items())
    # Names of this module alone stand in the text.
    return sa.text(
        f"insert into {table} ({names}) select {names}"  # noqa: S608
        f" from json_to_recordset(cast(:rows as json)) as row({typed})"
    )


STATEMENTS = {table: statement(table) for table in COLUMNS}


def write(organization_id: UUID, items: Sequence[Item], progress: Progress) -> list[Item]:
    """Write what is not there yet, and answer which items that was. Raises Mistake; then nothing of it was written."""
    written: list[Item] = []
    with faults_told(), db.transaction(organization_id) as session:
        session.execute(ALONE, {"organization_id": organization_id})
        for batch in batches(items):
            new = missing(session, organization_id, batch)
            write_batch(session, new)
            written += new
            progress(len(batch))
        # Last, so that the chain is locked no longer than it has to be.
        for batch in batches(written):
            rows = [item.event.as_row() for item in batch if item.event is not None]
            events.append_now(session, organization_id, canonical(rows))
    return written


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def missing(session: Session, organization_id: UUID, items: Sequence[Item]) -> list[Item]:
    """Those of which there is no event yet. What was brought over once is never brought again, whatever has become of
    it: changed, merged, or erased because the person asked."""
    ids = canonical([item.event.id for item in items if item.event is not None])
    known = set(session.scalars(KNOWN, {"organization_id": organization_id, "ids": ids}))
    return [item for item in items if item.event is not None and item.event.id not in known]


def write_batch(session: Session, items: Sequence[Item]) -> None:
    """Insert the rows of these items, table by table."""
    rows = defaultdict(list)
    for item in items:
        for target in item.targets:
            rows[target.table].append(target.values)
    for table, insert in STATEMENTS.items():
        if rows[table]:
            session.execute(insert, {"rows": canonical(rows[table])})
