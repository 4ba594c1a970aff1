"""The house that tests live in: a real PostgreSQL, moto, and the settings that point to them."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import sqlalchemy as sa

from chalicelib import clients, db, settings
from chalicelib.auth import keys, passwords
from chalicelib.migrations import roles, upgrade
from infra.local import delivery, postgres, processes, resources
from infra.local.delivery import Source
from infra.local.pump import QUEUE_FUNCTIONS, handler_of

REGION = "eu-central-1"
OWNER_PASSWORD, APP_PASSWORD = "owner-of-tests", "app-of-tests"
UNTOUCHED = "untouched"
_numbers = count(1)
SETTINGS = {
    "RECRUITPRO_ENVIRONMENT": "local",
    "RECRUITPRO_LOG_LEVEL": "ERROR",
    "RECRUITPRO_TOKEN_SECRET": "a-secret-that-only-tests-know-0123456789",
    "RECRUITPRO_OPEN_REGISTRATION": "true",
    "RECRUITPRO_SCANNER": "eicar_only",
    "RECRUITPRO_DATABASE_POOL_SIZE": "8",
    "RECRUITPRO_JOB_RETRY_BASE_SECONDS": "0",
    "RECRUITPRO_CORS_ORIGINS": "https://app.recruitpro.test",
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated PostgreSQL: as its superuser, its schema's owner, and the application."""

    server: postgres.PostgresServer
    superuser_url: str
    owner_url: str
    app_url: str

    @property
    def name(self) -> str:
        return self.app_url.rsplit("/", 1)[1]


def build_database(server: postgres.PostgresServer, name: str) -> Database:
    """A database of this name with our roles and schema."""
    roles.prepare(server.url, database=name, owner_password=OWNER_PASSWORD, app_password=APP_PASSWORD)
    database = _database(server, name)
    upgrade(database.owner_url)
    return database


def _database(server: postgres.PostgresServer, name: str) -> Database:
    owner_url = roles.url_for(server.url, user=roles.OWNER, password=OWNER_PASSWORD, database=name)
    app_url = roles.url_for(server.url, user=roles.APP, password=APP_PASSWORD, database=name)
    return Database(server, server.url.rsplit("/", 1)[0] + f"/{name}", owner_url, app_url)


def keep_untouched(database: Database) -> None:
    """Copy a database in which nobody has been yet, for `own_database` to copy again."""
    with _as_admin(database.server) as connection:
        connection.exec_driver_sql(f"create database {UNTOUCHED} template {database.name}")


@contextmanager
def own_database(server: postgres.PostgresServer) -> Iterator[Database]:
    """A migrated database in which nobody has been, on a server where one is kept untouched; with the settings of
    this process pointing to it. Gone at the end. Making it takes up to half a second, most of it for files."""
    own = _database(server, f"own_{next(_numbers)}")
    with _as_admin(server) as connection:
        connection.exec_driver_sql(f"create database {own.name} owner {roles.OWNER} template {UNTOUCHED}")
        # Rights on a database are not copied with it.
        connection.exec_driver_sql(f"revoke all on database {own.name} from public")
        connection.exec_driver_sql(f"grant connect on database {own.name} to {roles.APP}")
    try:
        with mock.patch.dict(os.environ, RECRUITPRO_DATABASE_URL=own.app_url):
            forget_settings()
            yield own
        forget_settings()
    finally:
        with _as_admin(server) as connection:
            connection.exec_driver_sql(f"drop database {own.name} with (force)")


