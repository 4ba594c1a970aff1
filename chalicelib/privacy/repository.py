"""Every query on erasures and on who is kept for how long."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.candidates.models import Candidate
from chalicelib.privacy.models import Erasure, ErasureStatus, RetentionWarning

# What an earlier attempt deleted is not there to be counted again: the larger number is the true one.
COUNT_OBJECTS = sa.text("""
    update erasures set
        objects_erased = (
            select coalesce(jsonb_object_agg(name, greatest(0,
                (objects_erased ->> name)::bigint, (cast(:counts as jsonb) ->> name)::bigint)), '{}')
            from (select jsonb_object_keys(objects_erased) union
                  select jsonb_object_keys(cast(:counts as jsonb))) as names(name)),
        objects_kept = cast(:kept as jsonb)
    where organization_id = :organization_id and id = :id
""")

COUNT_EVENTS = sa.text("""
    update erasures set rows_erased = jsonb_set(rows_erased, '{events}',
        to_jsonb(coalesce((rows_erased ->> 'events')::bigint, 0) + :events))
    where organization_id = :organization_id and id = :id
""")

REMAINING = sa.text("""
    with recursive line as (
        select id, merged_into from candidates where organization_id = :organization_id and id = :candidate_id
        union
        select into_whom.id, into_whom.merged_into
        from candidates as into_whom join line on line.merged_into = into_whom.id
        where into_whom.organization_id = :organization_id)
    select id from line where merged_into is null
""")


def find_anybody(session: Session, organization_id: UUID, candidate_id: UUID) -> Candidate | None:
    """A candidate, deleted or not, locked; the one that remained where the two were merged."""
    parameters = {"organization_id": organization_id, "candidate_id": candidate_id}
    remaining = session.execute(REMAINING, parameters).scalar()
    query = sa.select(Candidate).where(Candidate.id == remaining, Candidate.organization_id == organization_id)
    return session.scalars(query.with_for_update()).first()


def find(session: Session, organization_id: UUID, erasure_id: UUID, *, lock: bool = False) -> Erasure | None:
    query = sa.select(Erasure).where(Erasure.id == erasure_id, Erasure.organization_id == organization_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def of_candidate(session: Session, organization_id: UUID, candidate_id: UUID) -> Erasure | None:
    """The erasure that somebody asked for already, or None."""
    query = sa.select(Erasure).where(Erasure.candidate_id == candidate_id, Erasure.organization_id == organization_id)
    return session.scalars(query).first()


def open_erasure(session: Session, organization_id: UUID, candidate_id: UUID) -> Erasure | None:
    """The erasure of a candidate, or of whoever they were merged into, that is not done; None without one."""
    parameters = {"organization_id": organization_id, "candidate_id": candidate_id}
    remaining = session.execute(REMAINING, parameters).scalar()
    query = sa.select(Erasure).where(Erasure.organization_id == organization_id, Erasure.candidate_id == remaining)
    return session.scalars(query.where(Erasure.status == ErasureStatus.RUNNING)).first()


def present(session: Session, organization_id: UUID, candidate_ids: Sequence[UUID]) -> list[UUID]:
    """Which of these candidates of an organization there are, deleted ones included."""
    theirs = (Candidate.organization_id == organization_id, Candidate.id.in_(candidate_ids))
    return list(session.scalars(sa.select(Candidate.id).where(*theirs).order_by(Candidate.id)))


def matching(organization_id: UUID) -> sa.Select[Any]:
    """The erasures of an organization."""
    return sa.select(Erasure.__table__).where(Erasure.organization_id == organization_id)


def keep_objects(
    session: Session, organization_id: UUID, erasure_id: UUID, counts: Mapping[str, int], kept: list[dict[str, Any]]
) -> None:
    """Write down which files an attempt deleted, and which a lock keeps."""
    values = {"organization_id": organization_id, "id": erasure_id}
    session.execute(COUNT_OBJECTS, {**values, "counts": json.dumps(counts), "kept": json.dumps(kept)})


def count_events(session: Session, organization_id: UUID, erasure_id: UUID, events: int) -> None:
    """Write down from how many more events a person is erased, in the transaction that does it."""
    session.execute(COUNT_EVENTS, {"organization_id": organization_id, "id": erasure_id, "events": events})


def complete(session: Session, erasure: Erasure, rows: Mapping[str, int], now: datetime) -> None:
    """Write down that a person is erased, and how many rows of each table that was."""
    session.refresh(erasure)
    erasure.status, erasure.completed_at = ErasureStatus.DONE.value, now
    erasure.rows_erased = {**erasure.rows_erased, **rows}


def warnings_of(organization_id: UUID) -> sa.Select[Any]:
    """Who of an organization will be erased, and when."""
    return sa.select(RetentionWarning.__table__).where(RetentionWarning.organization_id == organization_id)
