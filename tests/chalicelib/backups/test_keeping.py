"""Which snapshots stay: rule by rule, and over 400 days in which everything goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.backups import keeping, rds
from chalicelib.backups.rds import Busy, RdsUnavailable, Snapshot
from chalicelib.backups.service import Shelf
from tests.chalicelib.backups.fake_rds import FakeRds, FakeSnapshots

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
OURS = {rds.ENVIRONMENT: "production", rds.MADE_BY: rds.TAKER}
OTHERS = [{}, OURS | {rds.ENVIRONMENT: "staging"}, OURS | {rds.MADE_BY: "somebody"}, {rds.ENVIRONMENT: "production"}]


def snapshot(
    name: str, taken_at: datetime | None, *, status: str = "available", tags: dict[str, str] = OURS
) -> Snapshot:
    return Snapshot(name, f"arn:{name}", "eu-central-1", status, taken_at, tags)


def daily(days: int) -> list[Snapshot]:
    return [snapshot(f"of-{day}", NOW - timedelta(days=day, hours=10)) for day in range(days)]


def plan(snapshots: list[Snapshot], now: datetime = NOW, **also: frozenset[str]) -> tuple[set[str], list[str]]:
    found = keeping.plan(snapshots, now, environment="production", **also)
    assert {each.name for each in (*found.keep, *found.delete)} == {each.name for each in snapshots}
    return {each.name for each in found.keep}, [each.name for each in found.delete]


def test_of_two_years_of_nights_thirty_days_and_thirteen_firsts_of_a_month_stay() -> None:
    kept, deleted = plan(daily(730))

    dates = sorted(NOW.date() - timedelta(days=int(name.removeprefix("of-"))) for name in kept)
    firsts = [date(2025, month, 1) for month in range(5, 13)] + [date(2026, month, 1) for month in range(1, 6)]
    last = [date(2026, 5, day) for day in range(2, 32)]
    assert dates == firsts + last
    assert deleted == sorted(deleted, key=lambda name: -int(name.removeprefix("of-"))), "the oldest goes first"


@pytest.mark.parametrize("tags", OTHERS)
def test_what_others_made_is_theirs(tags: dict[str, str]) -> None:
    foreign = snapshot("foreign", NOW - timedelta(days=900), tags=tags)
    failed = snapshot("failed", NOW - timedelta(days=900), tags=tags, status="failed")

    assert plan([foreign, failed, *daily(1)])[1] == []


@pytest.mark.parametrize("status", ["creating", "copying", "modifying", "a-word-of-tomorrow"])
def test_what_is_not_done_yet_stays(status: str) -> None:
    assert plan([snapshot("going-on", NOW - timedelta(days=900), status=status), *daily(1)])[1] == []
    assert plan([snapshot("going-on", None, status=status), *daily(1)])[1] == []


def test_what_is_being_copied_stays() -> None:
    nights = [snapshot("april-1", NOW - timedelta(days=60)), snapshot("april-2", NOW - timedelta(days=59)), *daily(1)]
    assert plan(nights)[1] == ["april-2"]
    assert plan(nights, in_use=frozenset({"april-2"}))[1] == []


def test_nothing_goes_as_long_as_nothing_is_good() -> None:
    failed = [snapshot(f"failed-{day}", NOW - timedelta(days=day), status="failed") for day in range(900)]

    assert plan(failed)[1] == []


def test_a_failed_one_goes_when_there_is_a_newer_good_one() -> None:
    before = snapshot("before", NOW - timedelta(hours=11), status="incompatible-restore")
    after = snapshot("after", NOW - timedelta(hours=9), status="failed")
    unknown = snapshot("unknown", None, status="failed")

    assert plan([before, after, unknown, *daily(1)])[1] == ["unknown", "before"]


def test_days_count_back_from_the_newest_good_one() -> None:
    assert plan(daily(30), NOW + timedelta(days=200))[1] == [], "nights that failed empty no shelf"
    assert plan(daily(30), NOW + timedelta(days=20_000))[1] == [], "nor does a clock that is wrong"
    assert plan(daily(30), NOW - timedelta(days=1))[1] == []


def test_both_of_one_day_stay() -> None:
    twice = [*daily(31), *(snapshot(f"again-{day}", NOW - timedelta(days=day, hours=9)) for day in range(31))]

    assert plan(twice)[1] == ["again-30"], "of-30 is the first of May"


def oracle(history: dict[str, datetime], today: date) -> set[str]:
    """What is to be there of all that ever became good, asked day by day and month by month."""
    kept = set()
    for back in range(30):
        kept |= {name for name, at in history.items() if at.date() == today - timedelta(days=back)}
    year, month = today.year, today.month
    for _ in range(13):
        of_month = sorted((at, name) for name, at in history.items() if (at.year, at.month) == (year, month))
        kept |= {name for _, name in of_month[:1]}
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    newest = max(history.values())
    return kept | {name for name, at in history.items() if at == newest}


@dataclass
class Story:
    """400 days of an account in which nights are missed, things fail, calls are refused and clocks are wrong."""

    dice: random.Random
    rds: FakeRds = field(default_factory=lambda: FakeRds(datetime(2026, 1, 20, tzinfo=UTC)))
    history: dict[str, dict[str, datetime]] = field(default_factory=dict)
    is_calm: bool = False
    away_until: datetime = datetime(2026, 1, 20, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.home = FakeSnapshots(self.rds, "home", instances=frozenset({"db"}))
        self.abroad = FakeSnapshots(self.rds, "abroad")
        self.regions = (self.home, self.abroad)
        self.rds.before, self.rds.after = self._mood, self._mood
        self.rds.ends_as = lambda _name: "failed" if self.dice.random() < 0.15 else "available"
        for region in self.regions:
            for number, tags in enumerate(OTHERS):
                for status in ("available", "failed"):
                    region.add(f"foreign-{number}-{status}", datetime(2020, 1, 1, tzinfo=UTC), tags, status)
        self.foreign = set(self.home.names())

    def _mood(self, operation: str) -> BaseException | None:
        if self.is_calm or self.dice.random() > 0.12:
            return None
        return RdsUnavailable("Throttling") if operation == "list" or self.dice.random() < 0.5 else Busy("busy")

    def shelf(self) -> Shelf:
        return Shelf("production", "db", self.home, self.abroad)

    def run(self) -> None:
        """One run, with a clock that may be wrong, maybe together with one that saw the same; nothing is lost by it."""
        wrong = timedelta(hours=self.dice.choice([-24, -1, 1, 24])) if self.dice.random() < 0.05 else timedelta()
        good = {region.region: self.newest_good(region) for region in self.regions}
        pending = {(r.region, each.name) for r in self.regions for each in r.seen() if each.is_pending}
        if self.dice.random() < 0.1:
            self.shelf().look_after(self.rds.now + wrong)
        self.shelf().look_after(self.rds.now + wrong)
        for region in self.regions:
            assert good[region.region] <= region.names(), "the newest good one survives"
            assert self.foreign <= region.names(), "others' are untouched"
        assert pending <= {(region.region, name) for region in self.regions for name in region.names()}

    def newest_good(self, region: FakeSnapshots) -> set[str]:
        found = keeping.newest_good(region.seen(), "production")
        return {found.name} if found else set()

    def remember(self) -> None:
        for region in self.regions:
            known = self.history.setdefault(region.region, {})
            for each in region.seen():
                if each.is_good and each.name not in self.foreign and each.taken_at:
                    known[each.name] = each.taken_at

    def day(self) -> None:
        """From midnight to midnight; at its end RDS is calm, and everything is where it belongs."""
        if self.dice.random() < 0.02:
            self.away_until = self.rds.now + timedelta(days=self.dice.randint(1, 6))
        begun = self.rds.now
        self.rds.takes = timedelta(minutes=self.dice.choice([5, 25, 25, 25, 200, 1500]))
        for minutes in (5, 120, 130, 200, 300, 420, 900):
            self.rds.now = begun + timedelta(minutes=minutes)
            if self.rds.now >= self.away_until:
                self.run()
            self.remember()
        self.rds.now = begun + timedelta(hours=23, minutes=50)
        if self.rds.now >= self.away_until:
            self.settle()
        self.rds.now = begun + timedelta(days=1)

    def settle(self) -> None:
        self.is_calm = True
        self.remember()
        self.shelf().look_after(self.rds.now)
        self.remember()
        self.shelf().look_after(self.rds.now)
        self.is_calm = False
        for region in self.regions:
            history = self.history[region.region]
            there = {each.name for each in region.seen() if each.is_good} - self.foreign
            if history:
                assert there == oracle(history, max(history.values()).date()), self.rds.now


@pytest.mark.parametrize("seed", [1, 2])
def test_over_400_days_in_which_all_goes_wrong_exactly_what_should_be_there_is_there(seed: int) -> None:
    story = Story(random.Random(seed))
    for _ in range(400):
        story.day()

    for region in story.regions:
        nights = {at.date() for at in story.history[region.region].values()}
        assert len(nights) > 300, "most nights were well"
        assert len(region.names()) < 100, "which is the quota of an account"
    assert any(call.endswith("-2") for call in story.rds.calls), "failed ones were tried again"
