"""After a restore: `python -m infra.reapply_erasures --since 2026-11-20` erases everybody again who was erased since.

The log of erasures lies in the bucket of backups, outside the database. Take the day on which the backup was taken, or
an earlier one: whoever is not in the database is left alone. May be interrupted and run again. Exit code 0 when nobody
is left to be erased, 1 when erasures are under way (run it again until it says 0), 2 when something does not answer.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib.clock import utc_now
from chalicelib.errors import Unavailable
from chalicelib.privacy import remembered
from chalicelib.privacy.reapplying import Found, reapply

NOBODY_LEFT, UNDER_WAY, UNKNOWN = 0, 1, 2


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.reapply_erasures", description=__doc__)
    parser.add_argument(
        "--since", type=date.fromisoformat, required=True, help="day of the backup (UTC), as 2026-11-20"
    )
    told, console = parser.parse_args(arguments), console or Console()
    try:
        return _report(_reapply(told.since, console), console)
    except Unavailable as error:
        console.print(f"[red]{error.detail}[/]")
        return UNKNOWN


def _reapply(since: date, console: Console) -> Counter[Found]:
    records, counts = list(remembered.since(since)), Counter[Found]()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Erasures", total=len(records))
        for applied in reapply(records, utc_now()):
            counts[applied.found] += 1
            progress.advance(task)
    return counts


def _report(counts: Counter[Found], console: Console) -> int:
    asked, waiting = counts[Found.ASKED], counts[Found.UNDER_WAY]
    console.print(
        f"{counts.total():,} erasures remembered: {asked:,} asked for again, {waiting:,} under way, "
        f"{counts[Found.NOT_THERE]:,} of people who are not in this database",
        soft_wrap=True,
    )
    return UNDER_WAY if asked or waiting else NOBODY_LEFT


if __name__ == "__main__":
    raise SystemExit(main())
