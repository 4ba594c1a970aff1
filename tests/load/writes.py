"""Durable writes a second: our handlers in several processes and pgbench's TPC-B, both through the pooler, in turns.

Both on the same server with the same settings (fsync and synchronous_commit on), with as many clients. A TPC-B
transaction changes three rows and adds one in a single round trip of C for each of seven statements; ours is a whole
request: token, sign-in, rate limit, validation, row, search terms, labels, hash-chained event, log line.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from infra.local import postgres
from tests.benchmarks.report import ROOT
from tests.load import bouncer, town
from tests.load.stack import Running

Writer = subprocess.Popen[str]
CLIENTS, SCALE = 4, 10
TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Writes:
    """Commits a second (medians of the rounds), own CPU of a request in milliseconds, and answers that were not 201."""

    candidates: float
    projects: float
    positions: float
    tpc_b: float
    tpc_b_past_pooler: float
    cpu_ms: dict[str, float]
    wrong: int

    @property
    def best(self) -> float:
        return max(self.candidates, self.projects, self.positions)

    @property
    def ratio(self) -> float:
        return self.best / self.tpc_b


def measure(running: Running, *, seconds: float, rounds: int = 3, clients: int = CLIENTS) -> Writes:
    """Run all of them in turns, `seconds` each."""
    _prepare(running)
    ways = {"tpc_b": running.bouncer.url, "tpc_b_past_pooler": running.database.superuser_url}
    cpu: dict[str, list[float]] = {"candidates": [], "projects": [], "positions": []}
    found: dict[str, list[float]] = {name: [] for name in (*cpu, *ways)}
    wrong = 0
    with _writers(running, clients) as writers:
        for _ in range(rounds):
            for way, url in ways.items():
                found[way].append(_tpc_b(url, seconds, clients))
            for what in cpu:
                told = _asked(writers, f"{what} {seconds}")
                found[what].append(sum(each["count"] / each["seconds"] for each in told))
                written = sum(each["count"] for each in told)
                cpu[what].append(sum(each["cpu_seconds"] for each in told) / max(1, written) * 1000)
                wrong += sum(int(each["wrong"]) for each in told)
    middle = {name: statistics.median(values) for name, values in found.items()}
    costs = {name: round(statistics.median(values), 2) for name, values in cpu.items()}
    return Writes(**middle, cpu_ms=costs, wrong=wrong)


@contextmanager
def _writers(running: Running, clients: int) -> Iterator[list[Writer]]:
    """So many containers, warm and waiting."""
    environment = running.environment | {"LOAD_PEOPLE": str(running.people), "RECRUITPRO_DATABASE_POOL_SIZE": "1"}
    command = [sys.executable, "-m", "tests.load.writer", "--number"]
    with ExitStack() as endings:
        writers = []
        for number in range(clients):
            writer = subprocess.Popen(
                [*command, str(number)],
                env=environment,
                cwd=ROOT,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            endings.callback(_end, writer)
            writers.append(writer)
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n", "a writer did not start"
        yield writers


def _end(writer: Writer) -> None:
    writer.kill()
    writer.communicate()


def _asked(writers: list[Writer], line: str) -> list[dict[str, float]]:
    """What all of them wrote at the same time."""
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(f"{line}\n")
        writer.stdin.flush()
    return [json.loads(writer.stdout.readline()) for writer in writers if writer.stdout is not None]


def _pgbench(url: str, *options: str) -> str:
    """What pgbench says of its database on the server of a URL."""
    parts = urlsplit(url)
    environment = os.environ | {
        "PGHOST": str(parts.hostname),
        "PGPORT": str(parts.port),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
    }
    command = [str(postgres.binaries() / "pgbench"), *options, bouncer.BENCH]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return result.stdout


def _prepare(running: Running) -> None:
    """pgbench's own database, beside ours on the same server, made once."""
    with town.connected(running.database.server.url) as connection:
        if connection.run(f"select count(*) from pg_database where datname = '{bouncer.BENCH}'")[0][0]:
            return
        connection.run(f"create database {bouncer.BENCH}")
    _pgbench(running.database.superuser_url, "--initialize", "--quiet", "--scale", str(SCALE))


def _tpc_b(url: str, seconds: float, clients: int) -> float:
    told = _pgbench(url, "-c", str(clients), "-j", "1", "-T", str(max(1, round(seconds))), "--no-vacuum")
    found = TPS.search(told)
    assert found is not None, told
    return float(found[1])
