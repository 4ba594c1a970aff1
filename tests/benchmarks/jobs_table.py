"""What the job benchmark found, as a table with ratios and goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.jobs_contest import Setup, Turn
from tests.benchmarks.report import Finding

OURS = "RecruitPro"
GOALS = {("noop", "RQ SimpleWorker", 1): 20.0, ("noop", "Dramatiq", 2): 2.0}
SCREENINGS_PER_MINUTE = 100
COLUMNS = ("job", "system", "processes", "jobs a turn", "enqueued/s", "done/s", "spread", "ours / this", "goal")


def finding(turns: Mapping[Setup, Sequence[Turn]], notes: Sequence[str]) -> Finding:
    """A row for each setup; ours is compared with the peers that have as many processes."""
    figures = [_figures(setup, taken) for setup, taken in turns.items()]
    speed = {(each["job"], each["processes"]): each["done_per_second"] for each in figures if each["system"] == OURS}
    for each in figures:
        each["ours_to_this"] = speed[each["job"], each["processes"]] / each["done_per_second"]
        each["goal"], each["is_met"] = _goal(each)
    rounds = max(len(taken) for taken in turns.values())
    return Finding(
        "Jobs: enqueue to done",
        COLUMNS,
        [_row(each) for each in figures],
        {"rows": figures, "notes": list(notes)},
        (
            *(note for note in notes if note),
            f"Median of {rounds} rounds in turns; done/s counts from the first enqueue to the last job done. With one "
            "process the same one enqueues all and then does all (Dramatiq's eight threads begin at once); with two, "
            "they wait for a third that enqueues. Idle systems are stopped.",
            "Ours enqueues a batch in one transaction, RQ in one pipeline, Dramatiq knows none. Everybody logs as by "
            "default, into a file. A peer's screening reads, rates and writes one row; ours adds job, outbox, claim "
            "and event.",
        ),
    )


def _figures(setup: Setup, turns: Sequence[Turn]) -> dict[str, Any]:
    speeds = [turn.per_second for turn in turns]
    return {
        "job": setup.job,
        "system": setup.name,
        "processes": setup.processes,
        "jobs_a_turn": turns[-1].count,
        "enqueued_per_second": median(turn.count / turn.enqueue for turn in turns),
        "done_per_second": median(speeds),
        "spread": (max(speeds) - min(speeds)) / median(speeds),
    }


def _goal(figures: Mapping[str, Any]) -> tuple[str, bool | None]:
    """The goal of this row, and whether it is met."""
    factor = GOALS.get((figures["job"], figures["system"], figures["processes"]))
    if factor is not None:
        return f">= {factor:.0f}x", figures["ours_to_this"] >= factor
    if figures["job"] == "screening" and figures["system"] == OURS:
        return f">= {SCREENINGS_PER_MINUTE}/min", figures["done_per_second"] * 60 >= SCREENINGS_PER_MINUTE
    return "", None


def _row(figures: Mapping[str, Any]) -> tuple[str, ...]:
    met = {True: " met", False: " not met", None: ""}[figures["is_met"]]
    return (
        figures["job"],
        figures["system"],
        str(figures["processes"]),
        f"{figures['jobs_a_turn']:,}",
        f"{figures['enqueued_per_second']:,.0f}",
        f"{figures['done_per_second']:,.0f}",
        f"{figures['spread']:.0%}",
        f"{figures['ours_to_this']:.2f}",
        figures["goal"] + met,
    )
