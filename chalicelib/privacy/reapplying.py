"""After a restore: everybody who was erased since the backup is erased again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.events.models import Actor
from chalicelib.jobs import service as jobs
from chalicelib.jobs.errors import JobNotRetryable
from chalicelib.privacy import repository, service
from chalicelib.privacy.remembered import Remembered

SYSTEM = Actor("system")


class Found(StrEnum):
    """What became of an entry of the log in this database."""

    NOT_THERE = "not_there"
    """Nobody: the backup is younger than the erasure, or the person has been erased again by now."""
    ASKED = "asked"
    """The person is back; their erasure is asked for now."""
    UNDER_WAY = "under_way"
    """The person is still there, and their erasure is asked for already; one that had failed is tried again."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One entry of the log, and what became of it."""

    record: Remembered
    found: Found


def reapply(records: Iterable[Remembered], now: datetime) -> Iterator[Applied]:
    """Ask for each erasure whose person is in this database, each in a transaction of its own: what is interrupted is
    begun again, and asks nobody twice. The jobs do the rest."""
    for record in records:
        with db.transaction(record.organization_id) as session:
            present = repository.present(session, record.organization_id, record.candidates)
            found = {_apply(session, record, each, now) for each in present}
        order = (Found.ASKED, Found.UNDER_WAY)
        yield Applied(record, next((each for each in order if each in found), Found.NOT_THERE))


def _apply(session: Session, record: Remembered, candidate_id: UUID, now: datetime) -> Found:
    known = repository.open_erasure(session, record.organization_id, candidate_id)
    if known is None:
        service.ask(session, record.organization_id, candidate_id, record.reason, actor=SYSTEM, now=now)
        # The next entry may be merged into the same person.
        session.flush()
        return Found.ASKED
    # One that waits or runs is not retryable: the sweep sees to it that it ends.
    with suppress(JobNotRetryable):
        jobs.retry(session, record.organization_id, known.job_id, actor=SYSTEM, now=now)
    return Found.UNDER_WAY
