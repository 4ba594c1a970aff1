"""PostgreSQL that archives its WAL, base backups of it, and clusters restored from both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from infra.local import postgres
from infra.local.postgres import PostgresServer
from infra.local.processes import LocalMistake

ARCHIVED_WITHIN_SECONDS = 60.0
PROMOTED_WITHIN_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of the primary between two commits: by its clock, and where in the WAL the next record goes."""

    at: datetime
    lsn: str


@dataclass(frozen=True, slots=True)
class Target:
    """How far a restore goes: to a point, by its time or its place in the WAL; without one as far as the WAL does."""

    point: Point | None = None
    by: str = "time"

    @property
    def settings(self) -> dict[str, str]:
        if self.point is None:
            return {}
        # Not the first commit after the point, which is what "inclusive" would mean.
        settings = {"recovery_target_inclusive": "off", "recovery_target_action": "promote"}
        if self.by == "lsn":
            return {**settings, "recovery_target_lsn": self.point.lsn}
        return {**settings, "recovery_target_time": self.point.at.isoformat(sep=" ", timespec="microseconds")}


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a drill; all are below `root`."""

    root: Path

    @property
    def primary(self) -> Path:
        return self.root / "primary"

    @property
    def backup(self) -> Path:
        return self.root / "backup"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    def restored(self, name: str) -> Path:
        return self.root / f"restored-{name}"


def start_primary(places: Places) -> PostgresServer:
    """A new cluster that copies each full segment of its WAL into the archive."""
    places.archive.mkdir(parents=True)
    # Whole or not at all: a copy that was cut off must not look like a segment.
    keep = f"cp %p '{places.archive}/%f.part' && mv '{places.archive}/%f.part' '{places.archive}/%f'"
    return postgres.start(places.primary, settings={"archive_mode": "on", "archive_command": keep})


def ask(server: PostgresServer, statement: str, *, database: str = "postgres") -> tuple[Any, ...]:
    """The one row that answers, as the superuser sees it."""
    url = server.url.rsplit("/", 1)[0] + f"/{database}"
    engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        return tuple(connection.exec_driver_sql(statement).one())


def here(server: PostgresServer) -> Point:
    """Now, on this server."""
    at, lsn = ask(server, "select clock_timestamp(), pg_current_wal_insert_lsn()::text")
    return Point(at, lsn)


def archive_everything(server: PostgresServer) -> None:
    """Have all WAL written until now archived; LocalMistake when it is not within a minute."""
    (segment,) = ask(server, "select pg_walfile_name(pg_current_wal_insert_lsn())")
    ask(server, "select pg_switch_wal()")
    deadline = time.monotonic() + ARCHIVED_WITHIN_SECONDS
    while True:
        last, failed = ask(server, "select coalesce(last_archived_wal, ''), failed_count from pg_stat_archiver")
        if last >= segment:
            return
        if time.monotonic() > deadline:
            raise LocalMistake(f"the WAL is not archived: {segment} is waiting, {failed} attempts failed")
        time.sleep(0.05)


def take_base_backup(server: PostgresServer, places: Places) -> None:
    """A base backup whose manifest holds a SHA-256 of every file."""
    account = urlsplit(server.url)
    options = ["--pgdata", str(places.backup), "--checkpoint=fast", "--wal-method=none", "--manifest-checksums=SHA256"]
    where = ["--host", server.host, "--port", str(server.port), "--username", str(account.username), "--no-password"]
    _run("pg_basebackup", *options, *where, password=unquote(account.password or ""))


def verify_base_backup(places: Places) -> None:
    """Raises LocalMistake, naming the file, unless every file is what the manifest says."""
    _run("pg_verifybackup", "--no-parse-wal", "--quiet", str(places.backup))


def kill(server: PostgresServer, places: Places) -> None:
    """End the primary as a power cut does, and lose its disk."""
    family = psutil.Process(server.child.process.pid)
    for each in [family, *family.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    server.child.process.wait()
    server.stop()
    shutil.rmtree(places.primary / "data")


def lay_out(places: Places, name: str) -> None:
    """The base backup as the data folder of a new cluster, ready to recover. It is verified while it is copied, so that
    each file is read from the disk once. Raises LocalMistake as `verify_base_backup` does."""
    folder = places.restored(name)
    with ThreadPoolExecutor(1) as verifying:
        verdict = verifying.submit(verify_base_backup, places)
        shutil.copytree(places.backup, folder / "data")
        verdict.result()
    # The backup holds the superuser and its password; this is where the next start looks it up.
    shutil.copy2(places.primary / "password", folder / "password")
    (folder / "data" / "recovery.signal").touch()


def start_restored(places: Places, name: str, target: Target) -> PostgresServer:
    """The restored cluster once it has recovered up to `target` and takes writes. LocalMistake, with what PostgreSQL
    says, when it does not get there."""
    settings = {"restore_command": f"cp '{places.archive}/%f' %p", "archive_mode": "off", **target.settings}
    if sys.platform == "linux":
        # One call for the disk instead of one for each file.
        settings["recovery_init_sync_method"] = "syncfs"
    log = places.restored(name) / "postgres.log"
    try:
        server = postgres.start(places.restored(name), settings=settings)
    except LocalMistake as mistake:
        raise LocalMistake(_reason(log) or str(mistake)) from mistake
    deadline = time.monotonic() + PROMOTED_WITHIN_SECONDS
    try:
        while ask(server, "select pg_is_in_recovery()")[0]:
            if time.monotonic() > deadline:
                raise LocalMistake(f"it did not recover within {PROMOTED_WITHIN_SECONDS:.0f} s")
            time.sleep(0.02)
    except sa.exc.DBAPIError:
        server.stop()
        raise LocalMistake(f"it ended while it recovered: {_reason(log) or server.child.last_words()}") from None
    except BaseException:
        server.stop()
        raise
    return server


def _reason(log: Path) -> str | None:
    """Why a server gave up, in its own words."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    fatal = (line.split("FATAL:")[-1].strip() for line in reversed(lines) if "FATAL:" in line)
    return next((line for line in fatal if "starting up" not in line), None)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _run(program: str, *arguments: str, password: str = "") -> None:
    environment = {**os.environ, "PGPASSWORD": password}
    command = [str(postgres.binaries() / program), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalMistake(f"{program}: {done.stderr.strip() or done.stdout.strip()}")
