"""What a benchmark found: tables for people, and build/benchmarks.json for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = ROOT / "build" / "benchmarks.json"
# Wide enough for every table when the output goes to a file.
console = Console(highlight=False, width=None if Console().is_terminal else 150)


@dataclass(frozen=True, slots=True)
class Finding:
    """One table. `rows` are shown as they stand; `data` goes to the summary; `notes` say how it was measured."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    data: Any
    notes: Sequence[str] = field(default=())


def show(finding: Finding) -> None:
    """Print one table, its notes below."""
    table = Table(title=finding.title, title_justify="left", title_style="bold")
    for number, column in enumerate(finding.columns):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in finding.rows:
        table.add_row(*row)
    console.print()
    console.print(table)
    for note in finding.notes:
        console.print(f"  {note}", style="dim", markup=False)


def keep(name: str, findings: Sequence[Finding]) -> None:
    """Write what a benchmark found into the summary; what others found there stays, with its own time."""
    summary = json.loads(SUMMARY.read_text()) if SUMMARY.exists() else {}
    summary[name] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        # Far above the number of cores, others were busy too: trust the ratios of CPU time, not the milliseconds.
        "load_average": round(os.getloadavg()[0], 1),
        "tables": {finding.title: finding.data for finding in findings},
    }
    SUMMARY.parent.mkdir(exist_ok=True)
    new = SUMMARY.with_suffix(".new")
    new.write_text(json.dumps(summary, indent=2) + "\n")
    new.replace(SUMMARY)


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on a terminal; in a log nothing moves, so nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield bar
