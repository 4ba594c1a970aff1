"""Everything that is loaded, as processes here: PostgreSQL with its town, PgBouncer, moto, server and pump."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGTERM
from typing import Any

from infra.local import postgres, processes
from tests import house
from tests.benchmarks.report import ROOT, console
from tests.house import Cloud, Database
from tests.load import bouncer, town
from tests.load.bouncer import Bouncer
from tests.load.town import Made

FOLDER = ROOT / "build" / "load"
# As in production: nothing here trades durability for speed.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "track_io_timing": "on",
}
LOADING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
# Everybody is let in, and counted all the same.
EVERYBODY = {
    "RECRUITPRO_RATE_LIMIT_ENABLED": "true",
    "RECRUITPRO_RATE_LIMIT_DEFAULT": "1000000000/minute",
    "RECRUITPRO_RATE_LIMIT_LOGIN": "1000000000/minute",
    "RECRUITPRO_ACCESS_TOKEN_SECONDS": "86400",
    "RECRUITPRO_LOG_LEVEL": "INFO",
    "RECRUITPRO_DATABASE_MAX_OVERFLOW": "0",
    "RECRUITPRO_DATABASE_POOL_TIMEOUT_SECONDS": "30",
    "RECRUITPRO_JOB_RETRY_BASE_SECONDS": "1",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a load test is: candidates, containers of the API, and connections of the pooler."""

    rows: int = 100_000
    containers: int = 8
    pool: int = 20


@dataclass(frozen=True, slots=True)
class Running:
    """What runs, and where; `environment` is what a process of ours is told. `folder` is gone at the end."""

    size: Size
    url: str
    folder: Path
    database: Database
    bouncer: Bouncer
    cloud: Cloud
    environment: dict[str, str]
    people: Path
    children: dict[str, int]
    made: Made
    server: processes.Child


@contextmanager
def running(size: Size, *, fresh: bool = False, kept: Path | None = None) -> Iterator[Running]:
    """Start it all, and end it whatever happens. The town stays in `kept`, by default build/load/<rows>."""
    place = kept or FOLDER / str(size.rows)
    if fresh:
        shutil.rmtree(place, ignore_errors=True)
    with ExitStack() as endings:
        folder = Path(endings.enter_context(tempfile.TemporaryDirectory(prefix="recruitpro-load-")))
        # PgBouncer and PostgreSQL run as somebody else when we are root.
        folder.chmod(0o755)
        made = _town(place, size.rows)
        server = postgres.start(place / "postgres", settings=DURABLE)
        endings.callback(server.stop)
        database = house.build_database(server, "recruitpro")
        pooler = bouncer.start(folder / "pgbouncer", database, size=size.pool)
        endings.callback(pooler.child.stop)
        cloud = house.build_cloud(folder)
        endings.callback(cloud.child.stop)
        environment = _environment(database, pooler, cloud, size)
        os.environ.update({name: environment[name] for name in environment if name.startswith("RECRUITPRO_")})
        house.forget_settings()
        endings.callback(house.forget_settings)
        people = folder / "people.json"
        people.touch(mode=0o600)
        people.write_text(json.dumps(_people(database.superuser_url)))
        port = processes.free_port()
        http = _start(endings, folder, environment, "server", *_server(size, port, folder))
        processes.wait_until(lambda: processes.answers(port), http, seconds=30)
        ready = folder / "pump.ready"
        # The schedules share a process, and may run at once.
        wider = environment | {"RECRUITPRO_DATABASE_POOL_SIZE": "2"}
        pump = _start(endings, folder, wider, "pump", "tests.load.pump", "--ready", str(ready))
        processes.wait_until(ready.exists, pump, seconds=30)
        children = {
            "server": http.process.pid,
            "pump": pump.process.pid,
            "postgres": server.child.process.pid,
            "pgbouncer": pooler.child.process.pid,
            "moto": cloud.child.process.pid,
        }
        yield Running(
            size,
            f"http://{processes.HOST}:{port}",
            folder,
            database,
            pooler,
            cloud,
            environment,
            people,
            children,
            made,
            http,
        )


