"""How texts, times and commits travel between PostgreSQL and pg8000, where the driver's own way is wrong or slow.

It reads an array character by character and a time by a pattern, which together cost a list of fifty candidates more
than anything else did; it commits in three round trips where it begins in one; and it writes the text "null" in an
array so that PostgreSQL takes it for NULL. What these functions do not know is left to the driver.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any

from pg8000.converters import array_out, string_array_in, timestamptz_in

TEXT_ARRAY, TIMESTAMPTZ = 1009, 1184
ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}\\]+)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def teach(connection: Any) -> None:
    """Let a pg8000 connection read, write and commit in the ways of this file."""
    connection.register_in_adapter(TEXT_ARRAY, text_array)
    connection.register_in_adapter(TIMESTAMPTZ, moment)
    connection.register_out_adapter(list, array_literal)
    connection.commit = partial(connection.execute_simple, "commit")


def moment(text: str) -> Any:
    """A `timestamptz` as an aware datetime; infinity and years that Python does not have, as pg8000 gives them."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return timestamptz_in(text)


def text_array(text: str) -> Any:
    """A `text[]` of one dimension as a list, NULL as None; any other as pg8000 reads it."""
    if not text.startswith("{") or text.startswith("{{"):
        return string_array_in(text)
    inner = text[1:-1]
    if '"' not in inner:
        items = inner.split(",") if inner else []
        return [None if item == "NULL" else item for item in items] if "NULL" in items else items
    return [_item(quoted, bare) for quoted, bare in ITEM.findall(inner)]


def _item(quoted: str, bare: str) -> str | None:
    if bare:
        return None if bare == "NULL" else bare
    return ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted


def array_literal(items: list[Any]) -> str:
    """A list as PostgreSQL reads an array; texts always in quotes, since NULL without them is none in any case."""
    if not all(item is None or isinstance(item, str) for item in items):
        literal: str = array_out(items)
        return literal
    return "{" + ",".join("NULL" if item is None else _quoted(item) for item in items) + "}"


def _quoted(item: str) -> str:
    escaped = item.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
