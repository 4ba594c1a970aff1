"""Twice a week the newest good snapshot is restored, looked at and thrown away again: a backup that nobody has restored
is a hope.

Like the nights (service.py) it goes on from what RDS says, run by run: which test is done stands in a tag of the
snapshot that was restored, how far one is in the instance. An instance of ours that belongs to no test is deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.backups import keeping, rds
from chalicelib.backups.examination import Examination
from chalicelib.backups.models import Backup, Kind, Status
from chalicelib.backups.rds import Instance, Instances, Missing, Place, RdsUnavailable, Snapshot, Snapshots
from chalicelib.backups.report import Report
from chalicelib.errors import Unavailable
from chalicelib.logs import log

# Wednesdays and Sundays: with one a week the newest proof is older than a week whenever a test is under way, or fails.
WEEKDAYS = (2, 6)
BEGINS_AT = timedelta(hours=5)
MAX_ATTEMPTS = 2
GIVEN_UP_AFTER = timedelta(hours=6)
GOING = frozenset({rds.GOING})


@dataclass(slots=True)
class RestoreReport(Report):
    """What one run did. `outcome` and `found` are those of a test that came to an end in it."""

    slot: str = ""
    outcome: Status | None = None
    found: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        outcome = {"slot": self.slot, "outcome": self.outcome and self.outcome.value, **self.found}
        return {**Report.as_json(self), **outcome}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A restored instance, the snapshot it is of, and when it was asked for."""

    number: int
    instance: Instance
    source: Snapshot | None
    since: datetime


def newest_slot(now: datetime) -> str:
    """The day of the newest test that is due, as ISO date: tests begin at 05:00 UTC."""
    day = (now.astimezone(UTC) - BEGINS_AT).date()
    while day.weekday() not in WEEKDAYS:
        day -= timedelta(days=1)
    return day.isoformat()


