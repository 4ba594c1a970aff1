"""One scan: structure first, then ClamAV, and a verdict bound to the version and SHA-256 of what was looked at."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.clients import StorageUnavailable
from chalicelib.clock import utc_now
from chalicelib.documents import keeping, releases, repository, service, structure
from chalicelib.documents.errors import BytesChanged
from chalicelib.documents.limits import limits_for
from chalicelib.documents.models import AnalysisStatus, Document, DocumentStatus
from chalicelib.documents.scanner import ScanIncomplete, Scanner, ScanVerdict
from chalicelib.documents.structure import FileType, StructureRefused
from chalicelib.errors import Invalid, RecruitProError
from chalicelib.events import service as events
from chalicelib.jobs import running
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.logs import log
from chalicelib.settings import settings

IN_MEMORY_BYTES = 16 * 1024 * 1024
INFECTED = "this file holds malware and is kept from everyone"
RELEASED = "two admins released this file as a false alarm"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at a file found: its hash, and ClamAV's verdict on a file of this type or the refusal that came
    before it. `is_released` says that two admins let just this find pass."""

    sha256: str
    verdict: ScanVerdict | None
    refusal: Invalid | None
    file_type: FileType | None = None
    is_released: bool = False

    @property
    def status(self) -> DocumentStatus:
        """What the document becomes by this look: clean for an explicit OK, and for a find that was released."""
        if self.verdict is None or self.refusal is not None:
            return DocumentStatus.REJECTED
        is_kept = self.verdict.is_infected and not self.is_released
        return DocumentStatus.INFECTED if is_kept else DocumentStatus.CLEAN

    def as_values(self, now: datetime) -> dict[str, Any]:
        """The document's columns that this decides."""
        values: dict[str, Any] = {"status": self.status.value, "sha256": self.sha256, "scanned_at": now}
        values |= {"status_code": None, "status_reason": None, "scan_signature": None}
        if self.verdict is None or self.refusal is not None:
            assert self.refusal is not None, "a look ends in a verdict or in a refusal"
            if isinstance(self.refusal, BytesChanged):
                del values["sha256"]  # or the next look would take the other bytes for the ones that were scanned
            return {**values, "status_code": self.refusal.code, "status_reason": self.refusal.detail}
        values |= {"scan_engine": self.verdict.engine, "scan_definitions_at": self.verdict.definitions_at}
        if self.verdict.is_infected:
            code, reason = ("released", RELEASED) if self.is_released else ("infected", INFECTED)
            values |= {"status_code": code, "status_reason": reason, "scan_signature": self.verdict.signature}
        return values


def scan(run: JobRun) -> None:
    """Look at a document's stored version and write the verdict, once what is clean has been copied to where it is read
    from. Raises Unavailable (the job is tried again) unless ClamAV gave a plain answer and the copy was made: nothing
    else ever counts as clean."""
    document_id = run.id_of("document_id")
    with db.transaction(run.organization_id) as session:
        document = repository.find(session, run.organization_id, document_id)
        release = releases.approved_of(session, run)
        passes = releases.passes(session, document, release) if document else set()
    looked, clean_version = None, None
    if document is not None and (document.status != DocumentStatus.INFECTED or release is not None):
        looked = look(document, clients.scanner(), passes)
        clean_version = _copied(document, looked, is_release=release is not None)
    document = _written(run, looked, clean_version) if document is not None else None
    if document is None:
        # First, so that an attempt that dies in between is followed by another one.
        keeping.forget(run.organization_id, document_id)
        with running.finishing(run):
            run.result = {"document_id": str(document_id), "verdict": "deleted"}
    elif document.unsettled_at is not None:
        _settle(document)


class _Deleted(Exception):
    """The document went while it was looked at."""


def _written(run: JobRun, looked: Looked | None, clean_version: str | None) -> Document | None:
    """Write what was found, and end the job; None, nothing written, when the document is not there any more."""
    with suppress(_Deleted), running.finishing(run) as session:
        document = repository.find(session, run.organization_id, run.id_of("document_id"), lock=True)
        if document is None:
            raise _Deleted
        if looked is not None:
            _record(session, document, looked, clean_version, run, utc_now())
        run.result = _result(document)
        return document
    return None


