# ruff: noqa: S608 - statements name tables and columns of this module; values are parameters
"""Every query on merged candidates: who remains, which rows go from one to the other, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.candidates.models import Candidate, CandidateMerge

# Rows that belong to a person or to an application, and whether they count versions. Events stay where they were
# written, and lists of them look for all entries of the person; import_rows tell what an import did, and to whom.
OF_CANDIDATE = {"applications": True, "documents": True, "outreach": True, "screenings": False}
OF_APPLICATION = {"stage_changes": False, "screenings": False, "outreach": True, "interviews": True}
COUNTED = ", version = version + 1, updated_at = :now"
FOLLOWING = ("screenings", "outreach")
IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
REMAINING = sa.text("""
    with recursive chain as (
        select id, merged_into, deleted_at from candidates
        where organization_id = :organization_id and id = :id and merged_into is not null
        union all
        select next.id, next.merged_into, next.deleted_at from chain join candidates as next
            on next.organization_id = :organization_id and next.id = chain.merged_into)
    select id from chain where merged_into is null and deleted_at is null
""")
ENTRIES = sa.text("""
    with recursive entries as (
        select cast(:id as uuid) as id
        union all
        select candidates.id from entries join candidates
            on candidates.organization_id = :organization_id and candidates.merged_into = entries.id)
    select id from entries
""")
CLASHES = sa.text("""
    select mine.id as own_id, theirs.id as their_id, mine.position_id, mine.status as own_status,
        theirs.status as their_status, mine.applied_at as own_applied_at, theirs.applied_at as their_applied_at,
        coalesce(array_position(positions.stages, mine.stage), 0) as own_place,
        coalesce(array_position(positions.stages, theirs.stage), 0) as their_place
    from applications as mine
    join applications as theirs on theirs.organization_id = :organization_id
        and theirs.candidate_id = :duplicate_id and theirs.position_id = mine.position_id
    join positions on positions.organization_id = :organization_id and positions.id = mine.position_id
    where mine.organization_id = :organization_id and mine.candidate_id = :candidate_id
    order by mine.id for update of mine, theirs
""")
TAKE_OUT = sa.text("""
    delete from applications where organization_id = :organization_id and id = :id returning to_jsonb(applications)
""")
TOUCH = sa.text("""
    update applications set version = version + 1, updated_at = :now
    where organization_id = :organization_id and id = :id
""")
STEPS = """
    (select count(*) from stage_changes
     where stage_changes.organization_id = :organization_id and application_id = kept_application_id)
"""
KEEP_TAKEN_OUT = sa.text(f"""
    insert into merged_applications (organization_id, application_id, merge_id, position_id, kept_application_id,
        kept_steps, row, moved)
    select :organization_id, :application_id, :merge_id, :position_id, kept_application_id, {STEPS},
        cast(:row as jsonb), cast(:moved as jsonb)
    from (select cast(:kept_application_id as uuid) as kept_application_id) as kept
""")
TAKEN_OUT = sa.text(f"""
    select application_id, kept_application_id, moved, kept_steps <> {STEPS} as has_moved_on from merged_applications
    where organization_id = :organization_id and merge_id = :merge_id order by application_id
""")
PUT_BACK = sa.text("""
    insert into applications
    select (jsonb_populate_record(null::applications, row || jsonb_build_object(
        'version', (row ->> 'version')::int + 1, 'updated_at', cast(:now as timestamptz)))).*
    from merged_applications
    where organization_id = :organization_id and merge_id = :merge_id
""")
FORGET_TAKEN_OUT = sa.text("""
    delete from merged_applications where organization_id = :organization_id and merge_id = :merge_id
""")
KEPT = sa.text("""
    with recursive chain as (
        select kept_application_id as id from merged_applications
        where organization_id = :organization_id and application_id = :id
        union all
        select next.kept_application_id from chain join merged_applications as next
            on next.organization_id = :organization_id and next.application_id = chain.id)
    select chain.id from chain join applications on applications.organization_id = :organization_id
        and applications.id = chain.id
""")
APPLICATIONS_IN = sa.text("""
    with recursive entries as (
        select cast(:id as uuid) as id
        union all
        select application_id from entries join merged_applications
            on organization_id = :organization_id and kept_application_id = entries.id)
    select id from entries
