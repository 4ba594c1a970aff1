"""Preparing a server whose admin is no superuser, as on RDS: roles, database, and migrations in the owner's role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from chalicelib import migrations
from chalicelib.migrations import roles
from tests import rds
from tests.rds import MASTER, PASSWORD, Rds, ask

_numbers = count(1)
POWERFUL = (
    "select rolname from pg_roles where rolname like 'recruitpro%' and (rolsuper or rolbypassrls or rolcreaterole)"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rds]:
    with rds.started(tmp_path_factory.mktemp("rds")) as server:
        yield server


@pytest.fixture
def name() -> str:
    return f"fresh_{next(_numbers)}"


def owner_engine(server: Rds, name: str) -> sa.Engine:
    url = server.url_for(MASTER, PASSWORD, name)
    return roles.act_as_owner(sa.create_engine(roles.driver_url(url), poolclass=sa.NullPool))


@pytest.fixture
def fresh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rds]:
    """One without our roles, which are the same for all databases of a server."""
    with rds.started(tmp_path_factory.mktemp("fresh")) as server:
        yield server


def test_a_fresh_server_is_prepared_and_migrated_by_an_admin_who_is_no_superuser(fresh_server: Rds, name: str) -> None:
    server = fresh_server
    done = roles.prepare(server.master_url, database=name, app_password="first")
    applied = migrations.upgrade(owner_engine(server, name))

    assert {f"role {role} created" for role in (roles.OWNER, roles.APP, roles.SEARCHER, *roles.PURPOSES)} <= set(done)
    assert f"database {name} created" in done
    assert applied[-1] == migrations.newest()
    owners = "select distinct tableowner::text from pg_tables where schemaname = 'public'"
    assert ask(server.url_for(MASTER, PASSWORD, name), owners) == [(roles.OWNER,)]
    assert ask(server.master_url, POWERFUL) == [(MASTER,)]
    signed_in = server.url_for(roles.APP, "first", name)
    assert ask(signed_in, "select count(*) from organizations") == [(0,)]
    owner = f"select rolcanlogin from pg_roles where rolname = '{roles.OWNER}'"
    assert ask(server.master_url, owner) == [(False,)]


def test_preparing_again_says_that_nothing_was_left_to_do(server: Rds, name: str) -> None:
    roles.prepare(server.master_url, database=name, app_password="first")

    assert roles.prepare(server.master_url, database=name, app_password="second") == []
    assert ask(server.url_for(roles.APP, "second", name), "show statement_timeout") == [("15s",)]


def test_nobody_else_may_so_much_as_connect(server: Rds, name: str) -> None:
    roles.prepare(server.master_url, database=name, app_password="first")

    rights = "select has_database_privilege('{1}', '{0}', 'connect'), has_database_privilege('{2}', '{0}', 'temp')"
    assert ask(server.master_url, rights.format(name, "pg_monitor", roles.APP)) == [(False, False)]


def test_a_database_that_was_there_becomes_the_owners(server: Rds, name: str) -> None:
    server.as_superuser(f"create database {name} owner {MASTER} encoding 'UTF8' template template0")

    done = roles.prepare(server.master_url, database=name, app_password="first")

    assert f"database {name} given to recruitpro_owner" in done
    assert roles.prepare(server.master_url, database=name, app_password="first") == []


def test_what_an_admin_cannot_take_away_is_said(server: Rds, name: str) -> None:
    roles.prepare(server.master_url, database=name, app_password="first")
    server.as_superuser("alter role recruitpro_app bypassrls")
    try:
        with pytest.raises(RuntimeError, match=r"^this admin may not 'alter role recruitpro_app nobypassrls': "):
            roles.prepare(server.master_url, database=name, app_password="first")
    finally:
        server.as_superuser("alter role recruitpro_app nobypassrls")


def test_a_password_never_stands_in_a_statement(server: Rds, name: str) -> None:
    roles.prepare(server.master_url, database=name, app_password="nobody-may-read-this")

    log = server.server.child.log.read_text()
    assert "alter role recruitpro_app password 'SCRAM-SHA-256$" in log
    assert "nobody-may-read-this" not in log
