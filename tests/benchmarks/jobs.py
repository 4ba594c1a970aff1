"""Background jobs, enqueue to done, beside RQ and Dramatiq: `python -m tests.benchmarks.jobs`, or `make bench-jobs`.

The same job on each system, in turns on the same machine: one that does nothing, and one that rates an application.
Ours keeps all of its promises meanwhile: job and outbox row in one transaction with fsync on, a claim, and "done" in
the transaction of the effects. The peers keep theirs, on a Redis that writes its file to disk every second.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tests.benchmarks import jobs_services, report
from tests.benchmarks.jobs_contest import Running, Setup, Turn, dramatiq, ours, rq
from tests.benchmarks.jobs_side import BATCH_SIZE_VARIABLE, CASE_VARIABLE, ENQUEUE_BATCH_VARIABLE
from tests.benchmarks.jobs_table import finding
from tests.benchmarks.report import console

if TYPE_CHECKING:
    from tests.house import Database

WARM_UPS = (20, 100)
FEWEST, MOST, ROUND = 20, 20_000, 100


@click.command()
@click.option("--rounds", default=3, show_default=True, help="rounds of each; the median of them is told")
@click.option("--seconds", default=3.0, show_default=True, help="how long a turn should take")
@click.option("--job", type=click.Choice(["noop", "screening"]), help="only this one")
@click.option("--batch-size", default=10, show_default=True, help="messages that our function gets at once")
@click.option("--enqueue-batch", default=100, show_default=True, help="jobs that are enqueued at once")
@click.option("--profile", type=int, metavar="JOBS", help="only show where our time goes with so many jobs")
def main(
    rounds: int, seconds: float, job: str | None, batch_size: int, enqueue_batch: int, profile: int | None
) -> None:
    """Measure jobs per second, print a table, and keep it in build/benchmarks.json."""
    from tests import house

    for variable in [name for name in os.environ if name.startswith("RECRUITPRO_")]:
        del os.environ[variable]
    os.environ.update(house.SETTINGS)
    house.forget_settings()
    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        database, environment, settings = _database(folder, stack)
        environment |= {BATCH_SIZE_VARIABLE: str(batch_size), ENQUEUE_BATCH_VARIABLE: str(enqueue_batch)}
        if profile is not None:
            _profile(folder, environment, job or "noop", profile)
            return
        redis = jobs_services.start_redis(folder / "redis")
        if redis is None:
            console.print("  redis-server is missing: RQ and Dramatiq are not measured", style="yellow")
        else:
            stack.callback(redis.child.stop)
            environment["BENCH_REDIS_URL"] = redis.url
        turns = {
            setup: taken
            for each in ([job] if job else ["noop", "screening"])
            for setup, taken in _contest(folder, each, environment, rounds, seconds, has_peers=redis is not None)
        }
        _check(database)
        peers = jobs_services.versions(jobs_services.peers_python()) if redis else "no peers: redis-server is missing"
        found = finding(
            turns,
            [settings, redis.settings if redis else "", peers, f"Our function gets {batch_size} messages at once"],
        )
        report.show(found)
        report.keep("jobs", [found])


def _database(folder: Path, stack: ExitStack) -> tuple[Database, dict[str, str], str]:
    """A durable PostgreSQL with something to screen; the contestants' variables; and how it is set."""
    from infra.local import postgres
    from tests import house, records
    from tests.benchmarks import jobs_case

    console.print("  starting PostgreSQL, reading the résumés", style="dim")
    server = postgres.start(folder / "postgres", durable=True)
    stack.callback(server.stop)
    database = house.build_database(server, "recruitpro")
    case = jobs_case.make(database, folder / "cloud")
    stack.callback(house.forget_settings)
    names = ("fsync", "synchronous_commit", "full_page_writes")
    told = ", ".join(f"{name} {records.rows(database, f'show {name}')[0][name]}" for name in names)
    environment = house.settings_for(database, None) | {
        CASE_VARIABLE: case,
        # As in production, into a file.
        "RECRUITPRO_LOG_LEVEL": "INFO",
        "RECRUITPRO_DATABASE_POOL_SIZE": "1",
    }
    return database, environment, f"PostgreSQL: {told}"


