# ruff: noqa: S608 - statements share constants of their module; values are parameters
"""Queries on imports, and the bulk statements that write the rows of a piece. Values travel as JSON parameters: text
of a statement stays short, however many rows there are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.bulk_imports.models import Import, ImportRow, ImportStatus
from chalicelib.jobs.models import Job, JobStatus

TEXTS: ARRAY[str] = ARRAY(sa.Text())
VALUES = [
    "name",
    "email",
    "phone",
    "location",
    "headline",
    "summary",
    "skills",
    "experience",
    "education",
    "links",
    "source",
    "tags",
    "consent",
]
_KINDS = {"skills": "text[]", "links": "text[]", "tags": "text[]"} | dict.fromkeys(
    ("experience", "education", "consent"), "jsonb"
)
_COLUMNS = ", ".join(VALUES)
# Constants of this module alone are put into SQL text here; values are always parameters.
AS_ROW = ", ".join(["id uuid", "version int", *(f"{name} {_KINDS.get(name, 'text')}" for name in VALUES)])
INSERT_CANDIDATES = sa.text(f"""
    insert into candidates (id, organization_id, version, created_at, updated_at, {_COLUMNS})
    select id, :organization_id, version, :now, :now, {_COLUMNS}
    from json_to_recordset(cast(:rows as json)) as row({AS_ROW})
""")
UPDATE_CANDIDATES = sa.text(f"""
    update candidates set version = row.version, updated_at = :now, {", ".join(f"{n} = row.{n}" for n in VALUES)}
    from json_to_recordset(cast(:rows as json)) as row({AS_ROW})
    where candidates.id = row.id and candidates.organization_id = :organization_id and candidates.deleted_at is null
""")
INSERT_ROWS = sa.text("""
    insert into import_rows (organization_id, import_id, number, line, outcome, candidate_id, version, problems, before)
    select :organization_id, :import_id, number, line, outcome, candidate_id, version, problems, before
    from json_to_recordset(cast(:rows as json)) as row(
        number bigint, line bigint, outcome text, candidate_id uuid, version int, problems jsonb, before jsonb)
""")
COUNT_ROWS = sa.text("""
    update imports set rows_created = rows_created + :created, rows_updated = rows_updated + :updated,
        rows_skipped = rows_skipped + :skipped, rows_failed = rows_failed + :failed,
        updated_at = :now, version = version + 1
    where id = :import_id and organization_id = :organization_id
""")
KEEP_PIECES = sa.text("""
    update imports set pieces = pieces || cast(:pieces as jsonb)
    where id = :import_id and organization_id = :organization_id
""")
# One import or undo of an organization looks for known people and adds new ones at a time: a phone number has no
# unique index that could arbitrate.
ALONE = sa.text("select pg_advisory_xact_lock(hashtextextended('imports/' || cast(:organization_id as text), 0))")
# Oldest first: of several candidates with one phone number the one known longest is meant. Its line says where this
# file brought it, if it did.
PEOPLE = sa.text(f"""
    select candidates.id, candidates.version, {", ".join(f"candidates.{name}" for name in VALUES)}, import_rows.line
    from candidates left join import_rows on import_rows.organization_id = candidates.organization_id
        and import_rows.candidate_id = candidates.id and import_rows.import_id = :import_id
        and import_rows.outcome = 'created'
    where candidates.organization_id = :organization_id and candidates.deleted_at is null
      and candidates.id in (
        select id from candidates
        where organization_id = :organization_id and deleted_at is null and email = any(:emails)
        union
        select id from candidates
        where organization_id = :organization_id and deleted_at is null and phone = any(:phones))
    order by candidates.id
""").bindparams(sa.bindparam("emails", type_=TEXTS), sa.bindparam("phones", type_=TEXTS))
KEYS = sa.text("""
    select key, line from import_keys
    where organization_id = :organization_id and import_id = :import_id and key = any(:keys)
""").bindparams(sa.bindparam("keys", type_=TEXTS))
INSERT_KEYS = sa.text("""
    insert into import_keys (organization_id, import_id, key, line)
    select :organization_id, :import_id, key, line
    from json_to_recordset(cast(:rows as json)) as row(key text, line bigint) on conflict do nothing
