"""One analysis: a clean résumé's bytes become text, profile and candidate, all in one transaction."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.candidates import resumes as candidates
from chalicelib.clock import utc_now
from chalicelib.documents import repository, service
from chalicelib.documents.models import AnalysisStatus, Document
from chalicelib.errors import Invalid, RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.resumes import profile as profiles
from chalicelib.resumes import reader
from chalicelib.resumes.fields import ResumeProfile
from chalicelib.resumes.limits import ReadingLimits
from chalicelib.resumes.text import DocumentText
from chalicelib.settings import settings


class BytesChanged(Invalid):
    """What is stored is not what was scanned."""

    code = "bytes_changed"


def analyze(run: JobRun) -> None:
    """Read a clean résumé and make or match its candidate. Raises Unreadable and its kin (the analysis fails with
    that reason, and there is no candidate) or Unavailable (the job is tried again)."""
    document_id = run.id_of("document_id")
    with db.transaction(run.organization_id) as session:
        document = service.get(session, run.organization_id, document_id)
        service.check_clean(document)
    text = reader.read(_content(document), filename=document.filename, limits=_limits())
    profile = profiles.extract(text)
    with running.finishing(run) as session:
        document = service.get(session, run.organization_id, document_id, lock=True)
        candidate_id = _keep(session, document, text, profile, run, utc_now())
        run.result = {
            "document_type": "resume",
            "document_id": str(document_id),
            "candidate_id": str(candidate_id),
            "fields": profile.to_json(),
        }


def _content(document: Document) -> bytes:
    assert document.object_version is not None, "a clean document has a version"
    stream = io.BytesIO()
    clients.storage().fetch(document.object_key, document.object_version, stream)
    content = stream.getvalue()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise BytesChanged("the stored file is not the one that was scanned")
    return content


def _limits() -> ReadingLimits:
    config = settings()
    return ReadingLimits(config.reading_timeout_seconds, config.reading_memory_mib, config.reading_max_pages)


def _keep(
    session: Session, document: Document, text: DocumentText, profile: ResumeProfile, run: JobRun, now: datetime
) -> UUID:
    """Keep text and profile, and make or match the candidate; text first, since the search takes it from there."""
    actor = Actor("job", run.id, run.request_id)
    repository.keep_text(session, run.organization_id, document.id, text, now)
    candidate = candidates.candidate_of(
        session,
        run.organization_id,
        profile,
        document_id=document.id,
        candidate_id=document.candidate_id,
        actor=actor,
        now=now,
    )
    values = {
        "candidate_id": candidate.id,
        "profile": profile.to_json(),
        "analysis_status": AnalysisStatus.SUCCEEDED.value,
        "analysis_code": None,
        "analysis_message": None,
    }
    events.change(session, document, values, "document_analyzed", service.subject_of(document), actor=actor, now=now)
    return candidate.id


def give_up(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """The document could not be read: it says why, and there is no candidate."""
    document = repository.find(session, run.organization_id, run.id_of("document_id"), lock=True)
    if document is None:
        return
    values = {
        "analysis_status": AnalysisStatus.FAILED.value,
        "analysis_code": error.code,
        "analysis_message": error.detail,
    }
    actor = Actor("job", run.id, run.request_id)
    subject = service.subject_of(document)
    events.change(session, document, values, "document_analysis_failed", subject, actor=actor, now=now)


WORK = {JobKind.ANALYZE_DOCUMENT: Work(analyze, give_up)}
