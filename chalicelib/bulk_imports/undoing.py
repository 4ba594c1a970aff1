# ruff: noqa: S608 - statements share constants of their module; values are parameters
"""An import undone as a whole, some hundred rows at a time, each once: what it created is deleted, what it updated
gets its old values back. A candidate that moved on since stays as it is, and the row says why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.bulk_imports import repository, service
from chalicelib.bulk_imports.models import ImportStatus
from chalicelib.clock import utc_now
from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Subject
from chalicelib.jobs import running
from chalicelib.jobs.models import JobRun

ROWS_PER_STEP = 500
IDS: ARRAY[UUID] = ARRAY(sa.Uuid())
OURS = "organization_id = :organization_id and import_id = :import_id and outcome in ('created', 'updated')"
NEXT = sa.text(f"""
    select number, candidate_id from import_rows where {OURS} and undone is null and number > :after
    order by number limit :limit
""")
# Locked in one order by whoever changes several.
LOCK = sa.text("""
    select id from candidates where organization_id = :organization_id and id = any(:ids) order by id for update
""").bindparams(sa.bindparam("ids", type_=IDS))
TOUCHED = sa.text(f"""
    select candidates.id, candidates.version, candidates.deleted_at is not null as is_deleted,
        {", ".join(f"candidates.{name}" for name in repository.VALUES)},
        exists (select from applications where applications.organization_id = candidates.organization_id
            and applications.candidate_id = candidates.id) as has_applications,
        changes.versions, changes.befores, changes.is_created
    from candidates join (
        select candidate_id, array_agg(version order by version) as versions,
            json_agg(before order by version) as befores, bool_or(outcome = 'created') as is_created
        from import_rows where {OURS} and candidate_id = any(:ids) group by candidate_id) as changes
        on changes.candidate_id = candidates.id
    where candidates.organization_id = :organization_id
""").bindparams(sa.bindparam("ids", type_=IDS))
OF_OTHERS = sa.text("""
    select email, id from candidates
    where organization_id = :organization_id and deleted_at is null and email = any(:emails)
""").bindparams(sa.bindparam("emails", type_=ARRAY(sa.Text())))
DELETE = sa.text("""
    update candidates set deleted_at = :now, updated_at = :now, version = version + 1
    where organization_id = :organization_id and id = any(:ids)
""").bindparams(sa.bindparam("ids", type_=IDS))
# Rows of a candidate that is no more (erased) have nothing to undo.
MARK = sa.text(f"""
    update import_rows set undone = row.undone
    from json_to_recordset(cast(:rows as json)) as row(id uuid, undone text)
    where candidate_id = row.id and {OURS} and import_rows.undone is null
    returning number
""")
MARK_ERASED = sa.text(f"""
    update import_rows set undone = 'kept_deleted' where {OURS} and undone is null
""")
COUNTS = sa.text(f"""
    select coalesce(undone, '') as undone, count(*) as rows from import_rows where {OURS} group by 1
""")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing does to one candidate: `undone` as import_rows has it, and the values that come back."""

    row: Any
    undone: str
    values: dict[str, Any]


def undo(run: JobRun) -> None:
    """Undo an import. A crash costs the step in hand: what is marked as undone stays so, and is not done twice."""
    import_of = {"organization_id": run.organization_id, "import_id": run.id_of("import_id")}
    with db.transaction(run.organization_id) as session:
        counts = _counts(session, import_of)
    total, done, after = sum(counts.values()), sum(counts.values()) - counts[""], 0
    while True:
        with running.step(run, done=done, total=total) as session:
            rows = session.execute(NEXT, {**import_of, "after": after, "limit": ROWS_PER_STEP}).all()
            if not rows:
                break
            done += _step(session, run, import_of, sorted({row.candidate_id for row in rows}), utc_now())
            after = rows[-1].number
    with running.finishing(run) as session:
        _finish(session, run, import_of, utc_now())


def _counts(session: Session, import_of: dict[str, UUID]) -> Counter[str]:
    return Counter({row.undone: row.rows for row in session.execute(COUNTS, import_of)})


