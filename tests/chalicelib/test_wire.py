"""Texts and times travel to PostgreSQL and back unharmed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pg8000.converters import array_out, string_array_in, timestamptz_in
from sqlalchemy.exc import DBAPIError

from chalicelib import db, wire
from chalicelib.settings import Settings
from tests.house import Database

ODD = [
    "",
    " ",
    "a b",
    "a,b",
    "NULL",
    "null",
    "Null",
    '"',
    "\\",
    '\\"',
    "{}",
    "{",
    "}",
    "Zürich",
    "line\nbreak",
    "x\ty",
    "'",
]


def written(items: list[str | None]) -> str:
    """A text[] as PostgreSQL writes it: quotes wherever they are needed."""

    def one(item: str | None) -> str:
        if item is None:
            return "NULL"
        is_plain = item and item.upper() != "NULL" and not any(c in '{},"\\' or c.isspace() for c in item)
        return item if is_plain else '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return "{" + ",".join(one(item) for item in items) + "}"


@given(st.lists(st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_any_list_of_texts_is_read_as_it_was_written(items: list[str | None]) -> None:
    assert wire.text_array(written(items)) == items


def test_arrays_of_two_dimensions_or_with_bounds_are_left_to_the_driver() -> None:
    for text in ("{{a,b},{c,d}}", '{{"a b"},{c}}'):
        assert wire.text_array(text) == string_array_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 06:45:01.123456+00",
        "2026-11-24 06:45:01.5+00",
        "2026-11-24 06:45:01+00",
        "2026-11-24 06:45:01.12+05:30",
        "2026-11-24 06:45:01-03",
        "infinity",
        "-infinity",
        "12026-11-24 06:45:01+00",
    ],
)
def test_times_are_read_as_the_driver_reads_them(text: str) -> None:
    assert wire.moment(text) == timestamptz_in(text)


@pytest.mark.usefixtures("database")
def test_what_comes_from_postgresql_is_what_went_there() -> None:
    when = datetime(2026, 11, 24, 6, 45, 1, 120000, UTC)
    with db.transaction() as session:
        question = sa.text("select cast(:items as text[]) as items, cast(:time as timestamptz) as moment")
        row = session.execute(question, {"items": [*ODD, None], "time": when}).one()

    assert (row.items, row.moment) == ([*ODD, None], when)


@pytest.mark.parametrize("items", [[], [1, 2], [["a", "b"], ["c", "d"]]])
def test_arrays_of_anything_else_are_written_by_the_driver(items: list[object]) -> None:
    assert wire.array_literal(items) == array_out(items)


def write_one_twice(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("create temp table t (a int unique deferrable initially deferred) on commit drop"))
        connection.execute(sa.text("insert into t values (1), (1)"))


def test_a_commit_that_postgresql_refuses_is_an_error_and_leaves_the_connection_well(database: Database) -> None:
    engine = db.build_engine(Settings.of({"database_url": database.superuser_url}))
    with pytest.raises(DBAPIError, match="t_a_key"):
        write_one_twice(engine)

    with engine.begin() as connection:
        assert connection.execute(sa.text("select to_regclass('pg_temp.t')")).scalar_one() is None
    engine.dispose()
