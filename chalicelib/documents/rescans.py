"""The nightly look at recent documents: a signature that appeared since may know what was clean yesterday."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.db import Role
from chalicelib.documents import repository
from chalicelib.events.models import Actor
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.jobs.service import Wanted

SYSTEM = Actor("system")
RECENT = timedelta(days=30)
FRESH = timedelta(hours=20)
PAGE, MOST_PAGES = 500, 200
FIRST = (datetime.min.replace(tzinfo=UTC), UUID(int=0))


def ask_for_rescans(now: datetime) -> int:
    """Ask for a scan of every clean document of the last 30 days whose verdict is older than 20 hours, whoever owns it;
    returns how many were asked for. A document is asked for once a night, however often this runs. At most 100,000 a
    night, those with the oldest verdicts first: the next night goes on with the rest."""
    asked, after = 0, FIRST
    for _ in range(MOST_PAGES):
        with db.transaction(role=Role.DISPATCHER) as session:
            due = repository.due_for_rescan(
                session, newer_than=now - RECENT, scanned_before=now - FRESH, after=after, limit=PAGE
            )
            asked += sum(_ask(session, owner, rows, now) for owner, rows in _by_owner(due).items())
        if len(due) < PAGE:
            break
        after = (due[-1].scanned_at, due[-1].id)
    return asked


def _by_owner(rows: Sequence[sa.Row[Any]]) -> dict[UUID, list[sa.Row[Any]]]:
    owned: dict[UUID, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        owned[row.organization_id].append(row)
    return owned


def _ask(session: Session, organization_id: UUID, rows: Sequence[sa.Row[Any]], now: datetime) -> int:
    db.act_for(session, organization_id, Role.DISPATCHER)
    night = now.astimezone(UTC).date().isoformat()
    wanted = [Wanted({"document_id": row.id}, unique_key=f"{row.id}/{row.object_version}/{night}") for row in rows]
    return len(jobs.enqueue_many(session, JobKind.SCAN_DOCUMENT, wanted, actor=SYSTEM, now=now))
