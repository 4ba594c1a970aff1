"""The restore test, against an RDS that takes its time and fails: it ends, once, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.backups import rds
from chalicelib.backups.examination import CopyUnreachable, Examination
from chalicelib.backups.models import Backup, Kind, Status
from chalicelib.backups.rds import Instance, Place, QuotaExceeded, Snapshot
from chalicelib.backups.restore_testing import GIVEN_UP_AFTER, RestoreReport, RestoreTests, newest_slot
from chalicelib.db import DatabaseUnavailable
from tests.chalicelib.backups.fake_rds import Crash, FakeInstances, FakeRds, FakeSnapshots, throttled

SUNDAY = datetime(2026, 5, 3, 5, tzinfo=UTC)
MINUTES = timedelta(minutes=10)
NAME, SOURCE = "recruitpro-production-restore-2026-05-03", "recruitpro-production-2026-05-03"
OURS = {rds.ENVIRONMENT: "production", rds.MADE_BY: rds.TAKER}
OF_A_TEST = {rds.ENVIRONMENT: "production", rds.MADE_BY: rds.TESTER}


class House:
    """An account with a live instance and its snapshots."""

    def __init__(self) -> None:
        self.rds = FakeRds(SUNDAY)
        self.snapshots = FakeSnapshots(self.rds, "eu-central-1")
        self.instances = FakeInstances(self.rds)
        self.instances.add("recruitpro-production", OF_A_TEST, is_protected=True)
        self.snapshots.add("recruitpro-production-2026-05-02", SUNDAY - timedelta(hours=27), OURS)
        self.snapshots.add(SOURCE, SUNDAY - timedelta(hours=3), OURS)
        self.found = Examination(rows={"events": 7}, organizations=2, events=7)
        self.seen: list[tuple[str, str]] = []
        self.records: list[Backup] = []
        self.unavailable: set[str] = set()
        place = Place("db.t4g.micro", "subnets", "sg-test")
        self.tests = RestoreTests(
            "production",
            "recruitpro-production",
            self.snapshots,
            self.instances,
            place,
            self.look,
            self.record,
            lambda: self.rds.now,
        )

    def look(self, instance: Instance, snapshot: Snapshot) -> Examination:
        if "copy" in self.unavailable:
            raise CopyUnreachable("not now")
        self.seen.append((instance.name, snapshot.name))
        self.rds.now += timedelta(minutes=3)
        return self.found

    def record(self, backup: Backup) -> None:
        if "database" in self.unavailable:
            raise DatabaseUnavailable("gone")
        self.records.append(backup)

    def runs(self, count: int, every: timedelta = MINUTES) -> list[RestoreReport]:
        reports = []
        for _ in range(count):
            reports.append(self.tests.look_after())
            self.rds.now += every
        return reports

    def names(self) -> set[str]:
        return set(self.instances.made)


def problems(reports: list[RestoreReport]) -> list[str]:
    return [problem for report in reports for problem in report.problems]


def test_the_newest_good_snapshot_is_restored_looked_at_and_thrown_away() -> None:
    house = House()
    reports = house.runs(40)

    assert house.rds.calls == [f"restore {NAME}", f"keep_password {NAME}", f"tag {SOURCE}", f"delete {NAME}"]
    assert house.seen == [(NAME, SOURCE)]
    assert house.names() == {"recruitpro-production"}
    assert problems(reports) == []
    assert [report.outcome for report in reports if report.outcome] == [Status.VERIFIED]


def test_what_it_took_and_what_would_be_lost_is_recorded() -> None:
    house = House()
    house.runs(10)

    [kept] = house.records
    assert (kept.kind, kept.name, kept.status, kept.attempts) == (Kind.RESTORE_TEST, NAME, Status.VERIFIED, 1)
    assert kept.requested_at == SUNDAY
    assert kept.taken_at == SUNDAY - timedelta(hours=3)
    assert kept.finished_at == SUNDAY + timedelta(minutes=63)
    told = {name: kept.detail[name] for name in ("snapshot", "rto_seconds", "rpo_hours", "rows", "wrong_count")}
    assert told == {
        "snapshot": SOURCE,
        "rto_seconds": 63 * 60,
        "rpo_hours": 3.0,
        "rows": {"events": 7},
        "wrong_count": 0,
    }


def test_the_instance_is_small_closed_and_marked() -> None:
    house = House()
    house.runs(1)

    instance, _, _ = house.instances.made[NAME]
    assert instance.tags == OF_A_TEST | {
        "recruitpro:slot": "2026-05-03",
        "recruitpro:snapshot": SOURCE,
        "recruitpro:asked-at": "2026-05-03T05:00:00Z",
        "recruitpro:attempt": "1",
    }
    assert house.instances.places[NAME] == Place("db.t4g.micro", "subnets", "sg-test")


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-05-03T04:59", "2026-04-29"),
        ("2026-05-03T05:00", "2026-05-03"),
        ("2026-05-06T04:59", "2026-05-03"),
        ("2026-05-06T05:00", "2026-05-06"),
        ("2026-05-09T23:00", "2026-05-06"),
    ],
)
def test_tests_are_due_on_wednesdays_and_sundays_at_five(now: str, slot: str) -> None:
    assert newest_slot(datetime.fromisoformat(now).replace(tzinfo=UTC)) == slot


def test_the_next_one_comes_on_wednesday() -> None:
    house = House()
    house.runs(10)
    house.runs(8, timedelta(hours=8))

    assert [each.name for each in house.records] == [NAME]
    house.rds.now = SUNDAY + timedelta(days=3)
    house.runs(10)
    assert [each.name for each in house.records] == [NAME, "recruitpro-production-restore-2026-05-06"]


def test_a_copy_that_is_wrong_is_told_recorded_tried_once_more_and_then_left() -> None:
    house = House()
    house.found = Examination(wrong=["table events is missing", "more"])
    reports = house.runs(60)

    assert [(each.name, each.status) for each in house.records] == [
        (NAME, Status.FAILED),
        (f"{NAME}-2", Status.FAILED),
    ]
    assert problems(reports) == ["table events is missing"] * 2
    assert house.names() == {"recruitpro-production"}
    assert house.records[0].detail["wrong"] == ["table events is missing", "more"]


def test_an_instance_that_cannot_be_made_fails_the_test_and_is_thrown_away() -> None:
    house = House()
    house.rds.ends_as = lambda name: "incompatible-restore" if name == NAME else "available"
    house.runs(30)

    assert [each.status for each in house.records] == [Status.FAILED, Status.VERIFIED]
    assert house.names() == {"recruitpro-production"}


def test_one_that_does_not_come_to_an_end_is_given_up() -> None:
    house = House()
    house.unavailable = {"copy"}
    reports = house.runs(int(GIVEN_UP_AFTER / MINUTES) + 2)

    assert problems(reports) == ["not done after 6:10:00: the restored instance is available"]
    house.unavailable = set()
    house.runs(20)
    assert [each.status for each in house.records] == [Status.FAILED, Status.VERIFIED]


def test_what_cannot_be_recorded_is_looked_at_again_later() -> None:
    house = House()
    house.unavailable = {"database"}
    house.runs(10)
    house.unavailable = set()
    house.runs(2)

    assert len(house.seen) > 1
    assert [each.status for each in house.records] == [Status.VERIFIED]
    assert house.names() == {"recruitpro-production"}


def test_without_the_database_a_failure_still_ends() -> None:
    house = House()
    house.unavailable = {"database"}
    house.rds.ends_as = lambda _name: "failed"
    house.runs(30)

    assert house.names() == {"recruitpro-production"}
    assert sum(call.startswith("restore") for call in house.rds.calls) == 2


def test_without_a_good_snapshot_there_is_nothing_to_test() -> None:
    house = House()
    house.snapshots.kept.clear()
    house.snapshots.add("foreign", SUNDAY)

    assert problems(house.runs(3)) == []
    assert house.rds.calls == []


def test_a_full_account_is_told() -> None:
    house = House()
    house.rds.before = lambda operation: QuotaExceeded("InstanceQuotaExceeded") if operation == "restore" else None

    assert problems(house.runs(1)) == ["restore: InstanceQuotaExceeded"]


def test_two_runs_at_once_restore_one() -> None:
    house = House()
    seen = house.instances.all()
    house.runs(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.instances, "all", lambda: seen)
        assert problems(house.runs(1)) == []

    assert house.names() == {"recruitpro-production", NAME}


def test_what_was_left_over_is_deleted_and_what_is_not_ours_never() -> None:
    house = House()
    house.instances.add("recruitpro-production-restore-2026-04-29", OF_A_TEST)
    house.instances.add("recruitpro-production-restore-2026-04-26", OF_A_TEST, is_protected=True)
    house.instances.add("recruitpro-production-restore-by-hand", {rds.ENVIRONMENT: "production"})
    house.instances.add("recruitpro-staging-restore-2026-04-29", OF_A_TEST | {rds.ENVIRONMENT: "staging"})
    house.instances.add("another", OF_A_TEST)
    house.runs(40)

    assert house.names() == {
        "recruitpro-production",
        "recruitpro-production-restore-by-hand",
        "recruitpro-staging-restore-2026-04-29",
        "another",
    }


def test_an_rds_that_does_not_answer_is_left_in_peace() -> None:
    house = House()
    house.rds.before = throttled

    assert problems(house.runs(2)) == []
    assert house.rds.calls == []


def crashing(at: int) -> Callable[[str], BaseException | None]:
    """Dies at the given call that changes something, counted from 0."""
    seen = iter(range(10_000))
    return lambda operation: Crash() if operation != "list" and next(seen) == at else None


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_anywhere_is_made_good_by_the_next(moment: str, at: int) -> None:
    house = House()
    setattr(house.rds, moment, crashing(at))
    crashes = 0
    for _ in range(20):
        try:
            house.runs(1)
        except Crash:
            crashes += 1
            house.rds.now += MINUTES

    assert crashes == 1
    assert house.names() == {"recruitpro-production"}
    assert {(each.name, each.status) for each in house.records} == {(NAME, Status.VERIFIED)}
    assert sum(call.startswith("restore") for call in house.rds.calls) <= 2
