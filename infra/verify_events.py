"""Verifies that nobody has changed what happened: `python -m infra.verify_events`, or `make verify-events`.

It only reads. Exit code 0 when every chain holds, 1 when one is broken (each is named with its first bad event), 2 when
the database cannot be asked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib import db
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.events import chain
from chalicelib.events.verification import Anchor, Verdict, verify

HOLDS, BROKEN, UNKNOWN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Given:
    """An anchor that the operator took from a line of the log (event_chain_verified)."""

    organization_id: UUID
    anchor: Anchor


def given(text: str) -> Given:
    """`ORGANIZATION:SEQUENCE:HASH`."""
    organization_id, sequence, hashed = text.split(":")
    return Given(UUID(organization_id), Anchor(int(sequence), bytes.fromhex(hashed)))


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.verify_events", description=__doc__)
    parser.add_argument("--organization", type=UUID, action="append", help="only this one; may be given repeatedly")
    parser.add_argument(
        "--anchor",
        type=given,
        action="append",
        default=[],
        metavar="ORGANIZATION:SEQUENCE:HASH",
        help="an event as the log has it (event_chain_verified), which who has the database cannot have changed",
    )
    told, console = parser.parse_args(arguments), console or Console()
    try:
        return _report(_verify_all(told.organization, told.anchor, console), console)
    except DatabaseUnavailable as error:
        console.print(f"[red]{error.detail}[/]")
        return UNKNOWN


def _verify_all(only: list[UUID] | None, anchors: list[Given], console: Console) -> tuple[list[Verdict], float]:
    """The verdict on each organization, and how many seconds it took."""
    started = time.perf_counter()
    with db.transaction(role=Role.AUDITOR) as session:
        wanted = only or chain.organization_ids(session)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        return [_verify(each, anchors, progress) for each in wanted], time.perf_counter() - started


def _verify(organization_id: UUID, anchors: list[Given], progress: Progress) -> Verdict:
    with db.transaction(organization_id, Role.AUDITOR) as session:
        task = progress.add_task(f"{organization_id}", total=chain.ends_of(session, organization_id)[0])
        ours = [each.anchor for each in anchors if each.organization_id == organization_id]
        verdict = verify(session, organization_id, anchors=ours, progress=lambda count: progress.advance(task, count))
    progress.remove_task(task)
    return verdict


def _report(found: tuple[list[Verdict], float], console: Console) -> int:
    verdicts, seconds = found
    events = sum(verdict.verified for verdict in verdicts)
    for verdict in verdicts:
        if verdict.broken is not None:
            place = f"organization {verdict.organization_id}, event {verdict.broken.sequence}"
            console.print(f"[red]{place}: {verdict.broken.meaning} ({verdict.broken.wrong})[/]", soft_wrap=True)
    speed = f"in {seconds:.1f} s, {events / max(seconds, 0.001):,.0f} a second"
    console.print(f"{events:,} events of {len(verdicts):,} organizations verified {speed}", soft_wrap=True)
    return BROKEN if any(verdict.broken for verdict in verdicts) else HOLDS


if __name__ == "__main__":
    raise SystemExit(main())
