"""The local stack: everything that RecruitPro runs on in AWS, as processes of this machine, and the demo data.

`Stack.run` starts it step by step and watches it. However it ends (Ctrl-C, SIGTERM, a child that crashes, kill -9 of
this very process), no process stays behind; the data does, in the folder `.local/`.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGTERM

from chalicelib.clients import bucket_names
from chalicelib.settings import Settings, read
from infra.local import environment, postgres, processes, resources
from infra.local.console import Steps
from infra.local.processes import HOST, Child, LocalMistake
from infra.local.welcome import introduction

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".local"
READY_SECONDS = 30.0
MIB = 1024 * 1024


@contextmanager
def held(folder: Path, port: int | None) -> Iterator[None]:
    """The right to use `folder`, until the end of this process at the latest; a lock file alone means nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "stack.lock").open("a+")
    except PermissionError:
        raise LocalMistake(f"{folder} belongs to another user: remove it, or run as that user") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise LocalMistake(f"the stack of this checkout is already running ({who}): stop it first") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}" + (f", http://{HOST}:{port}" if port else ""))
        lock.flush()
        yield


class Stack:
    """One start of the local stack. `port` is where HTTP is served; None leaves HTTP out."""

    def __init__(self, steps: Steps, *, port: int | None, folder: Path = FOLDER) -> None:
        self._steps, self._port, self._folder = steps, port, folder
        self._secrets = environment.Secrets("", "", "", "", "")
        self._values: dict[str, str] = {}
        self._children: list[Child] = []
        self.login: dict[str, str] = {}

    def run(self) -> None:
        """Start everything, then watch until a child ends, which is a LocalMistake, or an exception stops us."""
        with held(self._folder, self._port), ExitStack() as endings:
            if self._port is not None and not processes.is_free(self._port):
                other = self._port + 1
                raise LocalMistake(f"port {self._port} is in use: choose another one, as in PORT={other} make run")
            self._prepare()
            self._start_database(endings)
            self._start_aws(endings)
            self._start_scanner(endings)
            self._migrate()
            self._seed()
            if self._port is not None:
                self._start_server(endings, self._port)
            self._start_pump(endings)
            self._tell()
            self._watch()

    def _environment(self) -> dict[str, str]:
        return environment.of_child(self._values, os.environ)

    def _settings(self) -> Settings:
        return read(self._environment())

    def _given(self, name: str) -> str | None:
        """What the developer exported, which wins over anything that would be started here."""
        return os.environ.get(f"RECRUITPRO_{name}") or None

    def _prepare(self) -> None:
        logs = self._folder / "logs"
        logs.mkdir(exist_ok=True)
        for log in logs.glob("*.log"):
            log.replace(log.with_suffix(".previous"))
        self._secrets = environment.secrets_in(self._folder)
        self._values = environment.defaults(self._secrets.token_secret, self._secrets.metrics_token)
        # A misspelt variable is told before anything is started.
        self._settings()

    def _start(self, endings: ExitStack, name: str, command: list[str], *, log: str, patience: float = 10.0) -> Child:
        child = processes.start(
            name, command, log=self._folder / "logs" / log, environment=self._environment(), cwd=ROOT
        )
        endings.callback(child.stop, (SIGTERM, patience))
        self._children.append(child)
        return child

    def _start_database(self, endings: ExitStack) -> None:
        if self._given("DATABASE_URL"):
            with self._steps.step("PostgreSQL") as step:
                step.detail = "the one of RECRUITPRO_DATABASE_URL"
            return
        with self._steps.step("PostgreSQL") as step:
            server = postgres.start(self._folder / "postgres")
            endings.callback(server.stop)
            self._children.append(server.child)
            step.detail = f"on {HOST}:{server.port}"
        with self._steps.step("Roles and database"):
            from chalicelib.migrations import roles

            made = self._secrets
            roles.prepare(
                server.url, database="recruitpro", owner_password=made.owner_password, app_password=made.app_password
            )
            for variable, user, password in (
                ("RECRUITPRO_DATABASE_URL", roles.APP, made.app_password),
                ("RECRUITPRO_MIGRATION_DATABASE_URL", roles.OWNER, made.owner_password),
            ):
                self._values[variable] = roles.url_for(server.url, user=user, password=password, database="recruitpro")

    def _start_aws(self, endings: ExitStack) -> None:
        region = self._settings().aws_region
        endpoint_url = self._given("AWS_ENDPOINT_URL")
        if endpoint_url is None:
            with self._steps.step("AWS (moto)") as step:
                endpoint_url = self._start_moto(endings, region)
                step.detail = f"at {endpoint_url}"
        self._values["RECRUITPRO_AWS_ENDPOINT_URL"] = endpoint_url
        with self._steps.step("Buckets and queues") as step:
            queues = resources.ensure_queues(resources.client("sqs", endpoint_url, region))
            for name, queue in queues.items():
                self._values[f"RECRUITPRO_{name.upper()}_QUEUE_URL"] = queue.url
                self._values[f"RECRUITPRO_{name.upper()}_DEAD_LETTER_QUEUE_URL"] = queue.dead_letter_url
            wish = self._settings()
            names = bucket_names(wish)
            resources.ensure_buckets(
                resources.client("s3", endpoint_url, region),
                names,
                region=region,
                origins=list(wish.cors_origins) or ["*"],
                scan_queue_arn=queues["scan"].arn,
            )
            step.detail = f"{', '.join(names.values())}; {', '.join(queues)}, each with a dead-letter queue"
        with self._steps.step("Sender of mail") as step:
            assert wish.sender_address is not None
            resources.ensure_sender(resources.client("sesv2", endpoint_url, region), wish.sender_address)
            step.detail = f"{wish.sender_address}; nothing leaves this machine"

    def _start_moto(self, endings: ExitStack, region: str) -> str:
        remembered = self._folder / "aws-port"
        # The same port as last time if it is free: links that were given out keep working.
        port = processes.free_port(int(remembered.read_text()) if remembered.exists() else None)
        remembered.write_text(str(port))
        command = [sys.executable, "-m", "infra.local.aws", "--port", str(port), "--region", region]
        child = self._start(endings, "moto", [*command, "--state", str(self._folder / "s3")], log="aws.log")
        processes.wait_until(lambda: processes.answers(port), child, seconds=READY_SECONDS)
        return f"http://{HOST}:{port}"

    def _start_scanner(self, endings: ExitStack) -> None:
        if self._given("SCANNER") or self._given("CLAMD_HOST") or self._given("CLAMD_SOCKET"):
            return
        from infra.local import clamav

        with self._steps.step("Virus scanner") as step:
            program = clamav.find_clamd()
            if program is None:
                self._values["RECRUITPRO_SCANNER"] = "eicar_only"
                step.warning = (
                    "clamd is not installed: uploads are only searched for EICAR, the harmless test virus. "
                    "Install it with: apt-get install clamav-daemon (macOS: brew install clamav)"
                )
                return
            port = processes.free_port()
            folder = self._folder / "clamav"
            config = self._settings()
            largest = max(25 * MIB, config.upload_max_bytes + MIB, config.upload_import_max_bytes + MIB)
            written = clamav.write_folder(folder, port=port, socket_path=None, stream_max_bytes=largest)
            child = self._start(endings, "clamd", [program, f"--config-file={written}"], log="clamd.log")
            processes.wait_until(lambda: processes.answers(port), child, seconds=60)
            self._values |= {"RECRUITPRO_SCANNER": "clamd", "RECRUITPRO_CLAMD_PORT": str(port)}
            step.detail = f"clamd on {HOST}:{port}, with a signature for EICAR"

    def _migrate(self) -> None:
        environment.write_file(self._folder / "environment", self._environment())
        owner_url = self._settings().migration_database_url
        with self._steps.step("Migrations") as step:
            if owner_url is None:
                step.warning = "RECRUITPRO_MIGRATION_DATABASE_URL is not set: the schema is taken as it is"
                return
            from chalicelib import migrations

            applied = migrations.upgrade(owner_url.get_secret_value())
            step.detail = f"{len(applied)} applied" if applied else "up to date"

    def _seed(self) -> None:
        # The seed goes through the services, which read their settings from the environment of this process.
        os.environ.update(self._environment())
        with self._steps.step("Demo data") as step:
            from infra.demo import seed

            told = self._folder / "demo.json"
            is_remembered = told.exists()
            if not is_remembered:
                # Before the user exists: killed in between, the password would be lost.
                login = {"email": seed.EMAIL, "password": self._secrets.demo_password}
                environment.write_private(told, json.dumps(login))
            is_new = seed.seed(self._secrets.demo_password).password is not None
            if not is_new and not is_remembered:
                told.unlink()
                step.warning = f"{seed.EMAIL} was created by another checkout, which alone knows the password"
                self.login = {"email": seed.EMAIL, "password": "(unknown here)"}
                return
            self.login = json.loads(told.read_text())
            step.detail = f"created for {seed.EMAIL}" if is_new else "as it was left"

    def _start_server(self, endings: ExitStack, port: int) -> None:
        with self._steps.step("HTTP server") as step:
            command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
            child = self._start(endings, "the HTTP server", command, log="server.log")
            processes.wait_until(lambda: _serves(port), child, seconds=READY_SECONDS)
            step.detail = f"http://{HOST}:{port}"

    def _start_pump(self, endings: ExitStack) -> None:
        with self._steps.step("Pump") as step:
            # A batch in hand is finished first.
            child = self._start(
                endings, "the pump", [sys.executable, "-m", "infra.local.pump"], log="pump.log", patience=20.0
            )
            processes.wait_until(lambda: "pumping " in child.log.read_text(), child, seconds=READY_SECONDS)
            step.detail = "queues and schedules reach their functions"

    def _tell(self) -> None:
        say = self._steps.say
        say()
        if self._port is None:
            shown = _shown(self._folder / "environment")
            say("Everything but HTTP is running. In another terminal:")
            say(f"  set -a; . {shown}; set +a; .venv/bin/chalice local --stage local")
        else:
            for line in introduction(f"http://{HOST}:{self._port}", self.login):
                say(line)
        say(f"Logs: {_shown(self._folder / 'logs')}. Ctrl-C stops everything; the data stays (make reset forgets it).")

    def _watch(self) -> None:
        while True:
            for child in self._children:
                if not child.is_running:
                    code = child.process.returncode
                    how = f"was killed (signal {-code})" if code < 0 else f"ended by itself (exit code {code})"
                    raise LocalMistake(f"{child.name} {how}: {child.last_words()} (log: {child.log})")
            time.sleep(0.25)


def _shown(path: Path) -> str:
    """`path` as one would type it in the checkout."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _serves(port: int) -> bool:
    """Whether the app answers HTTP, whatever it says."""
    try:
        # An address of this machine.
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/health/live", timeout=5):  # nosec B310
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
