"""Every statement that the API's reads, and its usual writes, send: how long it takes among a million candidates.

`python -m tests.benchmarks.statements --candidates 1000000` calls the real handlers in process, as an admin of the
large, of a middle and of the small organization of million.py, and prints the worst statement of each call.
Times of the client include the wait for a busy machine, so the time that the server's process is on a core judges.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from tests.benchmarks import million, report
from tests.benchmarks.calls import Call, calls_of
from tests.benchmarks.million import Member, Million
from tests.benchmarks.report import Finding

BUDGET_MS = 20.0
WARM_UP = 3
BACKEND = "select pid from pg_stat_activity where usename = 'recruitpro_app' order by state_change desc limit 1"


@dataclass(frozen=True, slots=True)
class Measured:
    """The worst statement of one call. Milliseconds: as the client waits, and of the server's process on a core."""

    call: str
    member: str
    statements: int
    p50: float
    p95: float
    max: float
    cpu_p50: float
    cpu_p95: float
    cpu_max: float
    text: str

    @property
    def is_slow(self) -> bool:
        return self.cpu_p95 > BUDGET_MS


@contextmanager
def timed(engine: sa.Engine, backend: int) -> Iterator[dict[str, list[tuple[float, float]]]]:
    """Milliseconds of every statement meanwhile, by its text: waited for, and on a core in the server's process."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    began = [(0.0, 0.0)]
    spent = Path(f"/proc/{backend}/schedstat")

    def now() -> tuple[float, float]:
        return time.perf_counter() * 1e3, int(spent.read_text().split()[0]) / 1e6

    def before(*_arguments: Any) -> None:
        began[0] = now()

    def after(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        ended = now()
        found[text].append((ended[0] - began[0][0], ended[1] - began[0][1]))

    sa.event.listen(engine, "before_cursor_execute", before)
    sa.event.listen(engine, "after_cursor_execute", after)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)
        sa.event.remove(engine, "after_cursor_execute", after)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` of them do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def measure(superuser: sa.Connection, member: Member, call: Call, *, times: int, seconds: float) -> Measured:
    """Send one call `times` times with varied values; fewer, though ten at least, when that takes over `seconds`."""
    from chalicelib import db

    chance = random.Random(1)
    for _ in range(WARM_UP):
        call.send(member, chance)
    backend = superuser.exec_driver_sql(BACKEND).scalar_one()
    with timed(db.engine(), backend) as found:
        ends_at = time.monotonic() + seconds
        for number in range(times):
            call.send(member, chance)
            if number >= 9 and time.monotonic() > ends_at:
                break
    text, worst = max(found.items(), key=lambda each: percentile([cpu for _, cpu in each[1]], 0.95))
    waited, spent = zip(*worst, strict=True)
    return Measured(
        call.name,
        member.name,
        sum(len(values) for values in found.values()) // len(worst),
        statistics.median(waited),
        percentile(waited, 0.95),
        max(waited),
        statistics.median(spent),
        percentile(spent, 0.95),
        max(spent),
        _brief(text),
    )


def _brief(text: str) -> str:
    text = " ".join(text.split())
    return re.sub(r"^SELECT .{200,}? \nFROM |^SELECT .{120,}? FROM ", "SELECT … FROM ", text)[:700]


def every(million_: Million, *, times: int, seconds: float, only: str | None, names: tuple[str, ...]) -> list[Measured]:
    """Each call of each member, the worst first."""
    measured = []
    with million.engine_of(million_.database).connect() as superuser, report.progress() as bar:
        for member in (each for each in million_.members if not names or each.name in names):
            calls = [call for call in calls_of(superuser, member) if only is None or re.search(only, call.name)]
            task = bar.add_task(member.name, total=len(calls))
            for call in calls:
                measured.append(measure(superuser, member, call, times=times, seconds=seconds))
                if measured[-1].is_slow:
                    report.console.print(
                        f"{member.name}, {call.name}: CPU p95 {measured[-1].cpu_p95:.0f} ms",
                        style="dim",
                    )
                bar.advance(task)
    return sorted(measured, key=lambda each: -each.cpu_p95)


def finding(measured: list[Measured], candidates: int, times: int) -> Finding:
    """The table."""
    slow = [each for each in measured if each.is_slow]
    return Finding(
        f"Statements among {candidates:,} candidates: the worst of each call, milliseconds",
        (
            "call",
            "organization",
            "statements",
            "p50",
            "p95",
            "max",
            "CPU p50",
            "CPU p95",
            "CPU max",
            f"> {BUDGET_MS:.0f}",
        ),
        [
            [
                each.call,
                each.member,
                str(each.statements),
                *(f"{value:.1f}" for value in (each.p50, each.p95, each.max, each.cpu_p50, each.cpu_p95, each.cpu_max)),
                "slow" if each.is_slow else "",
            ]
            for each in measured
        ],
        [_data(each) for each in measured],
        (
            f"{times} calls each with varied values, {len(measured)} calls, {len(slow)} of them with a slow statement.",
            "p50, p95 and max as the client waits, on a machine that others may use; CPU is what the server's process "
            "spent on a core, by its schedstat. Judged is the latter.",
        ),
    )


def _data(each: Measured) -> dict[str, Any]:
    return {name: getattr(each, name) for name in Measured.__slots__} | {"is_slow": each.is_slow}


@click.command()
@click.option("--candidates", default=1_000_000, show_default=True)
@click.option("--times", default=50, show_default=True)
@click.option("--seconds", default=60.0, show_default=True, help="a call is repeated no longer, once it was ten times")
@click.option("--member", "names", multiple=True, help="large, middle, small; all of them unless given")
@click.option("--only", help="calls whose names this regular expression is found in")
def main(candidates: int, times: int, seconds: float, names: tuple[str, ...], only: str | None) -> None:
    """Measure, print, and keep it in build/benchmarks.json and build/statements.json."""
    from tests import house

    os.environ.update(house.SETTINGS)
    house.forget_settings()
    with million.opened(candidates) as million_:
        measured = every(million_, times=times, seconds=seconds, only=only, names=names)
    told = finding(measured, candidates, times)
    report.show(told)
    if only is None and not names:
        report.keep(f"statements_{candidates}", [told])
    (report.ROOT / "build" / "statements.json").write_text(json.dumps(told.data, indent=1))


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.statements")
