"""The world of a chaos run: a durable PostgreSQL, queues, storage, scanner, and the processes that live on them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chalicelib.logs import log
from infra.local import postgres, processes
from infra.local.processes import Child
from tests import house, records
from tests.chaos import asking, options
from tests.chaos.options import Options
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.stores import FlakyScanner, FolderMail, FolderStorage
from tests.house import Database
from tests.queue_clock import WallClock
from tests.queue_double import QueueDouble
from tests.queue_faults import Faults
from tests.queue_server import serving

SWEEP, ASKER = "sweep", "asker"


class QueueClock(WallClock):
    """Time as it passes, which can be put forward: what would arrive later arrives now."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


@dataclass(slots=True)
class World:
    """Everything that is there. Processes are known by name; one that died is started again by `revive`."""

    folder: Path
    options: Options
    database: Database
    double: QueueDouble
    clock: QueueClock
    environment: dict[str, str]
    storage: FolderStorage
    scanner: FlakyScanner
    mail: FolderMail
    receiver: Receiver
    children: dict[str, Child] = field(default_factory=dict)
    starts: int = 0
    is_asking: bool = True

    @property
    def workers(self) -> list[str]:
        return [f"worker {number + 1}" for number in range(self.options.workers)]

    @property
    def names(self) -> list[str]:
        return [*self.workers, SWEEP, *([ASKER] if self.is_asking else [])]

    def revive(self) -> list[Child]:
        """Start every process that is not running; those that had died."""
        dead = []
        for name in self.names:
            child = self.children.get(name)
            if child is None or not child.is_running:
                if child is not None:
                    dead.append(child)
                self.children[name] = self._start(name)
        return dead

    def _start(self, name: str) -> Child:
        self.starts += 1
        role = name.split()[0]
        seed = f"{self.options.seed} {name} {self.starts}"
        command = [sys.executable, "-m", "tests.chaos.process", role, str(self.folder), seed]
        return processes.start(
            name,
            command,
            log=self.folder / f"{name}.log",
            environment=self.environment,
            on_parent_death=signal.SIGKILL,
        )

    def kill(self, name: str) -> int | None:
        """SIGKILL; the process id, or None when it had ended before."""
        child = self.children[name]
        if not child.is_running:
            return None
        child.process.kill()
        child.process.wait()
        return child.process.pid

    def restart_database(self) -> None:
        """End PostgreSQL without a checkpoint (`pg_ctl -m immediate`), and start it where it was: it recovers."""
        server = self.database.server
        server.child.stop((signal.SIGQUIT, 10.0))
        server.stop()
        again = postgres.start(self.folder / "postgres", durable=True)
        assert again.port == server.port, "PostgreSQL came back on another port"
        self.database = Database(again, self.database.superuser_url, self.database.owner_url, self.database.app_url)

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """What really stands in the database."""
        return records.rows(self.database, statement, **values)

    def counts(self) -> dict[str, int] | None:
        """How many jobs there are, by status; None while the database does not answer."""
        try:
            found = self.rows("select status, count(*) as n from jobs group by status")
        except (sa.exc.SQLAlchemyError, OSError):
            return None
        return {row["status"]: row["n"] for row in found}

    def unfinished(self) -> int | None:
        """How much is not done yet: jobs, messages in the outbox, deliveries, and uploads without a verdict."""
        try:
            found = self.rows(UNFINISHED)
            waiting = self.rows("select object_key from documents where status = 'awaiting_upload'")
        except (sa.exc.SQLAlchemyError, OSError):
            return None
        return int(found[0]["n"]) + sum(self.storage.holds(row["object_key"]) for row in waiting)

    def stop(self) -> None:
        """End every process; none outlives the run."""
        for child in self.children.values():
            if child.is_running:
                child.process.send_signal(signal.SIGCONT)
                child.stop((signal.SIGTERM, 1.0))
        self.database.server.stop()


UNFINISHED = """
    select (select count(*) from jobs where status in ('queued', 'running'))
         + (select count(*) from outbox) + (select count(*) from documents where status = 'scanning')
         + (select count(*) from webhook_deliveries where status = 'pending') as n
"""


@contextmanager
def built(folder: Path, wish: Options) -> Iterator[World]:
    """A world with its organizations, and no process yet."""
    for name in ("traps", "claims"):
        (folder / name).mkdir(parents=True)
    server = postgres.start(folder / "postgres", durable=True)
    world: World | None = None
    try:
        database = house.build_database(server, "recruitpro")
        os.environ.update(house.settings_for(database, None) | options.SETTINGS)
        log.setLevel("WARNING")
        clock = QueueClock()
        double = QueueDouble(clock, faults=Faults(wish.seed, late_seconds=options.LATE_SECONDS))
        double.create_job_queues(visibility_seconds=wish.visibility_seconds)
        with receiving(folder) as receiver, serving(double, folder) as variables:
            house.forget_settings()
            asking.build(database, folder / "houses.json", receiver.url)
            house.forget_settings()
            environment = dict(os.environ) | variables
            storage, scanner, mail = FolderStorage(folder), FlakyScanner(folder), FolderMail(folder)
            world = World(folder, wish, database, double, clock, environment, storage, scanner, mail, receiver)
            try:
                yield world
            finally:
                world.stop()
    finally:
        if world is None:
            server.stop()
