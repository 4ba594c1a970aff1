"""A connection that died while it rested is replaced before anybody meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.migrations.roles import driver_url
from chalicelib.settings import Settings
from tests.house import Database

BACKEND = sa.text("select pg_backend_pid()")


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    config = Settings.of({"database_url": database.app_url, "database_pool_size": 1})
    engine = db.build_engine(config)
    yield engine
    engine.dispose()


def backend_of(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        number: int = connection.execute(BACKEND).scalar_one()
        return number


def kill(database: Database, backend: int) -> None:
    superuser = sa.create_engine(driver_url(database.superuser_url), poolclass=sa.NullPool)
    with superuser.begin() as connection:
        connection.execute(sa.text("select pg_terminate_backend(:backend, 2000)"), {"backend": backend})


@pytest.mark.parametrize("rest_seconds", [0.0, 60.0])
def test_a_connection_that_the_server_ended_is_replaced(
    engine: sa.Engine, database: Database, monkeypatch: pytest.MonkeyPatch, rest_seconds: float
) -> None:
    monkeypatch.setattr(db, "PING_AFTER_SECONDS", rest_seconds)
    before = backend_of(engine)
    kill(database, before)

    assert backend_of(engine) != before


def test_a_connection_in_use_a_moment_ago_is_not_asked_again(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backend_of(engine)
    pings: list[object] = []
    monkeypatch.setattr(engine.dialect, "do_ping", pings.append)

    assert backend_of(engine) == before
    assert pings == []
    monkeypatch.setattr(db, "PING_AFTER_SECONDS", 0.0)
    assert backend_of(engine) == before
    assert len(pings) == 1
