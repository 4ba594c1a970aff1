"""How costs grow with the number of candidates: `python -m tests.benchmarks.growth`.

Each call is the one of calls.py by that name, as an admin of the large organization, and its cost what the
server's process spends on a core for all its statements together, so that a busy machine changes little. The exponent
is the slope between the smallest and the largest number in logarithms: 0 does not grow, 1 grows as the data does.
"""

from __future__ import annotations

import math
import os
import random
import statistics

import click

from tests.benchmarks import growth_jobs, million, report
from tests.benchmarks.calls import calls_of
from tests.benchmarks.report import Finding
from tests.benchmarks.statements import BACKEND, WARM_UP, timed

NAMES = (
    *("/api/candidates", "/api/candidates, deep", "one candidate"),
    *("search: rare word", "search: common word", "search: two common words"),
    *("create a candidate", "report funnel, 90 days"),
)
FIRST, DEEP = "/api/candidates", "/api/candidates, deep"
Costs = dict[str, float]


def cost_of(candidates: int, times: int) -> Costs:
    """Median milliseconds of CPU of each call, all its statements together."""
    from chalicelib import db

    costs: Costs = {}
    with million.opened(candidates) as made, million.engine_of(made.database).connect() as superuser:
        member = made.members[0]
        calls = {call.name: call for call in calls_of(superuser, member)}
        for name in NAMES:
            chance = random.Random(1)
            for _ in range(WARM_UP):
                calls[name].send(member, chance)
            backend = superuser.exec_driver_sql(BACKEND).scalar_one()
            spent = []
            for _ in range(times):
                with timed(db.engine(), backend) as found:
                    calls[name].send(member, chance)
                spent.append(sum(cpu for values in found.values() for _, cpu in values))
            costs[name] = statistics.median(spent)
        find = lambda: superuser.exec_driver_sql(BACKEND).scalar_one()  # noqa: E731
        costs |= growth_jobs.costs_of(superuser, member, find, max(3, times // 6))
    return costs


def exponent(sizes: list[int], costs: list[float]) -> float:
    """The power of the size with which the cost grows from the first to the last."""
    return math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])


def finding(curve: dict[int, Costs]) -> Finding:
    """The table."""
    sizes = sorted(curve)
    every = (*NAMES, *growth_jobs.NAMES)
    grown = {name: [curve[size][name] for size in sizes] for name in every}
    rows = [
        [name, *(f"{cost:.2f}" for cost in costs), f"{exponent(sizes, costs):.2f}"] for name, costs in grown.items()
    ]
    deep = curve[sizes[-1]][DEEP] / curve[sizes[-1]][FIRST]
    return Finding(
        "Growth: CPU milliseconds of one call, of the database where nothing else is said",
        ("call", *(f"{size:,}" for size in sizes), "exponent"),
        rows,
        {"sizes": sizes, "ms": grown, "deep_page_over_first": round(deep, 2)},
        (f"Page at depth 90,000 by cursor / page 1, at {sizes[-1]:,}: {deep:.2f}",),
    )


@click.command()
@click.option("--candidates", "sizes", multiple=True, type=int, default=(10_000, 100_000, 1_000_000), show_default=True)
@click.option("--times", default=30, show_default=True)
def main(sizes: tuple[int, ...], times: int) -> None:
    """Measure, print, and keep it in build/benchmarks.json."""
    from tests import house

    os.environ.update(house.SETTINGS)
    house.forget_settings()
    told = finding({size: cost_of(size, times) for size in sorted(sizes)})
    report.show(told)
    report.keep("growth", [told])


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks.growth")
