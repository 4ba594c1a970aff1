"""schemathesis against the real application: it tries whatever the published document allows and forbids.

`python -m tests.fuzz.contract --seconds N` builds a house of its own and searches for so long; 1 when it found any.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import click

from chalicelib.http.areas import area_of
from infra.local import postgres
from infra.local.server import Server
from tests import house
from tests.api import ApiClient

ROOT = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
LOG = ROOT / "build" / "fuzz" / "contract.log"
PASSWORD = "correct-horse-7-staples"

# Signing in anew when a token has ended: the calls that are tried include signing out.
SIGNED_IN = """
[auth]
auto-signup = false
[auth.dynamic.openapi.bearer]
path = "/api/auth/login"
extract_selector = "/access_token"
retry_on = [401]
[auth.dynamic.openapi.bearer.payload]
email = "{email}"
password = "{password}"
"""
# Else it registers by itself where it finds how.
NOBODY = """
[auth]
auto-signup = false
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """How a run of schemathesis ended, and what it told."""

    is_clean: bool
    report: str


@contextmanager
def served() -> Iterator[str]:
    """The application on a port of 127.0.0.1; its URL."""
    import app

    server = Server(app.app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def shares(count: int) -> list[list[str]]:
    """The published paths, dealt out so that what belongs together stays together."""
    paths = sorted(ApiClient().get("/api/openapi.json").json["paths"])
    rooms = sorted({area_of(path) for path in paths})
    return [[path for path in paths if rooms.index(area_of(path)) % count == share] for share in range(count)]


def hold_to_contract(url: str, options: Sequence[str], *, email: str | None, paths: Sequence[str] = ()) -> Finding:
    """Run schemathesis on these paths (all of them when none are named), signed in as `email` or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "schemathesis.toml"
        signed_in = NOBODY if email is None else SIGNED_IN.format(email=email, password=PASSWORD)
        configuration.write_text(CONFIGURATION.read_text(encoding="utf-8") + signed_in, encoding="utf-8")
        program = str(Path(sys.executable).with_name("schemathesis"))
        where = f"{url}/api/openapi.json"
        chosen = [word for path in paths for word in ("--include-path", path)]
        ran = subprocess.run(
            [program, "--config-file", str(configuration), "run", "--no-color", *options, *chosen, where],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    return Finding(ran.returncode == 0, ran.stdout + ran.stderr)


@click.command()
@click.option("--seconds", default=300, show_default=True, help="time for the whole search")
@click.option("--seed", type=int, help="repeats an earlier search")
def main(seconds: int, seed: int | None) -> None:
    """Try whatever the OpenAPI document allows and forbids, with and without a token, for so long."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    # What the application logs of thousands of requests goes beside, and not between what was found.
    with (
        tempfile.TemporaryDirectory() as folder,
        LOG.open("w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
        _a_house(Path(folder)),
        served() as url,
    ):
        email = register("fuzz")
        chosen = [] if seed is None else ["--seed", str(seed)]
        signed_in = ["--max-time", str(max(1, seconds * 3 // 4)), "--max-examples", "50", *chosen]
        nobody = ["--phases", "fuzzing", "--max-time", str(max(1, seconds // 4)), *chosen]
        findings = [
            hold_to_contract(url, signed_in, email=email),
            hold_to_contract(url, nobody, email=None),
        ]
    for finding in findings:
        click.echo(finding.report)
    sys.exit(0 if all(finding.is_clean for finding in findings) else 1)


def register(name: str) -> str:
    """A new organization; the email of its admin."""
    email = f"{name}@contract.example"
    wish = {"organization": f"Contract {name}", "name": "Ada Admin", "email": email, "password": PASSWORD}
    reply = ApiClient().post("/api/auth/register", wish)
    assert reply.status == 201, reply
    return email


@contextmanager
def _a_house(folder: Path) -> Iterator[None]:
    """PostgreSQL and moto for this process, without limits on how often somebody may ask."""
    os.environ.update(house.SETTINGS)
    server = postgres.start(folder / "postgres", durable=False)
    try:
        cloud = house.build_cloud(folder)
        try:
            os.environ.update(house.settings_for(house.build_database(server, "recruitpro"), cloud))
            os.environ["RECRUITPRO_RATE_LIMIT_ENABLED"] = "false"
            house.forget_settings()
            yield
        finally:
            house.forget_settings()
            cloud.child.stop()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
