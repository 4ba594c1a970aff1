"""Bodies and answers of candidates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, StringConstraints

from chalicelib.auth.schemas import Email
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, GivenTime, Label, Line, NotNull, Prose, UtcTime, View


def _e164(text: str) -> str:
    import phonenumbers  # takes longer to load than most requests to answer, and few bring a number

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise ValueError("write it with its country code: +44 20 7946 0958") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("this is no possible phone number")
    if number.extension:
        raise ValueError("leave the extension out; E.164 has no place for it")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _in_living_memory(value: datetime) -> datetime:
    # At the ends of the calendar a moment in another zone has no date in UTC.
    if not 1900 <= value.year <= 2200:
        raise ValueError("a year from 1900 to 2200")
    return value


def _without_control_characters(value: object) -> object:
    # They would be dropped silently, as browsers do, and the link shown would not be the one given.
    if isinstance(value, str) and not value.strip().isprintable():
        raise ValueError("a link has no control characters")
    return value


def _without_credentials(link: HttpUrl) -> HttpUrl:
    if link.username is not None or link.password is not None:
        raise ValueError("leave user name and password out of a link")
    return link


# To be shown and followed by people: nothing of ours ever fetches a candidate's links.
Link = Annotated[HttpUrl, BeforeValidator(_without_control_characters), AfterValidator(_without_credentials)]
YearMonth = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2]))?$")]
Year = Annotated[int, Field(ge=1900, le=2100)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_e164)]
Moment = Annotated[GivenTime, AfterValidator(_in_living_memory)]
Labels = Annotated[list[Label], Field(max_length=200)]


class ExperienceBody(Body):
    """One employment; dates are `2019-04` or `2019`."""

    title: Line | None = None
    organization: Line | None = None
    location: Line | None = None
    start: YearMonth | None = None
    end: YearMonth | None = None
    is_current: bool = False
    description: Prose | None = None


class EducationBody(Body):
    institution: Line | None = None
    degree: Line | None = None
    field: Line | None = None
    start_year: Year | None = None
    end_year: Year | None = None


class Consent(Body):
    """That the person agreed to be kept on file: from where we know, and when."""

    source: Line
    given_at: Moment


class CandidateSort(StrEnum):
    NEWEST = "-created_at"
    OLDEST = "created_at"
    NAME = "name"
    NAME_BACKWARDS = "-name"
    LATEST_CHANGE = "-updated_at"
    EARLIEST_CHANGE = "updated_at"


class CandidateQuery(PageQuery):
    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None
    tag: Label | None = None
    skill: Label | None = None
    source: Line | None = None
    position_id: UUID | None = None
    stage: Label | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    sort: CandidateSort = CandidateSort.NEWEST


class SearchQuery(PageQuery):
    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewCandidate(Body):
    name: Line
    email: Email | None = None
    phone: Phone | None = None
    location: Line | None = None
    headline: Line | None = None
    summary: Prose | None = None
    skills: Labels = Field(default_factory=list)
    experience: list[ExperienceBody] = Field(default_factory=list, max_length=100)
    education: list[EducationBody] = Field(default_factory=list, max_length=100)
    links: list[Link] = Field(default_factory=list, max_length=50)
    source: Line | None = None
    tags: Labels = Field(default_factory=list)
    consent: Consent | None = None
    resume_document_id: UUID | None = None

    def as_values(self) -> dict[str, Any]:
        """The row's columns."""
        return {**self.model_dump(mode="json"), "resume_document_id": self.resume_document_id}


class CandidateChange(NotNull):
    """Only what is given changes; lists are replaced as a whole."""

    never_null = ("name", "skills", "experience", "education", "links", "tags")

    name: Line | None = None
    email: Email | None = None
    phone: Phone | None = None
    location: Line | None = None
    headline: Line | None = None
    summary: Prose | None = None
    skills: Labels | None = None
    experience: Annotated[list[ExperienceBody], Field(max_length=100)] | None = None
    education: Annotated[list[EducationBody], Field(max_length=100)] | None = None
    links: Annotated[list[Link], Field(max_length=50)] | None = None
    source: Line | None = None
    tags: Labels | None = None
    consent: Consent | None = None
    resume_document_id: UUID | None = None

    def as_values(self) -> dict[str, Any]:
        """The columns that are to change."""
        values = self.given()
        if "resume_document_id" in values:
            values["resume_document_id"] = self.resume_document_id
        return values


class ConsentView(View):
    source: str
    given_at: UtcTime


class CandidateView(View):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    location: str | None
    headline: str | None
    summary: str | None
    skills: list[str]
    experience: list[dict[str, Any]]
    education: list[dict[str, Any]]
    links: list[str]
    source: str | None
    tags: list[str]
    consent: ConsentView | None
    resume_document_id: UUID | None
    created_at: UtcTime
    updated_at: UtcTime


class CandidateFound(CandidateView):
    """A candidate that a search found. `highlight` is HTML: escaped text with `<mark>` around what matched."""

    rank: float
    highlight: str


class ReasonKind(StrEnum):
    """What two candidates have in common. A name is alike as it sounds, whichever way round it is written."""

    PHONE = "phone"
    LINK = "link"
    NAME_AND_MAILBOX = "name_mailbox"
    NAME_AND_PLACE = "name_place"
    NAME_AND_EMPLOYER = "name_employer"


class DuplicatesQuery(PageQuery):
    candidate_id: UUID | None = None


class Reason(View):
    kind: ReasonKind
    value: str


class Person(View):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    location: str | None
    headline: str | None
    created_at: UtcTime


class DuplicatePair(View):
    """Two candidates who may be one person; `candidate` was there first. `score` is 50 to 100."""

    candidate: Person
    duplicate: Person
    score: int
    reasons: list[Reason]


class Merge(Body):
    """The other entry of the same person."""

    duplicate_id: UUID
