"""Fingerprints of a database are equal when its rows are, and each kind of change is seen."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from chalicelib.backups.fingerprints import Fingerprint, RowsHidden, differences, fingerprints
from chalicelib.migrations.roles import driver_url
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.house import Database

ODD = 'look."50% ""odd"" table"'
PEOPLE = f"""
    create schema look;
    create table {ODD} (
        id int primary key, name text, note text, at timestamptz, day date, took interval, seal bytea,
        share double precision, tags text[], about jsonb);
    insert into {ODD} values
        (1, 'Ada', null, '2026-03-29 01:30Z', '2026-03-29', '1 day 2 hours', '\\x00ff', 0.1, '{{a,b}}', '{{"x": 1}}'),
        (2, 'Grace', '', '2026-10-25 01:30Z', '2026-10-25', '3 weeks', '\\x5c', 1e-17, '{{"a,b"}}', '{{"x": "1"}}');
    create table look.twins (name text, note text);
    insert into look.twins values ('a', 'b'), ('a', 'b'), ('c', 'd');
    create table look.nothing ();
"""
# Each with the table in which it is to be seen.
CHANGES = {
    "a value": (f"update {ODD} set name = 'Eda' where id = 1", '50% "odd" table'),
    "an accent": (f"update {ODD} set name = 'Adá' where id = 1", '50% "odd" table'),
    "nothing for an empty text": (f"update {ODD} set note = null where id = 2", '50% "odd" table'),
    "an empty text for nothing": (f"update {ODD} set note = '' where id = 1", '50% "odd" table'),
    "a second": (f"update {ODD} set at = at + interval '1 microsecond' where id = 1", '50% "odd" table'),
    "a day": (f"update {ODD} set day = day + 1 where id = 2", '50% "odd" table'),
    "a byte": (f"update {ODD} set seal = '\\x5d' where id = 2", '50% "odd" table'),
    "the last bit of a fraction": (
        f"update {ODD} set share = {math.nextafter(0.1, 1)!r} where id = 1",
        '50% "odd" table',
    ),
    "a list of one for a list of two": (f"update {ODD} set tags = '{{a,b}}' where id = 2", '50% "odd" table'),
    "a number for a text": (f"update {ODD} set about = '{{\"x\": 1}}' where id = 2", '50% "odd" table'),
    "values swapped between rows": (
        f"update {ODD} set name = case id when 1 then 'Grace' else 'Ada' end",
        '50% "odd" table',
    ),
    "values swapped between columns": ("update look.twins set name = note, note = name where name = 'c'", "twins"),
    "a row lost": ("delete from look.twins where name = 'c'", "twins"),
    "a row doubled": ("insert into look.twins values ('c', 'd')", "twins"),
    "one twin for another": (
        "update look.twins set name = 'c', note = 'd' where ctid = (select min(ctid) from look.twins where name = 'a')",
        "twins",
    ),
    "a row moved to another column": ("update look.twins set name = 'cd', note = '' where name = 'c'", "twins"),
    "a column's type": ("alter table look.twins alter column note type varchar(9)", "twins"),
    "a column's name": ("alter table look.twins rename column note to remark", "twins"),
    "a table gone": ("drop table look.twins", "twins"),
    "a table more": ("create table look.more (id int)", "more"),
}


@pytest.fixture
def owner(database: Database) -> Iterator[Session]:
    """A superuser's transaction with a few tables in a schema of their own; rolled back."""
    with _as(database.superuser_url) as session:
        session.connection().exec_driver_sql(PEOPLE)
        yield session


class _as:  # noqa: N801 - reads as a statement
    """A transaction of whoever this URL signs in, rolled back at the end."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(driver_url(url), poolclass=NullPool)

    def __enter__(self) -> Session:
        self._session = Session(self._engine)
        return self._session

    def __exit__(self, *_error: object) -> None:
        self._session.rollback()
        self._session.close()


def look(session: Session) -> dict[str, Fingerprint]:
    return fingerprints(session, schema="look")


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_seen(owner: Session, change: str) -> None:
    statement, table = CHANGES[change]
    before = look(owner)

    owner.connection().exec_driver_sql(statement)

    (line,) = differences(before, look(owner))
    assert line.startswith(f"{table}: "), line


def test_the_order_of_rows_and_of_columns_is_no_difference(owner: Session) -> None:
    before = look(owner)
    owner.execute(sa.text("create table look.other as select note, name from look.twins order by 1 desc"))
    owner.execute(sa.text("alter table look.other drop column note, add column x int, add column note text"))
    owner.execute(sa.text("alter table look.other drop column x"))
    owner.execute(sa.text("update look.other set note = case name when 'a' then 'b' else 'd' end"))
    owner.execute(sa.text("drop table look.twins"))
    owner.execute(sa.text("alter table look.other rename to twins"))

    assert differences(before, look(owner)) == []


def test_how_a_server_writes_values_is_no_difference_and_stays_as_it_is(owner: Session) -> None:
    before = look(owner)
    values = {
        "datestyle": "SQL, DMY",
        "intervalstyle": "iso_8601",
        "timezone": "Pacific/Apia",
        "bytea_output": "escape",
        "extra_float_digits": "-15",
        "row_security": "on",
    }
    for name, value in values.items():
        owner.execute(sa.text("select set_config(:name, :value, true)"), {"name": name, "value": value})

    assert look(owner) == before
    told = {name: owner.scalar(sa.text("select current_setting(:name)"), {"name": name}) for name in values}
    assert told == values


def test_differences_read_as_sentences() -> None:
    before = {"a": Fingerprint(2, "x"), "b": Fingerprint(1200, "x"), "c": Fingerprint(1, "x"), "d": Fingerprint(5, "x")}
    after = {"a": Fingerprint(2, "y"), "b": Fingerprint(1199, "y"), "d": Fingerprint(7, "y"), "e": Fingerprint(0, "x")}

    assert differences(before, after) == [
        "a: 2 rows as before, but not with the same values",
        "b: 1 row missing (1,200 before, 1,199 now)",
        "c: is not there (1 row)",
        "d: 2 rows too many (5 before, 7 now)",
        "e: was not there before (0 rows)",
    ]


def test_the_owner_sees_what_a_superuser_sees_once_policies_are_lifted_and_they_stand_again(
    database: Database, tenant: Tenant
) -> None:
    new_candidate(tenant.api)
    with _as(database.superuser_url) as superuser:
        whole = fingerprints(superuser)

    with _as(database.owner_url) as owner:
        told: list[str] = []
        assert fingerprints(owner, lift_policies=True, progress=told.append) == whole
        forced = owner.scalars(sa.text("select relforcerowsecurity from pg_class where relname = 'events'")).one()
        hidden = owner.scalar(sa.text("select count(*) from events"))

    assert whole["events"].rows > 0
    assert told == sorted(whole)
    assert (forced, hidden) == (True, 0)


@pytest.mark.parametrize("who", ["owner_url", "app_url"])
def test_whoever_sees_a_part_of_the_rows_is_refused(database: Database, who: str) -> None:
    with _as(getattr(database, who)) as session, pytest.raises(RowsHidden):
        fingerprints(session)