def _check(database: Database) -> None:
    """A speed is worth nothing unless every job of ours has succeeded at its first attempt and left its message."""
    from tests import records

    (found,) = records.rows(
        database,
        "select (select count(*) from jobs where status <> 'succeeded' or attempts <> 1) as not_done,"
        " (select count(*) from outbox) as unsent",
    )
    if any(found.values()):
        raise RuntimeError(f"RecruitPro did not do all of its jobs once: {found}")


def _setups(job: str, environment: Mapping[str, str], queues: list[dict[str, str]], *, has_peers: bool) -> list[Setup]:
    """Who takes part: with one process, and with two and an enqueuing one beside them."""
    setups = [ours(job, 0, {**environment, **queues[0]}), ours(job, 2, {**environment, **queues[1]})]
    if not has_peers:
        return setups
    python = jobs_services.peers_python()
    simple = "RQ SimpleWorker"
    one = [rq(simple, "rq-simple", python, job, 0, environment), dramatiq(python, job, 0, environment)]
    two = [rq(simple, "rq-simple", python, job, 2, environment), dramatiq(python, job, 2, environment)]
    fork = [rq("RQ Worker (forks)", "rq-fork", python, job, 0, environment)] if job == "noop" else []
    return [setups[0], *one, *fork, setups[1], *two]


def _contest(
    folder: Path, job: str, environment: Mapping[str, str], rounds: int, seconds: float, *, has_peers: bool
) -> list[tuple[Setup, list[Turn]]]:
    """Everybody's turns, A-B-C-A-B-C."""
    with ExitStack() as stack:
        queues = [stack.enter_context(queue_server(folder / f"{job}-{number}")) for number in (1, 2)]
        running = []
        for setup in _setups(job, environment, queues, has_peers=has_peers):
            running.append(Running(setup, folder / "contestants.log"))
            stack.callback(running[-1].stop)
            last = [running[-1].turn(count) for count in WARM_UPS][-1]
            running[-1].next_count = _count(last, seconds)
            running[-1].pause()
        return _rounds(running, rounds, seconds)


def _rounds(running: list[Running], rounds: int, seconds: float) -> list[tuple[Setup, list[Turn]]]:
    turns: list[list[Turn]] = [[] for _ in running]
    for number in range(rounds):
        for contestant, taken in zip(running, turns, strict=True):
            contestant.resume()
            turn = contestant.turn(contestant.next_count)
            contestant.pause()
            contestant.next_count = _count(turn, seconds)
            taken.append(turn)
            setup = contestant.setup
            told = f"{setup.name}, {setup.processes} working: {turn.count} in {turn.total:.1f} s"
            console.print(f"  {setup.job} {number + 1}/{rounds} {told}, {turn.per_second:,.0f}/s", style="dim")
    return [(contestant.setup, taken) for contestant, taken in zip(running, turns, strict=True)]


def _count(turn: Turn, seconds: float) -> int:
    """How many jobs a turn of so many seconds has at the speed of the last one; in round hundreds."""
    wanted = min(max(int(turn.per_second * seconds), FEWEST), MOST)
    return wanted if wanted < ROUND else wanted // ROUND * ROUND


@contextmanager
def queue_server(folder: Path) -> Iterator[dict[str, str]]:
    """The queue double in a process of its own; the variables of its clients."""
    from tests.queue_server import SECRET_VARIABLE, environment_for

    folder.mkdir(parents=True)
    secret, socket = secrets.token_bytes(16), folder / "q"
    command = [sys.executable, "-m", "tests.queue_server", str(socket)]
    environment = os.environ | {SECRET_VARIABLE: secret.hex()}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield environment_for(socket, secret)


def _profile(folder: Path, environment: Mapping[str, str], job: str, count: int) -> None:
    with queue_server(folder / "profile") as queues:
        command = [sys.executable, "-m", "tests.benchmarks.jobs_ours", "profile", job, str(count)]
        variables = os.environ | dict(environment) | queues
        subprocess.run(command, env=variables, cwd=report.ROOT, check=True)


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.jobs")
