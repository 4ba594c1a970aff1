"""`make restore-drill`, or `python -m infra.restore_drill`: lose a database on purpose and bring it back.

On PostgreSQL of this drill's own, on 127.0.0.1 and in a temporary folder. Exit code 1 when anything differs from what
it was; the summary is kept in build/restore-drill.json.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from infra.local.console import Steps
from infra.local.processes import LocalMistake
from infra.restore_drill import drill, report
from infra.restore_drill.drill import POINT_AND_END, Wish
from infra.restore_drill.sabotage import Sabotage


@click.command()
@click.option("--rows", default=600, show_default=True, help="candidates that the services make")
@click.option("--size-mb", default=0, show_default=True, help="grow the database to this size with bulk")
@click.option("--by", type=click.Choice(["time", "lsn"]), default="time", show_default=True, help="what the point is")
@click.option("--only", type=click.Choice(POINT_AND_END), help="one of the two restores")
@click.option("--sabotage", type=click.Choice([each.value for each in Sabotage]), help="break this first: must fail")
@click.option("--keep", is_flag=True, help="leave the folder with both clusters where it is")
@click.option("--write-doc", is_flag=True, help="put the outcome into docs/disaster-recovery.md")
@click.option("--summary", type=click.Path(path_type=Path), default=report.SUMMARY, help="where the JSON goes")
def main(
    rows: int,
    size_mb: int,
    by: str,
    only: str | None,
    sabotage: str | None,
    keep: bool,
    write_doc: bool,
    summary: Path,
) -> None:
    """Lose a database on purpose, bring it back, compare every row, and use it."""
    # The drill tells its own story; what our functions log while they fill and check would drown it.
    logging.getLogger("recruitpro").setLevel(logging.ERROR)
    broken = Sabotage(sabotage) if sabotage else None
    wish = Wish(rows, size_mb, by, (only,) if only else POINT_AND_END, broken)
    console = Console(highlight=False, soft_wrap=True)
    try:
        with _folder(keep=keep, console=console) as folder:
            outcome = drill.run(wish, folder, Steps(console))
    except LocalMistake as mistake:
        raise click.ClickException(str(mistake)) from mistake
    told = report.as_json(outcome)
    report.keep(told, summary)
    report.show(told, console)
    if write_doc and outcome.passed:
        report.write_doc(told)
    raise SystemExit(0 if outcome.passed else 1)


@contextmanager
def _folder(*, keep: bool, console: Console) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="restore-drill-"))
    try:
        yield folder
    finally:
        if keep:
            console.print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(prog_name="python -m infra.restore_drill")
