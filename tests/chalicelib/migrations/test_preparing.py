"""Preparing a server whose admin is no superuser, as on RDS: roles, database, and migrations in the owner's role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from chalicelib import migrations
from chalicelib.migrations import roles
from infra.local import postgres
from tests.chalicelib.migrations.test_upgrade import ask

PASSWORD = "of-the-admin"
_numbers = count(1)
POWERLESS = (
    "select rolname from pg_roles where rolname like 'recruitpro%' and (rolsuper or rolbypassrls or rolcreaterole)"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.PostgresServer]:
    """A server of its own: roles are one for all databases, and those of other tests belong to a superuser."""
    started = postgres.start(tmp_path_factory.mktemp("rds"), durable=False)
    engine = sa.create_engine(roles.driver_url(started.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # What the master of an RDS instance is: no superuser, with these two powers.
        connection.exec_driver_sql(f"create role master login createrole createdb password '{PASSWORD}'")
        connection.exec_driver_sql("alter role master set log_statement = 'all'")
    engine.dispose()
    yield started
    started.stop()


@pytest.fixture
def master(server: postgres.PostgresServer) -> str:
    return roles.url_for(server.url, user="master", password=PASSWORD, database="postgres")


@pytest.fixture
def name() -> str:
    return f"fresh_{next(_numbers)}"


def owner_engine(master: str, name: str) -> sa.Engine:
    url = roles.url_for(master, user="master", password=PASSWORD, database=name)
    return roles.act_as_owner(sa.create_engine(roles.driver_url(url), poolclass=sa.NullPool))


def test_a_fresh_server_is_prepared_and_migrated_by_an_admin_who_is_no_superuser(
    server: postgres.PostgresServer, master: str, name: str
) -> None:
    done = roles.prepare(master, database=name, app_password="first")
    applied = migrations.upgrade(owner_engine(master, name))

    assert {f"role {role} created" for role in (roles.OWNER, roles.APP, roles.SEARCHER, *roles.PURPOSES)} <= set(done)
    assert f"database {name} created" in done
    assert applied[-1] == migrations.newest()
    owners = "select distinct tableowner::text from pg_tables where schemaname = 'public'"
    database = roles.url_for(server.url, user="postgres", password=_password(server), database=name)
    assert ask(database, owners) == [(roles.OWNER,)]
    assert ask(server.url, POWERLESS) == []
    signed_in = roles.url_for(server.url, user=roles.APP, password="first", database=name)
    assert ask(signed_in, "select count(*) from organizations") == [(0,)]
    assert ask(server.url, f"select rolcanlogin from pg_roles where rolname = '{roles.OWNER}'") == [(False,)]


def test_preparing_again_says_that_nothing_was_left_to_do(master: str, name: str) -> None:
    roles.prepare(master, database=name, app_password="first")

    assert roles.prepare(master, database=name, app_password="second") == []
    signed_in = roles.url_for(master, user=roles.APP, password="second", database=name)
    assert ask(signed_in, "show statement_timeout") == [("15s",)]


def test_nobody_else_may_so_much_as_connect(server: postgres.PostgresServer, master: str, name: str) -> None:
    roles.prepare(master, database=name, app_password="first")

    rights = (
        "select has_database_privilege('pg_monitor', '{0}', 'connect'), has_database_privilege('{1}', '{0}', 'temp')"
    )
    assert ask(server.url, rights.format(name, roles.APP)) == [(False, False)]


def test_a_database_that_was_there_becomes_the_owners(master: str, name: str) -> None:
    engine = sa.create_engine(roles.driver_url(master), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"create database {name} encoding 'UTF8' template template0")
    engine.dispose()

    assert f"database {name} given to recruitpro_owner" in roles.prepare(master, database=name, app_password="first")


def test_what_an_admin_cannot_take_away_is_said_without_any_password(
    server: postgres.PostgresServer, master: str, name: str
) -> None:
    roles.prepare(master, database=name, app_password="first")
    engine = sa.create_engine(roles.driver_url(server.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("alter role recruitpro_app bypassrls")
        try:
            with pytest.raises(RuntimeError, match=r"^this admin may not 'alter role recruitpro_app nobypassrls': "):
                roles.prepare(master, database=name, app_password="first")
        finally:
            connection.exec_driver_sql("alter role recruitpro_app nobypassrls")
    engine.dispose()


def test_a_password_never_stands_in_a_statement(server: postgres.PostgresServer, master: str, name: str) -> None:
    roles.prepare(master, database=name, app_password="nobody-may-read-this")

    log = Path(server.child.log).read_text()
    assert "alter role recruitpro_app password 'SCRAM-SHA-256$" in log
    assert "nobody-may-read-this" not in log


def _password(server: postgres.PostgresServer) -> str:
    return sa.make_url(server.url).password or ""
