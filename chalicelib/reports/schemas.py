"""What reports are asked and what they answer."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, PlainValidator, TypeAdapter, ValidationError, WithJsonSchema

from chalicelib.http.schemas import Body, GivenTime, UtcTime
from chalicelib.interviews.schemas import Zone
from chalicelib.reports.periods import Given, Period, Step

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MOMENT: TypeAdapter[datetime] = TypeAdapter(GivenTime)
FEWEST = 5


def _day_or_moment(value: object) -> Given:
    try:
        if isinstance(value, str) and DATE.fullmatch(value):
            return date.fromisoformat(value)
        return MOMENT.validate_python(value).astimezone(UTC)
    except (ValidationError, ValueError, OverflowError):
        raise ValueError("write it like 2026-03-01 or 2026-03-01T09:00:00Z") from None


def _in_living_memory(value: Given) -> Given:
    if not 1900 <= value.year <= 2200:
        raise ValueError("a year from 1900 to 2200")
    return value


DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    AfterValidator(_in_living_memory),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]


class ReportQuery(Body):
    """The period and what it is narrowed to. `from` and `to` are dates on the clocks of `time_zone`, both included, or
    moments; the last 90 days unless given, and five years at most."""

    starts: DayOrMoment | None = Field(None, alias="from")
    ends: DayOrMoment | None = Field(None, alias="to")
    position_id: UUID | None = None
    project_id: UUID | None = None
    time_zone: Zone = "UTC"


class PeriodView(BaseModel):
    """From `starts_at` on and before `ends_at`."""

    starts_at: UtcTime
    ends_at: UtcTime
    time_zone: str

    @classmethod
    def of(cls, period: Period) -> Self:
        return cls(starts_at=period.starts_at, ends_at=period.ends_at, time_zone=period.time_zone)


class Report(BaseModel):
    period: PeriodView


class Rate(BaseModel):
    """A share between 0 and 1 of `n`; null when fewer than five make it say more about persons than about them all."""

    rate: float | None
    n: int

    @classmethod
    def of(cls, part: int, n: int) -> Self:
        return cls(rate=round(part / n, 4) if n >= FEWEST else None, n=n)


class PositionCounts(BaseModel):
    """Open positions now, and the openings that they have in all, filled ones included."""

    open: int
    openings: int


class ApplicationCounts(BaseModel):
    """Active ones now, those in the hiring stage left out; and those of the period."""

    active: int
    new: int


class Hires(BaseModel):
    """Applications that entered the hiring stage in the period and stand there; days since they applied."""

    count: int
    median_days: float | None


class OrganizationCounts(BaseModel):
    """What belongs to no position: candidates entered in the period and still there, documents that wait for their file
    or its scan and those found infected, both now, and jobs that failed in the period. Documents and jobs are counted
    up to 10,000."""

    new_candidates: int
    documents_waiting: int
    documents_infected: int
    jobs_failed: int


class Interval(BaseModel):
    """A day, or the month that begins with it, as far as it is in the period."""

    starts_on: date
    new_applications: int
    hires: int


class OverviewReport(Report):
    """`organization` is null when the report is narrowed to a position or project. `intervals` has days for a period of
    up to a year, else months."""

    positions: PositionCounts
    applications: ApplicationCounts
    hires: Hires
    organization: OrganizationCounts | None
    interval: Step
    intervals: list[Interval]


class FunnelStage(BaseModel):
    """Of those who entered the stage, each counts once, by where they stand now: further on, further back, or here,
    active or not. `conversion` is the share that passed on; the last stage has none."""

    stage: str
    entered: int
    passed_on: int
    moved_back: int
    rejected: int
    withdrawn: int
    still_there: int
    conversion: Rate | None


class FunnelReport(Report):
    """Applications made in the period. Without a position, those for positions with the default stages; `other` counts
    those for all other positions, whose stages cannot be compared with these."""

    applications: int
    stages: list[FunnelStage]
    other: int


class Stays(BaseModel):
    """How long `n` stays took, in hours; half of them, three quarters and 95 % took no longer."""

    n: int
    p50: float | None
    p75: float | None
    p95: float | None


class StageTimes(BaseModel):
    """Stays that ended in the period, by a move, a rejection or a withdrawal; and those that last, until now."""

    stage: str
    ended: Stays
    open: Stays


class TimeInStageReport(Report):
    """By name of stage, whichever position it belongs to; the 100 with most stays. Who was hired waits for nothing, so
    that is no open stay."""

    stages: list[StageTimes]


class SourceFigures(BaseModel):
    """Applications made in the period from one source. Interviewed: an interview took place, or they entered a stage
    `interview`. Offers: they entered a stage `offer`, or are hired."""

    source: str
    applications: int
    interviewed: int
    offers: int
    hires: int
    hire_rate: Rate


class SourcesReport(Report):
    """Most applications first. `unknown` is who came without a source; beyond 100 sources, the rest stands together in
    `others`."""

    sources: list[SourceFigures]
    others: SourceFigures | None


class Selection(BaseModel):
    """Of `n`, how many were selected; both figures are null when there are fewer than five."""

    group: str
    n: int
    selected: int | None
    rate: float | None
    too_few: bool

    @classmethod
    def of(cls, group: str, selected: int, n: int) -> Self:
        rate = Rate.of(selected, n).rate
        return cls(group=group, n=n, selected=None if rate is None else selected, rate=rate, too_few=rate is None)


class AdverseImpactReport(Report):
    """Whether a group is selected less than four fifths as often as another one (29 CFR 1607.4 D) is not known here:
    that needs groups as people state them, and no such data is kept. What is told is how many were selected, by source
    (hired) and by stage (passed on), neither of which stands for a protected group."""

    is_known: Literal[False]
    reason: str
    needed: list[str]
    by_source: list[Selection]
    by_stage: list[Selection]
