"""What the job benchmark needs besides ours: Redis as it is usually run, and an environment with the peers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.local import processes
from tests.benchmarks.report import ROOT, console

PEERS = ("rq", "dramatiq[redis]")
VENV = ROOT / ".local" / "bench-venv"


@dataclass(frozen=True, slots=True)
class Redis:
    """A running Redis with an append-only file, and how it says that it is set."""

    url: str
    settings: str
    child: processes.Child


def start_redis(folder: Path) -> Redis | None:
    """Start Redis; None when it is not installed and cannot be."""
    if shutil.which("redis-server") is None:
        _install_redis()
    program = shutil.which("redis-server")
    if program is None:
        return None
    port = processes.free_port()
    folder.mkdir(parents=True)
    options = ("--bind", processes.HOST, "--port", str(port), "--dir", str(folder), "--save", "")
    durable = ("--appendonly", "yes", "--appendfsync", "everysec")
    child = processes.start("Redis", [program, *options, *durable], log=folder / "redis.log")
    processes.wait_until(lambda: processes.answers(port), child, seconds=10)
    settings = ", ".join(f"{name} {_redis_setting(port, name)}" for name in ("appendonly", "appendfsync"))
    return Redis(f"redis://{processes.HOST}:{port}/0", f"Redis: {settings}", child)


def _install_redis() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    console.print("  installing redis-server", style="dim")
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "redis-server"]):
        subprocess.run(command, env=os.environ | {"RUNLEVEL": "1"}, capture_output=True, check=False)


def _redis_setting(port: int, name: str) -> str:
    command = ["redis-cli", "-p", str(port), "config", "get", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[1]


def peers_python() -> Path:
    """The Python of the environment that holds the peers, and sees our own requirements behind them."""
    python = VENV / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import rq, dramatiq"], check=False).returncode:
        console.print(f"  installing {', '.join(PEERS)} into {VENV.relative_to(ROOT)}", style="dim")
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    packages = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    theirs = VENV / packages.relative_to(packages.parents[2])
    (theirs / "ours.pth").write_text(f"{packages}\n")
    return python


def versions(python: Path) -> str:
    """The peers' versions as installed."""
    names = [name.split("[")[0] for name in PEERS]
    program = f"from importlib.metadata import version; print(*(f'{{name}} {{version(name)}}' for name in {names}))"
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
