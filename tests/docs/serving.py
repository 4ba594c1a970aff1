"""A server with real data, and shells in which the commands of a page run against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.local import processes
from tests import house
from tests.conftest import PASSWORD, Tenant
from tests.house import Cloud, Database

ROOT = Path(__file__).parents[2]
Run = Callable[..., str]


def only(blocks: Sequence[str], words: str) -> str:
    """The one block that holds these words."""
    found = [each for each in blocks if words in each]
    assert len(found) == 1, words
    return found[0]


@contextmanager
def shell(database: Database, cloud: Cloud, tenant: Tenant, folder: Path, first: str) -> Iterator[Run]:
    """Runs blocks in one shell after `first` (the login of the page), and gives what they print."""
    port, log = processes.free_port(), folder / "server.log"
    environment = {
        **os.environ,
        **house.settings_for(database, cloud),
        "RECRUITPRO_LOG_LEVEL": "INFO",
        "RECRUITPRO_RATE_LIMIT_ENABLED": "false",
    }
    command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
    server = processes.start("server", command, log=log, environment=environment)
    told = {
        "API": f"http://127.0.0.1:{port}",
        "EMAIL": tenant.email,
        "PASSWORD": PASSWORD,
        "ORGANIZATION_ID": str(tenant.id),
        "LOG": str(log),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    def run(*blocks: str, **variables: str) -> str:
        done = subprocess.run(
            ["bash", "-c", "\n".join(["set -eo pipefail", first, *blocks])],
            cwd=folder,
            env={**environment, **told, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    try:
        processes.wait_until(lambda: processes.answers(port), server, seconds=30)
        yield run
    finally:
        server.stop()
