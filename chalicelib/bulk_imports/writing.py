"""The rows of one piece written together: candidates, what became of each row, counters and events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.bulk_imports import repository
from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.decisions import Decision, People, Person, decide
from chalicelib.bulk_imports.errors import PersonArrived
from chalicelib.bulk_imports.models import OnDuplicate, Outcome
from chalicelib.bulk_imports.rows import RowProblems
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id

Judged = Sequence[CandidateRow | RowProblems]
ImportOf = dict[str, UUID]
"""`organization_id` and `import_id`, as the statements take them."""
ACTIONS = {Outcome.CREATED: "candidate_created", Outcome.UPDATED: "candidate_changed"}


def write(
    session: Session,
    import_of: ImportOf,
    rows: Judged,
    on_duplicate: OnDuplicate,
    *,
    first_row: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Import the rows of a piece; its first is row `first_row` of the file.

    Raises PersonArrived when somebody else has just added one of them.
    """
    repository.alone(session, import_of["organization_id"])
    decisions = decide(rows, _known(session, import_of, rows), on_duplicate, new_id)
    written = {id(each.person): each.person for each in decisions if each.person is not None}.values()
    try:
        new = [_row_of(person) for person in written if person.is_new]
        repository.insert_candidates(session, import_of["organization_id"], new, now)
        changed = [_row_of(person) for person in written if person.is_changed and not person.is_new]
        repository.update_candidates(session, import_of["organization_id"], changed, now)
    except IntegrityError as error:
        if db.constraint_of(error) == "candidates_email":
            raise PersonArrived("a candidate of this file was added by somebody else just now") from error
        raise
    _keep(session, import_of, decisions, first_row, now)
    for decision in decisions:
        _record(session, decision, actor, now)


def rehearse(
    session: Session, import_of: ImportOf, rows: Judged, on_duplicate: OnDuplicate, *, first_row: int, now: datetime
) -> None:
    """Keep what would become of the rows of a piece, and write no candidate."""
    repository.alone(session, import_of["organization_id"])
    people = _known(session, import_of, rows)
    for key, line in repository.keys(session, import_of, _keys(rows)).items():
        field, _, value = key.partition(":")
        people.add(Person(None, 1, {field: value}, line))
    decisions = decide(rows, people, on_duplicate, lambda: None)
    met: dict[str, int] = {}
    for decision in decisions:
        if decision.after is not None:
            for field in ("email", "phone"):
                if met_now := decision.after.get(field):
                    met.setdefault(f"{field}:{met_now}", decision.line)
    repository.insert_keys(session, import_of, met)
    _keep(session, import_of, decisions, first_row, now, is_rehearsal=True)


def _known(session: Session, import_of: ImportOf, rows: Judged) -> People:
    good = [row for row in rows if isinstance(row, CandidateRow)]
    emails, phones = {row.email for row in good if row.email}, {row.phone for row in good if row.phone}
    people = People()
    for row in repository.people(session, import_of, emails, phones):
        values = {name: getattr(row, name) for name in repository.VALUES}
        people.add(Person(row.id, row.version, values, row.line))
    return people


def _keys(rows: Judged) -> list[str]:
    good = [row for row in rows if isinstance(row, CandidateRow)]
    return [f"email:{row.email}" for row in good if row.email] + [f"phone:{row.phone}" for row in good if row.phone]


def _row_of(person: Person) -> dict[str, Any]:
    return {"id": person.id, "version": person.version, **person.values}


def _keep(
    session: Session,
    import_of: ImportOf,
    decisions: Sequence[Decision],
    first_row: int,
    now: datetime,
    *,
    is_rehearsal: bool = False,
) -> None:
    rows = [
        {
            "number": number,
            "line": each.line,
            "outcome": each.outcome.value,
            "candidate_id": each.person.id if each.person else None,
            "version": None if is_rehearsal else each.version,
            "problems": each.problems or None,
            "before": None if is_rehearsal else each.before,
        }
        for number, each in enumerate(decisions, start=first_row)
    ]
    repository.insert_rows(session, import_of, rows)
    counts = Counter(each.outcome.value for each in decisions)
    repository.count_rows(session, import_of, {outcome.value: counts[outcome.value] for outcome in Outcome}, now)


def _record(session: Session, decision: Decision, actor: Actor, now: datetime) -> None:
    if decision.outcome not in ACTIONS or decision.person is None or decision.person.id is None:
        return
    candidate_id = decision.person.id
    subject = Subject("candidate", candidate_id, candidate_id=candidate_id)
    action = ACTIONS[decision.outcome]
    events.record(session, action, subject, actor=actor, now=now, before=decision.before, after=decision.after)
