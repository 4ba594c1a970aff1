"""What can be done with candidates."""

from __future__ import annotations

import html
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chalicelib import db, inserts
from chalicelib.candidates import merge_rows, repository, search
from chalicelib.candidates.errors import CandidateExists, CandidateMerged, CandidateNotFound, EmptySearch
from chalicelib.candidates.models import Candidate
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.http.paging import COUNTED_UP_TO
from chalicelib.ids import new_id
from chalicelib.inserts import OnlyOne

REVERSIBLE_FOR = timedelta(days=30)
# The index candidates_email.
BY_EMAIL = OnlyOne(("organization_id", "email"), "deleted_at is null and email is not null")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of search results: rows with rank and highlight, and how many there are (counted to 10,001)."""

    rows: list[sa.Row[Any]]
    total: int


def create(
    session: Session, organization_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Candidate:
    """A new candidate. Raises CandidateExists when the organization knows the email."""
    candidate = Candidate(
        id=new_id(), organization_id=organization_id, created_at=now, updated_at=now, version=1, **values
    )
    if not inserts.insert(session, candidate, unless=BY_EMAIL):
        raise CandidateExists(repository.id_by_email(session, organization_id, candidate.email or ""))
    after = {name: value for name, value in values.items() if value not in (None, [])}
    events.record(session, "candidate_created", subject_of(candidate), actor=actor, now=now, after=after)
    return candidate


def show(session: Session, organization_id: UUID, candidate_id: UUID) -> Any:
    """The row of one candidate, to be read only; raises CandidateNotFound, or CandidateMerged when it is part of
    another one now."""
    row = repository.shown(session, organization_id, candidate_id)
    if row is None:
        raise _missing(session, organization_id, candidate_id, "there is no such candidate")
    return row


def get(session: Session, organization_id: UUID, candidate_id: UUID, *, lock: bool = False) -> Candidate:
    """One candidate; raises CandidateNotFound, or CandidateMerged when it is part of another one now."""
    candidate = repository.find(session, organization_id, candidate_id, lock=lock)
    if candidate is None:
        raise _missing(session, organization_id, candidate_id, "there is no such candidate")
    return candidate


def _missing(session: Session, organization_id: UUID, candidate_id: UUID, detail: str) -> CandidateNotFound:
    remaining_id = merge_rows.remaining(session, organization_id, candidate_id)
    return CandidateMerged(candidate_id, remaining_id) if remaining_id else CandidateNotFound(detail)


def find_by_email(session: Session, organization_id: UUID, email: str) -> Candidate | None:
    """The candidate of an address, locked, or None."""
    return repository.find_by_email(session, organization_id, email)


def find_by_resume(session: Session, organization_id: UUID, document_id: UUID) -> Candidate | None:
    """The candidate whose résumé a document is, locked, or None."""
    return repository.find_by_resume(session, organization_id, document_id)


def change(session: Session, candidate: Candidate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change what is given. Raises CandidateExists when the new email belongs to another candidate."""
    # A savepoint takes two round trips, and nothing but an email can be somebody else's.
    takes_email = values.get("email", candidate.email) != candidate.email
    with one_per_email(session, candidate.organization_id, values["email"]) if takes_email else nullcontext():
        events.change(session, candidate, values, "candidate_changed", subject_of(candidate), actor=actor, now=now)
        session.flush()


def delete(session: Session, candidate: Candidate, *, actor: Actor, now: datetime) -> None:
    """Take a candidate out of sight; for 30 days it can be brought back."""
    values = {"deleted_at": now}
    events.change(session, candidate, values, "candidate_deleted", subject_of(candidate), actor=actor, now=now)


def restore(session: Session, organization_id: UUID, candidate_id: UUID, *, actor: Actor, now: datetime) -> Candidate:
    """Bring a deleted candidate back. Raises CandidateNotFound after 30 days, CandidateExists when the email has gone
    to somebody else meanwhile."""
    candidate = repository.find_deleted(session, organization_id, candidate_id)
    if candidate is None or candidate.deleted_at is None or candidate.deleted_at < now - REVERSIBLE_FOR:
        raise _missing(session, organization_id, candidate_id, "there is no such candidate to bring back")
    with one_per_email(session, organization_id, candidate.email):
        values = {"deleted_at": None}
        events.change(session, candidate, values, "candidate_restored", subject_of(candidate), actor=actor, now=now)
        session.flush()
    return candidate


def query_of(text: str) -> sa.ColumnElement[Any]:
    """What the search box says, for the database; raises EmptySearch when no word stands in it."""
    alternatives = search.parse(text)
    if not alternatives:
        message = "type at least one word that is to be found"
        raise EmptySearch(message, errors=[{"field": "q", "message": message}])
    return search.as_tsquery(alternatives)


def find(session: Session, text: str, *, skip: int, limit: int) -> Found:
    """Candidates by profile and résumé text, best first. Raises EmptySearch."""
    query = query_of(text)
    total = repository.count_found(session, query, COUNTED_UP_TO + 1)
    rows = repository.search(session, query, skip=skip, limit=limit) if skip < total else []
    return Found(rows, total)


def marked(highlight: str) -> str:
    """A highlight as HTML in which only `<mark>` is markup."""
    escaped = html.escape(highlight)
    return escaped.replace(repository.MARK_START, "<mark>").replace(repository.MARK_END, "</mark>")


def subject_of(candidate: Candidate) -> Subject:
    """The candidate, as events name it."""
    return Subject("candidate", candidate.id, candidate_id=candidate.id)


class one_per_email:  # noqa: N801 - reads as a statement
    """Answers the unique index on (organization, email) with CandidateExists, and leaves the transaction usable."""

    def __init__(self, session: Session, organization_id: UUID, email: str | None) -> None:
        self._session, self._organization_id, self._email = session, organization_id, email
        self._savepoint = session.begin_nested()

    def __enter__(self) -> None:
        self._savepoint.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._savepoint.__exit__(kind, error, trace)
        if isinstance(error, IntegrityError) and db.constraint_of(error) == "candidates_email":
            known_id = repository.id_by_email(self._session, self._organization_id, self._email or "")
            raise CandidateExists(known_id) from error
