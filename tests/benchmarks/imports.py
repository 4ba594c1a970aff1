"""How long a fresh process takes to import the app and each function: what a cold start pays first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.report import ROOT, Finding, progress

PEER = "FastAPI stack"
PEER_IMPORT = "import fastapi, sqlalchemy.orm, pg8000, pydantic, jwt"
# The clock starts inside: how long the interpreter itself starts is the same for all.
TIMED = "import time; c = time.process_time(); w = time.perf_counter(); {}; "
TOLD = "print((time.process_time() - c) * 1000, (time.perf_counter() - w) * 1000)"
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")
TOP = 10


def run(*, rounds: int) -> list[Finding]:
    """Milliseconds with and without bytecode, and the ten packages that take most of them."""
    targets = {name: f"import {name}" for name in ("app", *_functions())} | {PEER: PEER_IMPORT}
    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as folder:
        warm, cold = Path(folder) / "warm", Path(folder) / "cold"
        for code in targets.values():
            _python(["-c", code], warm, writes=True)
        _forget_ours(warm, cold)
        samples = _samples(targets, {"with bytecode": warm, "without": cold}, rounds)
        packages = {name: _packages(code, warm) for name, code in targets.items()}
    costs = {key: [median(times) for times in zip(*found, strict=True)] for key, found in samples.items()}
    return [_times(targets, costs, rounds), _top(packages)]


def _functions() -> list[str]:
    return [f"functions.{path.stem}" for path in sorted((ROOT / "functions").glob("[!_]*.py"))]


def _python(arguments: list[str], cache: Path, *, writes: bool = False) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter whose bytecode is in `cache` and nowhere else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RECRUITPRO_", "PYTHON"))}
    environment = kept | {"PYTHONPYCACHEPREFIX": str(cache)} | ({} if writes else {"PYTHONDONTWRITEBYTECODE": "1"})
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)


def _forget_ours(warm: Path, cold: Path) -> None:
    """Copy the cache without our code and the installed packages: Python's own library has bytecode on Lambda too."""
    shutil.copytree(warm, cold)
    for folder in {ROOT, Path(sys.prefix).resolve()}:
        shutil.rmtree(cold / str(folder).lstrip("/"), ignore_errors=True)


def _samples(targets: dict[str, str], caches: dict[str, Path], rounds: int) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    with progress() as bar:
        task = bar.add_task("imports", total=rounds * len(targets) * len(caches))
        for _ in range(rounds):
            for name, code in targets.items():
                for kind, cache in caches.items():
                    told = _python(["-c", TIMED.format(code) + TOLD], cache).stdout.split()
                    found[name, kind].append([float(number) for number in told])
                    bar.advance(task)
    return found


def _packages(code: str, cache: Path) -> dict[str, float]:
    """The packages that take longest, in milliseconds of their own modules; ours by domain."""
    told = _python(["-X", "importtime", "-c", code], cache).stderr
    sums: dict[str, float] = defaultdict(float)
    for microseconds, module in LINE.findall(told):
        parts = module.split(".")
        sums[".".join(parts[:2]) if parts[0] == "chalicelib" else parts[0]] += int(microseconds) / 1000
    longest = sorted(sums.items(), key=lambda item: -item[1])[:TOP]
    return {name: round(milliseconds, 1) for name, milliseconds in longest}


def _times(targets: dict[str, str], costs: dict[tuple[str, str], list[float]], rounds: int) -> Finding:
    data, rows = {}, []
    peer = costs[PEER, "with bytecode"][0]
    for name in targets:
        with_it, without = costs[name, "with bytecode"], costs[name, "without"]
        data[name] = {
            "cpu_ms": round(with_it[0]),
            "wall_ms": round(with_it[1]),
            "without_bytecode_cpu_ms": round(without[0]),
            "without_bytecode_wall_ms": round(without[1]),
            "this_over_peer_cpu": round(with_it[0] / peer, 2),
        }
        numbers = [f"{number:.0f}" for number in (*with_it, *without)]
        rows.append([name, *numbers, f"{without[0] / with_it[0]:.1f}", f"{with_it[0] / peer:.2f}"])
    return Finding(
        "Imports: one fresh process each",
        ("import", "CPU ms", "wall ms", "no bytecode: CPU", "wall", "no bytecode / with", "this / FastAPI stack"),
        rows,
        data,
        (
            f"Median of {rounds} rounds in turns; files warm in the page cache by one import of each before. Without "
            "bytecode means ours and the installed packages'; Python's own library keeps its own.",
            f"{PEER}: {PEER_IMPORT}.",
        ),
    )


def _top(packages: dict[str, dict[str, float]]) -> Finding:
    rows = [[name, ", ".join(f"{package} {ms:.0f}" for package, ms in top.items())] for name, top in packages.items()]
    return Finding(
        "Imports: the ten packages that take longest",
        ("import", "milliseconds of a package's own modules"),
        rows,
        packages,
        ("python -X importtime with bytecode, which adds its own cost to each module; one run.",),
    )
