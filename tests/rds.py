"""A PostgreSQL whose admin is no superuser, as RDS gives one: it may make roles and databases, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chalicelib.migrations import roles
from infra.local import postgres

MASTER, PASSWORD = "recruitpro_master", "of-the-master"


@dataclass(frozen=True, slots=True)
class Rds:
    """A server of its own, since roles are one for all databases. `master_url` is of the database `postgres`."""

    server: postgres.PostgresServer
    master_url: str

    def url_for(self, user: str, password: str, database: str) -> str:
        return roles.url_for(self.server.url, user=user, password=password, database=database)

    def as_superuser(self, *statements: str) -> None:
        """Run these, each in a transaction of its own."""
        engine = sa.create_engine(roles.driver_url(self.server.url), poolclass=sa.NullPool)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def started(folder: Path, *, durable: bool = False) -> Iterator[Rds]:
    """The server in `folder`; all that its master does stands in its log."""
    server = postgres.start(folder, durable=durable)
    try:
        rds = Rds(server, roles.url_for(server.url, user=MASTER, password=PASSWORD, database="postgres"))
        rds.as_superuser(
            f"create role {MASTER} login createrole createdb password '{PASSWORD}'",
            f"alter role {MASTER} set log_statement = 'all'",
        )
        yield rds
    finally:
        server.stop()


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """What `query` answers at `url`."""
    engine = sa.create_engine(roles.driver_url(url), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]
    finally:
        engine.dispose()
