"""`python -m tests.fuzz --seconds N [TARGET...]`: coverage-guided fuzzing of parsers; 1 when something was found."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests import house

FOUND = Path("build") / "fuzz"
SLOWEST_SECONDS, MEMORY_MIB, LONGEST_BYTES = 10, 2048, 64 * 1024
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_RUNS = re.compile(r"^#(\d+)\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """How often a target ran, from how many seeds, and what it ended with."""

    name: str
    seeds: int
    runs: int
    is_found: bool
    last_words: str


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seconds", default=60, show_default=True, help="time for each target")
def main(names: tuple[str, ...], seconds: int) -> None:
    """Feed every parser with bytes that its own branches suggest."""
    if importlib.util.find_spec("atheris") is None:
        raise click.ClickException(
            "atheris is not installed: it exists for Linux, and is in requirements-dev.txt there"
        )
    os.environ.update(house.SETTINGS)
    house.forget_settings()
    from tests.fuzz.targets import TARGETS

    unknown = set(names) - set(TARGETS)
    if unknown:
        raise click.ClickException(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    console = Console()
    fuzzed = []
    for name in names or TARGETS:
        console.print(f"{name}: {seconds} s", highlight=False)
        fuzzed.append(_fuzz(name, TARGETS[name].seeds(), seconds))
        if fuzzed[-1].is_found:
            console.print(fuzzed[-1].last_words, style="red", markup=False, highlight=False)
    console.print(_table(fuzzed))
    sys.exit(1 if any(one.is_found for one in fuzzed) else 0)


def _fuzz(name: str, seeds: list[bytes], seconds: int) -> Fuzzed:
    FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            (Path(folder) / f"{number:05}").write_bytes(seed)
        command = [
            sys.executable,
            *("-m", "tests.fuzz.one", name, folder),
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST_SECONDS}",
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-max_len={LONGEST_BYTES}",
            f"-artifact_prefix={FOUND}/{name}-",
        ]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    told = ended.stdout + ended.stderr
    done = _DONE.search(told)
    runs = int(done[1]) if done else max(map(int, _RUNS.findall(told)), default=0)
    return Fuzzed(name, len(seeds), runs, ended.returncode != 0, _reason(told))


def _reason(told: str) -> str:
    """The exception that was found, without the fuzzer's own progress; its last words when there is none."""
    _, is_there, after = told.partition("=== Uncaught Python exception: ===")
    return after.partition("==")[0].strip() if is_there else "\n".join(told.splitlines()[-20:])


def _table(fuzzed: list[Fuzzed]) -> Table:
    table = Table("target", "result", title="Fuzzing", title_justify="left")
    for name in ("seeds", "executions"):
        table.add_column(name, justify="right")
    for one in fuzzed:
        result = f"found something, kept in {FOUND}" if one.is_found else "nothing found"
        table.add_row(one.name, result, f"{one.seeds:,}", f"{one.runs:,}")
    return table


if __name__ == "__main__":
    main()
