"""Statements that are compiled once for a process, for what nearly every request asks.

SQLAlchemy looks a statement up by its shape, binds it and wraps its answer anew for each call, which costs several
times what the driver does. These go past that, on the same connection, in the same transaction, with the same errors.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.util import LRUCache

from chalicelib import pipeline

T = TypeVar("T")
Bound = tuple[str, tuple[Any, ...]]


class Prepared:
    """One statement with parameters by name, for any connection to PostgreSQL; `columns` are those of an insert."""

    def __init__(self, statement: Any, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: tuple[str, list[tuple[str, Any, Any]]] | None = None

    def ask(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        """Its rows as named tuples, none when it gives none. Raises what SQLAlchemy raises."""
        return rows_of(self._run(connection, values))

    def write(self, connection: sa.Connection, values: Mapping[str, Any]) -> int:
        """How many rows it wrote. Raises what SQLAlchemy raises."""
        return int(self._run(connection, values).row_count)

    def put_ahead(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        """Let it go with the connection's next statement, or the commit, and right before it. Nobody gets its answer;
        its error is the other one's."""
        text, bound = self.bound(connection.dialect, values)
        pipeline.put_ahead(connection.connection.dbapi_connection, text, bound, is_write=True)

    def _run(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        driver: Any = connection.connection.dbapi_connection
        text, bound = self.bound(connection.dialect, values)
        try:
            return watched(connection, text, bound, lambda: pipeline.execute(driver, text, bound))
        except connection.dialect.loaded_dbapi.Error as error:
            connection._handle_dbapi_exception(error, text, None, None, None)

    def bound(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> Bound:
        """Its text as the driver takes it, and its parameters in order."""
        if self._compiled is None:
            self._compiled = self._compile(dialect)
        text, parameters = self._compiled
        found = [(values.get(key, default), write) for key, default, write in parameters]
        return text, tuple([value if write is None else write(value) for value, write in found])

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[tuple[str, Any, Any]]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        defaults = compiled.construct_params(_check=False)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        return str(compiled), [
            (bind.key, defaults.get(name), bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in binds
        ]


def watched(connection: sa.Connection, text: str, bound: tuple[Any, ...], run: Callable[[], T]) -> T:
    """What `run` gives, while whoever listens to the engine's statements is told of this one."""
    if not (connection._has_events or connection.engine._has_events):
        return run()
    context = SimpleNamespace()
    for tell in connection.dispatch.before_cursor_execute:
        tell(connection, None, text, bound, context, False)
    result = run()
    for tell in connection.dispatch.after_cursor_execute:
        tell(connection, None, text, bound, context, False)
    return result


@dataclass(frozen=True, slots=True)
class _Kept:
    """A statement of some shape, and by which names its first values went; they come in the same order each time."""

    prepared: Prepared
    names: tuple[str, ...]


_kept: LRUCache[Any, _Kept | None] = LRUCache(500)


def ask_built(connection: sa.Connection, statement: sa.Select[Any]) -> list[Any]:
    """The rows of a statement that is built anew each time, but has one of few shapes, compiled once for each. It holds
    columns and no entities. Raises what SQLAlchemy raises."""
    key = statement._generate_cache_key()
    if key is None:
        return list(connection.execute(statement).all())
    if key.key not in _kept:
        _kept[key.key] = _keep(statement, key, connection.dialect)
    kept = _kept[key.key]
    if kept is None:
        return list(connection.execute(statement).all())
    values = [bind.effective_value for bind in key.bindparams]
    return kept.prepared.ask(connection, dict(zip(kept.names, values, strict=True)))


def _keep(statement: sa.Select[Any], key: CacheKey, dialect: sa.Dialect) -> _Kept | None:
    # What is written into the text with its values, as IN with a list is, differs each time.
    if any(bind.expanding or bind.literal_execute for bind in key.bindparams):
        return None
    return _Kept(Prepared(statement), tuple(bind.key for bind in key.bindparams))


@cache
def one_of(model: Any) -> Prepared:
    """All columns of the living row of a table with the given `id` and `organization_id`."""
    table = model.__table__
    mine = (table.c.id == sa.bindparam("id"), table.c.organization_id == sa.bindparam("organization_id"))
    living = (table.c.deleted_at.is_(None),) if "deleted_at" in table.c else ()
    return Prepared(sa.select(table).where(*mine, *living))


def rows_of(context: Any) -> list[Any]:
    """The rows of an answer of the driver, as named tuples."""
    if not context.rows:
        return []
    make = _row(context.names)._make
    return [make(row) for row in context.rows]


@lru_cache(500)
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
