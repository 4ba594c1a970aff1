"""Everything about one person, as it is kept: the rows of every place, what happened to them, and links to files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.clients import Storage
from chalicelib.documents import service as documents
from chalicelib.documents.models import Document
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.privacy.places import PLACES, Footprint, footprint_of
from chalicelib.privacy.schemas import FileLink, PersonExport

# What says nothing to a person: whose row it is, and words cut up for the search.
LEFT_OUT = ("organization_id", "search", "object_key", "clean_key", "quarantine_key")
EVENTS = """
    select to_jsonb(row) - array['organization_id', 'salt', 'digests', 'body_hash', 'previous_hash', 'hash', 'address']
    from events as row
    where organization_id = :organization_id and candidate_id = any(cast(:candidates as uuid[]))
    order by sequence
"""


def export(
    session: Session, storage: Storage, organization_id: UUID, candidate_id: UUID, *, actor: Actor, now: datetime
) -> PersonExport:
    """Everything about a candidate, deleted ones included. Raises CandidateNotFound."""
    found = footprint_of(session, organization_id, candidate_id)
    if not found.candidates:
        raise CandidateNotFound("there is no such candidate")
    parameters = found.as_parameters(organization_id)
    records = {place.table: _rows(session, _of(place.table, place.about), parameters) for place in PLACES}
    records["events"] = _rows(session, EVENTS, parameters)
    subject = Subject("candidate", candidate_id, candidate_id=candidate_id)
    events.record(session, "candidate_exported", subject, actor=actor, now=now)
    files = _files(session, storage, organization_id, found)
    return PersonExport(candidate_id=candidate_id, exported_at=now, records=records, files=files)


def _of(table: str, about: str) -> str:
    left_out = ", ".join(f"'{name}'" for name in LEFT_OUT)
    mine = f"organization_id = :organization_id and {about}"
    return f"select to_jsonb(row) - array[{left_out}] from {table} as row where {mine}"


def _rows(session: Session, query: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    return list(session.execute(sa.text(query), parameters).scalars())


def _files(session: Session, storage: Storage, organization_id: UUID, found: Footprint) -> list[FileLink]:
    query = sa.select(Document).where(
        Document.organization_id == organization_id, Document.id.in_(found.documents), Document.deleted_at.is_(None)
    )
    return [
        FileLink(
            document_id=each.id,
            filename=each.filename,
            content_type=each.content_type,
            sha256=each.sha256,
            status=each.status,
            url=documents.download_link(each, storage) if each.is_clean else None,
        )
        for each in session.scalars(query.order_by(Document.id))
    ]
