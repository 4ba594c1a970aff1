"""Where a document's bytes are kept, and how they get there.

A clean file is copied to the clean bucket before its row says so, and read from there alone. Malware is copied to
quarantine once its row says what it is, since nobody may wait for that to be kept from it. What either leaves behind is
deleted last, and whatever a crash leaves of that is swept an hour later: a step that is taken twice changes nothing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chalicelib import clients, db
from chalicelib.clients import Bucket, Copy, ObjectVersion, Sink, StorageUnavailable
from chalicelib.db import Role
from chalicelib.documents import repository
from chalicelib.documents.errors import BytesChanged
from chalicelib.documents.models import Document, DocumentStatus, object_key
from chalicelib.documents.service import check_clean, subject_of
from chalicelib.documents.types import CONTENT_TYPES, FileType
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.logs import log
from chalicelib.settings import settings

SYSTEM = Actor("system")
UNKNOWN_TYPE = "application/octet-stream"
# An attempt that died a moment ago may have left a copy; an older one may be in the hands of the sweep.
REUSABLE = timedelta(minutes=15)
STRAY_AFTER = timedelta(hours=1)
SWEEP_LIMIT = 200
EVER = datetime.min.replace(tzinfo=UTC)
SERVED_AS = {
    FileType.TXT: "text/plain",
    FileType.CSV: "text/csv",
    FileType.JSON: "application/json",
    FileType.JSONL: "application/x-ndjson",
    FileType.ZIP: "application/zip",
}


def read_clean(document: Document, into: Sink) -> None:
    """Write the bytes of a clean document into a stream. Raises Infected, NotClean, StorageUnavailable, and
    BytesChanged when what is stored is not what was scanned."""
    check_clean(document)
    assert document.clean_key is not None
    assert document.clean_version is not None
    hashing = _Hashing(into)
    clients.storage(Bucket.CLEAN).fetch(document.clean_key, document.clean_version, hashing)
    if hashing.sha256() != document.sha256:
        raise BytesChanged


class _Hashing:
    """A stream that knows the hash of what was written to it."""

    def __init__(self, into: Sink) -> None:
        self._into, self._digest = into, hashlib.sha256()

    def write(self, chunk: bytes) -> object:
        self._digest.update(chunk)
        return self._into.write(chunk)

    def sha256(self) -> str:
        return self._digest.hexdigest()


def source_of(document: Document) -> ObjectVersion:
    """The bytes that a scan looks at: the clean copy, else what is in quarantine, else what was uploaded."""
    if document.clean_key is not None and document.clean_version is not None:
        return ObjectVersion(Bucket.CLEAN, document.clean_key, document.clean_version)
    if document.quarantine_key is not None and document.quarantine_version is not None:
        return ObjectVersion(Bucket.QUARANTINE, document.quarantine_key, document.quarantine_version)
    assert document.object_version is not None, "only what was stored is scanned"
    return ObjectVersion(Bucket.UPLOADS, document.object_key, document.object_version)


def copy_clean(document: Document, sha256: str, file_type: FileType, now: datetime, *, is_release: bool) -> str:
    """Copy what was found clean to the clean bucket, under its own key and with the type that it was found to have;
    the copy's version. A copy that an earlier attempt has just left is taken. Raises StorageUnavailable."""
    copy = Copy(document.object_key, served_as(file_type), sha256)
    # The copy that a find condemned has the same key and bytes, and is about to be deleted.
    reuse_since = None if is_release else now - REUSABLE
    return clients.storage(Bucket.CLEAN).copy(source_of(document), copy, reuse_since=reuse_since)


def served_as(file_type: FileType) -> str:
    """The one content type under which files of a type are stored and handed out."""
    return SERVED_AS.get(file_type) or next(iter(CONTENT_TYPES[file_type]))


def settle(organization_id: UUID, document_id: UUID, now: datetime) -> None:
    """After a verdict: put malware into quarantine, and delete what is left of it, or of a clean file, elsewhere.
    Raises StorageUnavailable."""
    with db.transaction(organization_id) as session:
        document = repository.find_any(session, organization_id, document_id)
    if document is not None:
        _settle(document, now)


def _settle(document: Document, now: datetime) -> None:
    if document.status == DocumentStatus.INFECTED:
        if document.quarantine_version is None:
            _quarantine(document, now)
        _delete_upload(document)
        if document.clean_key is not None and document.clean_version is not None:
            clients.storage(Bucket.CLEAN).delete(document.clean_key, document.clean_version)
            with db.transaction(document.organization_id) as session:
                repository.forget_clean_copy(session, document)
    elif document.is_clean:
        _delete_upload(document)


def _quarantine(document: Document, now: datetime) -> None:
    assert document.sha256 is not None, "a verdict is about bytes"
    copy = Copy(
        document.object_key,
        UNKNOWN_TYPE,
        document.sha256,
        locked_until=now + timedelta(days=settings().quarantine_days),
    )
    source = source_of(document)
    version = clients.storage(Bucket.QUARANTINE).copy(source, copy, reuse_since=EVER)
    with db.transaction(document.organization_id) as session:
        if repository.keep_in_quarantine(session, document, copy, version):
            after = {"quarantine_version": version, "locked_until": copy.locked_until}
            subject = subject_of(document)
            events.record(session, "document_quarantined", subject, actor=SYSTEM, now=now, after=after)


def _delete_upload(document: Document) -> None:
    if document.object_version is not None:
        clients.storage(Bucket.UPLOADS).delete(document.object_key, document.object_version)


def forget(organization_id: UUID, document_id: UUID) -> None:
    """Delete what is stored for a document that has no row any more: whose it was has been erased meanwhile. Raises
    StorageUnavailable."""
    with db.transaction(organization_id) as session:
        if repository.find_any(session, organization_id, document_id) is not None:
            return
    log.warning("document_of_nobody_deleted", document_id=str(document_id))
    for bucket in (Bucket.UPLOADS, Bucket.CLEAN):
        clients.storage(bucket).wipe(object_key(organization_id, document_id))


def sweep(now: datetime) -> int:
    """Settle what verdicts of more than an hour ago have left, and remove what no row tells of: later uploads by the
    same form, and copies of attempts that died. Returns how many documents were settled; at most 200 at a time."""
    with db.transaction(role=Role.DISPATCHER) as session:
        rows = repository.unsettled(session, before=now - STRAY_AFTER, limit=SWEEP_LIMIT)
    return sum(_sweep(row.organization_id, row.id, now) for row in rows)


def _sweep(organization_id: UUID, document_id: UUID, now: datetime) -> bool:
    with db.transaction(organization_id) as session:
        document = repository.find_any(session, organization_id, document_id)
    if document is None:
        return False
    again_at: datetime | None = None
    try:
        _settle(document, now)
        _delete_strays(document, now)
    except StorageUnavailable as error:
        log.warning("document_not_settled", document_id=str(document_id), reason=error.detail)
        again_at = now
    with db.transaction(organization_id) as session:
        repository.set_unsettled(session, document, again_at)
    return again_at is None


def _delete_strays(document: Document, now: datetime) -> None:
    if document.is_clean or document.status == DocumentStatus.INFECTED:
        _delete_versions(Bucket.UPLOADS, document, now, kept=None)
        _delete_versions(Bucket.CLEAN, document, now, kept=document.clean_version)


def _delete_versions(bucket: Bucket, document: Document, now: datetime, *, kept: str | None) -> None:
    storage = clients.storage(bucket)
    for each in storage.versions(document.object_key):
        if each.version != kept and each.stored_at < now - STRAY_AFTER:
            storage.delete(document.object_key, each.version)
