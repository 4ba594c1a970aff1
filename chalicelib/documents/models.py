"""A document's row: what was announced, what was stored, and the verdict that belongs to exactly those bytes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment
from chalicelib.resumes.text import DocumentText, Page


class DocumentKind(StrEnum):
    RESUME = "resume"
    COVER_LETTER = "cover_letter"
    POSITION_DESCRIPTION = "position_description"
    IMPORT = "import"
    OTHER = "other"


class DocumentType(StrEnum):
    """What a document turned out to be when it was read, whatever it was announced as."""

    RESUME = "resume"
    POSITION_DESCRIPTION = "position_description"
    PROJECT_BRIEF = "project_brief"
    UNKNOWN = "unknown"


class DocumentStatus(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    SCANNING = "scanning"
    CLEAN = "clean"
    INFECTED = "infected"
    REJECTED = "rejected"
    SCAN_FAILED = "scan_failed"


class ReleaseStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class AnalysisStatus(StrEnum):
    QUEUED = "queued"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    kind: Mapped[str]
    filename: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    candidate_id: Mapped[UUID | None]
    position_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    status: Mapped[str]
    status_code: Mapped[str | None]
    status_reason: Mapped[str | None]
    object_key: Mapped[str]
    object_version: Mapped[str | None]
    sha256: Mapped[str | None]
    stored_size_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    scanned_at: Mapped[datetime | None] = mapped_column(Moment)
    scan_engine: Mapped[str | None]
    scan_definitions_at: Mapped[datetime | None] = mapped_column(Moment)
    scan_signature: Mapped[str | None]
    clean_key: Mapped[str | None]
    clean_version: Mapped[str | None]
    quarantine_key: Mapped[str | None]
    quarantine_version: Mapped[str | None]
    quarantined_until: Mapped[datetime | None] = mapped_column(Moment)
    unsettled_at: Mapped[datetime | None] = mapped_column(Moment)
    analysis_status: Mapped[str | None]
    analysis_code: Mapped[str | None]
    analysis_message: Mapped[str | None]
    document_type: Mapped[str | None]
    profile: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    described: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    upload_expires_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    trace_id: Mapped[str | None] = mapped_column(server_default=sa.FetchedValue())
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_clean(self) -> bool:
        """Whether the bytes may be read: a clean verdict, and a copy of what it was given for."""
        return self.status == DocumentStatus.CLEAN and self.clean_version is not None


class StoredText(Base):
    """What was read from a document, page by page."""

    __tablename__ = "document_texts"

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    text: Mapped[str]
    pages: Mapped[list[list[int]]] = mapped_column(JSONB)
    read_at: Mapped[datetime] = mapped_column(Moment)

    def as_document_text(self) -> DocumentText:
        return DocumentText(self.text, tuple(Page(*numbers) for numbers in self.pages))


class Release(Base):
    """What two admins say of a find. A released one lets these bytes of this document pass with this signature."""

    __tablename__ = "document_releases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    document_id: Mapped[UUID]
    sha256: Mapped[str]
    signature: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    requested_by: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[UUID | None]
    approval_reason: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_because: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    def is_expired(self, now: datetime) -> bool:
        """Whether nobody has approved it in time."""
        return self.status == ReleaseStatus.REQUESTED and self.expires_at <= now


def object_key(organization_id: UUID, document_id: UUID) -> str:
    """Where a document's bytes are kept. No part of it comes from a caller."""
    return f"organizations/{organization_id}/documents/{document_id}"


def ids_in_key(key: str) -> tuple[UUID, UUID]:
    """The organization and document of an object key; ValueError when it is not one of ours."""
    parts = key.split("/")
    if len(parts) != 4 or (parts[0], parts[2]) != ("organizations", "documents"):
        raise ValueError(f"not a document's key: {key!r}")
    ids = UUID(parts[1]), UUID(parts[3])
    # UUID() takes an id in capitals, in braces or without hyphens: other objects, that are not this document.
    if object_key(*ids) != key:
        raise ValueError(f"not a document's key: {key!r}")
    return ids
