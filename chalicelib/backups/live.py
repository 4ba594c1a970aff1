"""What the live database says that a snapshot of it must hold as well: what never changes once it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chalicelib import db
from chalicelib.db import Role
from chalicelib.events import chain
from chalicelib.events.verification import Anchor

# What was written so long before a snapshot is in it for certain: no transaction of ours lasts as long, and no clock of
# AWS is as wrong.
MARGIN = timedelta(hours=1)
TABLES = sa.text("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
REVISION = sa.text("select version_num from alembic_version")
# By id, which tells when an event was written; when it occurred may lie long before. The newest are looked at first.
WRITTEN_BEFORE = sa.text("""
    select sequence from events where organization_id = :organization and id < :bound order by sequence desc limit 1
""")
ANCHORS = sa.text("""
    select sequence, hash from event_anchors where organization_id = :organization and verified_at < :before
    order by sequence
""")
HASH = sa.text("select hash from events where organization_id = :organization and sequence = :sequence")


@dataclass(frozen=True, slots=True)
class Schema:
    """The live schema: its newest change, and the names of its tables."""

    revision: str
    tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Past:
    """How a chain of events was when a snapshot was taken: at least so many events, and these hashes."""

    at_least: int
    anchors: tuple[Anchor, ...]


def schema() -> Schema:
    """The schema as it is now. Raises DatabaseUnavailable."""
    with db.transaction() as session:
        return Schema(session.execute(REVISION).scalar_one(), frozenset(session.scalars(TABLES)))


def organizations_before(taken_at: datetime) -> list[UUID]:
    """Who was there when a snapshot was taken, the one verified longest ago first. Raises DatabaseUnavailable."""
    with db.transaction(role=Role.AUDITOR) as session:
        bound = _first_id_of(taken_at - MARGIN)
        return [each for each in chain.organization_ids(session) if each < bound]


def past_of(organization_id: UUID, taken_at: datetime) -> Past:
    """What of a chain must be in a snapshot. Raises DatabaseUnavailable."""
    before = taken_at - MARGIN
    with db.transaction(organization_id, Role.AUDITOR) as session:
        known = session.execute(ANCHORS, {"organization": organization_id, "before": before})
        anchors = tuple(Anchor(*row) for row in known)
        bound = {"organization": organization_id, "bound": _first_id_of(before)}
        return Past(session.scalar(WRITTEN_BEFORE, bound) or 0, anchors)


def hash_of(organization_id: UUID, sequence: int) -> bytes | None:
    """The hash of an event as it is now; None when there is no such event. Raises DatabaseUnavailable."""
    with db.transaction(organization_id, Role.AUDITOR) as session:
        found: bytes | None = session.scalar(HASH, {"organization": organization_id, "sequence": sequence})
        return found


def _first_id_of(at: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: ids made before it are smaller."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0x2 << 62)
