"""Taking personal data out of events: values and addresses go, and the chain still verifies over their digests.

`session` acts as the eraser, who may blank these columns and nothing else. The event of the erasure is the caller's.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

# By three ways, each with an index of its own. A document's first events may be older than the candidate it became.
ERASE_ABOUT = sa.text("""
    update events set before = null, after = null, salt = null, address = null, address_salt = null, erased_at = :now
    where organization_id = :organization and erased_at is null and sequence in (
        select sequence from events where organization_id = :organization and candidate_id = :candidate
        union
        select events.sequence from applications join events
            on events.organization_id = applications.organization_id and events.application_id = applications.id
        where applications.organization_id = :organization and applications.candidate_id = :candidate
        union
        select events.sequence from documents join events
            on events.organization_id = documents.organization_id and events.subject_id = documents.id
            and events.subject_kind = 'document' and events.candidate_id is null
        where documents.organization_id = :organization and documents.candidate_id = :candidate)
""")
ERASE_ADDRESSES = sa.text("""
    update events set address = null, address_salt = null
    where organization_id = :organization and sequence in (
        select sequence from events
        where organization_id = :organization and address is not null and occurred_at < :before
        order by occurred_at limit :limit)
""")


def erase_about(session: Session, organization_id: UUID, candidate_id: UUID, now: datetime) -> int:
    """Erase what events say about a candidate, their applications and documents, who acted from where included; of how
    many events. To be called before these rows are deleted; a second time finds nothing."""
    return _count(session, ERASE_ABOUT, {"organization": organization_id, "candidate": candidate_id, "now": now})


def erase_address_older_than(session: Session, organization_id: UUID, before: datetime, *, limit: int = 10_000) -> int:
    """Erase the addresses of events that occurred before a moment, oldest first; of how many events."""
    return _count(session, ERASE_ADDRESSES, {"organization": organization_id, "before": before, "limit": limit})


def _count(session: Session, statement: sa.TextClause, values: dict[str, object]) -> int:
    return session.connection().execute(statement, values).rowcount
