"""PgBouncer in transaction mode, which stands for RDS Proxy: many clients share few connections of the database, each
for a transaction."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pg8000.native

from infra.local import postgres, processes
from infra.local.processes import HOST, Child
from tests.house import APP_PASSWORD, Database

CONFIG = """[databases]
{name} = host={host} port={server_port} dbname={name}
{bench} = host={host} port={server_port} dbname={bench} user={owner} password={owner_password}

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
admin_users = watcher
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 1000
server_idle_timeout = 60
log_connections = 0
log_disconnections = 0
log_stats = 0
"""
WATCHER, WATCHER_PASSWORD = "watcher", "of-the-watcher"
# The database of pgbench, whose clients come the same way; its tables are the superuser's.
BENCH = "pgbench"


@dataclass(frozen=True, slots=True)
class Pool:
    """What PgBouncer says of the application's pool at one moment."""

    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int
    longest_wait_seconds: float


@dataclass(frozen=True, slots=True)
class Bouncer:
    """A running PgBouncer; `url` is the application's way through it."""

    url: str
    port: int
    size: int
    child: Child

    @contextmanager
    def console(self) -> Iterator[Any]:
        """PgBouncer's own console, which knows the simple protocol alone."""
        console = pg8000.native.Connection(
            WATCHER, host=HOST, port=self.port, database="pgbouncer", password=WATCHER_PASSWORD
        )
        try:
            yield console
        finally:
            console.close()


def program() -> str | None:
    """Where PgBouncer is installed; None when it is not."""
    return shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


def start(folder: Path, database: Database, *, size: int) -> Bouncer:
    """Start it in `folder`, as an ordinary user, with `size` connections to the database."""
    found = program()
    if found is None:
        raise processes.LocalMistake("pgbouncer is not installed: apt-get install pgbouncer")
    folder.mkdir(parents=True, exist_ok=True)
    port = processes.free_port()
    users, config = folder / "users.txt", folder / "pgbouncer.ini"
    users.touch(mode=0o600)
    users.write_text(f'"recruitpro_app" "{APP_PASSWORD}"\n"{WATCHER}" "{WATCHER_PASSWORD}"\n')
    name = database.app_url.rsplit("/", 1)[-1]
    owner = urlsplit(database.superuser_url)
    text = CONFIG.format(
        name=name,
        bench=BENCH,
        owner=unquote(owner.username or ""),
        owner_password=unquote(owner.password or ""),
        host=HOST,
        server_port=database.server.port,
        port=port,
        users=users.resolve(),
        size=size,
    )
    config.touch(mode=0o600)
    config.write_text(text)
    child = processes.start(
        "PgBouncer",
        [found, str(config.resolve())],
        log=folder / "pgbouncer.log",
        user=postgres._user(folder),
        # Ends at once, where SIGINT would wait for clients.
        on_parent_death=signal.SIGTERM,
        cwd=folder,
    )
    processes.wait_until(lambda: processes.answers(port), child, seconds=10)
    server = f":{database.server.port}/"
    return Bouncer(database.app_url.replace(server, f":{port}/"), port, size, child)


def pool_of(console: Any) -> Pool:
    """The application's pool now."""
    rows = console.run("show pools")
    names = [column["name"] for column in console.columns]
    for row in (dict(zip(names, values, strict=True)) for values in rows):
        if row["user"] == "recruitpro_app":
            wait = float(row["maxwait"]) + float(row["maxwait_us"]) / 1e6
            return Pool(int(row["cl_active"]), int(row["cl_waiting"]), int(row["sv_active"]), int(row["sv_idle"]), wait)
    return Pool(0, 0, 0, 0, 0.0)
