"""A million candidates in twenty organizations of very different sizes, made once and kept under build/million.

`python -m tests.benchmarks.million --candidates 1000000` makes them: by a few statements for each fifty thousand, with
triggers and references off and indexes made at the end, in two processes of PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import sqlalchemy as sa

from infra.local import postgres
from tests import house
from tests.benchmarks.report import ROOT, console

FOLDER = ROOT / "build" / "million"
PARTS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split("-- part\n")
CHUNK = 50_000
SETTINGS = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "max_parallel_workers_per_gather": "0",
    "maintenance_work_mem": "1GB",
    "autovacuum": "on",
    "shared_preload_libraries": "pg_stat_statements",
}
LARGE = (
    *("candidates", "candidate_labels", "applications", "stage_changes", "documents", "document_texts"),
    *("jobs", "screenings", "interviews", "outreach", "events"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """An admin of one of the organizations, signed in."""

    name: str
    organization_id: UUID
    user_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Million:
    """The database, and somebody of a large, a middle and a small organization."""

    database: house.Database
    candidates: int
    members: tuple[Member, ...]


@contextmanager
def opened(candidates: int, *, durable: bool = True) -> Iterator[Million]:
    """The server with this many candidates, made when there is none; our settings point to it meanwhile."""
    folder = FOLDER / str(candidates)
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
    server = postgres.start(folder, durable=durable, settings=SETTINGS)
    try:
        database = _migrated(server)
        if not (folder / "complete").exists():
            _fill(database, candidates)
            (folder / "complete").touch()
        os.environ.update(house.settings_for(database, None))
        os.environ.update(RECRUITPRO_DATABASE_POOL_SIZE="1", RECRUITPRO_RATE_LIMIT_DEFAULT="1000000000/minute")
        house.forget_settings()
        _count_all()
        yield Million(database, candidates, members(database))
        house.forget_settings()
    finally:
        server.stop()


def _count_all() -> None:
    """Let the sums of reports know everybody, as they do a minute after a change."""
    from chalicelib.reports import counting

    while counting.count_marked():
        pass


def engine_of(database: house.Database) -> sa.Engine:
    """As the superuser, each statement for itself."""
    from chalicelib.migrations.roles import driver_url

    return sa.create_engine(driver_url(database.superuser_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")


def members(database: house.Database) -> tuple[Member, ...]:
    """The admins of the first, the fifth and the last organization."""
    from chalicelib.auth import tokens
    from chalicelib.auth.tokens import Claims

    found = []
    with engine_of(database).connect() as connection:
        for name, number in (("large", 1), ("middle", 5), ("small", 20)):
            row = connection.execute(
                sa.text("""
                    select users.id, users.organization_id, sign_ins.id as sign_in_id
                    from bulk.organizations as chosen join users on users.organization_id = chosen.id
                    join sign_ins on sign_ins.user_id = users.id where number = :number and role = 'admin'
                """),
                {"number": number},
            ).one()
            token = tokens.make_access_token(Claims(row.id, row.organization_id, row.sign_in_id), datetime.now(UTC))
            found.append(Member(name, row.organization_id, row.id, token))
    return tuple(found)


def _migrated(server: postgres.PostgresServer) -> house.Database:
    """Made, or brought up to the newest revision."""
    return house.build_database(server, "recruitpro")


def _fill(database: house.Database, candidates: int) -> None:
    engine = engine_of(database)
    started = time.monotonic()
    with engine.connect() as connection:
        connection.exec_driver_sql("create extension if not exists pg_stat_statements")
        indexes = _take_indexes(connection)
        _run(connection, PARTS[0], candidates=candidates)
    console.print(f"prepared after {time.monotonic() - started:.0f} s")
    firsts = range(1, candidates + 1, CHUNK)

    def load(part: int) -> None:
        first = firsts[part]
        values = {"first": first, "last": min(first + CHUNK - 1, candidates), "part": part, "candidates": candidates}
        with engine.connect() as connection:
            _run(connection, PARTS[1], **values)
            connection.exec_driver_sql(f"drop table bulk.plan_{part}")
        console.print(f"part {part + 1} of {len(firsts)} after {time.monotonic() - started:.0f} s")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(load, range(len(firsts))))
    with engine.connect() as connection:
        _run(connection, PARTS[2], candidates=candidates)
    console.print(f"rows are there after {time.monotonic() - started:.0f} s")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda statement: _make(engine, statement), indexes))
    with engine.connect() as connection:
        connection.exec_driver_sql("vacuum analyze")
        connection.exec_driver_sql("checkpoint")
    console.print(f"complete after {time.monotonic() - started:.0f} s")


def _run(connection: sa.Connection, statements: str, **values: int) -> None:
    connection.exec_driver_sql("set session_replication_role = replica")
    connection.exec_driver_sql("set synchronous_commit = off")
    connection.exec_driver_sql("set work_mem = '256MB'")
    for name, value in values.items():
        statements = statements.replace("{" + name + "}", str(value))
    connection.exec_driver_sql(statements)


def _make(engine: sa.Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("set synchronous_commit = off")
        connection.exec_driver_sql(statement)


def _take_indexes(connection: sa.Connection) -> list[str]:
    """Drop the large tables' indexes that hold up no constraint; the statements that make them again."""
    rows: list[Any] = list(
        connection.execute(
            sa.text("""
                select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
                where indrelid = any(cast(:tables as regclass[])) and not exists (
                    select from pg_constraint where conindid = indexrelid)
                order by indisprimary, pg_get_indexdef(indexrelid) like '%% gin %%' desc
            """),
            {"tables": list(LARGE)},
        )
    )
    for row in rows:
        connection.exec_driver_sql(f"drop index {row.name}")
    return [row.definition for row in rows]


@click.command()
@click.option("--candidates", default=1_000_000, show_default=True)
def main(candidates: int) -> None:
    """Make them, unless they are there."""
    os.environ.update(house.SETTINGS)
    house.forget_settings()
    with opened(candidates) as million:
        for member in million.members:
            console.print(f"{member.name}: {member.organization_id}")


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.million")
