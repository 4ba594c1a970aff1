"""The period that a report is about, and the days or months that it falls into on the clocks of a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chalicelib.reports.errors import BadPeriod

LONGEST = timedelta(days=5 * 366)
USUAL_DAYS = 90
MOST_DAYS = 366
Given = date | datetime


class Step(StrEnum):
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts_at` on and before `ends_at`, both in UTC."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str

    @property
    def step(self) -> Step:
        """Days for a year at most, else months."""
        return Step.DAY if self.ends_at - self.starts_at <= timedelta(days=MOST_DAYS) else Step.MONTH

    def days(self) -> list[date]:
        """The first day of each step of which the period has a part, in order."""
        zone = ZoneInfo(self.time_zone)
        last = (self.ends_at - timedelta.resolution).astimezone(zone).date()
        day = _first_of(self.starts_at.astimezone(zone).date(), self.step)
        days = []
        while day <= last:
            days.append(day)
            day = _first_of(day + timedelta(days=1 if self.step is Step.DAY else 31), self.step)
        return days

    def edges(self) -> list[datetime]:
        """The moment at which each of `days` begins."""
        return [start_of(day, self.time_zone) for day in self.days()]


def period_of(starts: Given | None, ends: Given | None, time_zone: str, now: datetime) -> Period:
    """The period that was asked for. A date is a day on the clocks of the zone: the period begins with the first and
    includes the last. Without an end it ends now, without a beginning it has 90 days, the last one included.

    Raises BadPeriod when it would end before it begins, or be longer than five years.
    """
    ends_at = _ending(ends, time_zone, now)
    starts_at = _beginning(starts, ends_at, time_zone)
    if starts_at >= ends_at:
        raise BadPeriod("some fields are wrong", errors=[{"field": "to", "message": "is not after from"}])
    if ends_at - starts_at > LONGEST:
        raise BadPeriod("some fields are wrong", errors=[{"field": "from", "message": "is over five years before to"}])
    return Period(starts_at, ends_at, time_zone)


def start_of(day: date, time_zone: str) -> datetime:
    """The moment at which a day begins; where clocks skip midnight, the one at which they do so."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _ending(ends: Given | None, time_zone: str, now: datetime) -> datetime:
    if ends is None:
        return now
    return ends if isinstance(ends, datetime) else start_of(ends + timedelta(days=1), time_zone)


def _beginning(starts: Given | None, ends_at: datetime, time_zone: str) -> datetime:
    if starts is None:
        last = (ends_at - timedelta.resolution).astimezone(ZoneInfo(time_zone)).date()
        return start_of(last - timedelta(days=USUAL_DAYS - 1), time_zone)
    return starts if isinstance(starts, datetime) else start_of(starts, time_zone)


def _first_of(day: date, step: Step) -> date:
    return day if step is Step.DAY else day.replace(day=1)
