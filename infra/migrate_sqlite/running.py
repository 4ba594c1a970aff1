"""One run: read, decide, write, read back, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chalicelib import db
from chalicelib.bulk_imports import contacts
from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.clock import utc_now
from chalicelib.http.schemas import Line
from infra.migrate_sqlite import report, source, target, verifying, writing
from infra.migrate_sqlite.decisions import Item, Outcome
from infra.migrate_sqlite.errors import Mistake
from infra.migrate_sqlite.ids import id_of
from infra.migrate_sqlite.plan import Step, oldest_time, plan
from infra.migrate_sqlite.source import Row, Source
from infra.migrate_sqlite.target import Home

ALL_OVER, REFUSALS, DIFFERS = 0, 2, 3
_NAME: TypeAdapter[str] = TypeAdapter(Line)


@dataclass(frozen=True, slots=True)
class Wish:
    file: Path
    organization: str
    region: str | None = None
    report: Path | None = None
    is_dry_run: bool = False


def run(wish: Wish, console: Console | None = None) -> int:
    """The exit code. Raises Mistake."""
    console = console or Console()
    name, region = _organization(wish.organization), _region(wish.region)
    target.check()
    old = source.read(wish.file)
    now = utc_now()
    home = target.find(name, id_of("organization", "name", name.lower(), oldest_time(old) or now))
    here = target.look(home, _addresses(old.tables["users"]), _addresses(old.tables["candidates"]))
    steps = plan(old, home.id, here, region=region, now=now)
    _tell_home(console, home, wish)
    if wish.is_dry_run:
        missing = {id(item) for step in steps for item in _missing(home, step)}
    else:
        target.found(home, now)
        missing = {id(item) for item in _write(console, home, steps)}
    report.show(console, old, steps, _already(steps, missing))
    if wish.report is not None:
        report.save(wish.report, steps)
    if not wish.is_dry_run and not _verified(console, home, old, steps, missing):
        return DIFFERS
    return REFUSALS if any(step.count(Outcome.REFUSED) for step in steps) else ALL_OVER


def _organization(name: str) -> str:
    try:
        return _NAME.validate_python(name)
    except ValidationError as error:
        raise Mistake(f"--organization: {error.errors()[0]['msg']}") from error


def _region(code: str | None) -> str | None:
    if code is not None and contacts.known_region(code.upper()) is None:
        raise Mistake(f"--region: {code} is no country with phone numbers; write DE or CA")
    return code.upper() if code else None


def _addresses(rows: Sequence[Row]) -> list[str]:
    """Every address of these rows that is one, as it is stored here."""
    found: dict[str, None] = {}
    for row in rows:
        try:
            if email := contacts.email(row.get("email")):
                found[email] = None
        except CellWrong:
            continue
    return list(found)


def _tell_home(console: Console, home: Home, wish: Wish) -> None:
    state = "a new organization" if home.is_new else f"the organization that there is ({home.id})"
    tense = "would become part of" if wish.is_dry_run else "become part of"
    console.print(f"The rows of {wish.file.name} {tense} {home.name}: {state}", soft_wrap=True, markup=False)


def _missing(home: Home, step: Step) -> list[Item]:
    """What of a table is not there yet."""
    with target.faults_told(), db.transaction(home.id) as session:
        return [item for batch in writing.batches(step.items) for item in writing.missing(session, home.id, batch)]


def _write(console: Console, home: Home, steps: Sequence[Step]) -> list[Item]:
    """Write table by table; what was not there before."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    written: list[Item] = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        for step in steps:
            task = progress.add_task(step.table, total=len(step.items))
            written += writing.write(home.id, step.items, partial(progress.advance, task))
    return written


def _already(steps: Sequence[Step], missing: set[int]) -> dict[str, int]:
    """How many rows of each table an earlier run has brought over."""
    return {
        step.table: sum(item.event is not None and id(item) not in missing for item in step.items) for step in steps
    }


def _verified(console: Console, home: Home, old: Source, steps: Sequence[Step], written: set[int]) -> bool:
    verified = verifying.verify(home.id, old, steps, written)
    report.show_verified(console, verified)
    if not verified.is_good:
        console.print("[red]what was read back is not what was written[/]")
    return verified.is_good
