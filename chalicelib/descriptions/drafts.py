"""What position descriptions and project briefs are read into: drafts for a person to check, never saved as they are.

Every value stands with the passage it was read from. What a document does not state is None or missing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.fields import Found
from chalicelib.screening.verdicts import RequirementKind


class EmploymentType(StrEnum):
    """How somebody would be employed."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    TEMPORARY = "temporary"
    CONTRACT = "contract"
    INTERNSHIP = "internship"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class DraftRequirement:
    """One thing asked for, in the document's words. `weight` is 3, the usual one, or 5 where the document insists."""

    text: Found[str]
    kind: RequirementKind
    weight: int


@dataclass(frozen=True, slots=True)
class DraftPosition:
    """One opening. Salaries are in whole `currency` per `salary_period` (year, month, day or hour) where it is stated.

    The title is None only when a document asks for people without naming the work.
    """

    title: Found[str] | None = None
    department: Found[str] | None = None
    location: Found[str] | None = None
    experience_years_min: Found[int] | None = None
    employment_type: Found[EmploymentType] | None = None
    openings: Found[int] | None = None
    salary_min: Found[Decimal] | None = None
    salary_max: Found[Decimal] | None = None
    currency: Found[str] | None = None
    salary_period: Found[str] | None = None
    description: Found[str] | None = None
    responsibilities: tuple[Found[str], ...] = ()
    requirements: tuple[DraftRequirement, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The draft as JSON values; amounts are numbers."""
        return _object(self)


@dataclass(frozen=True, slots=True)
class BriefFields:
    """What a project brief says. `priority` is low, medium, high or urgent."""

    name: Found[str] | None = None
    client: Found[str] | None = None
    sector: Found[str] | None = None
    location: Found[str] | None = None
    summary: Found[str] | None = None
    target_hires: Found[int] | None = None
    priority: Found[str] | None = None
    starts: Found[YearMonth] | None = None
    ends: Found[YearMonth] | None = None
    roles: tuple[Found[str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values; a month reads "2025-03" and a year "2025"."""
        return _object(self)


def as_json(value: object) -> object:
    """`value` as JSON: dataclasses as objects, months as text, amounts as numbers."""
    if isinstance(value, YearMonth | StrEnum):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    return value


def _object(value: Any) -> dict[str, Any]:
    return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
