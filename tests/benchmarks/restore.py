"""`python -m tests.benchmarks.restore`: a database of about 1 GB from its base backup and WAL, beside pg_restore.

Both bring back the same rows in the same run, each into a new cluster on this machine; every row is compared.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
from rich.console import Console
from rich.table import Table

from chalicelib.backups.fingerprints import differences
from chalicelib.migrations import roles
from infra.local import postgres
from infra.local.console import Steps
from infra.local.postgres import PostgresServer
from infra.restore_drill import checks, report, world
from infra.restore_drill.cluster import Places
from infra.restore_drill.drill import Drill, Wish
from infra.restore_drill.filling import Filled
from infra.restore_drill.world import DATABASE, World

SUMMARY = report.ROOT / "build" / "restore-benchmark.json"
# What a restore takes until the database answers; comparing and using it takes as long however it came back.
UNTIL_IT_ANSWERS = ("copy", "recover")
JOBS = 2


class Contest(Drill):
    """A drill that also takes a logical backup, of the same rows that the WAL ends with."""

    dump_seconds = 0.0

    def _lose(self, primary: PostgresServer) -> None:
        with self._steps.step("pg_dump of the same rows") as step:
            started = time.perf_counter()
            _tool("pg_dump", primary, DATABASE, "--format=custom", f"--file={self.dump}")
            self.dump_seconds = time.perf_counter() - started
            step.detail = f"{self.dump.stat().st_size / 1024**2:,.0f} MiB"
        super()._lose(primary)

    @property
    def dump(self) -> Path:
        return self._places.root / "dump"

    def restore_dump(self) -> dict[str, float]:
        """Seconds that pg_restore takes, with a job for each CPU, until the same rows are there."""
        with self._steps.step(f"pg_restore --jobs={JOBS}"):
            started = time.perf_counter()
            server = postgres.start(self._places.root / "from-dump")
            cluster_seconds = time.perf_counter() - started
            try:
                passwords = {"owner_password": "of-a-benchmark", "app_password": "of-a-benchmark"}
                roles.prepare(server.url, database=DATABASE, **passwords)
                _tool("pg_restore", server, DATABASE, f"--jobs={JOBS}", "--exit-on-error", str(self.dump))
                seconds = time.perf_counter() - started
                # All of the primary's rows are in the dump, those whose WAL was not archived included.
                wrong = differences(self._at_death, checks.look(self._world, server))
                assert not wrong, wrong
            finally:
                server.stop()
        return {"new_cluster": cluster_seconds, "until_it_answers": seconds}

    def _write_on(self, primary: PostgresServer, filled: Filled) -> None:
        super()._write_on(primary, filled)
        self._at_death = checks.look(self._world, primary)


def _tool(name: str, server: PostgresServer, database: str, *arguments: str) -> None:
    account = urlsplit(server.url)
    where = f"postgresql://{account.username}@{account.hostname}:{account.port}/{database}"
    environment = {**os.environ, "PGPASSWORD": unquote(account.password or "")}
    command = [str(postgres.binaries() / name), *arguments, f"--dbname={where}"]
    subprocess.run(command, env=environment, check=True)


def run(size_mb: int, folder: Path, around: World, console: Console) -> report.Json:
    """Both restores; the drill's summary with what pg_restore took beside it."""
    contest = Contest(Wish(rows=300, size_mb=size_mb, restores=("end",)), Places(folder), around, Steps(console))
    contest.run()
    told = report.as_json(contest.outcome)
    told["pg_dump_seconds"] = contest.dump_seconds
    told["pg_restore"] = contest.restore_dump()
    told["ours_seconds"] = sum(told["restores"][0]["phases"][name] for name in UNTIL_IT_ANSWERS)
    told["ratio"] = told["ours_seconds"] / told["pg_restore"]["until_it_answers"]
    return told


@click.command()
@click.option("--size-mb", default=1000, show_default=True)
def main(size_mb: int) -> None:
    """Measure, print, and keep the figures in build/restore-benchmark.json."""
    logging.getLogger("recruitpro").setLevel(logging.ERROR)
    console = Console(highlight=False, soft_wrap=True)
    folder = Path(tempfile.mkdtemp(prefix="restore-benchmark-"))
    try:
        with world.made(folder) as around:
            told = run(size_mb, folder, around, console)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.keep(told, SUMMARY)
    report.show(told, console)
    table = Table("", "until it answers", box=None)
    table.add_row("base backup and WAL", f"{told['ours_seconds']:.1f} s")
    table.add_row(f"pg_restore, {JOBS} jobs", f"{told['pg_restore']['until_it_answers']:.1f} s")
    table.add_row("ratio", f"{told['ratio']:.2f} (goal: at most 0.3)")
    console.print(table)
    raise SystemExit(0 if told["passed"] else 1)


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.restore")
