"""What a view's own code says about its answers. A route's table entry names its shapes; whether its answer has an ETag
is decided in the view, and read here rather than written down a second time."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from types import CodeType
from typing import Any

KNOWN_STATUSES = frozenset(int(status) for status in HTTPStatus)


def honours_if_match(view: Callable[..., Any]) -> bool:
    """Whether the view refuses a change that was decided on another version."""
    return "check_fresh" in _code(view).co_names


def gives_etag(view: Callable[..., Any]) -> bool:
    """Whether the view's answer carries the version of what it shows."""
    names = _code(view).co_names
    return "versioned" in names or is_cacheable(view) or ("created" in names and "version" in _keywords(_code(view)))


def is_cacheable(view: Callable[..., Any]) -> bool:
    """Whether who has the answer already is told so with 304."""
    return "cacheable" in _code(view).co_names


def named_statuses(view: Callable[..., Any]) -> set[int]:
    """The status codes that stand in the view itself, where it answers with another one than its route's."""
    return {value for value in _code(view).co_consts if type(value) is int and value in KNOWN_STATUSES}


def _code(view: Callable[..., Any]) -> CodeType:
    code = getattr(view, "__code__", None)
    assert isinstance(code, CodeType), f"{view!r} is no plain function"
    return code


def _keywords(code: CodeType) -> set[str]:
    return {name for value in code.co_consts if isinstance(value, tuple) for name in value if isinstance(name, str)}
