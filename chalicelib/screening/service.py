"""Screening an application: asking for it, rating it, keeping the rating, and a person's review of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import service as applications
from chalicelib.applications.models import Application
from chalicelib.candidates import service as candidates
from chalicelib.documents import repository as documents
from chalicelib.documents.models import Document
from chalicelib.errors import NotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.positions import service as positions
from chalicelib.positions.models import Position
from chalicelib.resumes.text import DocumentText
from chalicelib.screening import repository
from chalicelib.screening.models import Screening
from chalicelib.screening.rating import Brief, Employment, Rating, Requirement, RequirementKind, YearMonth


class ScreeningNotFound(NotFound):
    """No such screening in this organization."""

    code = "screening_not_found"


@dataclass(frozen=True, slots=True)
class Case:
    """An application ready to be rated: what the rater may look at, and what the rating belongs to."""

    application_id: UUID
    candidate_id: UUID
    position_id: UUID
    document_id: UUID | None
    brief: Brief


def ask(session: Session, organization_id: UUID, application_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Ask for one rating of an application; returns the job's id. Raises ApplicationNotFound."""
    application = applications.get(session, organization_id, application_id)
    payload = {"application_id": application.id}
    job_id = jobs.enqueue(session, JobKind.SCREEN_CANDIDATE, payload, actor=actor, now=now)
    subject = Subject(
        "application",
        application.id,
        candidate_id=application.candidate_id,
        application_id=application.id,
        position_id=application.position_id,
    )
    events.record(session, "screening_requested", subject, actor=actor, now=now, after={"job_id": str(job_id)})
    return job_id


def prepare(session: Session, organization_id: UUID, application_id: UUID, now: datetime) -> Case:
    """All that a rating of the application needs, read in one transaction. Raises NotFound for what is gone."""
    application = applications.get(session, organization_id, application_id)
    position = positions.get(session, organization_id, application.position_id)
    document, text = _resume(session, application)
    brief = Brief(
        position_title=position.title,
        experience_years_min=position.experience_years_min,
        requirements=_requirements(position),
        document=text,
        employment=_employment(document),
        as_of=now.date().replace(day=1),
    )
    document_id = document.id if document else None
    return Case(application.id, application.candidate_id, position.id, document_id, brief)


def _resume(session: Session, application: Application) -> tuple[Document | None, DocumentText | None]:
    """The candidate's résumé, the one chosen in the profile first, and its text."""
    organization_id = application.organization_id
    candidate = candidates.get(session, organization_id, application.candidate_id)
    chosen = candidate.resume_document_id and documents.find(session, organization_id, candidate.resume_document_id)
    for document in (chosen, documents.newest_resume(session, organization_id, candidate.id)):
        if document and document.is_clean:
            stored = documents.find_text(session, organization_id, document.id)
            if stored is not None:
                return document, stored.as_document_text()
    return None, None


def _requirements(position: Position) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(item["id"], item["text"], RequirementKind(item["kind"]), item["weight"])
        for item in position.requirements
    )


def _employment(document: Document | None) -> tuple[Employment, ...]:
    """The employments that the document's profile holds; one without a readable start counts for nothing."""
    entries = (document.profile or {}).get("experience", []) if document else []
    return tuple(
        Employment(
            title=_value(entry["title"]),
            organization=_value(entry["organization"]),
            start=_year_month(entry["started"]["value"]),
            end=_year_month(entry["ended"]["value"]) if entry["ended"] else None,
            is_current=entry["is_current"],
            span_start=entry["start"],
            span_end=entry["end"],
        )
        for entry in entries
        if entry["started"]
    )


def _value(found: dict[str, Any] | None) -> str:
    return str(found["value"]) if found else ""


def _year_month(text: str) -> YearMonth:
    year, _, month = text.partition("-")
    return YearMonth(int(year), int(month) if month else None)


def keep(session: Session, run: JobRun, case: Case, rating: Rating, *, duration_ms: int, now: datetime) -> Screening:
    """Keep a verified rating as the job's screening."""
    answer = rating.to_json()
    screening = Screening(
        id=new_id(),
        organization_id=run.organization_id,
        application_id=case.application_id,
        candidate_id=case.candidate_id,
        position_id=case.position_id,
        document_id=case.document_id,
        job_id=run.id,
        score=rating.score,
        recommendation=rating.recommendation.value,
        requirements=answer["requirements"],
        strengths=answer["strengths"],
        gaps=answer["gaps"],
        provider=rating.provider,
        model=rating.model,
        duration_ms=duration_ms,
        input_hash=case.brief.input_hash(rating.provider, rating.model),
        created_at=now,
    )
    session.add(screening)
    after = {"score": rating.score, "recommendation": screening.recommendation, "input_hash": screening.input_hash}
    events.record(session, "application_screened", _subject(screening), actor=run.actor, now=now, after=after)
    return screening


def get(session: Session, organization_id: UUID, screening_id: UUID, *, lock: bool = False) -> Screening:
    """One screening; raises ScreeningNotFound."""
    screening = repository.find(session, organization_id, screening_id, lock=lock)
    if screening is None:
        raise ScreeningNotFound("there is no such screening")
    return screening


def review(
    session: Session,
    screening: Screening,
    *,
    decision: str,
    recommendation: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a person's word on a screening, in place of an earlier one; the application stays where it is."""
    before = screening.review
    screening.review = {
        "decision": decision,
        "recommendation": recommendation or screening.recommendation,
        "reason": reason,
        "reviewed_by": str(actor.id),
        "reviewed_at": now.isoformat(),
    }
    subject = _subject(screening)
    events.record(session, "screening_reviewed", subject, actor=actor, now=now, before=before, after=screening.review)


def _subject(screening: Screening) -> Subject:
    return Subject(
        "screening",
        screening.id,
        candidate_id=screening.candidate_id,
        application_id=screening.application_id,
        position_id=screening.position_id,
    )
