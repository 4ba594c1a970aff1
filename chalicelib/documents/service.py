"""What can be done with documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.clients import Storage, UploadForm
from chalicelib.documents import repository, types
from chalicelib.documents.errors import DocumentNotFound, Infected, NotAnalysable, NotClean, NotRead, NotScannable
from chalicelib.documents.models import AnalysisStatus, Document, DocumentKind, DocumentStatus, object_key
from chalicelib.documents.refusals import StructureRefused
from chalicelib.errors import Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.resumes.text import DocumentText
from chalicelib.settings import settings

ANALYSED = {DocumentKind.RESUME, DocumentKind.POSITION_DESCRIPTION, DocumentKind.OTHER}
SCANNED_AGAIN = {DocumentStatus.CLEAN, DocumentStatus.SCAN_FAILED, DocumentStatus.REJECTED}
MEANING = {
    DocumentStatus.AWAITING_UPLOAD: "the file has not arrived yet",
    DocumentStatus.SCANNING: "the file is being scanned",
    DocumentStatus.REJECTED: "the file was refused",
    DocumentStatus.SCAN_FAILED: "the file could not be scanned",
}


def announce(
    session: Session,
    storage: Storage,
    organization_id: UUID,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[Document, UploadForm]:
    """A document that waits for its file, and the form that uploads it. `values` are without mistakes."""
    document_id = new_id()
    expires_seconds = settings().upload_link_seconds
    document = Document(
        id=document_id,
        organization_id=organization_id,
        status=DocumentStatus.AWAITING_UPLOAD,
        object_key=object_key(organization_id, document_id),
        upload_expires_at=now + timedelta(seconds=expires_seconds),
        created_by=actor.id,
        created_at=now,
        updated_at=now,
        version=1,
        **values,
    )
    session.add(document)
    session.flush()
    form = storage.upload_form(
        document.object_key,
        content_type=document.content_type,
        size_bytes=document.size_bytes,
        expires_seconds=expires_seconds,
    )
    after = {name: value for name, value in values.items() if value is not None}
    events.record(session, "document_announced", subject_of(document), actor=actor, now=now, after=after)
    return document, form


def mistakes_in(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each wrong field of an announcement: a size or type that would be refused after the upload anyway."""
    mistakes = []
    if values["size_bytes"] > max_bytes(values["kind"]):
        message = f"is over the limit of {max_bytes(values['kind'])} bytes"
        mistakes.append({"field": "size_bytes", "message": message})
    try:
        types.expected_type(values["filename"], values["content_type"], kind=values["kind"])
    except StructureRefused as refusal:
        extension = PurePosixPath(values["filename"]).suffix.lower()
        field = "content_type" if extension in types.EXTENSIONS and refusal.code == "type_mismatch" else "filename"
        mistakes.append({"field": field, "message": refusal.detail})
    return mistakes


def max_bytes(kind: str) -> int:
    """The largest file that is accepted as a document of this kind."""
    config = settings()
    return config.upload_import_max_bytes if kind == DocumentKind.IMPORT else config.upload_max_bytes


def get(session: Session, organization_id: UUID, document_id: UUID, *, lock: bool = False) -> Document:
    """One document; raises DocumentNotFound."""
    document = repository.find(session, organization_id, document_id, lock=lock)
    if document is None:
        raise DocumentNotFound("there is no such document")
    return document


def check_clean(document: Document) -> None:
    """Raises Infected or NotClean unless the document's bytes may be read."""
    if document.status == DocumentStatus.INFECTED:
        raise Infected("this file holds malware and is kept from everyone", signature=document.scan_signature)
    if not document.is_clean:
        # Clean without a clean copy: scanned before such copies were made, and to be scanned again.
        reason = document.status_reason or MEANING.get(
            DocumentStatus(document.status), MEANING[DocumentStatus.SCANNING]
        )
        raise NotClean(f"not readable: {reason}", document_status=document.status)


def download_link(document: Document, storage: Storage) -> str:
    """A short-lived link to exactly the scanned version, in the clean `storage`. Raises Infected or NotClean."""
    check_clean(document)
    assert document.clean_key is not None
    assert document.clean_version is not None
    return storage.download_link(
        document.clean_key,
        document.clean_version,
        filename=document.filename,
        expires_seconds=settings().download_link_seconds,
    )


def get_text(session: Session, document: Document) -> DocumentText:
    """The visible text of a clean document. Raises Infected, NotClean, NotRead."""
    check_clean(document)
    stored = repository.find_text(session, document.organization_id, document.id)
    if stored is None:
        raise NotRead(document.analysis_message or "the text of this document has not been read")
    return stored.as_document_text()


def is_analysed(document: Document) -> bool:
    """Whether documents of this kind and type of file are read, once they are clean."""
    if document.kind not in ANALYSED:
        return False
    try:
        found = types.expected_type(document.filename, document.content_type, kind=document.kind)
    except StructureRefused:
        return False
    return found in types.READABLE


def analyze(session: Session, document: Document, *, actor: Actor, now: datetime) -> UUID:
    """Ask for a clean document to be read (again); returns the job's id. Raises Infected, NotClean, NotAnalysable."""
    check_clean(document)
    if not is_analysed(document):
        raise NotAnalysable(f"a document of kind {document.kind} named {document.filename} is not analysed")
    values = {"analysis_status": AnalysisStatus.QUEUED.value, "analysis_code": None, "analysis_message": None}
    subject = subject_of(document)
    events.change(session, document, values, "document_analysis_requested", subject, actor=actor, now=now)
    payload = {"document_id": document.id}
    return jobs.enqueue(session, JobKind.ANALYZE_DOCUMENT, payload, actor=actor, now=now)


def scan_again(session: Session, document: Document, *, actor: Actor, now: datetime) -> UUID:
    """Ask for another scan of what is stored; returns the job's id. The document keeps its status until there is a new
    verdict. Raises Infected, and NotScannable before the first scan has ended."""
    if document.status == DocumentStatus.INFECTED:
        raise Infected("this file holds malware, and that verdict is final", signature=document.scan_signature)
    if document.status not in SCANNED_AGAIN or document.object_version is None:
        raise NotScannable(f"not to be scanned again: {MEANING[DocumentStatus(document.status)]}")
    job_id = jobs.enqueue(session, JobKind.SCAN_DOCUMENT, {"document_id": document.id}, actor=actor, now=now)
    after = {"job_id": str(job_id)}
    events.record(session, "document_scan_requested", subject_of(document), actor=actor, now=now, after=after)
    return job_id


def delete(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a document out of sight."""
    values = {"deleted_at": now}
    events.change(session, document, values, "document_deleted", subject_of(document), actor=actor, now=now)


def check_resume(session: Session, organization_id: UUID, document_id: UUID | None) -> None:
    """Raises Invalid when `document_id` is given and names no document of the organization."""
    if document_id is not None and repository.find(session, organization_id, document_id) is None:
        errors = [{"field": "resume_document_id", "message": "there is no such document"}]
        raise Invalid("some fields are wrong", errors=errors)


def subject_of(document: Document) -> Subject:
    """The document, as events name it."""
    return Subject("document", document.id, candidate_id=document.candidate_id, position_id=document.position_id)
