"""What a row becomes: a candidate that can be stored as it is, or what speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.bulk_imports.rows import Problem

Value = TypeVar("Value")


@dataclass(slots=True)
class Findings:
    """What is wrong with one row so far."""

    line: int
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str | None, code: str, message: str) -> None:
        self.problems.append(Problem(self.line, name, code, message))

    def read(self, name: str, reader: Callable[..., Value], value: Any, **options: Any) -> Value | None:
        """What `reader` makes of `value`; None for nothing, and, with one more problem, when it cannot."""
        if value is None or value == "":
            return None
        try:
            return reader(value, **options)
        except CellWrong as wrong:
            self.add(name, wrong.code, wrong.message)
            return None


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A candidate that can be stored as it is: every field as the API would have it (see candidates/schemas.py)."""

    line: int
    name: str
    email: str | None = None
    phone: str | None = None
    location: str | None = None
    headline: str | None = None
    summary: str | None = None
    skills: list[str] = field(default_factory=list)
    experience: list[dict[str, Any]] = field(default_factory=list)
    education: list[dict[str, Any]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    source: str | None = None
    tags: list[str] = field(default_factory=list)
    consent: dict[str, str] | None = None

    def as_values(self) -> dict[str, Any]:
        """The row's columns, as `NewCandidate.as_values` gives them but for the résumé."""
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS = tuple(name for name in CandidateRow.__dataclass_fields__ if name != "line")


def experience(
    *,
    title: str | None = None,
    organization: str | None = None,
    location: str | None = None,
    start: str | None = None,
    end: str | None = None,
    is_current: bool = False,
    description: str | None = None,
) -> dict[str, Any]:
    """One employment in the shape of ExperienceBody."""
    return {
        "title": title,
        "organization": organization,
        "location": location,
        "start": start,
        "end": end,
        "is_current": is_current,
        "description": description,
    }


def education(
    *,
    institution: str | None = None,
    degree: str | None = None,
    field: str | None = None,
    start_year: int | None = None,
    end_year: int | None = None,
) -> dict[str, Any]:
    """One course of studies in the shape of EducationBody."""
    return {
        "institution": institution,
        "degree": degree,
        "field": field,
        "start_year": start_year,
        "end_year": end_year,
    }
