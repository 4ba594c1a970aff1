"""One scan: structure first, then ClamAV, and a verdict bound to the version and SHA-256 of what was looked at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.clients import Storage
from chalicelib.clock import utc_now
from chalicelib.documents import repository, service, structure
from chalicelib.documents.models import AnalysisStatus, Document, DocumentStatus
from chalicelib.documents.scanner import ScanIncomplete, Scanner, ScanVerdict
from chalicelib.documents.structure import StructureRefused
from chalicelib.errors import Invalid, RecruitProError
from chalicelib.events import service as events
from chalicelib.jobs import running
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work

IN_MEMORY_BYTES = 16 * 1024 * 1024
INFECTED = "this file holds malware and is kept from everyone"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a file found: its hash, and ClamAV's verdict or the refusal that came before it."""

    sha256: str
    verdict: ScanVerdict | None
    refusal: Invalid | None

    def as_values(self, now: datetime) -> dict[str, Any]:
        """The document's columns that this decides."""
        values: dict[str, Any] = {"sha256": self.sha256, "scanned_at": now, "scan_signature": None}
        if self.verdict is None or self.refusal is not None:
            assert self.refusal is not None, "a look ends in a verdict or in a refusal"
            reason = {"status_code": self.refusal.code, "status_reason": self.refusal.detail}
            return {**values, **reason, "status": DocumentStatus.REJECTED.value}
        values |= {"scan_engine": self.verdict.engine, "scan_definitions_at": self.verdict.definitions_at}
        if self.verdict.is_infected:
            values |= {"status_code": "infected", "status_reason": INFECTED, "scan_signature": self.verdict.signature}
            return {**values, "status": DocumentStatus.INFECTED.value}
        return {**values, "status_code": None, "status_reason": None, "status": DocumentStatus.CLEAN.value}


def scan(run: JobRun) -> None:
    """Look at a document's stored version and write the verdict. Raises Unavailable (the job is tried again) unless
    ClamAV gave a plain answer: nothing else ever counts as clean."""
    document_id = run.id_of("document_id")
    with db.transaction(run.organization_id) as session:
        document = repository.find(session, run.organization_id, document_id)
    looked = look(document, clients.storage(), clients.scanner()) if document else None
    with running.finishing(run) as session:
        document = repository.find(session, run.organization_id, document_id, lock=True)
        if document is None or looked is None:
            run.result = {"document_id": str(document_id), "verdict": "deleted"}
            return
        _record(session, document, looked, run, utc_now())


def look(document: Document, storage: Storage, scanner: Scanner) -> Looked:
    """Fetch the recorded version, check its structure, and show it to ClamAV."""
    assert document.object_version is not None, "only what was stored is scanned"
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        stream = cast(BinaryIO, spooled)
        storage.fetch(document.object_key, document.object_version, stream)
        stream.seek(0)
        sha256 = _sha256(stream)
        try:
            structure.inspect(
                stream,
                filename=document.filename,
                content_type=document.content_type,
                size_bytes=document.size_bytes,
                kind=document.kind,
            )
            return Looked(sha256, scanner.scan(stream), None)
        except (StructureRefused, ScanIncomplete) as refusal:
            return Looked(sha256, None, refusal)


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def _record(session: Session, document: Document, looked: Looked, run: JobRun, now: datetime) -> None:
    if document.status == DocumentStatus.INFECTED:
        # A look that began before the find, with older signatures, does not undo it.
        run.result = _result(document)
        return
    values = looked.as_values(now)
    if values["status"] == DocumentStatus.CLEAN and document.analysis_status is None and service.is_analysed(document):
        values["analysis_status"] = AnalysisStatus.QUEUED.value
        work = f"{document.id}/{document.object_version}"
        payload = {"document_id": document.id}
        jobs.enqueue(session, JobKind.ANALYZE_DOCUMENT, payload, actor=run.actor, now=now, unique_key=work)
    subject = service.subject_of(document)
    events.change(session, document, values, "document_scanned", subject, actor=run.actor, now=now)
    run.result = _result(document)


def _result(document: Document) -> dict[str, Any]:
    return {
        "document_id": str(document.id),
        "verdict": document.status,
        "code": document.status_code,
        "signature": document.scan_signature,
    }


def give_up(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """No verdict could be had: after its first scan the document ends as `scan_failed`, which nobody can read. One that
    was scanned again keeps the verdict it has; the job says that there is no new one."""
    document = repository.find(session, run.organization_id, run.id_of("document_id"), lock=True)
    if document is None or document.status != DocumentStatus.SCANNING:
        return
    reason = f"no verdict could be had: {error.detail}"
    values = {"status": DocumentStatus.SCAN_FAILED.value, "status_code": error.code, "status_reason": reason}
    subject = service.subject_of(document)
    events.change(session, document, values, "document_scan_failed", subject, actor=run.actor, now=now)


WORK = {JobKind.SCAN_DOCUMENT: Work(scan, give_up)}
