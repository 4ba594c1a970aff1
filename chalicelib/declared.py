"""Values declared with type, limits and meaning, read from text or Python's own values, and checked all at once.

pydantic does that and more, and took a fifth of a function's cold start: of it functions need nothing else
(docs/performance.md).
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from inspect import get_annotations
from typing import Any, ClassVar, Self

TRUE, FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
Limit = int | float | None


class Secret:
    """A text that is not shown when it is printed or logged."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class Field:
    """One value: what it is when nobody says, its limits (`over` is not allowed itself), and what it is for. `kind` is
    its annotation, such as `int` or `Secret | None`."""

    default: Any
    description: str
    at_least: Limit = None
    over: Limit = None
    at_most: Limit = None
    pattern: str | None = None
    check: Callable[[Any], Any] | None = None
    kind: str = ""


def field(
    default: Any,
    *,
    description: str,
    ge: Limit = None,
    gt: Limit = None,
    le: Limit = None,
    pattern: str | None = None,
    check: Callable[[Any], Any] | None = None,
) -> Any:
    """Declare a value; `check` gets what was read, and answers what it becomes or raises ValueError."""
    return Field(default, description, ge, gt, le, pattern, check)


class Mistakes(ValueError):
    """What is wrong: `lines` begin with the name of the value that each is about. Values are not in them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Declared:
    """What its subclass declares by `field`; a value never changes. Raises Mistakes that name all that is wrong."""

    fields: ClassVar[Mapping[str, Field]]
    prefix: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        kinds = get_annotations(cls)
        cls.fields = {
            name: Field(
                told.default, told.description, told.at_least, told.over, told.at_most, told.pattern, told.check, kind
            )
            for name, kind in kinds.items()
            if isinstance(told := cls.__dict__.get(name), Field)
        }

    def __init__(self, /, **values: Any) -> None:
        found = [(name, "no such setting") for name in values.keys() - self.fields.keys()]
        read = {name: told.default for name, told in self.fields.items()}
        named = sys.modules[type(self).__module__].__dict__
        for name in self.fields.keys() & values.keys():
            try:
                read[name] = _read(self.fields[name], values[name], named)
            except ValueError as mistake:
                found.append((name, str(mistake)))
        self.__dict__.update(read)
        found += self._together(values) if found else self._together(read)
        if found:
            raise Mistakes([f"{self.prefix}{name.upper()}: {said}" for name, said in dict(reversed(found)).items()])

    def _together(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What does not go together in `values`, which are read, or as they were given when one cannot be read."""
        return []

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """These values, text or Python's own; raises Mistakes."""
        return cls(**values)

    def but(self, **changed: Any) -> Self:
        """The same with other values, which are not checked."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__ | changed)
        return made

    def __setattr__(self, name: str, _value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name}")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


def _read(told: Field, value: Any, named: Mapping[str, Any]) -> Any:
    kind = told.kind.removesuffix(" | None")
    if value is None and kind != told.kind:
        return None
    read = READERS[kind](value) if kind in READERS else _choice(named[kind], value)
    for mistake in _limits(told, read):
        raise ValueError(mistake)
    return told.check(read) if told.check is not None else read


def _limits(told: Field, read: Any) -> Iterator[str]:
    if told.at_least is not None and read < told.at_least:
        yield f"it must be {told.at_least} or more"
    if told.over is not None and read <= told.over:
        yield f"it must be more than {told.over}"
    if told.at_most is not None and read > told.at_most:
        yield f"it must be {told.at_most} or less"
    if told.pattern is not None and re.fullmatch(told.pattern, read) is None:
        yield f"it must look like {told.pattern}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be a text")
    return value


def _whole(value: Any) -> int:
    try:
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("it must be a whole number") from None


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("it must be a number")
    return number


def _truth(value: Any) -> bool:
    told = str(value).lower()
    if told not in TRUE | FALSE:
        raise ValueError("it must be true or false")
    return told in TRUE


def _secret(value: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(_text(value))


def _choice(kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"it must be one of {', '.join(kind)}") from None


def _parts(value: Any) -> tuple[str, ...]:
    """The parts of a text that commas separate."""
    found = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in found if part.strip())


def _whole_parts(value: Any) -> tuple[int, ...]:
    return tuple(_whole(part) for part in (_parts(value) if isinstance(value, str) else value))


READERS: Mapping[str, Callable[[Any], Any]] = {
    "str": _text,
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "Secret": _secret,
    "tuple[str, ...]": _parts,
    "tuple[int, ...]": _whole_parts,
}
