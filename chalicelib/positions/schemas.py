"""Bodies and answers of positions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Line, NotNull, Prose, UtcTime, View
from chalicelib.ids import new_id
from chalicelib.positions.models import DEFAULT_STAGES, PositionStatus
from chalicelib.screening.rating import RequirementKind


def _distinct_ids(requirements: list[RequirementBody]) -> list[RequirementBody]:
    ids = [requirement.id for requirement in requirements]
    if len(set(ids)) < len(ids):
        raise ValueError("each requirement needs an id of its own")
    return requirements


def _distinct(stages: list[str]) -> list[str]:
    if len(set(stages)) < len(stages):
        raise ValueError("each stage needs a name of its own")
    return stages


class RequirementBody(Body):
    """Something a candidate must have, or that is nice to have; `id` is made when it is left out."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] = Field(
        default_factory=lambda: str(new_id())
    )
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
    kind: RequirementKind
    weight: Annotated[int, Field(ge=1, le=5)] = 3


Requirements = Annotated[list[RequirementBody], Field(max_length=50), AfterValidator(_distinct_ids)]
StageName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Stages = Annotated[
    list[StageName],
    Field(min_length=2, max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def _plainly_written(value: object) -> object:
    if isinstance(value, str) and AMOUNT.fullmatch(value) is None:
        raise ValueError("write an amount like 52000 or 52000.50")
    return value


MOST = Decimal("999999999999.99")
Money = Annotated[
    Decimal,
    Field(ge=0, le=MOST, decimal_places=2),
    BeforeValidator(_plainly_written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": float(MOST)},
                {"type": "string", "pattern": f"^{AMOUNT.pattern}$"},
            ],
            "description": "At most two decimal places.",
        },
        mode="validation",
    ),
]
ShownMoney = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Years = Annotated[int, Field(ge=0, le=60)]
Openings = Annotated[int, Field(ge=1, le=100_000)]


class PositionQuery(PageQuery):
    status: PositionStatus | None = None
    project_id: UUID | None = None


class NewPosition(Body):
    project_id: UUID | None = None
    title: Line
    department: Line | None = None
    location: Line | None = None
    description: Prose | None = None
    experience_years_min: Years | None = None
    openings: Openings = 1
    status: PositionStatus = PositionStatus.OPEN
    salary_min: Money | None = None
    salary_max: Money | None = None
    currency: Currency | None = None
    requirements: Requirements = Field(default_factory=list)
    stages: Stages = Field(default_factory=lambda: list(DEFAULT_STAGES))

    @field_validator("salary_max")
    @classmethod
    def _salaries_do_not_cross(cls, salary_max: Decimal | None, info: ValidationInfo) -> Decimal | None:
        salary_min = info.data.get("salary_min")
        if salary_min is not None and salary_max is not None and salary_min > salary_max:
            raise ValueError("is below salary_min")
        return salary_max

    def as_values(self) -> dict[str, Any]:
        """The row's columns."""
        return {**self.model_dump(), "requirements": [item.model_dump(mode="json") for item in self.requirements]}


class PositionChange(NotNull):
    """Only what is given changes; requirements and stages are replaced as a whole."""

    never_null = ("title", "openings", "status", "requirements", "stages")

    project_id: UUID | None = None
    title: Line | None = None
    department: Line | None = None
    location: Line | None = None
    description: Prose | None = None
    experience_years_min: Years | None = None
    openings: Openings | None = None
    status: PositionStatus | None = None
    salary_min: Money | None = None
    salary_max: Money | None = None
    currency: Currency | None = None
    requirements: Requirements | None = None
    stages: Stages | None = None

    def as_values(self) -> dict[str, Any]:
        """The columns that are to change."""
        values = self.model_dump(exclude_unset=True)
        if self.requirements is not None:
            values["requirements"] = [item.model_dump(mode="json") for item in self.requirements]
        return values


class RequirementView(View):
    id: str
    text: str
    kind: RequirementKind
    weight: int


class PositionView(View):
    id: UUID
    project_id: UUID | None
    title: str
    department: str | None
    location: str | None
    description: str | None
    experience_years_min: int | None
    openings: int
    status: PositionStatus
    salary_min: ShownMoney | None
    salary_max: ShownMoney | None
    currency: str | None
    requirements: list[RequirementView]
    stages: list[str]
    created_by: UUID
    created_at: UtcTime
    updated_at: UtcTime