def _town(place: Path, rows: int) -> Made:
    """Make the town by a server that is not durable, which is stopped again; crash in between, and it is made anew."""
    place.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    mark = place / "ready.json"
    if mark.exists():
        if _still_true(json.loads(mark.read_text())["made_from"]):
            return Made(0, 0.0)
        console.print("  the schema or the town's description has changed since: made anew")
    if (place / "made_from.json").exists() and not _still_true(json.loads((place / "made_from.json").read_text())):
        shutil.rmtree(place)
        place.mkdir()
    (place / "made_from.json").write_text(json.dumps(_sources()))
    console.print(f"  making {rows:,} candidates in {place.relative_to(ROOT) if place.is_relative_to(ROOT) else place}")
    server = postgres.start(place / "postgres", settings=DURABLE | LOADING)
    try:
        database = house.build_database(server, "recruitpro")
        made = town.make(database.superuser_url, rows, lambda text: console.print(f"  {text}", style="dim"))
    finally:
        server.stop()
    seconds = round(time.perf_counter() - began, 1)
    mark.write_text(json.dumps({"rows": rows, "seconds": seconds, "made_from": _sources()}))
    console.print(f"  {made.candidates:,} candidates in {seconds:.0f} s")
    return Made(made.candidates, seconds)


def _sources() -> dict[str, str]:
    """What a town is made from: the schema's files and our own, by their hashes."""
    files = [*sorted((ROOT / "chalicelib/migrations/versions").glob("*.sql")), *sorted(town.HERE.glob("*.sql"))]
    files += [town.HERE / "words.py", town.HERE / "words.txt"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _still_true(made_from: dict[str, str]) -> bool:
    """Whether a town made from these files would be made the same now, but for revisions that came later."""
    now = _sources()
    return all(now.get(name) == digest for name, digest in made_from.items())


def _environment(database: Database, pooler: Bouncer, cloud: Cloud, size: Size) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")}
    own = house.settings_for(database, cloud) | EVERYBODY
    own |= {"RECRUITPRO_DATABASE_URL": pooler.url, "RECRUITPRO_DATABASE_POOL_SIZE": "1"}
    return kept | own | {"PYTHONUNBUFFERED": "1"}


def _server(size: Size, port: int, folder: Path) -> list[str]:
    return ["tests.load.server", "--port", str(port), "--containers", str(size.containers), "--notes", str(folder)]


def _start(endings: ExitStack, folder: Path, environment: dict[str, str], name: str, *module: str) -> processes.Child:
    command = [sys.executable, "-m", *module]
    child = processes.start(name, command, log=folder / f"{name}.log", environment=environment, cwd=ROOT)
    endings.callback(child.stop, (SIGTERM, 20.0))
    return child


def _people(superuser_url: str) -> list[dict[str, Any]]:
    """Everybody who may use the system, with a token each, and the rank and size of their organization."""
    from chalicelib.auth import tokens
    from chalicelib.auth.tokens import Claims

    now = datetime.now(UTC)
    query = (
        "select users.id, users.organization_id, sign_ins.id, users.role, users.email, shares.number from users "
        "join sign_ins on sign_ins.user_id = users.id join load.shares on shares.id = users.organization_id "
        "where users.email like 'user-%@organization-%' and sign_ins.revoked_at is null "
        "and sign_ins.expires_at > now() + interval '1 year' order by sign_ins.id"
    )
    with town.connected(superuser_url) as connection:
        rows = connection.run(query)
    return [
        {
            "token": tokens.make_access_token(Claims(user_id, organization_id, sign_in_id), now),
            "organization": number,
            "role": role,
            "email": email,
        }
        for user_id, organization_id, sign_in_id, role, email, number in rows
    ]
