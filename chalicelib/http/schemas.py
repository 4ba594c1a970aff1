"""Shapes that bodies and answers of every domain are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


UtcTime = Annotated[datetime, AfterValidator(_in_utc)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\r\n]*$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
LowerCase = BeforeValidator(_lower)


class Body(BaseModel):
    """What comes in. An unknown field is a mistake, said and not ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000)


class View(BaseModel):
    """What goes out, read from a row."""

    model_config = ConfigDict(from_attributes=True)


class NotNull(Body):
    """A change: fields left out stay as they are, and those in `never_null` cannot be emptied."""

    never_null: ClassVar[tuple[str, ...]] = ()

    @field_validator("*", mode="before")
    @classmethod
    def _no_null(cls, value: Any, field: ValidationInfo) -> Any:
        if value is None and field.field_name in cls.never_null:
            raise PydanticCustomError("not_null", "cannot be null")
        return value

    def given(self) -> dict[str, Any]:
        """What the caller wants changed."""
        return self.model_dump(mode="json", exclude_unset=True)
