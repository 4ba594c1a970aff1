"""The tenant tables, as the catalog of the database lists them, and rows for each of them made by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from chalicelib import db

DENIED = "42501"
COLUMNS = sa.text("""
    select pg_class.relname as table_name, pg_attribute.attname as name, typname as kind, attnotnull as is_needed,
        atthasdef or attgenerated <> '' or attidentity <> '' as has_default
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    join pg_type on pg_type.oid = atttypid
    where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
    order by relname, attnum
""")
CHECKS = sa.text("""
    select conrelid::regclass::text as table_name, pg_get_constraintdef(oid) as rule
    from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace
""")
VALUES: dict[str, Any] = {
    "text": "x",
    "int2": 1,
    "int4": 1,
    "int8": 1,
    "numeric": 1,
    "float8": 1.0,
    "bool": False,
    "timestamptz": "2026-01-01T00:00Z",
    "date": "2026-01-01",
    "time": "12:00",
    "jsonb": "{}",
    "_text": "{x}",
    "_uuid": "{}",
    "bytea": "\\x00",
    "tsvector": "",
    "tstzrange": "empty",
}
Shape = list[dict[str, Any]]


def tenant_tables(connection: sa.Connection) -> dict[str, Shape]:
    """Every table whose rows belong to an organization, with its columns."""
    shapes: dict[str, Shape] = {}
    for column in connection.execute(COLUMNS).mappings():
        shapes.setdefault(column["table_name"], []).append(dict(column))
    names = {table: {column["name"] for column in shape} for table, shape in shapes.items()}
    return {
        table: shape for table, shape in shapes.items() if "organization_id" in names[table] or table == "organizations"
    }


def owner_column(table: str) -> str:
    """The column that says whose a row is."""
    return "id" if table == "organizations" else "organization_id"


def a_row(connection: sa.Connection, table: str, shape: Shape, organization_id: UUID) -> dict[str, Any]:
    """A row of this organization that the table's own rules accept: what is needed, and nothing else."""
    row = {
        column["name"]: _value(connection, table, column)
        for column in shape
        if column["is_needed"] and not column["has_default"]
    }
    return row | {owner_column(table): organization_id}


# What the text of a column looks like where a pattern binds it.
PATTERNED = {"currency": "EUR", "sha256": "0" * 64, "key_hash": "\\x" + "00" * 32}


def _value(connection: sa.Connection, table: str, column: dict[str, Any]) -> Any:
    if column["kind"] == "uuid":
        return uuid4()
    if column["name"] in PATTERNED:
        return PATTERNED[column["name"]]
    for check in connection.execute(CHECKS).mappings():
        allowed = re.search(rf"\(\({column['name']} = ANY \(ARRAY\['([^']+)'", check["rule"])
        if check["table_name"] == table and allowed:
            return allowed[1]
    return VALUES[column["kind"]]


def insert(connection: sa.Connection, table: str, shape: Shape, row: dict[str, Any]) -> None:
    """Insert a row as whoever the connection is."""
    kinds = {column["name"]: column["kind"] for column in shape}
    names = ", ".join(row)
    values = ", ".join(
        f"cast(:{name} as {kinds[name].removeprefix('_')}{'[]' * kinds[name].startswith('_')})" for name in row
    )
    texts = {name: None if value is None else str(value) for name, value in row.items()}
    connection.execute(sa.text(f"insert into {table} ({names}) values ({values})"), texts)


@contextmanager
def refused() -> Iterator[None]:
    """What the database itself forbids."""
    with pytest.raises(ProgrammingError) as error:
        yield
    assert db.sql_state(error.value) == DENIED, error.value


@contextmanager
def acting(organization_id: UUID | None, role: str = "none") -> Iterator[sa.Connection]:
    """The application's connection in a transaction that is rolled back."""
    with db.engine().connect() as connection:
        connection.execute(
            sa.text("select set_config('app.organization_id', :id, true), set_config('role', :role, true)"),
            {"id": str(organization_id or ""), "role": role},
        )
        yield connection
        connection.rollback()
