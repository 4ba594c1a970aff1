"""An RDS that behaves: things take time, fail and are refused. In moto all is done at once, and well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.backups.rds import (
    Busy,
    Instance,
    Missing,
    Place,
    QuotaExceeded,
    RdsUnavailable,
    Snapshot,
    Tags,
    Taken,
)


class Crash(BaseException):
    """The function dies here: no handler of ours may catch it."""


Errors = Callable[[str], BaseException | None]


@dataclass
class FakeRds:
    """The clock and the moods that all regions of an account share.

    `before` and `after` are asked at each call that changes something, with its name, and may answer what to raise:
    before it takes effect, or after.
    """

    now: datetime
    takes: timedelta = timedelta(minutes=25)
    ends_as: Callable[[str], str] = lambda _name: "available"
    before: Errors = lambda _operation: None
    after: Errors = lambda _operation: None
    calls: list[str] = field(default_factory=list)

    def change(self, operation: str, name: str, effect: Callable[[], None]) -> None:
        self.calls.append(f"{operation} {name}")
        for moment, act in ((self.before, effect), (self.after, lambda: None)):
            error = moment(operation)
            if error is not None:
                raise error
            act()


@dataclass(frozen=True)
class Kept:
    snapshot: Snapshot
    begun_at: datetime
    outcome: str


class FakeSnapshots:
    """The snapshots of one region, of which it takes no more than `quota`."""

    def __init__(self, rds: FakeRds, region: str, *, quota: int = 100, instances: frozenset[str] = frozenset()) -> None:
        self.rds, self.region, self.quota, self.instances = rds, region, quota, instances
        self.kept: dict[str, Kept] = {}

    def all(self) -> list[Snapshot]:
        error = self.rds.before("list")
        if error is not None:
            raise error
        return self.seen()

    def seen(self) -> list[Snapshot]:
        """What is there, whatever RDS says to those who ask."""
        return [self._now(each) for each in list(self.kept.values())]

    def _now(self, kept: Kept) -> Snapshot:
        snapshot = kept.snapshot
        if snapshot.status == kept.outcome or self.rds.now - kept.begun_at < self.rds.takes:
            return snapshot
        done = replace(snapshot, status=kept.outcome)
        self.kept[snapshot.name] = replace(kept, snapshot=done)
        return done

    def create(self, name: str, instance: str, tags: Tags) -> None:
        def effect() -> None:
            if any(
                self._now(each).is_pending and not each.snapshot.tags.get("recruitpro:copy-of")
                for each in list(self.kept.values())
            ):
                raise Busy("RDS answers CreateDBSnapshot with InvalidDBInstanceState")
            self._begin(name, tags, self.rds.now)

        assert instance in self.instances
        self.rds.change("create", name, effect)

    def copy(self, source: Snapshot, name: str, tags: Tags) -> None:
        assert source.region != self.region
        assert source.is_good
        self.rds.change("copy", name, lambda: self._begin(name, tags, source.taken_at))

    def _begin(self, name: str, tags: Tags, taken_at: datetime | None) -> None:
        if name in self.kept:
            raise Taken("RDS answers with DBSnapshotAlreadyExists")
        if len(self.kept) >= self.quota:
            raise QuotaExceeded("RDS answers with SnapshotQuotaExceeded")
        arn = f"arn:aws:rds:{self.region}:123456789012:snapshot:{name}"
        snapshot = Snapshot(name, arn, self.region, "creating", taken_at, dict(tags), 20)
        self.kept[name] = Kept(snapshot, self.rds.now, self.rds.ends_as(name))

    def add(
        self, name: str, taken_at: datetime, tags: Mapping[str, str] | None = None, status: str = "available"
    ) -> None:
        """One that is there from before."""
        arn = f"arn:aws:rds:{self.region}:123456789012:snapshot:{name}"
        snapshot = Snapshot(name, arn, self.region, status, taken_at, dict(tags or {}), 20)
        self.kept[name] = Kept(snapshot, taken_at, status)

    def tag(self, snapshot: Snapshot, tags: Tags) -> None:
        def effect() -> None:
            kept = self._found(snapshot.name)
            tagged = replace(kept.snapshot, tags={**kept.snapshot.tags, **tags})
            self.kept[snapshot.name] = replace(kept, snapshot=tagged)

        self.rds.change("tag", snapshot.name, effect)

    def delete(self, snapshot: Snapshot) -> None:
        def effect() -> None:
            if self._now(self._found(snapshot.name)).is_pending:
                raise Busy("RDS answers DeleteDBSnapshot with InvalidDBSnapshotState")
            del self.kept[snapshot.name]

        self.rds.change("delete", snapshot.name, effect)

    def _found(self, name: str) -> Kept:
        if name not in self.kept:
            raise Missing("RDS answers with DBSnapshotNotFound")
        return self.kept[name]

    def names(self) -> set[str]:
        return set(self.kept)


class FakeInstances:
    """The instances of one region. A restored one is there at once, and of use after some time."""

    def __init__(self, rds: FakeRds) -> None:
        self.rds = rds
        self.made: dict[str, tuple[Instance, datetime, str]] = {}
        self.places: dict[str, Place] = {}

    def all(self) -> list[Instance]:
        error = self.rds.before("list")
        if error is not None:
            raise error
        return [self._now(*each) for each in self.made.values()]

    def _now(self, instance: Instance, changes_since: datetime, outcome: str) -> Instance:
        is_done = self.rds.now - changes_since >= self.rds.takes
        return replace(instance, status=outcome) if is_done else instance

    def add(
        self, name: str, tags: Mapping[str, str] | None = None, status: str = "available", *, is_protected: bool = False
    ) -> None:
        """One that is there from before."""
        instance = Instance(
            name, status, dict(tags or {}), f"{name}.rds.test", 5432, "postgres", is_protected=is_protected
        )
        self.made[name] = (instance, datetime.min.replace(tzinfo=self.rds.now.tzinfo), status)

    def restore(self, snapshot: Snapshot, name: str, place: Place, tags: Tags) -> None:
        def effect() -> None:
            if name in self.made:
                raise Taken("RDS answers with DBInstanceAlreadyExists")
            instance = Instance(name, "creating", dict(tags), f"{name}.rds.test", 5432, "postgres")
            self.made[name] = (instance, self.rds.now, self.rds.ends_as(name))
            self.places[name] = place

        assert snapshot.is_good
        self.rds.change("restore", name, effect)

    def keep_password(self, name: str) -> None:
        arn = f"arn:secret:rds!{name}"
        self._change("keep_password", name, status="resetting-master-credentials", has_secret=True, secret_arn=arn)

    def unprotect(self, name: str) -> None:
        self._change("unprotect", name, status="available", is_protected=False)

    def _change(self, operation: str, name: str, **values: object) -> None:
        def effect() -> None:
            instance = self._available(name)
            self.made[name] = (replace(instance, **values), self.rds.now, "available")  # type: ignore[arg-type]

        self.rds.change(operation, name, effect)

    def _available(self, name: str) -> Instance:
        if name not in self.made:
            raise Missing("RDS answers with DBInstanceNotFound")
        instance = self._now(*self.made[name])
        if instance.status != "available":
            raise Busy("RDS answers with InvalidDBInstanceState")
        return instance

    def delete(self, name: str) -> None:
        def effect() -> None:
            if name not in self.made:
                raise Missing("RDS answers with DBInstanceNotFound")
            instance = self._now(*self.made[name])
            assert not instance.is_protected
            if instance.status == "deleting":
                raise Busy("RDS answers with InvalidDBInstanceState")
            del self.made[name]

        self.rds.change("delete", name, effect)


def throttled(_operation: str) -> BaseException | None:
    """RDS has enough of everything."""
    return RdsUnavailable("RDS answers with Throttling")
