"""`python -m tests.benchmarks [handlers] [imports] [memory] [story] [start]`: all of them, or those named."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import click

from tests.benchmarks import report
from tests.benchmarks.report import Finding

NAMES = ("handlers", "imports", "memory", "story", "start")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--rounds", default=5, show_default=True, help="rounds of each; the median of them is told")
@click.option("--requests", default=200, show_default=True, help="handlers: requests a round")
@click.option("--url", help="story: a running server, instead of a stack of its own")
@click.option("--email", help="story: the login at --url")
@click.option("--password", help="story: the login at --url")
def main(
    names: tuple[str, ...], rounds: int, requests: int, url: str | None, email: str | None, password: str | None
) -> None:
    """Measure speed and memory, print tables, and keep them in build/benchmarks.json."""
    from tests import house

    # Nothing that the developer exported may point a benchmark at something else; logs are read before any import.
    for variable in [name for name in os.environ if name.startswith("RECRUITPRO_")]:
        del os.environ[variable]
    os.environ.update(house.SETTINGS)
    house.forget_settings()
    benchmarks = _benchmarks(rounds, requests, url, email, password)
    for name in names or NAMES:
        started = time.monotonic()
        report.console.rule(name)
        findings = benchmarks[name]()
        for finding in findings:
            report.show(finding)
        report.keep(name, findings)
        report.console.print(f"  {name} took {time.monotonic() - started:.0f} s", style="dim")
    report.console.print(f"\nKept in {report.SUMMARY.relative_to(report.ROOT)}", highlight=False)


def _benchmarks(
    rounds: int, requests: int, url: str | None, email: str | None, password: str | None
) -> dict[str, Callable[[], list[Finding]]]:
    from tests.benchmarks import cold_start, handlers, memory, start, story

    return {
        "handlers": lambda: handlers.run(rounds=rounds, requests=requests),
        "imports": lambda: cold_start.run(cold_start.built(), rounds=rounds),
        "memory": lambda: memory.run(rounds=rounds),
        "story": lambda: story.run(runs=rounds, url=url, email=email, password=password),
        "start": start.run,
    }


if __name__ == "__main__":
    main(prog_name="python -m tests.benchmarks")
