"""What a database holds, in a line for each table: two databases with equal fingerprints hold the same rows.

A row's text is the same on any server, whatever its settings: it is hashed there (SHA-256, half of which is summed up
as two numbers of 64 bits), so that memory stays small and the order of rows does not matter. That finds what is lost,
doubled, swapped or changed by accident; against somebody who changes rows on purpose there are chains of events.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chalicelib.db import sql_state
from chalicelib.errors import Forbidden

NOT_ALLOWED = "42501"
# How values are written, so that they are written alike everywhere; and what a long look at everything needs.
WRITTEN_ALIKE = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "search_path": "pg_catalog",
    # An error rather than the rows of some organizations alone.
    "row_security": "off",
    "statement_timeout": "0",
    # On a database that is in use, give up on lifting the policies rather than make everybody queue behind it.
    "lock_timeout": "10s",
}
SET = sa.text("select set_config(name, value, true) from json_each_text(cast(:settings as json)) as t(name, value)")
# Names and types in one order: a column added earlier on one server than on the other is no difference.
TABLES = sa.text("""
    select c.relname, c.relforcerowsecurity,
        coalesce(array_agg(a.attname::text order by a.attname) filter (where a.attnum > 0), '{}'),
        coalesce(array_agg(format_type(a.atttypid, a.atttypmod) order by a.attname) filter (where a.attnum > 0), '{}')
    from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace = (select oid from pg_namespace where nspname = :schema)
    group by c.oid order by c.relname
""")
# The statement takes no parameters: PostgreSQL itself writes it, with the names quoted.
LIFT = sa.text("""
    select format('alter table %I.%I no force row level security', cast(:schema as text), cast(:table as text))
""")
LOOK = """
    select count(*),
        coalesce(sum(('x' || left(hash, 16))::bit(64)::int8), 0)::text,
        coalesce(sum(('x' || right(hash, 16))::bit(64)::int8), 0)::text
    from (select encode(substr(sha256(convert_to(row({columns})::text, 'UTF8')), 1, 16), 'hex') as hash
          from {table} as t offset 0) as hashes
"""
Progress = Callable[[str], None]


class RowsHidden(Forbidden):
    """Whoever asks would see a part of the rows only."""

    code = "rows_hidden"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """How many rows a table has, and a hash that is the same for the same rows, whatever their order."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    has_forced_policies: bool
    columns: tuple[str, ...]
    types: tuple[str, ...]


def fingerprints(
    session: Session,
    *,
    schema: str = "public",
    lift_policies: bool = False,
    by_policies: bool = False,
    progress: Progress = lambda _: None,
) -> dict[str, Fingerprint]:
    """The fingerprint of every table of a schema, by name, as this transaction sees them; the transaction goes on as it
    was. `progress` is told each table before it is looked at.

    It takes a superuser or a role with BYPASSRLS, to whom no policy applies; everybody else gets RowsHidden. On RDS
    there is neither: there it takes the owner of the tables (or a member of it) and `lift_policies`, which locks every
    table against everybody until this returns. That is for a copy that nobody uses, and is undone before it returns.
    Who has made sure that a policy of each table shows this role every row (chalicelib/backups/export_role.py) says so
    by `by_policies`, and no rows are refused then.
    """
    connection = session.connection()
    with _written_alike(connection, {"row_security": "on"} if by_policies else {}):
        tables = [
            _Table(name, forced, tuple(columns), tuple(types))
            for name, forced, columns, types in connection.execute(TABLES, {"schema": schema})
        ]
        if lift_policies:
            _lift(connection, schema, tables)
        return dict(_look(connection, schema, tables, progress))


def differences(before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]) -> list[str]:
    """What is not as it was, a line for each table; empty when both hold the same."""
    return [line for name in sorted({*before, *after}) for line in _difference(name, before.get(name), after.get(name))]


@contextmanager
def _written_alike(connection: sa.Connection, instead: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile this transaction writes values as WRITTEN_ALIKE says. Rolling back a savepoint undoes settings too."""
    savepoint = connection.begin_nested()
    try:
        connection.execute(SET, {"settings": json.dumps({**WRITTEN_ALIKE, **instead})})
        yield
    except DBAPIError as error:
        if sql_state(error) == NOT_ALLOWED:
            raise RowsHidden(
                "this database user does not see every row: ask as a superuser, as one with BYPASSRLS, or on a copy "
                "that nobody uses as the owner who lifts the policies"
            ) from error
        raise
    finally:
        savepoint.rollback()


def _lift(connection: sa.Connection, schema: str, tables: Iterable[_Table]) -> None:
    """Let the owner see all of its tables; the savepoint takes it back."""
    for table in tables:
        if table.has_forced_policies:
            statement = connection.scalar(LIFT, {"schema": schema, "table": table.name})
            connection.exec_driver_sql(statement or "")


def _look(
    connection: sa.Connection, schema: str, tables: Iterable[_Table], progress: Progress
) -> Iterator[tuple[str, Fingerprint]]:
    for table in tables:
        progress(table.name)
        columns = ", ".join(f"t.{_named(each)}" for each in table.columns)
        statement = LOOK.format(columns=columns, table=f"{_named(schema)}.{_named(table.name)}")
        rows, *sums = connection.exec_driver_sql(statement).one()
        yield table.name, Fingerprint(rows, _digest(table, rows, sums))


def _digest(table: _Table, rows: int, sums: Iterable[str]) -> str:
    words = [table.name, *table.columns, *table.types, str(rows), *sums]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _named(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _difference(name: str, before: Fingerprint | None, after: Fingerprint | None) -> list[str]:
    if before == after:
        return []
    if before is None or after is None:
        known = before or after
        rows = known.rows if known else 0
        return [f"{name}: {'was not there before' if before is None else 'is not there'} ({_rows(rows)})"]
    if before.rows == after.rows:
        return [f"{name}: {_rows(after.rows)} as before, but not with the same values"]
    missing = before.rows - after.rows
    said = f"{_rows(missing)} missing" if missing > 0 else f"{_rows(-missing)} too many"
    return [f"{name}: {said} ({before.rows:,} before, {after.rows:,} now)"]


def _rows(number: int) -> str:
    return f"{number:,} row" + ("" if number == 1 else "s")
