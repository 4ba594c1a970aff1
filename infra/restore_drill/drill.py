"""The drill, step by step: fill, back up, write on, lose everything, restore, compare, use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib import migrations
from chalicelib.backups.fingerprints import Fingerprint
from chalicelib.migrations import roles
from infra.local.console import Step, Steps
from infra.local.postgres import PostgresServer
from infra.local.processes import LocalMistake
from infra.restore_drill import checks, cluster, filling, sabotage, using, world
from infra.restore_drill.checks import Check
from infra.restore_drill.cluster import Places, Point, Target
from infra.restore_drill.filling import Filled
from infra.restore_drill.sabotage import Sabotage
from infra.restore_drill.world import DATABASE, World

# Commits in the base backup, between it and the point, from the point to the end of the archive, and after that.
BEFORE_BACKUP, BEFORE_POINT, BEFORE_END, UNARCHIVED = 5, 20, 10, 3
POINT_AND_END = ("point", "end")


class Failed(Exception):
    """The restore did not bring back what was there; the text says what."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How large a drill, which restores, and what is broken on purpose."""

    rows: int = 600
    size_mb: int = 0
    by: str = "time"
    restores: tuple[str, ...] = POINT_AND_END
    sabotage: Sabotage | None = None


@dataclass(slots=True)
class Known:
    """What is remembered of the primary at a moment: every table's fingerprint, and which commits there are."""

    point: Point
    last_commit: Point
    commits: int
    prints: Mapping[str, Fingerprint]


@dataclass(slots=True)
class Restore:
    """One restore: seconds of each phase since the primary's death, what was checked, and what is lost."""

    name: str
    target: str
    phases: dict[str, float] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    lost_to_target: int = 0
    lost_in_all: int = 0
    lost_seconds: float = 0.0

    @property
    def rto_seconds(self) -> float:
        return sum(self.phases.values())

    @property
    def passed(self) -> bool:
        return all(check.holds for check in self.checks)


@dataclass(slots=True)
class Outcome:
    """Everything that a drill found."""

    postgres: str = ""
    rows: int = 0
    tables: int = 0
    database_bytes: int = 0
    backup_bytes: int = 0
    wal_bytes: int = 0
    backup_seconds: float = 0.0
    restores: list[Restore] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return bool(self.restores) and all(each.passed for each in self.restores)


