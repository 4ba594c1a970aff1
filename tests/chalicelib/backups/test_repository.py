"""What is recorded of backups, and how old the newest are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.backups import repository
from chalicelib.backups.models import Ages, Backup, Kind, Status
from chalicelib.db import Role
from tests.house import Database

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOME, ABROAD = "eu-central-1", "eu-west-1"


@pytest.fixture
def dispatcher(database: Database) -> Iterator[Session]:
    """A transaction of who takes backups, rolled back at the end."""
    with Session(db.engine()) as session:
        db.act_for(session, None, Role.DISPATCHER)
        session.execute(sa.text("update backups set status = 'deleted'"))
        yield session
        session.rollback()


def backup(kind: Kind, name: str, hours: float, status: Status = Status.AVAILABLE, region: str = HOME) -> Backup:
    then = NOW - timedelta(hours=hours)
    return Backup(kind, name, region, status, requested_at=then, taken_at=then, finished_at=then)


def test_what_never_was_has_no_age(dispatcher: Session) -> None:
    repository.record(dispatcher, [backup(Kind.SNAPSHOT, "one", 5, Status.REQUESTED)])

    assert repository.ages(dispatcher, NOW) == Ages(None, None, None, None)


def test_ages_count_from_the_newest_that_is_well(dispatcher: Session) -> None:
    repository.record(
        dispatcher,
        [
            backup(Kind.SNAPSHOT, "older", 58),
            backup(Kind.SNAPSHOT, "older", 58, region=ABROAD),
            backup(Kind.SNAPSHOT, "newer", 34),
            backup(Kind.SNAPSHOT, "failed", 10, Status.FAILED),
            backup(Kind.SNAPSHOT, "gone", 10, Status.DELETED),
            backup(Kind.EXPORT, "exports/a", 100),
            backup(Kind.EXPORT, "exports/b", 200, Status.VERIFIED),
            backup(Kind.EXPORT, "exports/c", 50, Status.FAILED),
            backup(Kind.RESTORE_TEST, "good", 160, Status.VERIFIED),
            backup(Kind.RESTORE_TEST, "bad", 1, Status.FAILED),
        ],
    )

    assert repository.ages(dispatcher, NOW) == Ages(34.0, 160.0, 100.0, 200.0)


def test_a_clock_that_went_back_makes_no_age_below_zero(dispatcher: Session) -> None:
    repository.record(dispatcher, [backup(Kind.SNAPSHOT, "tomorrow", -24)])

    assert repository.ages(dispatcher, NOW).newest_good_snapshot_hours == 0


def test_news_of_the_same_backup_goes_over_what_was_known(dispatcher: Session) -> None:
    asked = Backup(Kind.SNAPSHOT, "one", HOME, Status.REQUESTED, NOW, arn="arn:one", detail={"day": "2026-05-04"})
    done = Backup(
        Kind.SNAPSHOT, "one", HOME, Status.AVAILABLE, NOW, NOW, NOW, size_bytes=7, attempts=2, detail={"note": "slow"}
    )
    for each in (asked, done, done):
        repository.record(dispatcher, [each])

    [known] = repository.newest(dispatcher, Kind.SNAPSHOT, status=Status.AVAILABLE)
    assert (known.arn, known.taken_at, known.size_bytes, known.attempts) == ("arn:one", NOW, 7, 2)
    assert known.detail == {"day": "2026-05-04", "note": "slow"}


def test_the_newest_come_first_and_those_of_other_kinds_not_at_all(dispatcher: Session) -> None:
    repository.record(dispatcher, [backup(Kind.EXPORT, f"exports/{hours}", hours) for hours in (3, 1, 2)])
    repository.record(dispatcher, [backup(Kind.SNAPSHOT, "one", 0)])

    names = [each.name for each in repository.newest(dispatcher, Kind.EXPORT, limit=2)]
    assert names == ["exports/1", "exports/2"]


def test_the_application_reads_and_cannot_write(database: Database) -> None:
    with db.transaction() as session:
        assert repository.ages(session, NOW) is not None
    with pytest.raises(ProgrammingError) as refusal, db.transaction() as session:
        repository.record(session, [backup(Kind.SNAPSHOT, "one", 1)])
    assert db.sql_state(refusal.value) == "42501"