""")
IS_DONE = (JobStatus.SUCCEEDED.value, JobStatus.FAILED.value, JobStatus.CANCELLED.value)
# An import is as far as its job is, until it is undone.
STATUS: sa.ColumnElement[str] = sa.case(
    (Import.undo_status.is_not(None), Import.undo_status),
    (Job.status.in_((*IS_DONE, JobStatus.QUEUED.value)), Job.status),
    (Job.is_split, ImportStatus.RUNNING.value),
    else_=ImportStatus.READING.value,
).label("status")


def shown(organization_id: UUID) -> sa.Select[Any]:
    """The imports of an organization, each with the status, progress and end of its job."""
    job = (Job.organization_id == Import.organization_id) & (Job.id == Import.job_id)
    columns = [column for column in Import.__table__.columns if column.name not in {"organization_id", "pieces"}]
    return (
        sa.select(*columns, STATUS, Job.finished_at, Job.progress_done)
        .join(Job, job)
        .where(Import.organization_id == organization_id)
    )


def find(session: Session, organization_id: UUID, import_id: UUID, *, lock: bool = False) -> Import | None:
    """One import, locked for a change when asked."""
    query = sa.select(Import).where(Import.id == import_id, Import.organization_id == organization_id)
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).first()


def rows_of(organization_id: UUID, import_id: UUID, outcome: str | None) -> sa.Select[Any]:
    """What became of the rows of an import."""
    query = sa.select(ImportRow.__table__).where(
        ImportRow.organization_id == organization_id, ImportRow.import_id == import_id
    )
    return query if outcome is None else query.where(ImportRow.outcome == outcome)


def keep_pieces(session: Session, run_of: dict[str, UUID], pieces: Sequence[dict[str, Any]]) -> None:
    """Remember pieces that are stored."""
    session.execute(KEEP_PIECES, {**run_of, "pieces": json.dumps(pieces)})


def alone(session: Session, organization_id: UUID) -> None:
    """Wait until no other import of the organization writes; holds to the end of the transaction."""
    session.execute(ALONE, {"organization_id": organization_id})


def people(
    session: Session, import_of: dict[str, UUID], emails: Iterable[str], phones: Iterable[str]
) -> Sequence[sa.Row[Any]]:
    """The living candidates with one of these addresses or numbers."""
    return session.execute(PEOPLE, {**import_of, "emails": list(emails), "phones": list(phones)}).all()


def keys(session: Session, import_of: dict[str, UUID], wanted: Iterable[str]) -> dict[str, int]:
    """The line at which a dry run has met each of these keys, where it has."""
    return {row.key: row.line for row in session.execute(KEYS, {**import_of, "keys": list(wanted)})}


def insert_keys(session: Session, import_of: dict[str, UUID], lines: dict[str, int]) -> None:
    """Let a dry run remember keys."""
    rows = [{"key": key, "line": line} for key, line in lines.items()]
    session.execute(INSERT_KEYS, {**import_of, "rows": json.dumps(rows)})


def insert_candidates(session: Session, organization_id: UUID, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write new candidates."""
    _write(session, INSERT_CANDIDATES, rows, organization_id=organization_id, now=now)


def update_candidates(session: Session, organization_id: UUID, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Give candidates all their values and their version anew."""
    _write(session, UPDATE_CANDIDATES, rows, organization_id=organization_id, now=now)


def insert_rows(session: Session, import_of: dict[str, UUID], rows: Sequence[dict[str, Any]]) -> None:
    """Keep what became of rows."""
    _write(session, INSERT_ROWS, rows, **import_of)


def _write(session: Session, statement: sa.TextClause, rows: Sequence[dict[str, Any]], **values: object) -> None:
    if rows:
        session.execute(statement, {**values, "rows": json.dumps(rows, default=str)})


def count_rows(session: Session, import_of: dict[str, UUID], counts: dict[str, int], now: datetime) -> None:
    """Add to the counters of an import."""
    session.execute(COUNT_ROWS, {**import_of, **counts, "now": now})


def was_anybody_erased(session: Session, organization_id: UUID, *, since: datetime) -> bool:
    """Whether anybody's erasure was asked for since a moment."""
    query = sa.text(
        "select exists (select from erasures where organization_id = :organization_id and requested_at >= :since)"
    )
    return bool(session.scalar(query, {"organization_id": organization_id, "since": since}))
