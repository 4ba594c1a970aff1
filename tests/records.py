"""What really stands in the database, seen past every policy; and the few changes that tests make to time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from tests.house import Database

_kept_open: dict[str, sa.Engine] = {}


@contextmanager
def kept_open(database: Database) -> Iterator[None]:
    """Meanwhile what is asked here of this database goes over one connection that stays: thousands of tests ask, and a
    new one each time is much of what PostgreSQL would do for them."""
    engine = sa.create_engine(driver_url(database.superuser_url), pool_size=1)
    _kept_open[database.superuser_url] = engine
    try:
        yield
    finally:
        del _kept_open[database.superuser_url]
        engine.dispose()


def engine_of(database: Database) -> sa.Engine:
    """The database as its superuser reaches it."""
    url = database.superuser_url
    return _kept_open.get(url) or _unpooled(url)


@cache
def _unpooled(url: str) -> sa.Engine:
    return sa.create_engine(driver_url(url), poolclass=sa.NullPool)


def rows(database: Database, statement: str, **values: object) -> list[dict[str, Any]]:
    """The rows that `statement` answers, as the superuser sees them; what it writes is committed."""
    with engine_of(database).begin() as connection:
        answer = connection.execute(sa.text(statement), values)
        return [dict(row) for row in answer.mappings()] if answer.returns_rows else []


def job(database: Database, job_id: UUID | str) -> dict[str, Any]:
    """One job's row."""
    return rows(database, "select * from jobs where id = cast(:id as uuid)", id=str(job_id))[0]


def jobs_of(database: Database, organization_id: UUID) -> list[dict[str, Any]]:
    """The jobs of an organization, oldest first."""
    return rows(
        database, "select * from jobs where organization_id = cast(:id as uuid) order by id", id=str(organization_id)
    )


def outbox_of(database: Database, organization_id: UUID) -> list[UUID]:
    """The jobs of an organization whose message is not known to be sent."""
    statement = "select job_id from outbox where organization_id = cast(:id as uuid) order by job_id"
    return [row["job_id"] for row in rows(database, statement, id=str(organization_id))]


def count(database: Database, table: str, organization_id: UUID) -> int:
    """How many rows an organization has in `table`."""
    statement = f"select count(*) as n from {table} where organization_id = cast(:id as uuid)"
    return int(rows(database, statement, id=str(organization_id))[0]["n"])


def actions(database: Database, organization_id: UUID) -> list[str]:
    """The actions of an organization's events, oldest first."""
    statement = "select action from events where organization_id = cast(:id as uuid) order by sequence"
    return [row["action"] for row in rows(database, statement, id=str(organization_id))]