class Drill:
    """One drill in a folder of its own."""

    def __init__(self, wish: Wish, places: Places, around: World, steps: Steps) -> None:
        self._wish, self._places, self._world, self._steps = wish, places, around, steps
        self._known: dict[str, Known] = {}
        self._written = 0
        self._died: Point | None = None
        self.outcome = Outcome()

    def run(self) -> None:
        """Everything; raises Failed or LocalMistake where a restore does not even come to its checks."""
        primary = cluster.start_primary(self._places)
        try:
            filled = self._fill(primary)
            self._back_up(primary)
            self._write_on(primary, filled)
        except BaseException:
            primary.stop()
            raise
        self._lose(primary)
        for name in self._wish.restores:
            self._restore(name, filled)

    def _fill(self, primary: PostgresServer) -> Filled:
        with self._steps.step("Primary, its schema and its people") as step:
            wish = {"owner_password": self._world.owner_password, "app_password": self._world.app_password}
            roles.prepare(primary.url, database=DATABASE, **wish)
            migrations.upgrade(self._world.owner_url(primary))
            self._world.work_on(primary)
            filled = filling.fill(self._world, rows=self._wish.rows)
            self._mark(filled, BEFORE_BACKUP)
            step.detail = f"{self._wish.rows:,} candidates in three organizations, two résumés, one screening"
        if self._wish.size_mb:
            with self._growing() as tell:
                filling.write_bulk(primary, self._world, filled, self._wish.size_mb, tell)
        version, size = cluster.ask(
            primary, "select current_setting('server_version'), pg_database_size(current_database())", database=DATABASE
        )
        self.outcome.postgres, self.outcome.database_bytes = version, size
        return filled

    @contextmanager
    def _growing(self) -> Iterator[Callable[[int], None]]:
        from rich.progress import Progress

        with Progress(console=self._steps.console, transient=True) as progress:
            task = progress.add_task(f"Writing {self._wish.size_mb:,} MiB", total=self._wish.size_mb)
            yield lambda size: progress.update(task, completed=size)

    def _back_up(self, primary: PostgresServer) -> None:
        with self._steps.step("Base backup") as step, _timed() as seconds:
            cluster.take_base_backup(primary, self._places)
            self.outcome.backup_bytes = cluster.size_of(self._places.backup)
            step.detail = _mib(self.outcome.backup_bytes)
        self.outcome.backup_seconds = seconds[0]

    def _write_on(self, primary: PostgresServer, filled: Filled) -> None:
        with self._steps.step("Commits after the backup") as step:
            self._mark(filled, BEFORE_POINT)
            self._remember("point", primary)
            self._mark(filled, BEFORE_END)
            self._remember("end", primary)
            cluster.archive_everything(primary)
            self._mark(filled, UNARCHIVED)
            self.outcome.wal_bytes = cluster.size_of(self._places.archive)
            step.detail = f"{self._written} in all; the WAL of the last {UNARCHIVED} is not archived"
        self.outcome.tables = len(self._known["end"].prints)
        self.outcome.rows = sum(each.rows for each in self._known["end"].prints.values())

    def _mark(self, filled: Filled, commits: int) -> None:
        for _ in range(commits):
            self._written += 1
            filling.mark(filled, self._written)

    def _remember(self, name: str, primary: PostgresServer) -> None:
        # To look at a page may write WAL of its own, with checksums.
        last_commit, prints = cluster.here(primary), checks.look(self._world, primary)
        self._known[name] = Known(cluster.here(primary), last_commit, self._written, prints)
        # The clock of the next commit is to be a later one.
        time.sleep(0.01)

    def _lose(self, primary: PostgresServer) -> None:
        with self._steps.step("kill -9, and the disk is gone") as step:
            self._died = cluster.here(primary)
            world.forget()
            cluster.kill(primary, self._places)
            if self._wish.sabotage is not None:
                lsn = self._known["point"].last_commit.lsn
                step.warning = f"sabotage: {sabotage.do(self._wish.sabotage, self._places, lsn=lsn)}"

    def _restore(self, name: str, filled: Filled) -> None:
        known = self._known[name]
        target = Target(known.point if name == "point" else None, self._wish.by)
        restore = Restore(name, f"{self._wish.by}, between two commits" if name == "point" else "end of the archive")
        self.outcome.restores.append(restore)
        with self._phase(restore, "verify the base backup and copy it", "copy"):
            cluster.lay_out(self._places, name)
        with self._phase(restore, f"recover ({restore.target})", "recover"):
            server = cluster.start_restored(self._places, name, target)
        try:
            self._world.work_on(server)
            self._compare(restore, known, server, filled)
            if not restore.passed:
                return
            self._use(restore, server)
            if name == self._wish.restores[0]:
                restore.checks.append(checks.schema_is_that_of_this_release(self._world, server))
        finally:
            world.forget()
            server.stop()

    def _compare(self, restore: Restore, known: Known, server: PostgresServer, filled: Filled) -> None:
        with self._phase(restore, "compare every row", "compare"):
            restore.checks.append(checks.rows_are_equal(known.prints, checks.look(self._world, server)))
            found = checks.markers(filled)
            wanted = range(1, known.commits + 1)
            restore.checks.append(checks.commits_are_there(wanted, found))
        with self._phase(restore, "migrations and event chains", "verify_history"):
            restore.checks.append(checks.migrations_are_current(self._world, server))
            restore.checks.append(checks.chains_hold())
        restore.lost_to_target = len(set(wanted) - found)
        restore.lost_in_all = self._written - len(found)
        if restore.name == "end" and self._died is not None:
            restore.lost_seconds = (self._died.at - known.point.at).total_seconds()

    def _use(self, restore: Restore, server: PostgresServer) -> None:
        password = self._world.login_password
        with self._phase(restore, "start the app, smoke test", "use"), self._world.serving(server) as url:
            restore.checks.append(using.recruit(url, password))
            if restore.name == self._wish.restores[0]:
                restore.checks.append(using.smoke_test(url, password))

    @contextmanager
    def _phase(self, restore: Restore, title: str, name: str) -> Iterator[Step]:
        with self._steps.step(f"Restore to the {restore.name}: {title}") as step, _timed() as seconds:
            try:
                yield step
            except LocalMistake as mistake:
                restore.checks.append(Check(title, False, str(mistake)))
                raise Failed(str(mistake)) from mistake
        restore.phases[name] = round(seconds[0], 3)


@contextmanager
def _timed() -> Iterator[list[float]]:
    seconds, started = [0.0], time.perf_counter()
    yield seconds
    seconds[0] = time.perf_counter() - started


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 1024**2:,.0f} MiB"


def run(wish: Wish, folder: Path, steps: Steps) -> Outcome:
    """What a drill in `folder` finds; a restore that fails is in it as a check that does not hold."""
    with world.made(folder) as around:
        drill = Drill(wish, Places(folder), around, steps)
        try:
            drill.run()
        except Failed as failed:
            steps.console.print(f"[red]{failed}[/]")
        return drill.outcome
