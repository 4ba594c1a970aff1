"""What really stands in the database, seen past every policy; and the few changes that tests make to time."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from tests.house import Database


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(driver_url(url), poolclass=sa.NullPool)


def rows(database: Database, statement: str, **values: object) -> list[dict[str, Any]]:
    """The rows that `statement` answers, as the superuser sees them; what it writes is committed."""
    with _engine(database.superuser_url).begin() as connection:
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
