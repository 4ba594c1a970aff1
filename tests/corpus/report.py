"""The tables that `make scan-corpus` prints."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from tests.corpus.looks import Outcome
from tests.corpus.sample import Expected

MAX_ALARMS = 0.005
KNOWS = (
    "clamd runs with a signature of EICAR alone: fail-open is measured for EICAR and for the structure of files. "
    "What the official definitions find beside it is not measured here."
)


def percentile(values: list[float], percent: int) -> float:
    """The value that so many percent of them do not exceed; 0 for none."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else sum(values)


def show(console: Console, outcomes: list[Outcome], *, seed: int) -> bool:
    """Print what became of all files; True when no evasion passed and alarms are rare enough."""
    for title, evasions in (("Evasion", True), ("Honest files", False)):
        console.print(
            _families(title, [one for one in outcomes if (one.sample.expected is not Expected.CLEAN) is evasions])
        )
    honest = [one for one in outcomes if one.sample.expected is Expected.CLEAN]
    opened = [one for one in outcomes if one.is_fail_open]
    alarms = [one for one in outcomes if one.is_false_alarm]
    _name(console, "fail-open", opened)
    _name(console, "false alarm", alarms)
    console.print(_times(outcomes))
    share = len(alarms) / len(honest) if honest else 0.0
    is_good = not opened and share <= MAX_ALARMS
    evaded = len(outcomes) - len(honest)
    console.print(
        f"[bold {'green' if is_good else 'red'}]fail-open {len(opened)} of {evaded}, "
        f"false alarms {len(alarms)} of {len(honest)} ({share:.2%}, at most {MAX_ALARMS:.1%})[/], seed {seed}",
        highlight=False,
    )
    console.print(KNOWS, style="dim", highlight=False)
    return is_good


def _families(title: str, outcomes: list[Outcome]) -> Table:
    table = Table("family", title=title, title_justify="left")
    for name in ("files", "rejected", "infected", "clean", "fail-open", "false alarms"):
        table.add_column(name, justify="right")
    ordered = sorted(outcomes, key=lambda one: one.sample.family)
    for family, group in groupby(ordered, key=lambda one: one.sample.family):
        table.add_row(family, *_counts(list(group)))
    table.add_row("all", *_counts(outcomes), style="bold")
    return table


def _counts(outcomes: list[Outcome]) -> list[str]:
    by_status = [sum(one.status == status for one in outcomes) for status in ("rejected", "infected", "clean")]
    wrong = [sum(one.is_fail_open for one in outcomes), sum(one.is_false_alarm for one in outcomes)]
    return [str(count) for count in (len(outcomes), *by_status, *wrong)]


def _name(console: Console, what: str, outcomes: Iterable[Outcome]) -> None:
    for one in outcomes:
        console.print(
            f"{what}: {one.sample.family}: {one.sample.name}: {one.status} {one.why}", style="red", markup=False
        )


def _times(outcomes: list[Outcome]) -> Table:
    table = Table("milliseconds per file", "p50", "p95", "longest", title="Cost", title_justify="left")
    honest = [one for one in outcomes if one.sample.expected is Expected.CLEAN]
    for name, group in (("honest files", honest), ("all files", outcomes)):
        for what, times in (
            ("gate alone", [one.gate_ms for one in group]),
            ("gate and clamd", [one.total_ms for one in group]),
        ):
            values = (percentile(times, 50), percentile(times, 95), max(times, default=0.0))
            table.add_row(f"{name}, {what}", *(f"{value:.2f}" for value in values))
    return table