@contextmanager
def _as_admin(server: postgres.PostgresServer) -> Iterator[sa.Connection]:
    engine = sa.create_engine(roles.driver_url(server.url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


@dataclass(frozen=True, slots=True)
class Cloud:
    """moto in a process of its own, with our bucket and queues."""

    child: processes.Child
    endpoint_url: str
    queues: dict[str, resources.Queue]

    def client(self, service: str) -> Any:
        return _client(service, self.endpoint_url)

    def sources(self) -> list[Source]:
        """Each queue with the function that serves it."""
        from importlib import import_module

        return [
            Source(self.queues[short], handler_of(import_module(module)), REGION)
            for short, module in QUEUE_FUNCTIONS.items()
        ]

    def source(self, short: str) -> Source:
        """One queue with the function that serves it."""
        return next(source for source in self.sources() if source.queue.name == short)

    def drain(self, timeout_seconds: float = 30) -> None:
        """Deliver every message, and what follows from it, until the queues are empty."""
        delivery.drain(self.client("sqs"), self.sources(), timeout_seconds=timeout_seconds)

    def waiting(self, url: str) -> int:
        """How many messages a queue holds, those in somebody's hands included."""
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        counts = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(number) for number in counts.values())

    def mails(self) -> list[dict[str, Any]]:
        """Every mail that was taken, oldest first: its `id`, `source`, `destinations` and `raw_data`."""
        taken: list[dict[str, Any]] = http().get(f"{self.endpoint_url}/mails.json").json()
        return taken

    def purge(self) -> None:
        """Empty every queue. SQS purges a queue once a minute at most, so a full one is made anew; together with its
        dead-letter queue, since in moto a queue holds on to the very one that it was made with."""
        sqs = self.client("sqs")
        pairs = [(queue.url, queue.dead_letter_url) for queue in self.queues.values()]
        full = [pair for pair in pairs if any(self.waiting(url) for url in pair)]
        for pair in full:
            for url in pair:
                sqs.delete_queue(QueueUrl=url)
        if full:
            resources.ensure_queues(sqs)

    def upload(self, form: dict[str, Any], content: bytes) -> int:
        """Send a file by the form of an upload, as a browser does; the status that the storage answers."""
        files = {"file": ("file", content, form["fields"].get("Content-Type", "application/octet-stream"))}
        return http().post(form["url"], data=form["fields"], files=files).status_code


@cache
def _client(service: str, endpoint_url: str) -> Any:
    return resources.client(service, endpoint_url, REGION)


@cache
def http() -> httpx.Client:
    """For all that fetch from moto and send to it: making one reads every certificate there is."""
    return httpx.Client(timeout=20, verify=False)


@contextmanager
def trusting_nobody() -> Iterator[None]:
    """Meanwhile this process reads none of the system's certificates: no test talks to anybody out there, and pg8000
    would read them all at each of thousands of connections, which takes 17 ms."""
    with mock.patch.object(ssl.SSLContext, "load_default_certs", return_value=None):
        yield


def build_cloud(folder: Path) -> Cloud:
    """Start moto and make what the local stack makes in it."""
    port = processes.free_port()
    endpoint_url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "infra.local.aws", "--port", str(port), "--state", str(folder / "s3")]
    child = processes.start(
        "moto", [*command, "--region", REGION], log=folder / "moto.log", environment=dict(os.environ)
    )
    try:
        processes.wait_until(lambda: processes.answers(port), child, seconds=20)
        queues = resources.ensure_queues(resources.client("sqs", endpoint_url, REGION))
        s3 = resources.client("s3", endpoint_url, REGION)
        origins = ["https://app.recruitpro.test"]
        resources.ensure_buckets(
            s3, resources.BUCKETS, region=REGION, origins=origins, scan_queue_arn=queues["scan"].arn
        )
        resources.ensure_sender(resources.client("sesv2", endpoint_url, REGION), settings.LOCAL_SENDER)
    except BaseException:
        child.stop()
        raise
    return Cloud(child, endpoint_url, queues)


def settings_for(database: Database | None, cloud: Cloud | None) -> dict[str, str]:
    """The environment variables of a process that lives in this house."""
    values = dict(SETTINGS)
    if database is not None:
        values["RECRUITPRO_DATABASE_URL"] = database.app_url
    if cloud is not None:
        values["RECRUITPRO_AWS_ENDPOINT_URL"] = cloud.endpoint_url
        for short, queue in cloud.queues.items():
            values[f"RECRUITPRO_{short.upper()}_QUEUE_URL"] = queue.url
            values[f"RECRUITPRO_{short.upper()}_DEAD_LETTER_QUEUE_URL"] = queue.dead_letter_url
    return values


@cache
def _hash_of(password: str) -> str:
    return passwords.hash_password(password)


@contextmanager
def hashed_once(password: str) -> Iterator[None]:
    """Meanwhile this password is hashed once for all the tests of a process: thousands of them begin with it, and what
    hashing does is the matter of tests of its own."""
    known = _hash_of(password)
    plain = passwords.hash_password, passwords.verify

    def hash_password(given: str) -> str:
        return known if given == password else plain[0](given)

    def verify(given: str, password_hash: str | None) -> bool:
        return True if (given, password_hash) == (password, known) else plain[1](given, password_hash)

    with mock.patch.multiple(passwords, hash_password=hash_password, verify=verify):
        yield


CACHED: list[Callable[..., Any]] = [
    settings.settings,
    db.engine,
    clients.storage,
    clients._s3,
    clients.queues,
    clients.scanner,
    clients.rater,
    clients.writer,
    clients.mail,
    clients.snapshots,
    clients.instances,
    clients._secrets,
    keys.key_ring,
]


def forget_settings() -> None:
    """Let everything that was built from the settings be built anew."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    for cached in CACHED:
        cached.cache_clear()  # type: ignore[attr-defined]