def _step(session: Session, run: JobRun, import_of: dict[str, UUID], ids: list[UUID], now: datetime) -> int:
    """Undo all that the import did to some candidates; how many of its rows that was."""
    repository.alone(session, run.organization_id)
    session.execute(LOCK, {"organization_id": run.organization_id, "ids": ids})
    rows = session.execute(TOUCHED, {**import_of, "ids": ids}).all()
    undoings = _without_taken(session, run.organization_id, [_undoing(row) for row in rows])
    _write(session, run, undoings, now)
    marks = [{"id": str(each.row.id), "undone": each.undone} for each in undoings]
    marked = session.execute(MARK, {**import_of, "rows": json.dumps(marks)}).all()
    return len(marked)


def _undoing(row: Any) -> Undoing:
    """What is to be done for one candidate, by all that the import did to it."""
    if row.is_deleted:
        return Undoing(row, "kept_deleted", {})
    # Each change counts one version: a gap is somebody else's, and so is anything after the last.
    is_ours_alone = row.versions == list(range(row.versions[0], row.version + 1))
    if not is_ours_alone:
        return Undoing(row, "kept_changed", {})
    if row.is_created:
        return Undoing(row, "kept_applied" if row.has_applications else "deleted", {})
    values: dict[str, Any] = {}
    for before in reversed(row.befores):
        values |= before
    return Undoing(row, "restored", values)


def _without_taken(session: Session, organization_id: UUID, undoings: Sequence[Undoing]) -> list[Undoing]:
    """The same, but who would get back an address that is somebody else's now stays as they are."""
    emails = [each.values["email"] for each in undoings if each.values.get("email")]
    owners = {}
    if emails:
        found = session.execute(OF_OTHERS, {"organization_id": organization_id, "emails": emails})
        owners = {row.email: row.id for row in found}
    kept = []
    for each in undoings:
        is_taken = owners.get(each.values.get("email"), each.row.id) != each.row.id
        kept.append(Undoing(each.row, "kept_email_taken", {}) if is_taken else each)
    return kept


def _write(session: Session, run: JobRun, undoings: Sequence[Undoing], now: datetime) -> None:
    deleted = [each.row.id for each in undoings if each.undone == "deleted"]
    if deleted:
        session.execute(DELETE, {"organization_id": run.organization_id, "ids": deleted, "now": now})
    restored = [
        {
            "id": each.row.id,
            "version": each.row.version + 1,
            **{name: getattr(each.row, name) for name in repository.VALUES},
            **each.values,
        }
        for each in undoings
        if each.undone == "restored"
    ]
    repository.update_candidates(session, run.organization_id, restored, now)
    for each in undoings:
        _record(session, run, each, now)


def _record(session: Session, run: JobRun, undoing: Undoing, now: datetime) -> None:
    subject, actor = Subject("candidate", undoing.row.id, candidate_id=undoing.row.id), service.actor_of(run)
    if undoing.undone == "deleted":
        before, after = {"deleted_at": None}, {"deleted_at": now}
        events.record(session, "candidate_deleted", subject, actor=actor, now=now, before=before, after=after)
    elif undoing.undone == "restored":
        replaced = {name: getattr(undoing.row, name) for name in undoing.values}
        events.record(
            session, "candidate_changed", subject, actor=actor, now=now, before=replaced, after=undoing.values
        )


def _finish(session: Session, run: JobRun, import_of: dict[str, UUID], now: datetime) -> None:
    session.execute(MARK_ERASED, import_of)
    counts = _counts(session, import_of)
    wanted = service.get(session, run.organization_id, import_of["import_id"], lock=True)
    values = {"undo_status": ImportStatus.UNDONE.value, "undone_at": now}
    actor, subject = service.actor_of(run), service.subject_of(wanted.id)
    events.change(session, wanted, values, "import_undone", subject, actor=actor, now=now)
    run.result = {"import_id": str(wanted.id), "rows": dict(counts)}


def not_undone(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Let a failed undo be asked for again; it goes on where this one ended."""
    wanted = service.get(session, run.organization_id, run.id_of("import_id"), lock=True)
    values = {"undo_status": None}
    actor, subject = service.actor_of(run), service.subject_of(wanted.id)
    events.change(session, wanted, values, "import_undo_failed", subject, actor=actor, now=now)
