"""Every query of who verifies the chains of events; all of them are the auditor's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.ids import new_id

# Ids as text, which is what hashes cover.
TO_VERIFY = sa.text("""
    select sequence, cast(id as text), occurred_at, actor_kind, cast(actor_id as text), request_id, action,
        subject_kind, cast(subject_id as text), cast(candidate_id as text), cast(application_id as text),
        cast(position_id as text), before, after, salt, address, address_salt, erased_at, digests, body_hash,
        previous_hash, hash
    from events where organization_id = :organization and sequence > :after and sequence <= :upto
    order by sequence limit :limit
""")
# In one statement: head and newest event are written together.
ENDS = sa.text("""
    select coalesce(heads.sequence, 0), coalesce(heads.hash, cast(:beginning as bytea)), coalesce(newest.sequence, 0)
    from (select max(sequence) as sequence from events where organization_id = :organization) as newest
    left join event_heads as heads on heads.organization_id = :organization
""")
ANCHORS = sa.text("select sequence, hash from event_anchors where organization_id = :organization order by sequence")
KEEP_ANCHOR = sa.text("""
    insert into event_anchors (id, organization_id, sequence, hash, verified_at)
    values (:id, :organization, :sequence, :hash, :now)
""")
# Who was verified longest ago comes first, so that everybody's turn comes where time does not suffice for all.
ORGANIZATIONS = sa.text("""
    select organizations.id from organizations
    left join (select organization_id, max(verified_at) as at from event_anchors group by organization_id) as verified
        on verified.organization_id = organizations.id
    order by verified.at nulls first, organizations.id
""")


def page_to_verify(session: Session, organization_id: UUID, *, after: int, upto: int, limit: int) -> list[Any]:
    """The next events by number, with all that their hashes cover."""
    values = {"organization": organization_id, "after": after, "upto": upto, "limit": limit}
    return list(session.execute(TO_VERIFY, values).all())


def ends_of(session: Session, organization_id: UUID) -> tuple[int, bytes, int]:
    """Number and hash of the head, and the number of the newest event; zeros where there is none."""
    row = session.execute(ENDS, {"organization": organization_id, "beginning": bytes(32)}).one()
    return row[0], row[1], row[2]


def anchors_of(session: Session, organization_id: UUID) -> list[tuple[int, bytes]]:
    """Number and hash of every event at which the chain was found intact before."""
    return [(row[0], row[1]) for row in session.execute(ANCHORS, {"organization": organization_id})]


def keep_anchor(session: Session, organization_id: UUID, sequence: int, hashed: bytes, now: datetime) -> None:
    """Write down where a chain ends that is intact."""
    values = {"id": new_id(), "organization": organization_id, "sequence": sequence, "hash": hashed, "now": now}
    session.execute(KEEP_ANCHOR, values)


def organization_ids(session: Session) -> list[UUID]:
    """Every organization, the one that was verified longest ago first."""
    return list(session.scalars(ORGANIZATIONS))