@dataclass(frozen=True, slots=True)
class RestoreTests:
    """The restore tests of one environment, whose live instance is `live`.

    `look` signs in to a restored instance and raises Unavailable as long as it cannot; `record` writes down, and raises
    Unavailable as well.
    """

    environment: str
    live: str
    snapshots: Snapshots
    instances: Instances
    place: Place
    look: Callable[[Instance, Snapshot], Examination]
    record: Callable[[Backup], None]
    clock: Callable[[], datetime]

    def look_after(self) -> RestoreReport:
        """Take the next step of the test that is due, and delete what is left of others."""
        report = RestoreReport(None, None, slot=newest_slot(self.clock()))
        try:
            snapshots, instances = self.snapshots.all(), self.instances.all()
        except RdsUnavailable:
            log.warning("rds_not_listed", region=self.snapshots.region)
            return report
        snapshots = [each for each in snapshots if each.is_of(self.environment)]
        outcomes = [_outcome_of(each, report.slot) for each in snapshots]
        number = 1 + max((attempt for status, attempt in outcomes if status is Status.FAILED), default=0)
        is_over = number > MAX_ATTEMPTS or any(status is Status.VERIFIED for status, _ in outcomes)
        own = {each.name: each for each in instances if self._is_own(each)}
        name = f"recruitpro-{self.environment}-restore-{report.slot}" + (f"-{number}" if number > 1 else "")
        current = None if is_over else own.pop(name, None)
        for each in own.values():
            self._delete(report, each)
        if current is not None:
            self._go_on(report, self._attempt(current, number, snapshots), snapshots)
        elif not is_over:
            self._begin(report, snapshots, name, number)
        return report

    def _is_own(self, instance: Instance) -> bool:
        """Whether a test of ours made it: by name, by tags, and never the live one."""
        marks = {rds.ENVIRONMENT: self.environment, rds.MADE_BY: rds.TESTER}
        is_named = instance.name.startswith(f"recruitpro-{self.environment}-restore-")
        return is_named and instance.name != self.live and marks.items() <= dict(instance.tags).items()

    def _attempt(self, current: Instance, number: int, snapshots: list[Snapshot]) -> Attempt:
        source = next((each for each in snapshots if each.name == current.tags.get(rds.SNAPSHOT)), None)
        return Attempt(number, current, source, rds.moment(current.tags.get(rds.ASKED_AT)) or self.clock())

    def _begin(self, report: RestoreReport, snapshots: list[Snapshot], name: str, number: int) -> None:
        source = keeping.newest_good(snapshots, self.environment)
        if source is None:
            return  # which is told by the age of the newest snapshot
        tags = {
            rds.ENVIRONMENT: self.environment,
            rds.MADE_BY: rds.TESTER,
            rds.SLOT: report.slot,
            rds.SNAPSHOT: source.name,
            rds.ASKED_AT: rds.as_text(self.clock()),
            rds.ATTEMPT: str(number),
        }
        if report.ask(partial(self.instances.restore, source, name, self.place, tags), "restore", patiently=True):
            report.requested.append(name)

    def _go_on(self, report: RestoreReport, attempt: Attempt, snapshots: list[Snapshot]) -> None:
        found = self._looked_at(report, attempt)
        if found is None:
            return
        finished_at = self.clock()
        report.outcome = Status.FAILED if found.wrong else Status.VERIFIED
        report.found = _told(attempt, found, finished_at)
        report.problems += found.wrong[:1]
        # Recorded, marked as done, thrown away: a run that dies in between leaves all of it to be done once more.
        if not self._recorded(report, attempt, finished_at) and report.outcome is Status.VERIFIED:
            return
        marked = attempt.source or keeping.newest_good(snapshots, self.environment)
        word = f"{report.slot} {report.outcome.value} {attempt.number} {rds.as_text(finished_at)}"
        if marked is not None:
            is_marked = report.ask(
                partial(self.snapshots.tag, marked, {rds.RESTORE_TEST: word}), "mark", patiently=True
            )
            if not is_marked:
                return
        self._delete(report, attempt.instance)

    def _looked_at(self, report: RestoreReport, attempt: Attempt) -> Examination | None:
        """What is found, once there is something to look at; None before."""
        instance, age = attempt.instance, self.clock() - attempt.since
        if instance.status in rds.FAILED:
            return Examination(wrong=[f"the restored instance is {instance.status}"])
        if attempt.source is None:
            return Examination(wrong=["the snapshot that was restored is not there any more"])
        if age > GIVEN_UP_AFTER:
            return Examination(wrong=[f"not done after {age}: the restored instance is {instance.status}"])
        if instance.status != rds.GOOD:
            return None
        if not instance.has_secret:
            report.ask(partial(self.instances.keep_password, instance.name), "password", patiently=True)
        if instance.secret_arn is None:
            return None
        try:
            return self.look(instance, attempt.source)
        except Unavailable as later:
            log.warning("restored_copy_not_looked_at", reason=later.code)
            return None

    def _recorded(self, report: RestoreReport, attempt: Attempt, finished_at: datetime) -> bool:
        assert report.outcome is not None
        source = attempt.source
        record = Backup(
            Kind.RESTORE_TEST,
            attempt.instance.name,
            self.snapshots.region,
            report.outcome,
            requested_at=attempt.since,
            taken_at=source.taken_at if source else None,
            finished_at=finished_at,
            attempts=attempt.number,
            detail=report.found,
        )
        try:
            self.record(record)
        except Unavailable:
            log.warning("restore_test_not_recorded", slot=report.slot)
            return False
        return True

    def _delete(self, report: RestoreReport, instance: Instance) -> None:
        """Delete an instance of ours; one that is protected, as the one it is a copy of, is freed first and goes in the
        next run."""
        if instance.status in GOING:
            return
        act = self.instances.unprotect if instance.is_protected else self.instances.delete
        if report.ask(partial(_unless_gone, act, instance.name), f"deletion of {instance.name}", patiently=True):
            report.deleted += [] if instance.is_protected else [instance.name]


def _unless_gone(act: Callable[[str], None], name: str) -> None:
    try:
        act(name)
    except Missing:
        return


def _outcome_of(snapshot: Snapshot, slot: str) -> tuple[Status | None, int]:
    """How the test of this slot ended, and at which attempt, as the snapshot's tag says."""
    match snapshot.tags.get(rds.RESTORE_TEST, "").split():
        case [of, status, number, *_] if of == slot and status in set(Status) and number.isdecimal():
            return Status(status), int(number)
    return None, 0


def _told(attempt: Attempt, found: Examination, finished_at: datetime) -> dict[str, Any]:
    """For an operator: how long it takes to have the database back, how old it is then, and what was in it."""
    taken_at = attempt.source.taken_at if attempt.source else None
    lost = None if taken_at is None else round((attempt.since - taken_at).total_seconds() / 3600, 2)
    back = round((finished_at - attempt.since).total_seconds())
    name = attempt.source.name if attempt.source else None
    return {"snapshot": name, "rto_seconds": back, "rpo_hours": lost, **found.as_json()}
