"""How texts, times, commits and errors travel between PostgreSQL and pg8000, where the driver's own way is wrong, slow
or says too much.

It reads an array character by character and a time by a pattern, which together cost a list of fifty candidates more
than anything else did; it commits in three round trips where it begins in one; and it writes the text "null" in an
array so that PostgreSQL takes it for NULL. Its errors repeat all that the server said, which quotes the row. What
these functions do not know is left to the driver.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from pg8000 import DatabaseError
from pg8000.converters import array_out, string_array_in, timestamptz_in
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from chalicelib import pipeline, tracing

TEXT_ARRAY, TIMESTAMPTZ, JSONB, UUID_TYPE = 1009, 1184, 3802, 2950
ERROR = b"E"
# Fields of an error that name things of the schema: severity, code, message, schema, table, column, type, constraint,
# file, line and routine. Detail, hint, context and query are left out: "Key (email)=(ada@example.org) already exists."
TOLD = frozenset("SVCMstcdnFLR")
DATA_EXCEPTION = "22"
QUOTED = re.compile(r'"[^"]*"')
ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",{}\\]+)', re.DOTALL)
SCAN_JSON: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def teach(connection: Any) -> None:
    """Let a pg8000 connection read, write and commit in the ways of this file."""
    connection.register_in_adapter(TEXT_ARRAY, text_array)
    connection.register_in_adapter(TIMESTAMPTZ, moment)
    connection.register_out_adapter(list, array_literal)
    connection.register_in_adapter(JSONB, json_value)
    connection.register_in_adapter(UUID_TYPE, read_id)
    pipeline.teach(connection)
    connection.commit = partial(_commit, connection)
    connection.message_types[ERROR] = partial(_take_error, connection.message_types[ERROR])
    connection.execute_unnamed = partial(_timed, connection.execute_unnamed)


def _timed(execute: Callable[..., Any], statement: str, *args: Any, **options: Any) -> Any:
    """Run a statement that the driver sends by itself (COPY), and note its time in the trace in hand."""
    started = time.perf_counter()
    try:
        return execute(statement, *args, **options)
    finally:
        tracing.spent(statement, time.perf_counter() - started)


def _commit(connection: Any) -> None:
    """Commit in one round trip, together with the statements of `last`, which are this transaction's alone."""
    last, connection.last = connection.last, None
    try:
        pipeline.commit(connection, last)
    except DatabaseError as error:
        # The server did not come to the commit. SQLAlchemy takes one that failed for the end of the transaction.
        connection.rollback()
        raise pipeline.as_of_cursor(error) from None


def _take_error(take: Callable[[bytes, Any], None], data: bytes, context: Any) -> None:
    take(data, context)
    (fields,) = context.error.args
    context.error.args = (without_values(fields),)


def without_values(fields: dict[str, str]) -> dict[str, str]:
    """What PostgreSQL said of an error, without the values that it was about: our logs hold no row of anybody."""
    told = {name: text for name, text in fields.items() if name in TOLD}
    if told.get("C", "").startswith(DATA_EXCEPTION):
        told["M"] = QUOTED.sub('"..."', told["M"])
    return told


# Each row of a list names the same organization, and mostly the same few users and projects.
read_id = lru_cache(1000)(UUID)


class Array(postgresql.ARRAY[Any]):
    """An array as the driver reads it, where SQLAlchemy would copy it item by item."""

    render_bind_cast = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        of_items = self.item_type.dialect_impl(dialect).result_processor(dialect, coltype)
        return super().result_processor(dialect, coltype) if of_items or self.as_tuple else None


def moment(text: str) -> Any:
    """A `timestamptz` as an aware datetime; infinity and years that Python does not have, as pg8000 gives them."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return timestamptz_in(text)


def json_value(text: str) -> Any:
    """A `jsonb`, which PostgreSQL writes without anything before or after it."""
    return SCAN_JSON(text, 0)[0]


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
