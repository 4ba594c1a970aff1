"""What a profile is made of: every value with the place in the document it was read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.text import DocumentText

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value and the passage it was read from: `text[start:end]`, which begins on `page` (from 1).

    The value may be normalised (E.164, a canonical skill, a title-cased name); the passage is what stands there.
    """

    value: T
    page: int
    start: int
    end: int


def found(text: DocumentText, value: T, start: int, end: int) -> Found[T]:
    """`value`, read from the passage between two offsets."""
    return Found(value, text.page_number_at(start), start, end)


@dataclass(frozen=True, slots=True)
class Experience:
    """One job. `end` is None when it still lasts (`is_current`) or when no end could be read."""

    title: Found[str] | None
    organization: Found[str] | None
    location: Found[str] | None
    started: Found[YearMonth] | None
    ended: Found[YearMonth] | None
    is_current: bool
    description: Found[str] | None
    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Education:
    """One course of study or schooling."""

    institution: Found[str] | None
    degree: Found[str] | None
    field: Found[str] | None
    start_year: Found[int] | None
    end_year: Found[int] | None
    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ResumeProfile:
    """What a résumé says about its candidate. What it does not say clearly is None or missing, never guessed."""

    name: Found[str] | None = None
    email: Found[str] | None = None
    phone: Found[str] | None = None
    location: Found[str] | None = None
    headline: Found[str] | None = None
    summary: Found[str] | None = None
    skills: tuple[Found[str], ...] = ()
    experience: tuple[Experience, ...] = ()
    education: tuple[Education, ...] = ()
    links: tuple[Found[str], ...] = ()
    languages: tuple[Found[str], ...] = ()

    def experience_months(self, as_of: date) -> int:
        """Months in jobs up to and including the month of `as_of`; months of two jobs at once count once.

        A year without a month counts from its middle: "2019 - 2021" is 24 months. A job without a readable end that
        is not marked as current counts nothing.
        """
        return _covered(filter(None, (_interval(job, as_of) for job in self.experience)))

    def to_json(self) -> dict[str, Any]:
        """The whole profile as JSON values; a `YearMonth` reads "2019-04" or "2019"."""
        answer = _json(self)
        assert isinstance(answer, dict)
        return answer


def _interval(job: Experience, as_of: date) -> tuple[int, int] | None:
    """The first month of a job and the first month after it, counted from year 0."""
    if job.started is None or not (job.is_current or job.ended):
        return None
    start, limit = job.started.value.as_start(), as_of.year * 12 + as_of.month
    end = limit if job.ended is None else max(job.ended.value.as_end(), start + 1)
    return (start, min(end, limit)) if start < limit else None


def _covered(intervals: Iterable[tuple[int, int]]) -> int:
    months, covered_until = 0, 0
    for start, end in sorted(intervals):
        months += max(0, end - max(start, covered_until))
        covered_until = max(covered_until, end)
    return months


def _json(value: object) -> object:
    if isinstance(value, YearMonth):
        return str(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    return value
