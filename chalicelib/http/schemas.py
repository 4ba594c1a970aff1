"""Shapes that bodies and answers of every domain are made of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from chalicelib.cold_start import loads_by_request

# Building the rules of every body and answer takes longer than most requests. Two threads may not build one at once.
BY_REQUEST = loads_by_request()


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _as_rfc_3339(value: object) -> object:
    # Pydantic would take numbers, written as text as well, for seconds since 1970.
    if not isinstance(value, datetime) and not (isinstance(value, str) and RFC_3339.fullmatch(value)):
        raise ValueError("write it like 2026-03-01T09:00:00Z or 2026-03-01T10:00:00+01:00")
    return value


RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
GivenTime = Annotated[AwareDatetime, BeforeValidator(_as_rfc_3339)]


def _a_number(value: object) -> object:
    # Not strict, which would refuse 1.0 for a whole number.
    if isinstance(value, str | bool):
        raise PydanticCustomError("number", "Input should be a number")
    return value


def _take_literally(schema: Any) -> None:
    """Let no text pass for a number, and neither for a boolean."""
    if isinstance(schema, dict):
        for part in schema.values():
            _take_literally(part)
        if schema.get("type") in {"int", "float"}:
            number = {key: value for key, value in schema.items() if key != "strict"}
            schema.clear()
            schema.update(no_info_before_validator_function(_a_number, cast("CoreSchema", number)))
        elif schema.get("type") == "bool":
            schema["strict"] = True
    elif isinstance(schema, list | tuple):
        for part in schema:
            _take_literally(part)


UtcTime = Annotated[datetime, AfterValidator(_in_utc)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\r\n]*$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\r\n]*$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
LowerCase = BeforeValidator(_lower)


class Body(BaseModel):
    """What comes in. An unknown field is a mistake, said and not ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000, hide_input_in_errors=True, defer_build=BY_REQUEST)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """JSON has numbers and booleans of its own, so that "5" and "yes" are neither."""
        schema = handler(source)
        _take_literally(schema)
        return schema


class View(BaseModel):
    """What goes out, read from a row."""

    model_config = ConfigDict(from_attributes=True, hide_input_in_errors=True, defer_build=BY_REQUEST)


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
