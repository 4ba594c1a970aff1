"""Lists: by skip and limit, or by an opaque cursor that costs the same on every page."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from chalicelib.auth import tokens
from chalicelib.db import newest_first
from chalicelib.errors import BadRequest
from chalicelib.prepared import ask_built

COUNTED_UP_TO = 10_000
ItemT = TypeVar("ItemT", bound=BaseModel)


class BadCursor(BadRequest):
    """The cursor is not one of ours, or belongs to another list."""

    code = "bad_cursor"


class PageQuery(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(extra="forbid")

    skip: int = Field(0, ge=0, le=2**31 - 1)
    limit: int = Field(100, ge=1, le=1000)
    cursor: str | None = Field(None, max_length=2000)


class Page(BaseModel, Generic[ItemT]):
    """One part of a list. `total` is exact up to 10,000."""

    items: list[ItemT]
    total: int
    skip: int
    limit: int
    next_cursor: str | None
    total_is_exact: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: one column that is never null (optional), then one that is unique. `kinds` read a cursor back."""

    columns: tuple[Any, ...]
    kinds: tuple[Callable[[str], Any], ...]
    is_descending: bool
    is_by_id: bool = False

    @classmethod
    def by_id(cls, column: Any) -> Order:
        """Newest first: ids are UUIDv7."""
        return cls((column,), (UUID,), is_descending=True, is_by_id=True)

    def clauses(self) -> list[Any]:
        if self.is_by_id:
            return [newest_first(column) for column in self.columns]
        return [column.desc() if self.is_descending else column.asc() for column in self.columns]

    def after(self, values: Sequence[Any]) -> sa.ColumnElement[bool]:
        """The rows that come after the one with these values."""
        ours = sa.tuple_(*self.columns)
        theirs = sa.tuple_(
            *(sa.literal(value, column.type) for value, column in zip(values, self.columns, strict=True))
        )
        return ours < theirs if self.is_descending else ours > theirs


# The rows of a list after one with these values (all, when None), in its order, of which so many are enough.
Nearest = Callable[[Sequence[Any] | None, int], sa.Select[Any]]
_sql_of_lists: LRUCache[Any, str] = LRUCache(500)
TEXT: Callable[[str], Any] = str
TIME: Callable[[str], Any] = datetime.fromisoformat


def page(
    session: Session,
    query: sa.Select[Any],
    order: Order,
    wish: PageQuery,
    view: type[ItemT],
    read: Callable[[Any], ItemT] | None = None,
    counted: sa.Select[Any] | None = None,
    nearest: Nearest | None = None,
) -> Page[ItemT]:
    """The wished part of `query` in `order`, each row as `view` (by `read` when its fields are not the row's own).
    `counted` has as many rows as `query` where those are quicker to count; `nearest` finds the rows of one page where
    `query` would look through too many. Raises BadCursor."""
    list_name = _list_name(query, order)
    skip, values = wish.skip, None
    if wish.cursor is not None:
        skip, values = _read_cursor(wish.cursor, list_name, order.kinds)
    passed = 0 if wish.cursor else skip
    if nearest is not None:
        found = nearest(values, passed + wish.limit + 1)
    else:
        found = query if values is None else query.where(order.after(values))
    limited = found.order_by(*order.clauses()).limit(wish.limit + 1).offset(passed)
    # Past the session, which would look for entities in each row. A list has columns alone.
    rows = ask_built(session.connection(), limited)
    has_more, rows = len(rows) > wish.limit, rows[: wish.limit]
    # The page itself tells, unless it lies behind its list's end or more come after it.
    if wish.cursor is None and not has_more and (rows or skip == 0):
        total = skip + len(rows)
    else:
        total = _count(session, query if counted is None else counted, is_ready=counted is not None)
    next_cursor = None
    if has_more:
        last = [getattr(rows[-1], column.key or "") for column in order.columns]
        next_cursor = _write_cursor(list_name, skip + len(rows), last)
    return Page(
        items=[read(row) for row in rows] if read else _viewed(view, rows),
        total=min(total, COUNTED_UP_TO),
        skip=skip,
        limit=wish.limit,
        next_cursor=next_cursor,
        total_is_exact=total <= COUNTED_UP_TO,
    )


def _viewed(view: type[ItemT], rows: Sequence[Any]) -> list[ItemT]:
    # As dicts they are read in less than half the time of rows whose attributes are asked for one by one.
    values = [row._asdict() for row in rows]
    return _adapter(view).validate_python(values, from_attributes=True)


@cache
def _adapter(view: type[ItemT]) -> TypeAdapter[list[ItemT]]:
    view.model_rebuild()  # each item is written by its own model, which may have been left unbuilt until now
    return TypeAdapter(list[view])  # type: ignore[valid-type]


def _count(session: Session, query: sa.Select[Any], *, is_ready: bool) -> int:
    """How many rows there are, counted no further than 10,001; of a query that is not ready for it, without what it
    shows."""
    countable = query if is_ready else query.with_only_columns(sa.literal(1)).order_by(None)
    bounded = countable.limit(COUNTED_UP_TO + 1).subquery()
    ((counted,),) = ask_built(session.connection(), sa.select(sa.func.count()).select_from(bounded))
    return int(counted)


def next_position(position: int, list_name: str) -> str:
    """A cursor for a list that is ranked afresh for each page, where only the position can be kept."""
    return _write_cursor(_short(list_name), position, [])


def position_of(cursor: str, list_name: str) -> int:
    """The position in such a cursor; raises BadCursor."""
    return _read_cursor(cursor, _short(list_name), ())[0]


def _short(material: str) -> str:
    return hashlib.sha256(material.encode()).hexdigest()[:16]


def _list_name(query: sa.Select[Any], order: Order) -> str:
    """A short name for this list with these filters in this order, so that a cursor fits no other."""
    ordered = query.order_by(*order.clauses())
    key = ordered._generate_cache_key()
    if key is None:
        compiled = ordered.compile()
        return _short(compiled.string + json.dumps(compiled.params, default=str, sort_keys=True))
    # Made for names that other processes share: the SQL, compiled once for each shape of list, and its values.
    return _short(key.to_offline_string(_sql_of_lists, ordered, {}))


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, payload, hashlib.sha256).digest()[:16]


def _is_ours(signature: bytes, payload: bytes) -> bool:
    return any(
        hmac.compare_digest(signature, _signature(payload, key))
        for anew in (False, True)
        for key in tokens.cursor_keys(anew=anew)
    )


def _write_cursor(list_name: str, position: int, values: Sequence[Any]) -> str:
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    payload = json.dumps([list_name, position, *texts], separators=(",", ":"), ensure_ascii=False).encode()
    return _as_text(_signature(payload, tokens.cursor_keys()[0]) + payload)


def _as_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read_cursor(cursor: str, list_name: str, kinds: tuple[Callable[[str], Any], ...]) -> tuple[int, list[Any]]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if _as_text(raw) != cursor:  # base64 has many spellings for the same bytes; ours is the one given out
            raise ValueError("misspelt")
        signature, payload = raw[:16], raw[16:]
        if not _is_ours(signature, payload):
            raise ValueError("forged")
        name, position, *texts = json.loads(payload)
        if name != list_name:
            raise ValueError("of another list")
        return position, [kind(text) for kind, text in zip(kinds, texts, strict=True)]
    except (ValueError, binascii.Error):
        raise BadCursor("this cursor was not given out for this list; start again without it") from None
