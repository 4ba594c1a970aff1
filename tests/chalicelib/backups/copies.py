"""Restored copies: what a snapshot brings back, as the master of a new instance reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import sqlalchemy as sa

from chalicelib import db
from chalicelib.migrations import roles
from tests import records
from tests.house import Database

MASTER, PASSWORD = "restored_master", "a-password-of-a-copy"
_numbers = count(1)


def _admin(database: Database) -> sa.Engine:
    url = roles.driver_url(database.server.url)
    return sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


@contextmanager
def a_copy(database: Database, *, template: str | None = None) -> Iterator[str]:
    """The name of a database with the same content, on the same server, and a master who is no superuser."""
    name = f"restored_{next(_numbers)}"
    admin = _admin(database)
    db.engine().dispose()  # nobody may be connected to what is copied
    records.engine_of(database).dispose()
    with admin.connect() as connection:
        known = connection.scalar(sa.text("select 1 from pg_roles where rolname = :name"), {"name": MASTER})
        if not known:
            connection.exec_driver_sql(f"create role {MASTER} login password '{roles.verifier(PASSWORD)}'")
            connection.exec_driver_sql(f"grant {roles.OWNER} to {MASTER} with inherit true, set true")
        connection.exec_driver_sql(f"create database {name} template {template or database.name} owner {roles.OWNER}")
    try:
        yield name
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"drop database {name} with (force)")


def as_master(database: Database, name: str) -> sa.Engine:
    """The copy as its master reaches it, with the owner's rights."""
    url = roles.url_for(database.server.url, user=MASTER, password=PASSWORD, database=name)
    return roles.act_as_owner(sa.create_engine(roles.driver_url(url), poolclass=sa.NullPool))


def spoil(database: Database, name: str, *statements: str) -> None:
    """Change a copy behind everybody's back."""
    url = roles.driver_url(database.server.url.rsplit("/", 1)[0] + f"/{name}")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
