"""What the record says that a message may speak of, each fact with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.auth import service as accounts
from chalicelib.candidates import service as candidates
from chalicelib.candidates.models import Candidate
from chalicelib.documents import repository as documents
from chalicelib.mail_form import one_line
from chalicelib.outreach import repository
from chalicelib.outreach.material import Fact, FactKind, Match, Material, Passage, Row
from chalicelib.outreach.models import Outreach
from chalicelib.positions.models import Position
from chalicelib.resumes.text import DocumentText, Quote
from chalicelib.screening.models import Screening
from chalicelib.screening.verdicts import RequirementKind, Verdict

LONGEST_QUOTE = 160
QUOTE_MARKS = set('“”„«»"')


def gather(session: Session, outreach: Outreach) -> Material:
    """The material of one message. Raises CandidateNotFound when the candidate was deleted."""
    organization_id = outreach.organization_id
    candidate = candidates.get(session, organization_id, outreach.candidate_id)
    position = repository.position(session, organization_id, outreach.position_id)
    organization = repository.organization(session, organization_id)
    assert outreach.created_by is not None
    sender = accounts.get_user(session, organization_id, outreach.created_by)
    return Material(
        candidate_name=_named(FactKind.CANDIDATE_NAME, candidate.name, "candidates", candidate.id),
        organization=_named(FactKind.ORGANIZATION, organization.name, "organizations", organization.id),
        sender_name=_named(FactKind.SENDER_NAME, sender.name, "users", sender.id),
        position_title=_named(FactKind.POSITION_TITLE, position.title, "positions", position.id),
        last_sent_on=_last_sent(session, outreach),
        asked=tuple(_requirement(position, item) for item in _by_importance(position)),
        matches=tuple(_matches(session, outreach, position)),
        **_of_candidate(candidate),
        **_of_position(position),
    )


def _named(kind: FactKind, value: str, table: str, row_id: UUID) -> Fact:
    return Fact(kind, one_line(value), Row(table, row_id))


def _known(row: Any, kinds: dict[FactKind, Any]) -> dict[str, Fact | None]:
    """The facts of a row that hold anything, by their kind's name."""
    texts = {kind: one_line(str(value)) if value is not None else "" for kind, value in kinds.items()}
    place = Row(row.__tablename__, row.id)
    return {kind.value: Fact(kind, text, place) if text else None for kind, text in texts.items()}


def _of_candidate(candidate: Candidate) -> dict[str, Any]:
    present = next((job for job in candidate.experience if job.get("is_current") and _says_what(job)), {})
    kinds = {
        FactKind.HEADLINE: candidate.headline,
        FactKind.CURRENT_TITLE: present.get("title"),
        FactKind.CURRENT_EMPLOYER: present.get("organization"),
    }
    return _known(candidate, kinds)


def _says_what(job: dict[str, Any]) -> bool:
    return bool(job.get("title") or job.get("organization"))


def _of_position(position: Position) -> dict[str, Any]:
    kinds = {
        FactKind.DEPARTMENT: position.department,
        FactKind.LOCATION: position.location,
        FactKind.SALARY_MIN: None if position.salary_min is None else f"{position.salary_min:f}",
        FactKind.SALARY_MAX: None if position.salary_max is None else f"{position.salary_max:f}",
        FactKind.CURRENCY: position.currency,
    }
    return _known(position, kinds)


def _last_sent(session: Session, outreach: Outreach) -> Fact | None:
    last = repository.last_sent(session, outreach.organization_id, outreach.candidate_id, outreach.position_id)
    if last is None or last.sent_at is None:
        return None
    return Fact(FactKind.LAST_SENT_ON, last.sent_at.date().isoformat(), Row("outreach", last.id))


def _by_importance(position: Position) -> list[dict[str, Any]]:
    return sorted(position.requirements, key=lambda item: (item["kind"] != RequirementKind.MUST, -item["weight"]))


def _requirement(position: Position, item: dict[str, Any]) -> Fact:
    return _named(FactKind.REQUIREMENT, item["text"], "positions", position.id)


def _matches(session: Session, outreach: Outreach, position: Position) -> Iterator[Match]:
    """What the newest screening found met, of what the position still asks for, with a passage that stands in the
    résumé to this day."""
    if outreach.application_id is None:
        return
    screening = repository.newest_screening(session, outreach.organization_id, outreach.application_id)
    text = _text_of(session, screening)
    if screening is None or screening.document_id is None or text is None:
        return
    verdicts = {verdict["requirement_id"]: verdict for verdict in screening.requirements}
    for item in _by_importance(position):
        verdict = verdicts.get(item["id"], {})
        if verdict.get("verdict") != Verdict.MET or verdict["text"] != item["text"]:
            continue
        quote = next((quote for quote in _quotes(verdict) if _is_fit(quote) and text.stands_here(quote)), None)
        if quote is not None:
            yield Match(_requirement(position, item), _evidence(screening.document_id, quote))


def _text_of(session: Session, screening: Screening | None) -> DocumentText | None:
    if screening is None or screening.document_id is None:
        return None
    document = documents.find(session, screening.organization_id, screening.document_id)
    if document is None or not document.is_clean:
        return None
    stored = documents.find_text(session, screening.organization_id, document.id)
    return stored.as_document_text() if stored is not None and stored.pages else None


def _quotes(verdict: dict[str, Any]) -> Iterator[Quote]:
    return (Quote(each["quote"], each["page"], each["start"], each["end"]) for each in verdict["evidence"])


def _is_fit(quote: Quote) -> bool:
    # Cut short it would be no quote any more, and with marks of its own nobody sees where it ends.
    return 0 < len(one_line(quote.quote)) <= LONGEST_QUOTE and not QUOTE_MARKS & set(quote.quote)


def _evidence(document_id: UUID, quote: Quote) -> Fact:
    place = Passage(document_id, quote.page, quote.start, quote.end)
    return Fact(FactKind.EVIDENCE, one_line(quote.quote), place)
