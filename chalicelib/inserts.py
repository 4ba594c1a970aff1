"""New rows, written by a statement that is made once for each table, where a session's flush would take all its steps.

The row belongs to the session afterwards, as if it had been flushed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, make_transient_to_detached

from chalicelib.db import Base
from chalicelib.prepared import Prepared


@dataclass(frozen=True, slots=True)
class OnlyOne:
    """A unique index: its columns, and which rows it holds (SQL)."""

    columns: tuple[str, ...]
    where: str


def insert(session: Session, row: Base, *, unless: OnlyOne | None = None) -> bool:
    """Write a new row now. False when there is one already as `unless` allows but one of; nothing is written then."""
    values = _values_of(row)
    is_new = _insert_into(type(row), tuple(values), unless).write(session.connection(), values) == 1
    if is_new:
        _keep(session, row)
    return is_new


def put_ahead(session: Session, row: Base) -> None:
    """Write a new row in the message of the transaction's next statement, or of its commit. For what nothing speaks
    against: its error would be the other one's."""
    values = _values_of(row)
    _insert_into(type(row), tuple(values), None).put_ahead(session.connection(), values)
    _keep(session, row)


def _keep(session: Session, row: Base) -> None:
    make_transient_to_detached(row)
    session.add(row)


def _values_of(row: Base) -> dict[str, Any]:
    """The columns that were given, and those that have a default here, which is set; the database's own defaults are
    left to it, and read when they are asked for."""
    given = sa.inspect(row).dict
    for name, default in _defaults(type(row)):
        if name not in given:
            setattr(row, name, default(None) if callable(default) else default)
    names = (column.key for column in type(row).__table__.columns)
    return {name: given[name] for name in names if name in given}


@cache
def _defaults(model: type[Base]) -> tuple[tuple[str, Any], ...]:
    return tuple((column.key, column.default.arg) for column in model.__table__.columns if column.default is not None)


@lru_cache(500)
def _insert_into(model: type[Base], columns: tuple[str, ...], unless: OnlyOne | None) -> Prepared:
    statement = postgresql.insert(model)
    if unless is not None:
        statement = statement.on_conflict_do_nothing(index_elements=unless.columns, index_where=sa.text(unless.where))
    return Prepared(statement, columns=columns)
