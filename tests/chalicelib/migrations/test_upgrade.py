"""Bringing a database up to date: from nothing, and again, and with roles that are there already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from chalicelib import migrations
from chalicelib.migrations import roles
from tests import house
from tests.house import Database

SCHEMA = sa.text("""
    select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = 'public' order by 1, 2
""")
_numbers = count(1)


def prepare(database: Database, name: str, *, app_password: str = house.APP_PASSWORD) -> None:
    roles.prepare(database.server.url, database=name, owner_password=house.OWNER_PASSWORD, app_password=app_password)


def url_of(database: Database, name: str, user: str = roles.OWNER, password: str = house.OWNER_PASSWORD) -> str:
    return roles.url_for(database.server.url, user=user, password=password, database=name)


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(roles.driver_url(url), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]
    finally:
        engine.dispose()


@pytest.fixture
def empty(database: Database) -> Iterator[str]:
    """The name of a fresh database."""
    name = f"empty_{next(_numbers)}"
    prepare(database, name)
    yield name
    engine = sa.create_engine(
        roles.driver_url(database.server.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"drop database {name}")
    engine.dispose()


def known_changes() -> list[str]:
    """The changes of this release, oldest first."""
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations.FOLDER))
    script = ScriptDirectory.from_config(configuration)
    return [change.revision for change in script.walk_revisions()][::-1]


def test_an_empty_database_gets_every_change_once(database: Database, empty: str) -> None:
    url = url_of(database, empty)
    assert migrations.current(url) is None

    applied = migrations.upgrade(url)

    assert applied == known_changes()
    assert migrations.current(url) == migrations.newest() == applied[-1]


def test_upgrading_again_changes_nothing(database: Database, empty: str) -> None:
    url = url_of(database, empty)
    migrations.upgrade(url)
    before = ask(url, SCHEMA.text)

    assert migrations.upgrade(url) == []
    assert ask(url, SCHEMA.text) == before


def test_there_is_one_line_of_changes() -> None:
    configuration = Config()
    configuration.set_main_option("script_location", str(migrations.FOLDER))

    assert len(ScriptDirectory.from_config(configuration).get_heads()) == 1


def test_preparing_again_changes_nothing(database: Database, empty: str) -> None:
    url = url_of(database, empty)
    migrations.upgrade(url)
    members = (
        "select roleid::regrole::text, member::regrole::text, inherit_option, set_option from pg_auth_members"
        " order by 1, 2"
    )
    settings = "select rolname, rolconfig, rolsuper, rolbypassrls, rolcanlogin from pg_roles order by 1"
    before = ask(url, members), ask(url, settings), ask(url, SCHEMA.text)

    prepare(database, empty)

    assert (ask(url, members), ask(url, settings), ask(url, SCHEMA.text)) == before


def test_preparing_takes_powers_away_that_somebody_gave(database: Database, empty: str) -> None:
    engine = sa.create_engine(
        roles.driver_url(database.server.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("alter role recruitpro_app bypassrls createrole")
    engine.dispose()

    prepare(database, empty)

    powers = "select rolbypassrls, rolcreaterole from pg_roles where rolname = 'recruitpro_app'"
    assert ask(database.server.url, powers) == [(False, False)]


@pytest.mark.parametrize("password", ["it's 100% \\secret\\", 'a"b@c/d:e?f#g', "päss wörd %s %(x)s", "$$;--"])
def test_a_password_may_hold_any_character(database: Database, empty: str, password: str) -> None:
    try:
        prepare(database, empty, app_password=password)
        found = ask(url_of(database, empty, roles.APP, password), "select current_user::text")
    finally:
        prepare(database, empty)

    assert found == [("recruitpro_app",)]


@pytest.mark.parametrize("name", ["", "Upper", "with-dash", "a b", 'x"; drop database y', "1st", "x" * 64])
def test_a_database_name_that_is_no_plain_word_is_refused(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        prepare(database, name)


@pytest.mark.parametrize("url", ["postgresql://a@b/c", "postgres://a@b/c", "postgresql+psycopg://a@b/c"])
def test_every_postgresql_url_gets_our_driver(url: str) -> None:
    assert roles.driver_url(url) == "postgresql+pg8000://a@b/c"


def test_another_database_is_refused_without_its_password_in_the_message() -> None:
    with pytest.raises(ValueError, match="postgresql://") as error:
        roles.driver_url("mysql://user:secret-word@host/db")

    assert "secret-word" not in str(error.value)


def test_the_application_cannot_migrate(database: Database, empty: str) -> None:
    from sqlalchemy.exc import ProgrammingError

    with pytest.raises(ProgrammingError):
        migrations.upgrade(url_of(database, empty, roles.APP, house.APP_PASSWORD))
    assert migrations.current(url_of(database, empty)) is None


def test_every_table_has_a_primary_key_and_every_reference_an_index(database: Database) -> None:
    no_key = ask(
        database.superuser_url,
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and not exists (select 1 from pg_constraint where conrelid = pg_class.oid and contype = 'p')",
    )

    assert no_key == []
