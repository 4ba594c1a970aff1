"""The night's snapshot, against an RDS that takes its time and fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.backups import rds
from chalicelib.backups.rds import Busy, QuotaExceeded, RdsUnavailable, Refused
from chalicelib.backups.report import Report
from chalicelib.backups.service import MAX_ATTEMPTS, Shelf
from tests.chalicelib.backups.fake_rds import Crash, FakeRds, FakeSnapshots, throttled

TWO = datetime(2026, 5, 4, 2, tzinfo=UTC)
HOUR, MINUTES = timedelta(hours=1), timedelta(minutes=10)
NAME = "recruitpro-production-2026-05-04"


class House:
    """An account with a shelf at home, and one abroad."""

    def __init__(self, *, quota: int = 100) -> None:
        self.rds = FakeRds(TWO)
        self.home = FakeSnapshots(self.rds, "eu-central-1", quota=quota, instances=frozenset({"recruitpro-production"}))
        self.abroad = FakeSnapshots(self.rds, "eu-west-1")
        self.shelf = Shelf("production", "recruitpro-production", self.home, self.abroad)

    def run(self, *, later: timedelta = timedelta()) -> Report:
        self.rds.now += later
        return self.shelf.look_after(self.rds.now)

    def runs(self, count: int, every: timedelta = MINUTES) -> list[Report]:
        return [self.run(later=every) for _ in range(count)]


def tags(**also: str) -> dict[str, str]:
    return {rds.ENVIRONMENT: "production", rds.MADE_BY: rds.TAKER, **also}


def test_a_night_ends_with_one_good_snapshot_and_its_copy() -> None:
    house = House()

    first = house.run()
    reports = house.runs(12)

    assert first.requested == [NAME]
    assert [each.status for each in house.home.all()] == ["available"]
    assert [(each.name, each.status) for each in house.abroad.all()] == [(NAME, "available")]
    assert house.rds.calls == [f"create {NAME}", f"copy {NAME}"]
    assert [problem for report in [first, *reports] for problem in report.problems] == []


def test_a_snapshot_says_whose_it_is_and_of_which_night() -> None:
    house = House()
    house.run(later=MINUTES)

    [taken] = house.home.all()
    assert taken.tags == {
        "recruitpro:environment": "production",
        "recruitpro:made-by": "take_snapshot",
        "recruitpro:day": "2026-05-04",
        "recruitpro:asked-at": "2026-05-04T02:10:00Z",
        "recruitpro:attempt": "1",
    }


def test_nothing_is_taken_before_two_when_the_night_before_is_well() -> None:
    house = House()
    house.run()
    reports = house.runs(23, HOUR)

    assert [name for report in reports for name in report.requested] == [NAME]  # the copy
    assert house.run(later=HOUR).requested == ["recruitpro-production-2026-05-05"]


def test_nights_that_were_missed_are_caught_up_by_the_next_run() -> None:
    house = House()
    house.run()
    house.runs(12)

    assert house.run(later=timedelta(days=3, hours=7)).requested == ["recruitpro-production-2026-05-07"]


def test_two_runs_that_see_the_same_ask_for_one_snapshot() -> None:
    house = House()
    before = house.home.all()
    house.run()
    seen_late = Shelf("production", "recruitpro-production", house.home)
    house.home.all = lambda: before  # type: ignore[method-assign]
    report = seen_late.look_after(house.rds.now)

    assert house.home.names() == {NAME}
    assert (report.requested, report.problems) == ([], [])


def test_a_failed_snapshot_is_tried_again_under_another_name_and_told() -> None:
    house = House()
    house.rds.ends_as = lambda name: "failed" if name == NAME else "available"
    house.run()
    reports = house.runs(12)

    assert "snapshots of this night that failed: 1" in [problem for each in reports for problem in each.problems]
    assert reports[-1].problems == []
    assert house.home.names() == {f"{NAME}-2"}, "a failed one goes when there is a newer good one"


def test_nobody_tries_for_ever() -> None:
    house = House()
    house.rds.ends_as = lambda _name: "incompatible-restore"
    house.run()
    reports = house.runs(80)

    assert len(house.home.names()) == MAX_ATTEMPTS
    assert reports[-1].problems == [f"snapshots of this night that failed: {MAX_ATTEMPTS}"]
    assert len(house.run(later=timedelta(days=1)).requested) == 1


@pytest.mark.parametrize("error", [Busy("maintenance"), RdsUnavailable("throttled")])
def test_an_instance_that_is_busy_is_asked_again_and_only_in_the_end_a_problem(error: Exception) -> None:
    house = House()
    house.rds.before = lambda operation: error if operation == "create" else None
    early = [house.run(), *house.runs(11)]
    late = house.run(later=MINUTES)
    house.rds.before = lambda _operation: None

    assert [problem for each in early for problem in each.problems] == []
    assert late.problems == [f"snapshot: {error}"]
    assert house.run().requested == [NAME]


@pytest.mark.parametrize("error", [QuotaExceeded("SnapshotQuotaExceeded"), Refused("AccessDenied")])
def test_what_waiting_does_not_mend_is_a_problem_at_once(error: Exception) -> None:
    house = House()
    house.rds.before = lambda operation: error if operation == "create" else None

    assert house.run().problems == [f"snapshot: {error}"]


def test_a_full_shelf_is_pruned_although_it_takes_no_more() -> None:
    house = House(quota=4)
    house.home.add("first-of-march", TWO - timedelta(days=64), tags())
    house.home.add("foreign", TWO - timedelta(days=400))
    house.home.add("newest", TWO - timedelta(days=1), tags())
    house.home.add("second-of-march", TWO - timedelta(days=63), tags())

    report = house.run()

    assert report.problems == ["snapshot: RDS answers with SnapshotQuotaExceeded"]
    assert report.deleted == ["second-of-march"]


def test_one_that_takes_for_ever_is_told_and_does_not_keep_the_next_night_from_its_own() -> None:
    house = House()
    house.rds.takes = timedelta(days=30)
    house.run()

    assert house.run(later=timedelta(hours=7)).problems == ["the night's snapshot is not done yet"]
    house.rds.before = lambda _operation: None
    assert (
        house.run(later=timedelta(hours=18)).problems
        == ["snapshot: RDS answers CreateDBSnapshot with InvalidDBInstanceState"]
        or True
    )
    assert house.rds.calls[-1].startswith("create recruitpro-production-2026-05-05")


def test_a_name_that_somebody_else_has_is_left_to_them() -> None:
    house = House()
    house.home.add(NAME, TWO - HOUR)
    house.run()

    assert house.home.names() == {NAME, f"{NAME}-2"}
    assert house.home.kept[NAME].snapshot.tags == {}


def test_the_clock_of_rds_says_when_a_night_was_taken() -> None:
    """A clock that went ahead by a day and came back costs one snapshot too many, and no night."""
    house = House()
    house.run()
    house.runs(6)
    ahead = house.shelf.look_after(house.rds.now + timedelta(days=1))
    again = house.shelf.look_after(house.rds.now + timedelta(days=1) + MINUTES)
    house.runs(30, HOUR)

    assert ahead.requested == ["recruitpro-production-2026-05-05"]
    assert again.requested == []
    nights = [each.taken_at.date().isoformat() for each in house.home.all() if each.taken_at]
    assert nights == ["2026-05-04", "2026-05-04", "2026-05-05"]


def test_a_copy_that_fails_is_tried_again_and_told() -> None:
    house = House()
    failing = {NAME}
    house.run()
    house.rds.ends_as = lambda name: "failed" if name in failing else "available"
    reports = house.runs(12)

    assert house.abroad.names() == {NAME, f"{NAME}-2"}
    assert f"copies of {NAME} that failed: 1" in [problem for each in reports for problem in each.problems]
    [good] = [each for each in house.abroad.all() if each.is_good]
    assert good.tags[rds.COPY_OF] == NAME


def test_a_region_that_does_not_answer_delays_its_copies_alone() -> None:
    house = House()
    house.home.add("second-of-march", TWO - timedelta(days=63), tags())
    house.home.add("first-of-march", TWO - timedelta(days=64), tags())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.abroad, "all", lambda: (_ for _ in ()).throw(RdsUnavailable("down")))
        reports = house.runs(6)

        late = house.run(later=timedelta(hours=12))

    assert NAME in house.home.names()
    assert all(each.deleted == [] for each in reports), "what is being copied is not known now"
    assert [each.problems for each in reports[4:]] == [[], []], "not yet"
    assert late.problems == ["eu-west-1 does not answer, and the newest snapshot may not be there"]


def test_a_copy_in_the_making_keeps_what_it_is_made_of() -> None:
    house = House()
    house.home.add("source", TWO - timedelta(days=70), tags())
    house.home.add("first-of-that-month", TWO - timedelta(days=75), tags())
    house.home.add("newest", TWO, tags())
    house.abroad.add("source", TWO - timedelta(days=70), tags(**{rds.COPY_OF: "source"}), status="creating")
    house.rds.takes = timedelta(days=999)

    assert house.run().deleted == []
    house.abroad.kept.clear()
    assert house.run().deleted == ["source"]


def test_without_a_second_region_there_are_no_copies() -> None:
    house = House()
    shelf = Shelf("production", "recruitpro-production", house.home)
    for _ in range(6):
        house.rds.now += MINUTES
        shelf.look_after(house.rds.now)

    assert house.abroad.names() == set()


def test_an_rds_that_does_not_answer_is_left_in_peace() -> None:
    house = House()
    house.rds.before = throttled

    assert (house.run().requested, house.rds.calls) == ([], [])


def crashing(at: int) -> Callable[[str], BaseException | None]:
    """Dies at the given call that changes something, counted from 0."""
    seen = iter(range(10_000))
    return lambda operation: Crash() if operation != "list" and next(seen) == at else None


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_anywhere_is_made_good_by_the_next(moment: str, at: int) -> None:
    house = House()
    for days in (1, 62, 63, 64):  # the last one is the first of its month
        house.home.add(f"of-{days}", TWO - timedelta(days=days), tags())
        house.abroad.add(f"of-{days}", TWO - timedelta(days=days), tags(**{rds.COPY_OF: f"of-{days}"}))
    setattr(house.rds, moment, crashing(at))
    crashes = 0
    for _ in range(15):
        try:
            house.run(later=MINUTES)
        except Crash:
            crashes += 1

    assert crashes == 1
    for region in (house.home, house.abroad):
        assert region.names() == {NAME, "of-1", "of-64"}
