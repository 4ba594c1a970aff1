"""How long people are kept: who is due, who is warned of, and who is erased.

An organization keeps people for so many days after the last contact. Before anybody is erased it stands in the list of
warnings for the warning period, and a contact in that time takes it out again. Candidates that somebody deleted are
erased when they can no longer be brought back. Where a request came from is told by its event for half a year.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.candidates.service import REVERSIBLE_FOR
from chalicelib.db import Role
from chalicelib.events import erasing
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject, canonical
from chalicelib.logs import log
from chalicelib.privacy import service
from chalicelib.privacy.models import ErasureReason
from chalicelib.settings import settings

SYSTEM = Actor("system")
AT_A_TIME = 1000
ERASED_A_RUN = 500
RUN_SECONDS = 600
FIRST = (datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0))
COUNTED_UP_TO = 10_000

ORGANIZATIONS = sa.text("""
    select id from organizations
    where retention_looked_at is null or retention_looked_at < :before
    order by retention_looked_at nulls first, id limit 200
""")
POLICY = sa.text("select retention_days, retention_warning_days from organizations where id = :organization_id")
LOOKED = sa.text("update organizations set retention_looked_at = :now where id = :organization_id")
# Nobody who came after `contact_before` can be due, so the index over the time of entry bounds what is looked at.
SOON = sa.text("""
    select id, created_at, last_contact(:organization_id, id) as last_contact_at
    from candidates
    where organization_id = :organization_id and deleted_at is null
      and created_at < :contact_before and (created_at, id) > (:after_time, :after_id)
    order by created_at, id limit :limit
""")
WARN = sa.text("""
    insert into retention_warnings (organization_id, candidate_id, last_contact_at, due_at, warned_at)
    select :organization_id, id, last_contact_at, last_contact_at + cast(:days as int) * interval '1 day', :now
    from jsonb_to_recordset(cast(:people as jsonb)) as (id uuid, last_contact_at timestamptz)
    on conflict (organization_id, candidate_id) do nothing
""")
# A contact since the warning, a longer period or a deletion: whoever is warned of again is warned of anew.
UNWARN = sa.text("""
    delete from retention_warnings as warning using candidates
    where warning.organization_id = :organization_id and candidates.organization_id = warning.organization_id
      and candidates.id = warning.candidate_id
      and (cast(:contact_before as timestamptz) is null or candidates.deleted_at is not null
           or last_contact(:organization_id, candidates.id) >= :contact_before)
""")
DUE = sa.text("""
    select candidate_id from retention_warnings
    where organization_id = :organization_id and due_at <= :now and warned_at <= :warned_before
    order by due_at, candidate_id limit :limit
""")
# Whoever was merged is a part of somebody who stays: to erase one is to erase both.
DELETED = sa.text("""
    select id from candidates
    where organization_id = :organization_id and deleted_at < :deleted_before and merged_into is null
      and not exists (select from erasures where erasures.organization_id = candidates.organization_id
                      and erasures.candidate_id = candidates.id)
    order by deleted_at, id limit :limit
""")


@dataclass(frozen=True, slots=True)
class Policy:
    """How long an organization keeps people (None: until somebody erases them) and warns before."""

    keep: timedelta | None
    warn: timedelta


@dataclass(slots=True)
class Outcome:
    """What one run did."""

    organizations: int = 0
    warned: int = 0
    erased: int = 0


def apply(now: datetime) -> Outcome:
    """Warn and erase in every organization that was not looked at today, for ten minutes at most; the next run goes on
    where this one ended. One organization's trouble keeps no other from its turn."""
    outcome, deadline = Outcome(), time.monotonic() + RUN_SECONDS
    while organization_ids := _unlooked(now):
        for organization_id in organization_ids:
            if time.monotonic() > deadline:
                log.warning("retention_left_to_the_next_run")
                return outcome
            _apply_to(organization_id, now, outcome)
    return outcome


def _unlooked(now: datetime) -> list[UUID]:
    with db.transaction(role=Role.DISPATCHER) as session:
        return list(session.scalars(ORGANIZATIONS, {"before": now - timedelta(hours=20)}))


def _apply_to(organization_id: UUID, now: datetime, outcome: Outcome) -> None:
    try:
        warned = _warn_all(organization_id, now)
        erased = _erase(organization_id, now)
        _forget_addresses(organization_id, now)
    except Exception:
        log.exception("retention_broke", organization_id=str(organization_id))
        warned = erased = 0
    with db.transaction(organization_id) as session:
        session.execute(LOOKED, {"organization_id": organization_id, "now": now})
    outcome.organizations += 1
    outcome.warned += warned
    outcome.erased += erased


