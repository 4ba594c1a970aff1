"""`python -m tests.load`: put many people at once on the app, and tell how it bore them."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from signal import SIGTERM

import click

from infra.local.processes import LocalMistake
from tests.benchmarks.report import ROOT, console
from tests.load.scenarios import RAMP_FROM, RAMP_MOST, RAMP_P95_MS, SCENARIOS, WARM_UP, Scenario, ramp_step

EXTRAS = ("ramp", "writes", "depth")
# In this order: what stands still first, then what writes.
ORDER = ("browse", "search", "depth", "screen", "alone", "beside", "import", "write", "mixed", "ramp", "writes")


@click.command()
@click.option("--scenario", "chosen", multiple=True, type=click.Choice(ORDER), help="all when none is named")
@click.option("--minutes", type=float, default=3.0, show_default=True, help="of the mixed scenario")
@click.option("--rows", type=int, default=100_000, show_default=True, help="candidates in the database")
@click.option("--users", type=int, default=None, help="of the mixed scenario, in place of 500")
@click.option("--fresh", is_flag=True, help="make the data anew")
@click.option("--containers", type=int, default=8, show_default=True, help="of the API: requests answered at once")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="folder of the data: build/load/<rows>")
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "build" / "load", help="folder of the report")
def main(
    chosen: tuple[str, ...],
    minutes: float,
    rows: int,
    users: int | None,
    fresh: bool,
    containers: int,
    data: Path | None,
    output: Path,
) -> None:
    """Run scenarios, write report.html and summary.json; status 1 when a request or a job failed."""
    from tests.load.stack import Size

    names = [name for name in ORDER if not chosen or name in chosen]
    size = Size(rows=rows, containers=containers)
    try:
        errors = run(names, size, seconds=round(minutes * 60), users=users, fresh=fresh, data=data, output=output)
    except LocalMistake as mistake:
        raise click.ClickException(str(mistake)) from mistake
    sys.exit(1 if errors else 0)


def run(
    names: list[str], size: object, *, seconds: int, users: int | None, fresh: bool, data: Path | None, output: Path
) -> int:
    """Measure `names` in order; how many requests and jobs failed."""
    from tests.load import report, shot, stack, verdict
    from tests.load.stack import Size

    assert isinstance(size, Size)
    for variable in [name for name in os.environ if name.startswith("RECRUITPRO_")]:
        del os.environ[variable]
    began = time.monotonic()
    with stack.running(size, fresh=fresh, kept=data) as running:
        console.print(f"  ready after {time.monotonic() - began:.0f} s: {size.rows:,} candidates")
        shot.fire(running, WARM_UP)
        shot.settle(running)
        found = verdict.Found({}, [], {}, float("nan"), size.pool)
        for name in names:
            _one(name, running, found, seconds=seconds, users=users)
        # Each process of the server writes its times when it ends.
        running.server.stop((SIGTERM, 20.0))
        found.statements_p95_ms, found.statements_all_p95_ms = verdict.statements(running.folder)
        found.served = verdict.served(running.folder)
        told = report.summary(running, found)
    page, summary = report.write(output, told, found, size.pool)
    report.tell(told)
    console.print(f"  {page}, {summary}; {time.monotonic() - began:.0f} s in all", markup=False)
    for each in found.shots.values():
        for text, count in each.errors.items():
            console.print(f"  {each.scenario.name}: {count} x {text}", style="red", markup=False)
    return found.errors


def _one(name: str, running: object, found: object, *, seconds: int, users: int | None) -> None:
    from tests.load import depth, shot, verdict, writes
    from tests.load.stack import Running

    assert isinstance(running, Running)
    assert isinstance(found, verdict.Found)
    if name == "depth":
        found.depth = depth.measure(running)
        console.print(f"  page far down the list / near its top: {found.depth.ratio:.2f}")
    elif name == "writes":
        found.writes = writes.measure(running, seconds=5.0)
        console.print(f"  writes/s: {found.writes.candidates:.0f} candidates, {found.writes.tpc_b:.0f} TPC-B")
    elif name == "ramp":
        _ramp(running, found)
    else:
        scenario = SCENARIOS[name]
        if name == "mixed":
            count = users or scenario.count
            # Who arrives in a short run arrives sooner.
            arriving = min(scenario.warm_up_seconds, seconds // 3)
            title = f"{count:,} users, everything mixed"
            wish = {"users": {"Recruiter": count}, "seconds": seconds, "warm_up_seconds": arriving, "title": title}
            scenario = replace(scenario, **wish)  # type: ignore[arg-type]
        found.shots[name] = shot.fire(running, scenario)
        _say(scenario, found.shots[name])
        shot.settle(running)


def _ramp(running: object, found: object) -> None:
    from tests.load import shot, verdict
    from tests.load.stack import Running

    assert isinstance(running, Running)
    assert isinstance(found, verdict.Found)
    users = RAMP_FROM
    while users <= RAMP_MOST:
        step = shot.fire(running, ramp_step(users))
        found.ramp.append(step)
        _say(step.scenario, step)
        if step.error_count or not step.p95() < RAMP_P95_MS:
            return
        shot.settle(running)
        users *= 2


def _say(scenario: Scenario, shot: object) -> None:
    from tests.load.shot import Shot

    assert isinstance(shot, Shot)
    console.print(
        f"  {scenario.title}: p95 {shot.p95():.0f} ms, {shot.per_second:.0f} requests/s, {shot.error_count} errors "
        f"(others used {shot.cores('others'):.1f} cores)"
    )


if __name__ == "__main__":
    main()
