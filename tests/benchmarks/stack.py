"""A local stack of our own, started as `make run` starts it, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local import processes
from tests.benchmarks.report import ROOT

READY_SECONDS, STOP_SECONDS = 120.0, 45.0


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that serves at `url`. `serving_seconds` after its start it answered HTTP, `ready_seconds` after its start
    queues and schedules were pumped too and the address was told."""

    url: str
    folder: Path
    serving_seconds: float
    ready_seconds: float


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[RunningStack]:
    """Start the stack with its data in `folder`, and stop it by SIGINT, as Ctrl-C does."""
    port = processes.free_port()
    url, log = f"http://127.0.0.1:{port}", folder.with_suffix(".log")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")}
    environment = kept | {"PYTHONUNBUFFERED": "1"} | dict(settings or {})
    command = [sys.executable, "-m", "infra.local", "run", "--folder", str(folder), "--port", str(port)]
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        serving = _wait(lambda: _serves(url), process, log) - started
        ready = _wait(lambda: "RecruitPro is running at" in log.read_text(), process, log) - started
        yield RunningStack(url, folder, serving, ready)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> float:

    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the local stack did not start:\n{log.read_text()}")
        time.sleep(0.02)
    return time.monotonic()


def _serves(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/health/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
