"""Bodies and answers of interviews."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, StrictInt, computed_field, model_validator

from chalicelib.candidates.schemas import Link, Moment
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Line, NotNull, Prose, UtcTime, View
from chalicelib.interviews.models import InterviewAdvice, InterviewKind, InterviewStatus
from chalicelib.interviews.times import local_time, zones

NOT_ASSESSED = "not_assessed"


def _known_zone(name: str) -> str:
    if name not in zones():
        raise ValueError("write it as IANA does: Europe/Berlin")
    return name


def _possible(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("a year from 2000 to 2100")
    return moment


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) != len(ids):
        raise ValueError("each interviewer once")
    return ids


Zone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Written = Annotated[datetime, AfterValidator(_possible)]
Duration = Annotated[StrictInt, Field(ge=5, le=720)]
Interviewers = Annotated[
    list[UUID], Field(min_length=1, max_length=20, json_schema_extra={"uniqueItems": True}), AfterValidator(_each_once)
]


class NewInterview(Body):
    """`starts_at` with an offset is a moment; without one, the time on the clocks of `time_zone`: 422 when these skip
    it, or show it twice (then an offset decides)."""

    application_id: UUID
    starts_at: Written
    duration_minutes: Duration = 60
    time_zone: Zone
    kind: InterviewKind
    location: Line | None = None
    video_link: Link | None = None
    interviewer_ids: Interviewers
    notes: Prose | None = None


class InterviewChange(NotNull):
    """Only what is given changes. Time and interviewers can change while the interview is scheduled."""

    never_null = ("starts_at", "duration_minutes", "time_zone", "kind", "interviewer_ids", "status")

    starts_at: Written | None = None
    duration_minutes: Duration | None = None
    time_zone: Zone | None = None
    kind: InterviewKind | None = None
    location: Line | None = None
    video_link: Link | None = None
    interviewer_ids: Interviewers | None = None
    notes: Prose | None = None
    status: InterviewStatus | None = None


class InterviewQuery(PageQuery):
    application_id: UUID | None = None
    candidate_id: UUID | None = None
    position_id: UUID | None = None
    interviewer_id: UUID | None = None
    status: InterviewStatus | None = None
    starts_after: Moment | None = None
    starts_before: Moment | None = None


class InterviewItem(View):
    """`starts_at` in UTC, `local_starts_at` as the clocks of `time_zone` show it."""

    id: UUID
    application_id: UUID
    candidate_id: UUID
    position_id: UUID
    starts_at: UtcTime
    duration_minutes: int
    time_zone: str
    kind: InterviewKind
    status: InterviewStatus
    location: str | None
    video_link: str | None
    interviewer_ids: list[UUID]
    notes: str | None
    created_by: UUID | None
    created_at: UtcTime
    updated_at: UtcTime

    @computed_field  # type: ignore[prop-decorator]
    @property
    def local_starts_at(self) -> str:
        return local_time(self.starts_at, self.time_zone)


class Mark(Body):
    """One requirement of the position: 1 (not at all) to 5 (fully), or `not_assessed`."""

    model_config = ConfigDict(from_attributes=True)

    requirement_id: Annotated[str, Field(min_length=1, max_length=100)]
    mark: Annotated[StrictInt, Field(ge=1, le=5)] | Literal["not_assessed"]
    note: Prose | None = None


class NewScorecard(Body):
    """What one interviewer found, whole: sent again, it takes the place of what they sent before. A requirement that is
    left out counts as not assessed."""

    marks: list[Mark] = Field(default_factory=list, max_length=200)
    recommendation: InterviewAdvice
    comment: Prose | None = None

    @model_validator(mode="after")
    def _each_requirement_once(self) -> Self:
        if len({mark.requirement_id for mark in self.marks}) != len(self.marks):
            raise ValueError("mark each requirement once")
        return self


class MarkView(BaseModel):
    requirement_id: str
    mark: int | Literal["not_assessed"]
    note: str | None


class ScorecardView(View):
    user_id: UUID
    marks: list[MarkView]
    recommendation: InterviewAdvice
    comment: str | None
    submitted_at: UtcTime
    updated_at: UtcTime


class InterviewView(InterviewItem):
    """An interview with its scorecards. Who conducts it sees those of the others after sending their own, so that
    nobody's marks lead another's."""

    scorecards: list[ScorecardView]


class Calendar(RootModel[str]):
    """An iCalendar object (RFC 5545)."""

    model_config = ConfigDict(json_schema_extra={"contentMediaType": "text/calendar"})
