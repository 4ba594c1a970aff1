"""What a drill found: as JSON, as tables on a terminal, and as the block of docs/disaster-recovery.md."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.restore_drill.drill import Outcome

ROOT = Path(__file__).resolve().parents[2]
SUMMARY = ROOT / "build" / "restore-drill.json"
PAGE = ROOT / "docs" / "disaster-recovery.md"
BEGIN, END = "<!-- restore-drill: begin -->", "<!-- restore-drill: end -->"
Json = dict[str, Any]


def as_json(outcome: Outcome) -> Json:
    """The summary; times in seconds, sizes in bytes, what is lost in transactions."""
    restores = [
        {**asdict(each), "rto_seconds": round(each.rto_seconds, 2), "passed": each.passed} for each in outcome.restores
    ]
    told = {**asdict(outcome), "restores": restores, "passed": outcome.passed, "cpus": os.cpu_count()}
    return {"on": datetime.now(UTC).date().isoformat(), **told}


def keep(told: Json, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2, default=str) + "\n", encoding="utf-8")


def show(told: Json, console: Console) -> None:
    """A table of checks for each restore, and the figures."""
    for restore in told["restores"]:
        table = Table("", "check", "found", title=f"Restore to the {restore['name']}: {restore['target']}", box=None)
        for check in restore["checks"]:
            sign = "[green]✓[/]" if check["holds"] else "[red]✗[/]"
            table.add_row(sign, escape(check["name"]), escape(check["detail"]))
        console.print(table)
        for line in _figures(restore):
            console.print(f"  {line}")
    console.print("[green]everything came back[/]" if told["passed"] else "[red]NOT everything came back[/]")


def _figures(restore: Json) -> list[str]:
    phases = ", ".join(f"{name.replace('_', ' ')} {seconds:.1f} s" for name, seconds in restore["phases"].items())
    lost = f"{restore['lost_to_target']} of the transactions committed up to the target"
    if restore["name"] == "end":
        lost += f"; {restore['lost_in_all']} in all, written in the last {restore['lost_seconds']:.1f} s, "
        lost += "whose WAL was not archived yet"
    return [f"RPO: {lost}", f"RTO: {restore['rto_seconds']:.1f} s ({phases})"]


def doc_block(told: Json) -> str:
    """The lines between the marks of the page."""
    size = told["database_bytes"] / 1024**2
    lines = [
        f"On {told['on']}, PostgreSQL {told['postgres']}, {told['cpus']} CPUs shared with others: "
        f"{told['rows']:,} rows of {told['tables']} tables, {size:,.0f} MiB, base backup of "
        f"{told['backup_bytes'] / 1024**2:,.0f} MiB taken in {told['backup_seconds']:.1f} s, "
        f"{told['wal_bytes'] / 1024**2:,.0f} MiB of WAL.",
        "",
    ]
    for restore in told["restores"]:
        lines += [f"Restore to the {restore['name']} ({restore['target']}):", ""]
        lines += [f"- {line}" for line in _figures(restore)]
        lines += [f"- {check['name']}: {check['detail']}" for check in restore["checks"]]
        lines.append("")
    return "\n".join(lines)


def write_doc(told: Json, page: Path = PAGE) -> None:
    """Replace what stands between the marks of the page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    _old, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n{doc_block(told)}{END}{after}", encoding="utf-8")