def _copied(document: Document, looked: Looked, *, is_release: bool) -> str | None:
    """The version of the clean copy, made if there is none."""
    if looked.status is not DocumentStatus.CLEAN or document.clean_version is not None:
        return document.clean_version
    assert looked.file_type is not None, "what is clean has a type"
    return keeping.copy_clean(document, looked.sha256, looked.file_type, utc_now(), is_release=is_release)


def _settle(document: Document) -> None:
    # The verdict stands; what cannot be put in order now, the sweep does later.
    with suppress(StorageUnavailable):
        keeping.settle(document.organization_id, document.id, utc_now())
        return
    log.warning("document_not_settled", document_id=str(document.id))


def look(document: Document, scanner: Scanner, passes: set[tuple[str, str]]) -> Looked:
    """Fetch the recorded version, check its structure, and show it to ClamAV. A find in `passes` (SHA-256, signature)
    is one that was released."""
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        stream = cast(BinaryIO, spooled)
        source = keeping.source_of(document)
        clients.storage(source.bucket).fetch(source.key, source.version, stream)
        stream.seek(0)
        sha256 = _sha256(stream)
        if document.sha256 not in (None, sha256):
            return Looked(sha256, None, BytesChanged())
        try:
            found = structure.inspect(
                stream,
                filename=document.filename,
                content_type=document.content_type,
                size_bytes=document.size_bytes,
                kind=document.kind,
                limits=limits_for(document.kind, settings()),
            )
            looked = Looked(sha256, scanner.scan(stream), None, found)
        except (StructureRefused, ScanIncomplete) as refusal:
            return Looked(sha256, None, refusal)
    signature = looked.verdict.signature if looked.verdict else None
    return replace(looked, is_released=signature is not None and (sha256, signature) in passes)


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()


def _record(
    session: Session, document: Document, looked: Looked, clean_version: str | None, run: JobRun, now: datetime
) -> None:
    if document.status == DocumentStatus.INFECTED and not _is_released(session, document, looked, run, now):
        # A look that began before the find, with older signatures, does not undo it.
        return
    values = looked.as_values(now)
    status = looked.status
    if status is DocumentStatus.CLEAN and document.clean_version is None:
        values |= {"clean_key": document.object_key, "clean_version": clean_version, "unsettled_at": now}
    if status is DocumentStatus.INFECTED:
        values["unsettled_at"] = now
    if status is DocumentStatus.CLEAN and document.analysis_status is None and service.is_analysed(document):
        values["analysis_status"] = AnalysisStatus.QUEUED.value
        work = f"{document.id}/{document.object_version}"
        payload = {"document_id": document.id}
        jobs.enqueue(session, JobKind.ANALYZE_DOCUMENT, payload, actor=run.actor, now=now, unique_key=work)
    subject = service.subject_of(document)
    events.change(session, document, values, "document_scanned", subject, actor=run.actor, now=now)


def _is_released(session: Session, document: Document, looked: Looked, run: JobRun, now: datetime) -> bool:
    """Whether a scan carries out the release of an infected document; says in the release how that ended."""
    release = releases.approved_of(session, run)
    if release is None:
        return False
    if looked.status is DocumentStatus.CLEAN and looked.sha256 == release.sha256:
        releases.carry_out(session, document, release, actor=run.actor, now=now)
        return True
    found = looked.verdict.signature if looked.verdict else None
    because = looked.refusal.detail if looked.refusal else f"the scan found {found}"
    releases.refuse(session, document, release, because, actor=run.actor, now=now)
    if found is not None and found != document.scan_signature:
        values, subject = {"scan_signature": found}, service.subject_of(document)
        events.change(session, document, values, "document_scanned", subject, actor=run.actor, now=now)
    return False


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
    release = releases.approved_of(session, run)
    if document is not None and release is not None:
        releases.refuse(session, document, release, error.detail, actor=run.actor, now=now)
    if document is None or document.status != DocumentStatus.SCANNING:
        return
    reason = f"no verdict could be had: {error.detail}"
    values = {"status": DocumentStatus.SCAN_FAILED.value, "status_code": error.code, "status_reason": reason}
    subject = service.subject_of(document)
    events.change(session, document, values, "document_scan_failed", subject, actor=run.actor, now=now)


WORK = {JobKind.SCAN_DOCUMENT: Work(scan, give_up)}
