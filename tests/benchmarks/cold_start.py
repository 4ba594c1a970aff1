"""What a cold start pays: each handler imported from the built zip, by a fresh process, as Lambda does it.

`python -m tests.benchmarks.cold_start [--zip PATH] [--rounds N]` prints own CPU milliseconds of each import and its ten
heaviest modules, beside FastAPI + Mangum + SQLAlchemy with bytecode of the same kind. Without PATH it is built,
or taken from `build/` when the same content was built before.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from infra.packaging import interpreter
from tests.benchmarks import cold_start_peer, report
from tests.benchmarks.report import ROOT, Finding

API_GOAL_MS, FUNCTION_GOAL_MS = 400, 250
TOP = 10
# The interpreter itself starts alike for all, so the clock starts inside. Every import is timed without those that it
# causes; a process's CPU time is its own, whoever else keeps the machine busy.
TIMED = """
import sys, time, json
sys.path[:0] = {paths!r}
import importlib._bootstrap as bootstrap
clock, load, inner, told = time.process_time, bootstrap._load_unlocked, [], {{}}
def timed(spec):
    started = clock()
    inner.append(0.0)
    try:
        return load(spec)
    finally:
        whole, within = clock() - started, inner.pop()
        told[spec.name] = (whole - within) * 1000
        if inner:
            inner[-1] += whole
bootstrap._load_unlocked = timed
started = clock()
{code}
print(json.dumps([(clock() - started) * 1000, told]))
"""
# What Lambda tells a container of its own.
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "recruitpro-dev-function", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
AREAS = ("auth", "candidates", "imports")


@dataclass(frozen=True, slots=True)
class Import:
    """What is imported, from where, and the goal for its milliseconds, if there is one."""

    name: str
    code: str
    paths: tuple[str, ...]
    goal_ms: int | None = None


@click.command()
@click.option("--zip", "archive", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a built package")
@click.option("--rounds", default=1, show_default=True, help="rounds of each, in turns; the median of them is told")
def main(archive: Path | None, rounds: int) -> None:
    """Measure imports from the built zip, print them, and keep them in build/benchmarks.json."""
    findings = run(archive or built(), rounds=rounds)
    for finding in findings:
        report.show(finding)
    report.keep("cold_start", findings)


def built() -> Path:
    """A package for this machine, from `build/` when the same content was built before."""
    from tests.infra import packaged

    return packaged.build("dev", with_zip=True).zip


def run(archive: Path, *, rounds: int) -> list[Finding]:
    """Own CPU milliseconds of each import of the zip, and the modules that take most of them."""
    with tempfile.TemporaryDirectory(prefix="recruitpro-cold-start-") as folder:
        task, peer = Path(folder) / "task", Path(folder) / "peer"
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(task)
        python = _python_of(archive)
        cold_start_peer.make(peer, task, python)
        imports = _imports(task, peer)
        told: dict[str, list[tuple[float, dict[str, float]]]] = defaultdict(list)
        for _ in range(rounds):
            for each in imports:
                told[each.name].append(_time(each, python, Path(folder)))
    return [_times(imports, told, rounds), _heaviest(told)]


def _python_of(archive: Path) -> Path:
    """The Python that the package is for."""
    manifest = archive.with_name("manifest.json")
    if manifest.exists():
        return Path(json.loads(manifest.read_text())["python"])
    return interpreter.environment_of(interpreter.choose(), ROOT)


def _imports(task: Path, peer: Path) -> list[Import]:
    root = (str(task),)
    app = Import("app", "import app", root, API_GOAL_MS)
    # With the first request for an area come its modules.
    areas = [Import(f"app, and /api/{area}", f"import app; app.app.load({area!r})", root) for area in AREAS]
    functions = [
        Import(f"functions.{path.stem}", f"import functions.{path.stem}", root, FUNCTION_GOAL_MS)
        for path in sorted((task / "functions").glob("[!_]*.py"))
    ]
    database = Import("SQLAlchemy + pg8000", cold_start_peer.DATABASE, root)
    return [app, *areas, *functions, database, *(_peer(peer, task, *each) for each in cold_start_peer.IMPORTS.items())]


def _peer(peer: Path, task: Path, name: str, code: str) -> Import:
    return Import(name, code, (str(peer), str(task)))


def _time(wanted: Import, python: Path, folder: Path) -> tuple[float, dict[str, float]]:
    """The milliseconds of one import in a fresh process that knows nothing but Python's own library and `paths`."""
    code = TIMED.format(paths=list(wanted.paths), code=wanted.code)
    environment = {"PATH": os.environ["PATH"], **LAMBDA}
    command = [str(python), "-I", "-S", "-B", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{wanted.name} cannot be imported: {done.stderr}")
    milliseconds, modules = json.loads(done.stdout.splitlines()[-1])
    return milliseconds, modules


def _times(imports: list[Import], told: dict[str, list[Any]], rounds: int) -> Finding:
    costs = {name: median(milliseconds for milliseconds, _ in runs) for name, runs in told.items()}
    peers = list(cold_start_peer.IMPORTS)
    rows = [
        [
            each.name,
            f"{costs[each.name]:.0f}",
            str(each.goal_ms or ""),
            str(len(told[each.name][0][1])),
            *(f"{costs[each.name] / costs[peer]:.2f}" for peer in peers),
        ]
        for each in imports
    ]
    data = {name: {"cpu_ms": round(ms, 1), "modules": len(told[name][0][1])} for name, ms in costs.items()}
    return Finding(
        "Cold start: imports from the built zip",
        ("import", "CPU ms", "goal", "modules", *(f"this / {peer}" for peer in peers)),
        rows,
        data,
        (f"Median of {rounds} rounds in turns, own CPU time, fresh processes, -I -S, files warm in the page cache.",),
    )


def _heaviest(told: dict[str, list[Any]]) -> Finding:
    """The modules that take most, each without those that it imports."""
    data: dict[str, dict[str, float]] = {}
    for name, runs in told.items():
        costs = {module: median(found.get(module, 0.0) for _, found in runs) for module in runs[0][1]}
        top = sorted(costs.items(), key=lambda item: -item[1])[:TOP]
        data[name] = {module: round(ms, 1) for module, ms in top}
    rows = [[name, ", ".join(f"{module} {ms:.0f}" for module, ms in top.items())] for name, top in data.items()]
    return Finding(
        "Cold start: the ten heaviest modules",
        ("import", "milliseconds of the module alone, without what it imports"),
        rows,
        data,
        (),
    )


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.cold_start")
