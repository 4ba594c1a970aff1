"""Finding a person in events that are not about them: somebody searched for their name, or exported them.

What is about a person is found by its ids (events/erasing.py); this reads every event of the organization for the rest,
a stride at a time, before the erasure's own transaction.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.privacy.places import Footprint

STRIDE = 20_000
HEAD = sa.text("select coalesce(max(sequence), 0) from event_heads where organization_id = :organization_id")
ERASE = sa.text("""
    update events set before = null, after = null, salt = null, address = null, address_salt = null, erased_at = :now
    where organization_id = :organization_id and sequence > :after and sequence <= :upto and erased_at is null
      and (subject_id = any(cast(:ids as uuid[]))
           or exists (select from unnest(cast(:names as text[])) as word
                      where strpos(lower(concat(before, after)), lower(word)) > 0))
""")


def head(session: Session, organization_id: UUID) -> int:
    """The number of an organization's newest event."""
    return int(session.execute(HEAD, {"organization_id": organization_id}).scalar_one())


def erase(session: Session, organization_id: UUID, found: Footprint, *, after: int, upto: int, now: datetime) -> int:
    """Erase the person from the events numbered above `after` up to `upto`; from how many that was."""
    parameters = {**found.as_parameters(organization_id), "after": after, "upto": upto, "now": now}
    return session.connection().execute(ERASE, parameters).rowcount