""")


@dataclass(frozen=True, slots=True)
class Move:
    """Rows of one candidate that go to another."""

    organization_id: UUID
    from_id: UUID
    to_id: UUID
    now: datetime


def remaining(session: Session, organization_id: UUID, candidate_id: UUID) -> UUID | None:
    """The living candidate whom this one was merged into, in the end; None when it was not."""
    found: UUID | None = session.scalar(REMAINING, {"organization_id": organization_id, "id": candidate_id})
    return found


def entries_of(session: Session, organization_id: UUID, candidate_id: UUID) -> list[UUID]:
    """The candidate and all that were merged into it, directly or not."""
    return list(session.scalars(ENTRIES, {"organization_id": organization_id, "id": candidate_id}))


def kept_application(session: Session, organization_id: UUID, application_id: UUID) -> UUID | None:
    """The application that one was merged into, in the end; None when it was not."""
    found: UUID | None = session.scalar(KEPT, {"organization_id": organization_id, "id": application_id})
    return found


def applications_in(session: Session, organization_id: UUID, application_id: UUID) -> list[UUID]:
    """The application and all that were merged into it."""
    return list(session.scalars(APPLICATIONS_IN, {"organization_id": organization_id, "id": application_id}))


def lock(session: Session, organization_id: UUID, *candidate_ids: UUID) -> dict[UUID, Candidate]:
    """These candidates by id, deleted ones as well, locked in an order that all keep to."""
    query = (
        sa.select(Candidate)
        .where(Candidate.organization_id == organization_id, Candidate.id.in_(candidate_ids))
        .order_by(Candidate.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {candidate.id: candidate for candidate in session.scalars(query)}


def standing(session: Session, organization_id: UUID, candidate_id: UUID, duplicate_id: UUID) -> CandidateMerge | None:
    """The merge of these two that has not been undone."""
    query = sa.select(CandidateMerge).where(
        CandidateMerge.organization_id == organization_id,
        CandidateMerge.candidate_id == candidate_id,
        CandidateMerge.duplicate_id == duplicate_id,
        CandidateMerge.undone_at.is_(None),
    )
    return session.scalars(query).first()


def clashes(session: Session, organization_id: UUID, candidate_id: UUID, duplicate_id: UUID) -> Sequence[sa.Row[Any]]:
    """The positions that both have applied to, with how far each came; the applications locked."""
    values = {"organization_id": organization_id, "candidate_id": candidate_id, "duplicate_id": duplicate_id}
    return session.execute(CLASHES, values).all()


def hand_over(
    session: Session, organization_id: UUID, from_id: UUID, to_id: UUID, now: datetime
) -> dict[str, list[str]]:
    """Hang all that hangs on one application on another; the ids, by table."""
    values = {"organization_id": organization_id, "from_id": from_id, "to_id": to_id}
    return {table: _hang(session, table, "application_id = :from_id", values, now) for table in OF_APPLICATION}


def hand_back(
    session: Session, organization_id: UUID, moved: dict[str, list[str]], application_id: UUID, now: datetime
) -> None:
    """Hang these rows on their own application again."""
    for table, ids in moved.items():
        values = {"organization_id": organization_id, "to_id": application_id, "ids": _ids(ids)}
        _hang(session, table, "id = any(:ids)", values, now)


def _hang(session: Session, table: str, which: str, values: dict[str, Any], now: datetime) -> list[str]:
    counted = COUNTED if OF_APPLICATION[table] else ""
    # nosemgrep: sql-with-values - the tables and conditions are constants of this module
    statement = sa.text(f"""
        update {table} set application_id = :to_id{counted}
        where organization_id = :organization_id and {which} returning id
    """)
    return _ids_of(session, statement, {**values, "now": now})


def take_out(session: Session, organization_id: UUID, application_id: UUID) -> dict[str, Any]:
    """Remove an application on which nothing hangs any more; the row as it was."""
    row: dict[str, Any] = session.execute(
        TAKE_OUT, {"organization_id": organization_id, "id": application_id}
    ).scalar_one()
    return row


def touch(session: Session, organization_id: UUID, application_id: UUID, now: datetime) -> None:
    """Count a new version of an application that has another history now."""
    session.execute(TOUCH, {"organization_id": organization_id, "id": application_id, "now": now})


def keep_taken_out(session: Session, row: dict[str, Any], moved: dict[str, list[str]], **values: object) -> None:
    """Keep an application that was taken out, and what went from it to the other."""
    session.execute(KEEP_TAKEN_OUT, {**values, "row": json.dumps(row), "moved": json.dumps(moved)})


def taken_out(session: Session, organization_id: UUID, merge_id: UUID) -> Sequence[sa.Row[Any]]:
    """The applications that a merge took out, and whether the one that each became part of has moved on since."""
    return session.execute(TAKEN_OUT, {"organization_id": organization_id, "merge_id": merge_id}).all()


def put_back(session: Session, organization_id: UUID, merge_id: UUID, now: datetime) -> None:
    """Bring back the applications that a merge took out, as they were, with a version of their own."""
    session.execute(PUT_BACK, {"organization_id": organization_id, "merge_id": merge_id, "now": now})


def forget_taken_out(session: Session, organization_id: UUID, merge_id: UUID) -> None:
    """Nothing is taken out by this merge any more."""
    session.execute(FORGET_TAKEN_OUT, {"organization_id": organization_id, "merge_id": merge_id})


def move_all(session: Session, move: Move) -> dict[str, list[str]]:
    """Give everything of one candidate to another; the ids, by table."""
    return {table: _move(session, table, move, "true", {}) for table in OF_CANDIDATE}


def move_back(session: Session, move: Move, moved: dict[str, list[str]]) -> None:
    """Give back what was moved."""
    for table, ids in moved.items():
        _move(session, table, move, "id = any(:ids)", {"ids": _ids(ids)})


def follow(session: Session, move: Move, application_ids: Sequence[str]) -> None:
    """Give what hangs on these applications by now to whom they belong."""
    for table in FOLLOWING:
        _move(session, table, move, "application_id = any(:ids)", {"ids": _ids(application_ids)})


def _move(session: Session, table: str, move: Move, which: str, values: dict[str, Any]) -> list[str]:
    counted = COUNTED if OF_CANDIDATE[table] else ""
    # nosemgrep: sql-with-values - the tables and conditions are constants of this module
    statement = sa.text(f"""
        update {table} set candidate_id = :to_id{counted}
        where organization_id = :organization_id and candidate_id = :from_id and {which} returning id
    """)
    ends = {"organization_id": move.organization_id, "from_id": move.from_id, "to_id": move.to_id, "now": move.now}
    return _ids_of(session, statement, {**ends, **values})


def _ids_of(session: Session, statement: sa.TextClause, values: dict[str, Any]) -> list[str]:
    if "ids" in values:
        statement = statement.bindparams(IDS)
    asked = {name: value for name, value in values.items() if f":{name}" in statement.text}
    return [str(each) for each in session.scalars(statement, asked)]


def _ids(texts: Sequence[str]) -> list[UUID]:
    return [UUID(text) for text in texts]
