"""What a drill needs around the database: AWS by moto, and our own code pointed at one database or another."""

from __future__ import annotations

import os
import secrets
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from signal import SIGTERM

from chalicelib import clients, db, settings
from chalicelib.migrations import roles
from infra.local import delivery, environment, processes, resources
from infra.local.delivery import Source
from infra.local.postgres import PostgresServer
from infra.local.processes import HOST, Child
from infra.local.pump import QUEUE_FUNCTIONS, handler_of

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
DATABASE = "recruitpro"
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class World:
    """A moto of this drill's own, the passwords that it made up, and where children write their logs."""

    logs: Path
    endpoint_url: str
    queues: Mapping[str, resources.Queue]
    owner_password: str
    app_password: str
    login_password: str
    token_secret: str

    def owner_url(self, server: PostgresServer, database: str = DATABASE) -> str:
        return roles.url_for(server.url, user=roles.OWNER, password=self.owner_password, database=database)

    def superuser_url(self, server: PostgresServer, database: str = DATABASE) -> str:
        return server.url.rsplit("/", 1)[0] + f"/{database}"

    def variables(self, server: PostgresServer) -> dict[str, str]:
        """The settings of a process that works on this server's database."""
        values = {
            **environment.defaults(self.token_secret),
            "RECRUITPRO_LOG_LEVEL": "ERROR",
            "RECRUITPRO_SCANNER": "eicar_only",
            "RECRUITPRO_RATE_LIMIT_ENABLED": "false",
            "RECRUITPRO_AWS_ENDPOINT_URL": self.endpoint_url,
            "RECRUITPRO_DATABASE_URL": roles.url_for(
                server.url, user=roles.APP, password=self.app_password, database=DATABASE
            ),
        }
        for name, queue in self.queues.items():
            values[f"RECRUITPRO_{name.upper()}_QUEUE_URL"] = queue.url
            values[f"RECRUITPRO_{name.upper()}_DEAD_LETTER_QUEUE_URL"] = queue.dead_letter_url
        return environment.of_child(values, _without_ours(os.environ))

    def work_on(self, server: PostgresServer) -> None:
        """From now on our code in this process works on this server's database."""
        for name in [name for name in os.environ if name.startswith(settings.PREFIX)]:
            del os.environ[name]
        os.environ.update(self.variables(server))
        forget()

    def drain(self) -> None:
        """Deliver every message to its function, in this process, until the queues are empty."""
        sources = [
            Source(self.queues[short], handler_of(import_module(module)), REGION)
            for short, module in QUEUE_FUNCTIONS.items()
        ]
        delivery.drain(resources.client("sqs", self.endpoint_url, REGION), sources, timeout_seconds=60)

    @contextmanager
    def serving(self, server: PostgresServer) -> Iterator[str]:
        """The app and the pump on this server's database, as children; the URL where HTTP is served."""
        port, variables = processes.free_port(), self.variables(server)
        with ExitStack() as endings:
            app = self._start(endings, "server", ["-m", "infra.local.server", "--port", str(port)], variables)
            pump = self._start(endings, "pump", ["-m", "infra.local.pump"], variables)
            url = f"http://{HOST}:{port}"
            processes.wait_until(lambda: _serves(url), app, seconds=READY_SECONDS)
            processes.wait_until(lambda: "pumping " in pump.log.read_text(), pump, seconds=READY_SECONDS)
            yield url

    def _start(self, endings: ExitStack, name: str, arguments: list[str], variables: Mapping[str, str]) -> Child:
        log = self.logs / f"{name}-{secrets.token_hex(4)}.log"
        child = processes.start(name, [sys.executable, *arguments], log=log, environment=variables, cwd=ROOT)
        endings.callback(child.stop, (SIGTERM, 20.0))
        return child


@contextmanager
def made(folder: Path) -> Iterator[World]:
    """A world in `folder`; its processes end with it."""
    port, logs = processes.free_port(), folder / "logs"
    endpoint_url = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "infra.local.aws", "--port", str(port), "--region", REGION]
    child = processes.start("moto", [*command, "--state", str(folder / "s3")], log=logs / "aws.log", cwd=ROOT)
    try:
        processes.wait_until(lambda: processes.answers(port), child, seconds=READY_SECONDS)
        queues = resources.ensure_queues(resources.client("sqs", endpoint_url, REGION))
        s3 = resources.client("s3", endpoint_url, REGION)
        arn = queues["scan"].arn
        resources.ensure_buckets(s3, resources.BUCKETS, region=REGION, origins=["*"], scan_queue_arn=arn)
        owner, app, login, token = (secrets.token_urlsafe(36) for _ in range(4))
        yield World(logs, endpoint_url, queues, owner, app, login, token)
    finally:
        child.stop()


def forget() -> None:
    """Let everything that was built from the settings be built anew."""
    if db.engine.cache_info().currsize:
        db.engine().dispose()
    for built in (settings.settings, db.engine, *vars(clients).values()):
        if hasattr(built, "cache_clear"):
            built.cache_clear()


def _without_ours(variables: Mapping[str, str]) -> dict[str, str]:
    """What the developer exported must not point a drill at a database that somebody needs."""
    return {name: value for name, value in variables.items() if not name.startswith(settings.PREFIX)}


def _serves(url: str) -> bool:
    try:
        # An address of this machine.
        with urllib.request.urlopen(f"{url}/api/health/live", timeout=5) as answer:  # noqa: S310 # nosec B310
            return bool(answer.status == 200)
    except OSError:
        return False
