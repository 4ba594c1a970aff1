"""The data that load is measured on: a town of candidates in twenty organizations, made by SQL and kept between runs.

It lies in `build/load/<rows>/`, a PostgreSQL cluster of its own, made with what is not durable and then run as in
production. Making it can be broken off: what is there stays. The trigger that writes search terms, and the one that
writes labels, work as for everybody else. Left out are events (each organization's chain begins with the first write of
a measurement) and the bytes of documents: their texts are there, their objects are not.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pg8000.native

from tests.load import words

HERE = Path(__file__).parent
ORGANIZATIONS, BATCH, CONNECTIONS = 20, 10_000, 2
PASSWORD = "correct-horse-7-staples"
# Made in order, so their foreign keys hold without being looked up a million times.
LOADED = ("documents", "document_texts", "candidate_labels", "applications", "stage_changes")
# Quicker to build at once than to add to.
REBUILT = ("candidates_search", "candidates_names")


@dataclass(frozen=True, slots=True)
class Made:
    """What making the town took in this run; `candidates` is how many were added, 0 when all were there."""

    candidates: int
    seconds: float


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection of the driver itself at `url`, each statement by itself unless it says begin."""
    parts = urlsplit(url)
    connection = pg8000.native.Connection(
        unquote(parts.username or ""),
        host=parts.hostname,
        port=parts.port,
        database=parts.path.lstrip("/"),
        password=unquote(parts.password or ""),
    )
    try:
        yield connection
    finally:
        connection.close()


def make(superuser_url: str, rows: int, say: Callable[[str], None] = lambda _: None) -> Made:
    """Bring the town to `rows` candidates in an empty, migrated database, or go on where it was broken off; `say` is
    told how far it is, after each tenth."""
    began = time.perf_counter()
    with connected(superuser_url) as connection:
        if connection.run("select to_regclass('load.ready') is not null")[0][0]:
            return Made(0, time.perf_counter() - began)
        if not connection.run("select to_regnamespace('load') is not null")[0][0]:
            _found(connection, rows)
        for table in LOADED:
            connection.run(f"alter table {table} disable trigger all")
        definitions = _without_indexes(connection)
        done = {row[0] for row in connection.run("select first from load.batches")}
    missing = [first for first in range(1, rows + 1, BATCH) if first not in done]
    filled = itertools.count(len(done) + 1)

    def tell() -> None:
        batches = next(filled)
        if not batches % max(1, rows // BATCH // 10):
            say(f"{min(rows, batches * BATCH):,} of {rows:,} after {time.perf_counter() - began:.0f} s")

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = (missing[number::CONNECTIONS] for number in range(CONNECTIONS))
        list(pool.map(lambda part: _fill(superuser_url, part, rows, tell), parts))
    say("indexes and statistics")
    with connected(superuser_url) as connection:
        _finish(connection, definitions)
        count = connection.run("select count(*) from candidates")[0][0]
    assert count == rows, f"{count:,} of {rows:,} candidates were made"
    return Made(min(rows, len(missing) * BATCH), time.perf_counter() - began)


def _found(connection: Any, rows: int) -> None:
    from chalicelib.auth import passwords

    text = (HERE / "founding.sql").read_text().replace("@rows", str(rows))
    text = text.replace("@password_hash", passwords.hash_password(PASSWORD))
    schema, rest = text.split("create table load.batches", 1)
    connection.run(f"begin;{schema}{words.statements()} create table load.batches{rest}")
    shares = connection.run("select id, share from load.shares order by number")
    bounds = [sum(float(share) for _, share in shares[: end + 1]) for end in range(len(shares) - 1)]
    ids = ", ".join(f"'{each}'" for each, _ in shares)
    connection.run(
        f"create function load.organization_ids() returns uuid[] language sql immutable parallel safe as "
        f"$body$select array[{ids}]::uuid[]$body$;"
        f"create function load.thresholds() returns float8[] language sql immutable parallel safe as "
        f"$body$select array[{', '.join(f'{bound:.12f}' for bound in bounds)}]::float8[]$body$;"
        "create table load.indexes (name text primary key, definition text not null);commit"
    )


def _without_indexes(connection: Any) -> dict[str, str]:
    """Drop the indexes that are built again at the end; their definitions, which outlive this process."""
    for name in REBUILT:
        connection.run(
            f"insert into load.indexes select '{name}', pg_get_indexdef(to_regclass('{name}')) "
            f"where to_regclass('{name}') is not null on conflict do nothing; drop index if exists {name}"
        )
    return dict(connection.run("select name, definition from load.indexes"))


def _fill(url: str, firsts: list[int], rows: int, tell: Callable[[], None]) -> None:
    text = (HERE / "town.sql").read_text().replace("@rows", str(rows))
    with connected(url) as connection:
        connection.run("set synchronous_commit = off; set work_mem = '64MB'")
        for first in firsts:
            last = min(first + BATCH - 1, rows)
            connection.run(f"begin;{text.replace('@first', str(first)).replace('@last', str(last))}commit")
            tell()


# What the triggers of applications would have left for the sums of reports.
MARK = "insert into application_marks (organization_id, application_id) select organization_id, id from applications"


def _finish(connection: Any, definitions: dict[str, str]) -> None:
    connection.run("set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 2")
    for definition in definitions.values():
        connection.run(definition)
    for table in LOADED:
        connection.run(f"alter table {table} enable trigger all")
    connection.run(MARK)
    connection.run("vacuum analyze")
    connection.run("create table load.ready as select now() as ready_at")
    connection.run("checkpoint")
