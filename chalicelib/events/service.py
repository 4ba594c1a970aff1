"""Recording what happened, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.events import repository
from chalicelib.events.models import Actor, Event, Subject, Values, canonical


def record(
    session: Session,
    action: str,
    subject: Subject,
    *,
    actor: Actor,
    now: datetime,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Leave an event with the transaction in hand. It is written last, so the lock on the chain is held for the
    length of a commit only; without a commit there is no event."""
    if "events" not in session.info:
        session.info["events"] = []
        db.before_commit(session, lambda: _write(session))
    session.info["events"].append(Event(action, subject, actor, now, before, after))


def _write(session: Session) -> None:
    organization_id: UUID = session.info["organization_id"]
    rows = [event.as_row() for event in session.info["events"]]
    repository.append(session, organization_id, canonical(rows), lambda job_ids: _tell_webhooks(session, job_ids))
    # This hook and its session hold each other: what is written must not wait for the garbage collector to see it.
    session.info["events"].clear()


def _tell_webhooks(session: Session, job_ids: Sequence[UUID]) -> None:
    if not job_ids:
        return
    from chalicelib.jobs import service as jobs
    from chalicelib.jobs.models import JobKind

    jobs.send_after_commit(session, JobKind.DELIVER_WEBHOOK, job_ids)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Values, Values]:
    """What differs between two states of a thing: the old values and the new ones."""
    names = [name for name, value in after.items() if before.get(name) != value]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


class Changeable(Protocol):
    """A row that counts its versions."""

    updated_at: datetime
    version: int


def change(
    session: Session,
    row: Changeable,
    values: Mapping[str, Any],
    action: str,
    subject: Subject,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set `values` on a row, count a new version and leave the event; False when nothing differs."""
    before, after = changes({name: getattr(row, name) for name in values}, values)
    if not after:
        return False
    for name, value in after.items():
        setattr(row, name, value)
    row.updated_at, row.version = now, row.version + 1
    record(session, action, subject, actor=actor, now=now, before=before, after=after)
    return True
