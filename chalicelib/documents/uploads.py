"""From an S3 notification to a scan: registers what was really stored, and asks for its scan, once per version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.clients import Bucket, StoredObject
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.documents import keeping, repository
from chalicelib.documents.models import Document, DocumentStatus, ids_in_key
from chalicelib.documents.service import subject_of
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.logs import log, traced
from chalicelib.settings import settings

SYSTEM = Actor("system")
SWEEP_LIMIT = 200
FORGOTTEN_AFTER = timedelta(days=1)


def messages_of(body: dict[str, Any]) -> Iterable[JobMessage]:
    """The jobs in a message of the scan queue. An S3 notification holds none: it is registered here, and the scan
    that it asks for comes by a message of its own, after its row is committed."""
    if "job_id" in body:
        return [JobMessage.of_json(body)]
    if body.get("Event") == "s3:TestEvent":  # sent when a notification is configured
        return []
    for record in body["Records"]:
        # S3 event keys arrive URL-encoded: "my+cv.pdf" is the key "my cv.pdf".
        receive(unquote_plus(record["s3"]["object"]["key"]))
    return []


def receive(key: str) -> bool:
    """Register the newest version stored under `key`; True when it is to be scanned. Raises StorageUnavailable."""
    try:
        organization_id, document_id = ids_in_key(key)
    except ValueError:
        log.warning("upload_of_unknown_key")
        return False
    stored = clients.storage(Bucket.UPLOADS).find(key)
    if stored is None:
        return False
    with db.transaction(organization_id) as session:
        document = repository.find(session, organization_id, document_id, lock=True)
        if document is not None:
            # What follows from an upload belongs to the request that announced it.
            with traced(document.trace_id):
                db.trace_on(session)
                return _register(session, document, stored, utc_now())
    log.warning("upload_of_unknown_document", document_id=str(document_id))
    keeping.forget(organization_id, document_id)
    return False


def _register(session: Session, document: Document, stored: StoredObject, now: datetime) -> bool:
    if document.object_version not in (None, stored.version):
        # The verdict belongs to the first version; whoever uploads once more with the same form changes nothing.
        log.warning("upload_after_the_first_ignored", document_id=str(document.id))
        return False
    if document.status == DocumentStatus.AWAITING_UPLOAD:
        values = {
            "status": DocumentStatus.SCANNING.value,
            "object_version": stored.version,
            "stored_size_bytes": stored.size_bytes,
        }
        events.change(session, document, values, "document_uploaded", subject_of(document), actor=SYSTEM, now=now)
        payload = {"document_id": document.id}
        work = f"{document.id}/{stored.version}"
        jobs.enqueue(session, JobKind.SCAN_DOCUMENT, payload, actor=SYSTEM, now=now, unique_key=work)
    return True


def sweep(now: datetime) -> int:
    """Find uploads whose notification never came; returns how many were registered."""
    latest = now - timedelta(seconds=settings().upload_lost_after_seconds)
    with db.transaction(role=Role.DISPATCHER) as session:
        rows = repository.awaiting(session, earliest=now - FORGOTTEN_AFTER, latest=latest, limit=SWEEP_LIMIT)
    return sum(receive(row.object_key) for row in rows)