def policy_of(session: Session, organization_id: UUID) -> Policy:
    """The policy in force."""
    row = session.execute(POLICY, {"organization_id": organization_id}).one()
    keep = None if row.retention_days is None else timedelta(days=row.retention_days)
    return Policy(keep, timedelta(days=row.retention_warning_days))


def _warn_all(organization_id: UUID, now: datetime) -> int:
    """Take out of the list who is not due soon any more, and put in who is; how many those were."""
    with db.transaction(organization_id) as session:
        policy = policy_of(session, organization_id)
        contact_before = None if policy.keep is None else now - policy.keep + policy.warn
        session.execute(UNWARN, {"organization_id": organization_id, "contact_before": contact_before})
    if contact_before is None or policy.keep is None:
        return 0
    warned, after = 0, FIRST
    while True:
        with db.transaction(organization_id) as session:
            rows = _people(session, organization_id, contact_before, after, AT_A_TIME)
            due = [row for row in rows if row.last_contact_at < contact_before]
            warned += _warn(session, organization_id, due, policy.keep, now)
        if len(rows) < AT_A_TIME:
            return warned
        after = (rows[-1].created_at, rows[-1].id)


def _people(
    session: Session, organization_id: UUID, contact_before: datetime, after: tuple[datetime, UUID], limit: int
) -> list[sa.Row[Any]]:
    values = {"organization_id": organization_id, "contact_before": contact_before, "limit": limit}
    return list(session.execute(SOON, {**values, "after_time": after[0], "after_id": after[1]}))


def _warn(session: Session, organization_id: UUID, due: list[sa.Row[Any]], keep: timedelta, now: datetime) -> int:
    if not due:
        return 0
    people = canonical([{"id": row.id, "last_contact_at": row.last_contact_at} for row in due])
    values = {"organization_id": organization_id, "people": people, "days": keep.days, "now": now}
    warned = session.connection().execute(WARN, values).rowcount
    if warned:
        subject = Subject("organization", organization_id)
        events.record(session, "retention_warned", subject, actor=SYSTEM, now=now, after={"candidates": warned})
    return warned


def _erase(organization_id: UUID, now: datetime) -> int:
    """Ask for the erasure of whoever is due and was warned of long enough ago, and of whoever was deleted for good."""
    with db.transaction(organization_id) as session:
        policy = policy_of(session, organization_id)
        common = {"organization_id": organization_id, "limit": ERASED_A_RUN}
        wanted = {"deleted_before": now - REVERSIBLE_FOR}
        ids = [(each, ErasureReason.DELETED) for each in session.scalars(DELETED, {**common, **wanted})]
        if policy.keep is not None:
            wanted = {"now": now, "warned_before": now - policy.warn}
            due = session.scalars(DUE, {**common, **wanted})
            ids += [(each, ErasureReason.RETENTION) for each in due]
        for candidate_id, reason in ids:
            service.ask(session, organization_id, candidate_id, reason, actor=SYSTEM, now=now)
    return len(ids)


def _forget_addresses(organization_id: UUID, now: datetime) -> None:
    """Take from old events where their requests came from: ten thousand a night, oldest first."""
    before = now - timedelta(days=settings().event_address_days)
    with db.transaction(organization_id, Role.ERASER) as session:
        erasing.erase_address_older_than(session, organization_id, before)


@dataclass(frozen=True, slots=True)
class Trial:
    """Who would be due under a policy that is only tried out; counted no further than 10,000."""

    due: int
    is_exact: bool
    examples: list[UUID]


def try_out(session: Session, organization_id: UUID, keep: timedelta, now: datetime) -> Trial:
    """Who would be due now if people were kept for so long. Nothing is written."""
    due, looked_at, after = list[UUID](), 0, FIRST
    while looked_at < COUNTED_UP_TO:
        rows = _people(session, organization_id, now - keep, after, AT_A_TIME)
        due += [row.id for row in rows if row.last_contact_at < now - keep]
        looked_at += len(rows)
        if len(rows) < AT_A_TIME:
            return Trial(len(due), True, due[:20])
        after = (rows[-1].created_at, rows[-1].id)
    return Trial(len(due), False, due[:20])
