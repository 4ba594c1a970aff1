"""Tells what became of every row: in tables for who sits there, and row by row in a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.migrate_sqlite.decisions import Outcome
from infra.migrate_sqlite.legacy import LEFT_BEHIND
from infra.migrate_sqlite.plan import Step
from infra.migrate_sqlite.source import Source
from infra.migrate_sqlite.verifying import Verified

COLUMNS = (Outcome.WRITTEN, Outcome.MERGED, Outcome.HISTORY, Outcome.REFUSED, Outcome.LEFT)


def lines(steps: Iterable[Step]) -> Iterator[dict[str, Any]]:
    """A line for each row that is not simply written: its table and key, what became of it and why."""
    for step in steps:
        for item in step.items:
            if item.decisions or item.outcome is not Outcome.WRITTEN:
                told = [decision.as_json() for decision in item.decisions]
                yield {"table": item.table, "id": item.key, "outcome": item.outcome.value, "decisions": told}


def save(path: Path, steps: Iterable[Step]) -> None:
    """Write the lines as JSON, one a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines(steps))


def show(console: Console, source: Source, steps: Sequence[Step], already: dict[str, int]) -> None:
    """What became of the rows, table by table, and each reason with how often it was given."""
    table = Table(title="What becomes of the old rows")
    for name in ("table", "rows", *(outcome.value for outcome in COLUMNS), "not as it was", "there already"):
        table.add_column(name, justify="left" if name == "table" else "right")
    for step in steps:
        counts = [step.count(outcome) for outcome in COLUMNS]
        numbers = (source.counts[step.table], *counts, step.altered, already.get(step.table, 0))
        table.add_row(step.table, *(f"{number:,}" if number else "-" for number in numbers))
    console.print(table)
    for reason in reasons(steps):
        console.print(reason, soft_wrap=True, highlight=False, markup=False)
    for name, rows in source.strange.items():
        console.print(f"{name}: {rows:,} rows of a table nobody knows, left behind", soft_wrap=True, markup=False)
    if source.absent:
        console.print(f"not in this file: {', '.join(source.absent)}", soft_wrap=True)


def reasons(steps: Iterable[Step]) -> list[str]:
    """Each kind of decision, most frequent first within a table."""
    told = []
    for step in steps:
        if step.table in LEFT_BEHIND:
            told += [f"{step.table}: left behind ({len(step.items):,} rows): {LEFT_BEHIND[step.table]}"]
            continue
        counts = Counter(
            (decision.code, decision.field or "", decision.message)
            for item in step.items
            for decision in set(item.decisions)
        )
        for (code, field, message), count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
            where = f"{step.table}.{field}" if field else step.table
            told.append(f"{where}: {count:,} x {code}: {message}")
    return told


def show_verified(console: Console, verified: Verified) -> None:
    """Counts and checksums of both sides."""
    table = Table(title="Read back and compared")
    for name in ("table", "rows", "there", "checksum", "read back", "changed since", ""):
        table.add_column(name, justify="right" if name in {"rows", "there", "changed since"} else "left")
    for each in verified.tables:
        verdict = "[green]equal[/]" if each.is_equal else "[red]differs[/]"
        numbers = (f"{each.rows:,}", f"{each.there:,}", each.checksum, each.checksum_there)
        table.add_row(each.table, *numbers, f"{each.changed_since:,}", verdict)
    console.print(table)
    for name, (rows, accounted) in verified.unaccounted.items():
        console.print(f"[red]{name}: {rows:,} rows, {accounted:,} accounted for[/]", soft_wrap=True)
    console.print(f"events: {verified.events[0]:,} due, {verified.events[1]:,} there", soft_wrap=True)
