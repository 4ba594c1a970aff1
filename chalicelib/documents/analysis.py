"""One analysis: a clean document's bytes become text, and the text a candidate, draft positions or project fields, all
in one transaction."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.candidates import resumes as candidates
from chalicelib.clock import utc_now
from chalicelib.documents import keeping, readings, repository, service
from chalicelib.documents.models import AnalysisStatus, Document, DocumentKind
from chalicelib.documents.readings import NotAsAnnounced, Reading
from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.positions import drafts
from chalicelib.projects import briefs
from chalicelib.projects import service as projects
from chalicelib.projects.errors import ProjectNotFound
from chalicelib.resumes import reader
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.settings import settings

Values = dict[str, Any]


def analyze(run: JobRun) -> None:
    """Read a clean document as what it is. Raises Unreadable or NotAsAnnounced and their kin (the analysis fails with
    that reason, and nothing is made of the document) or Unavailable (the job is tried again)."""
    document_id = run.id_of("document_id")
    with db.transaction(run.organization_id) as session:
        document = service.get(session, run.organization_id, document_id)
    text = reader.read(_content(document), filename=document.filename, limits=_limits())
    kind, is_of_candidate = DocumentKind(document.kind), document.candidate_id is not None
    reading = readings.read(text, kind, is_of_candidate=is_of_candidate)
    with running.finishing(run) as session:
        now = utc_now()
        document = service.get(session, run.organization_id, document_id, lock=True)
        # First the text, since the search takes a candidate's résumé from there.
        repository.keep_text(session, run.organization_id, document_id, text, now)
        values, made = _make(session, document, reading, run, now)
        _succeed(session, document, reading, values, run, now)
        known = {"document_type": reading.document_type.value, "document_id": str(document_id)}
        run.result = {**known, "fields": reading.fields(), **made}


def _content(document: Document) -> bytes:
    stream = io.BytesIO()
    keeping.read_clean(document, stream)
    return stream.getvalue()


def _limits() -> ReadingLimits:
    config = settings()
    return ReadingLimits(config.reading_timeout_seconds, config.reading_memory_mib, config.reading_max_pages)


def _make(session: Session, document: Document, reading: Reading, run: JobRun, now: datetime) -> tuple[Values, Values]:
    """What a reading is made into: the document's columns that tell of it, and the ids for the job's result."""
    if reading.profile is not None:
        return _make_candidate(session, document, reading, run, now)
    if reading.brief is not None:
        return _fill_project(session, document, reading, run, now)
    return _make_positions(session, document, reading, run, now)


def _make_candidate(
    session: Session, document: Document, reading: Reading, run: JobRun, now: datetime
) -> tuple[Values, Values]:
    assert reading.profile is not None
    candidate = candidates.candidate_of(
        session,
        run.organization_id,
        reading.profile,
        document_id=document.id,
        candidate_id=document.candidate_id,
        actor=run.actor,
        now=now,
    )
    values = {"candidate_id": candidate.id, "profile": reading.profile.to_json(), "described": None}
    return values, {"candidate_id": str(candidate.id)}


def _make_positions(
    session: Session, document: Document, reading: Reading, run: JobRun, now: datetime
) -> tuple[Values, Values]:
    drafted = drafts.create(
        session,
        run.organization_id,
        reading.positions,
        drafts.Source(
            document_id=document.id,
            project_id=_living_project(session, document),
            created_by=document.created_by or run.requested_by,
            made_before=_made_before(document),
        ),
        actor=run.actor,
        now=now,
    )
    made = {
        "position_ids": [str(each.position_id) for each in drafted if each.position_id],
        "positions_created": sum(each.is_new for each in drafted),
        "problems": [each.problem for each in drafted if each.problem],
    }
    return {"profile": None, "described": {"positions": [each.to_json() for each in drafted]}}, made


def _made_before(document: Document) -> list[tuple[str, UUID]]:
    """The positions that an earlier reading made, by the titles that it read."""
    earlier = (document.described or {}).get("positions", [])
    return [(each["title"]["value"], UUID(each["position_id"])) for each in earlier if each["position_id"]]


def _fill_project(
    session: Session, document: Document, reading: Reading, run: JobRun, now: datetime
) -> tuple[Values, Values]:
    assert reading.brief is not None
    project_id, filled = _living_project(session, document), list[str]()
    if project_id is not None:
        filled = briefs.fill(session, run.organization_id, project_id, reading.brief, actor=run.actor, now=now)
    made = {"project_id": str(project_id) if project_id else None, "fields_filled": filled}
    return {"profile": None, "described": {"project": reading.brief.to_json()}}, made


def _living_project(session: Session, document: Document) -> UUID | None:
    """The document's project, unless it was deleted since."""
    if document.project_id is None:
        return None
    try:
        return projects.get(session, document.organization_id, document.project_id).id
    except ProjectNotFound:
        return None


def _succeed(
    session: Session, document: Document, reading: Reading, values: Values, run: JobRun, now: datetime
) -> None:
    succeeded = {
        "document_type": reading.document_type.value,
        "analysis_status": AnalysisStatus.SUCCEEDED.value,
        "analysis_code": None,
        "analysis_message": None,
    }
    subject = service.subject_of(document)
    events.change(session, document, {**succeeded, **values}, "document_analyzed", subject, actor=run.actor, now=now)


def give_up(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """The document could not be read or is not what it was announced as: it says why, and nothing is made of it."""
    document = repository.find(session, run.organization_id, run.id_of("document_id"), lock=True)
    if document is None:
        return
    values: Values = {
        "analysis_status": AnalysisStatus.FAILED.value,
        "analysis_code": error.code,
        "analysis_message": error.detail,
    }
    if isinstance(error, NotAsAnnounced):
        values["document_type"] = error.document_type.value
    subject = service.subject_of(document)
    events.change(session, document, values, "document_analysis_failed", subject, actor=run.actor, now=now)


WORK = {JobKind.ANALYZE_DOCUMENT: Work(analyze, give_up)}
