"""Releasing a false alarm: one admin asks, another one approves, and a scan carries it out.

What is released is one find: these bytes (SHA-256) with this signature, in this document. Later scans let exactly that
pass; another signature is another find.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.documents import repository
from chalicelib.documents.errors import NotReleasable, ReleaseNotFound, ReleaseNotOpen, SecondAdminNeeded
from chalicelib.documents.models import Document, DocumentStatus, Release, ReleaseStatus
from chalicelib.documents.service import subject_of
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.settings import settings

SYSTEM = Actor("system")


def get(session: Session, document: Document) -> Release:
    """The last release of a document that was asked for; raises ReleaseNotFound."""
    release = repository.newest_release(session, document.organization_id, document.id)
    if release is None:
        raise ReleaseNotFound("nobody has asked for the release of this document")
    return release


def ask_or_approve(session: Session, document: Document, reason: str, *, actor: Actor, now: datetime) -> Release:
    """Ask for the release of an infected document (locked by the caller), or approve what another admin asked for: then
    a scan of what is in quarantine decides. Raises NotReleasable, ReleaseNotOpen, SecondAdminNeeded."""
    if document.status != DocumentStatus.INFECTED or document.scan_signature is None:
        raise NotReleasable(f"only an infected document can be released; this one is {document.status}")
    if document.quarantine_version is None:
        raise NotReleasable("the file is on its way into quarantine; ask again in a minute")
    release = repository.newest_release(session, document.organization_id, document.id)
    if release is not None and release.status == ReleaseStatus.APPROVED:
        raise ReleaseNotOpen("two admins have released this document already; a scan is on its way")
    if release is None or release.status != ReleaseStatus.REQUESTED or _is_void(session, release, document, now):
        return _ask(session, document, reason, actor=actor, now=now)
    return _approve(session, document, release, reason, actor=actor, now=now)


def _is_void(session: Session, release: Release, document: Document, now: datetime) -> bool:
    """Whether a request cannot be approved any more; ends it then."""
    is_of_this_find = (release.sha256, release.signature) == (document.sha256, document.scan_signature)
    if release.is_expired(now):
        because = "nobody approved it in time"
    elif not repository.is_admin(session, document.organization_id, release.requested_by):
        because = "whoever asked for it is no active admin any more"
    elif not is_of_this_find:
        because = "another signature has been found since"
    else:
        return False
    _end(session, document, release, ReleaseStatus.EXPIRED, because, actor=SYSTEM, now=now)
    return True


def _ask(session: Session, document: Document, reason: str, *, actor: Actor, now: datetime) -> Release:
    assert actor.id is not None
    assert document.sha256 is not None
    assert document.scan_signature is not None
    session.flush()  # an expired request must be out of the way of the new one
    release = Release(
        id=new_id(),
        organization_id=document.organization_id,
        document_id=document.id,
        sha256=document.sha256,
        signature=document.scan_signature,
        status=ReleaseStatus.REQUESTED.value,
        reason=reason,
        requested_by=actor.id,
        expires_at=now + timedelta(hours=settings().release_hours),
        created_at=now,
        updated_at=now,
        version=1,
    )
    session.add(release)
    session.flush()
    told = {
        "signature": release.signature,
        "sha256": release.sha256,
        "reason": reason,
        "expires_at": release.expires_at,
    }
    _record(session, document, release, "document_release_requested", told, actor=actor, now=now)
    return release


def _approve(
    session: Session, document: Document, release: Release, reason: str, *, actor: Actor, now: datetime
) -> Release:
    if release.requested_by == actor.id:
        raise SecondAdminNeeded("you asked for this release; another admin has to approve it")
    release.status, release.updated_at, release.version = ReleaseStatus.APPROVED.value, now, release.version + 1
    release.approved_by, release.approval_reason, release.approved_at = actor.id, reason, now
    session.flush()
    payload = {"document_id": document.id, "release_id": release.id}
    jobs.enqueue(session, JobKind.SCAN_DOCUMENT, payload, actor=actor, now=now, unique_key=f"release/{release.id}")
    _record(session, document, release, "document_release_approved", _told(release), actor=actor, now=now)
    return release


def withdraw(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """Take a request back, or decline it: any admin may. Raises ReleaseNotFound, ReleaseNotOpen."""
    release = get(session, document)
    if release.status != ReleaseStatus.REQUESTED or release.is_expired(now):
        raise ReleaseNotOpen(f"this release is {state_of(release, now)} and cannot be withdrawn")
    _end(session, document, release, ReleaseStatus.WITHDRAWN, "withdrawn by an admin", actor=actor, now=now)


def state_of(release: Release, now: datetime) -> ReleaseStatus:
    """How a release stands: a request that is past its time counts as expired."""
    return ReleaseStatus.EXPIRED if release.is_expired(now) else ReleaseStatus(release.status)


def approved_of(session: Session, run: JobRun) -> Release | None:
    """The approved release that a scan carries out, if it does."""
    if "release_id" not in run.payload:
        return None
    release = repository.find_release(session, run.organization_id, run.id_of("release_id"))
    return release if release is not None and release.status == ReleaseStatus.APPROVED else None


def passes(session: Session, document: Document, release: Release | None) -> set[tuple[str, str]]:
    """Each find, as SHA-256 and signature, that a scan of this document lets pass."""
    passing = repository.released_finds(session, document.organization_id, document.id)
    return passing | ({(release.sha256, release.signature)} if release is not None else set())


def carry_out(session: Session, document: Document, release: Release, *, actor: Actor, now: datetime) -> None:
    """Say that a release has been carried out."""
    _end(session, document, release, ReleaseStatus.RELEASED, None, actor=actor, now=now)


def refuse(
    session: Session, document: Document, release: Release, because: str, *, actor: Actor, now: datetime
) -> None:
    """Say why a release was not carried out; admins may begin anew."""
    _end(session, document, release, ReleaseStatus.REFUSED, because, actor=actor, now=now)


def _end(
    session: Session,
    document: Document,
    release: Release,
    status: ReleaseStatus,
    because: str | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    release.status, release.ended_at, release.ended_because = status.value, now, because
    release.updated_at, release.version = now, release.version + 1
    action = "document_released" if status is ReleaseStatus.RELEASED else f"document_release_{status.value}"
    _record(session, document, release, action, {**_told(release), "because": because}, actor=actor, now=now)


def _told(release: Release) -> dict[str, Any]:
    return {
        "signature": release.signature,
        "sha256": release.sha256,
        "reason": release.reason,
        "requested_by": release.requested_by,
        "approved_by": release.approved_by,
        "approval_reason": release.approval_reason,
    }


def _record(
    session: Session,
    document: Document,
    release: Release,
    action: str,
    told: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    after: dict[str, Any] = {"release_id": release.id, **told}
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in after.items()}
    events.record(session, action, subject_of(document), actor=actor, now=now, after=plain)
