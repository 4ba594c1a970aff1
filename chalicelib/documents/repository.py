"""Every query on documents."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chalicelib.clients import Copy
from chalicelib.db import newest_first
from chalicelib.documents.models import (
    Document,
    DocumentKind,
    DocumentStatus,
    DocumentType,
    Release,
    ReleaseStatus,
    StoredText,
)
from chalicelib.resumes.text import DocumentText


def find(session: Session, organization_id: UUID, document_id: UUID, *, lock: bool = False) -> Document | None:
    """A living document, locked for a change when asked."""
    query = sa.select(Document).where(
        Document.id == document_id, Document.organization_id == organization_id, Document.deleted_at.is_(None)
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The living documents of an organization whose columns equal `filters`."""
    query = sa.select(Document.__table__).where(
        Document.organization_id == organization_id, Document.deleted_at.is_(None)
    )
    for name, value in filters.items():
        query = query.where(getattr(Document, name) == value)
    return query


def keep_text(
    session: Session, organization_id: UUID, document_id: UUID, text: DocumentText, read_at: datetime
) -> None:
    """Keep what was read from a document, in place of an earlier reading."""
    pages = [list(astuple(page)) for page in text.pages]
    values = {"text": text.text, "pages": pages, "read_at": read_at}
    statement = insert(StoredText).values(document_id=document_id, organization_id=organization_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["document_id"], set_=values))


def find_text(session: Session, organization_id: UUID, document_id: UUID) -> StoredText | None:
    """What was read from a document."""
    query = sa.select(StoredText).where(
        StoredText.document_id == document_id, StoredText.organization_id == organization_id
    )
    return session.scalars(query).first()


def newest_resume(session: Session, organization_id: UUID, candidate_id: UUID) -> Document | None:
    """The newest clean résumé of a candidate that could be read."""
    query = (
        sa.select(Document)
        .join(StoredText, StoredText.document_id == Document.id)
        .where(
            Document.organization_id == organization_id,
            Document.candidate_id == candidate_id,
            sa.or_(Document.kind == DocumentKind.RESUME, Document.document_type == DocumentType.RESUME),
            Document.status == DocumentStatus.CLEAN,
            Document.deleted_at.is_(None),
        )
        .order_by(newest_first(Document.id))
        .limit(1)
    )
    return session.scalars(query).first()


# In no order, since most forms are never used: those must not keep the sweep from an upload that they stand before.
AWAITING = sa.text("""
    select id, organization_id, object_key from documents
    where status = 'awaiting_upload' and deleted_at is null and created_at between :earliest and :latest
    order by random() limit :limit
""")


def awaiting(session: Session, *, earliest: datetime, latest: datetime, limit: int) -> list[sa.Row[Any]]:
    """Documents of every organization that have waited for their upload since before `latest`, picked at random."""
    return list(session.execute(AWAITING, {"earliest": earliest, "latest": latest, "limit": limit}).all())


DUE = sa.text("""
    select id, organization_id, object_version, scanned_at from documents
    where status = 'clean' and deleted_at is null and (scanned_at, id) > (:scanned_after, :id_after)
      and (scanned_at < :scanned_before and created_at > :newer_than or clean_version is null)
    order by scanned_at, id limit :limit
""")


def due_for_rescan(
    session: Session, *, newer_than: datetime, scanned_before: datetime, after: tuple[datetime, UUID], limit: int
) -> list[sa.Row[Any]]:
    """Clean documents of every organization, stored since `newer_than`, whose verdict is older than `scanned_before`,
    and those of any age without a clean copy, which nobody can read; those after `after` (a scan's time and a
    document's id), oldest verdict first."""
    values = {"newer_than": newer_than, "scanned_before": scanned_before, "limit": limit}
    return list(session.execute(DUE, {**values, "scanned_after": after[0], "id_after": after[1]}).all())


UNSETTLED = sa.text("""
    select id, organization_id from documents where unsettled_at < :before order by unsettled_at limit :limit
""")


def unsettled(session: Session, *, before: datetime, limit: int) -> list[sa.Row[Any]]:
    """Documents of every organization, deleted ones included, whose verdict came before `before` and whose leftovers
    have not been swept since; longest waiting first."""
    return list(session.execute(UNSETTLED, {"before": before, "limit": limit}).all())


def find_any(session: Session, organization_id: UUID, document_id: UUID) -> Document | None:
    """A document, deleted or not."""
    query = sa.select(Document).where(Document.id == document_id, Document.organization_id == organization_id)
    return session.scalars(query).first()


def keep_in_quarantine(session: Session, document: Document, copy: Copy, version: str) -> bool:
    """Say where an infected document's bytes are kept and how long they are locked; False when that has been said, or
    it is infected no more."""
    statement = sa.text("""
        update documents set quarantine_key = :key, quarantine_version = :version, quarantined_until = :until
        where id = :id and organization_id = :organization and status = 'infected' and quarantine_version is null
    """)
    place = {"key": copy.key, "version": version, "until": copy.locked_until}
    values = {"id": document.id, "organization": document.organization_id, **place}
    return bool(session.connection().execute(statement, values).rowcount)


def forget_clean_copy(session: Session, document: Document) -> None:
    """Say that an infected document's clean copy is gone; a newer one stays."""
    statement = sa.text("""
        update documents set clean_key = null, clean_version = null
        where id = :id and organization_id = :organization and clean_version = :version and status = 'infected'
    """)
    values = {"id": document.id, "organization": document.organization_id, "version": document.clean_version}
    session.execute(statement, values)


def set_unsettled(session: Session, document: Document, until: datetime | None) -> None:
    """Note when a document is to be swept again (None: not at all), unless a verdict has come meanwhile."""
    statement = sa.text("""
        update documents set unsettled_at = cast(:until as timestamptz)
        where id = :id and organization_id = :organization and unsettled_at = :was
    """)
    values = {"id": document.id, "organization": document.organization_id, "was": document.unsettled_at}
    session.execute(statement, {**values, "until": until})


def newest_release(session: Session, organization_id: UUID, document_id: UUID) -> Release | None:
    """The last release of a document that was asked for, whatever became of it."""
    query = sa.select(Release).where(Release.organization_id == organization_id, Release.document_id == document_id)
    return session.scalars(query.order_by(newest_first(Release.id)).limit(1)).first()


def find_release(session: Session, organization_id: UUID, release_id: UUID) -> Release | None:
    """One release."""
    query = sa.select(Release).where(Release.organization_id == organization_id, Release.id == release_id)
    return session.scalars(query).first()


def released_finds(session: Session, organization_id: UUID, document_id: UUID) -> set[tuple[str, str]]:
    """SHA-256 and signature of every find in a document that was released."""
    query = sa.select(Release.sha256, Release.signature).where(
        Release.organization_id == organization_id,
        Release.document_id == document_id,
        Release.status == ReleaseStatus.RELEASED,
    )
    return {(row.sha256, row.signature) for row in session.execute(query)}


def is_admin(session: Session, organization_id: UUID, user_id: UUID) -> bool:
    """Whether a user is an active admin now."""
    statement = sa.text("""
        select true from users
        where id = :id and organization_id = :organization and role = 'admin' and is_active
    """)
    return bool(session.execute(statement, {"id": user_id, "organization": organization_id}).scalar())
