"""moto's server in a process of its own, as the local stack runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local import processes, resources

REGION = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Moto:
    child: processes.Child
    port: int

    def client(self, service: str) -> Any:
        return resources.client(service, f"http://127.0.0.1:{self.port}", REGION)


def start_moto(folder: Path) -> Moto:
    port = processes.free_port()
    command = [sys.executable, "-m", "infra.local.aws", "--port", str(port), "--state", str(folder / "s3")]
    child = processes.start(
        "moto", [*command, "--region", REGION], log=folder / "moto.log", environment=dict(os.environ)
    )
    try:
        processes.wait_until(lambda: processes.answers(port), child, seconds=20)
    except BaseException:
        child.stop()
        raise
    return Moto(child, port)


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moto]:
    moto = start_moto(tmp_path_factory.mktemp("moto"))
    yield moto
    moto.child.stop()
