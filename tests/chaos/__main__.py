"""`python -m tests.chaos`: work under fire, and an account of it. Exit code 1 unless nothing was lost or done twice."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import SystemRandom
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from tests.chaos import table, verdict, world
from tests.chaos.battle import Battle, Report
from tests.chaos.options import Options

console = Console(highlight=False, width=None if Console().is_terminal else 150)
SAY_EVERY_SECONDS = 10.0


def run(options: Options, folder: Path) -> bool:
    """One run; whether it held. Tells how to run it again when it did not."""
    console.print(f"seed {options.seed}: {options.command}")
    with world.built(folder, options) as there:
        battle = Battle(there, report=lambda _: None)
        battle.report = _reporter(battle)
        battle.fight()
        battle.finish()
        battle.let_leftovers_arrive()
        account = verdict.of(battle)
        table.show(console, battle, account)
        complaints = table.complaints(battle, account)
    if complaints:
        console.print("\n".join(["FAILED", *complaints, f"run it again: {options.command}", f"logs: {folder}"]))
    else:
        console.print(f"held, in {battle.seconds:.0f} s: nothing lost, nothing twice, everything ended")
    return not complaints


def _reporter(battle: Battle) -> Report:
    said_at = [0.0]

    def report(what: str) -> None:
        if time.monotonic() - said_at[0] >= (1.0 if console.is_terminal else SAY_EVERY_SECONDS):
            said_at[0] = time.monotonic()
            ended, jobs, faults = battle.ended, battle.jobs, battle.faults
            console.print(
                f"  {battle.seconds:4.0f} s: {ended} of {jobs} jobs ended, {faults} faults, {what}", style="dim"
            )

    return report


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@click.command()
@click.option("--jobs", default=10_000, show_default=True, help="at least so many jobs")
@click.option("--faults", default=1_000, show_default=True, help="at least so many faults")
@click.option("--seed", type=int, default=None, help="of the plan and of everything drawn; printed")
@click.option("--workers", default=2, show_default=True, help="processes that do the jobs")
@click.option("--visibility", default=30, show_default=True, help="visibility time-out of the queues, in seconds")
@click.option("--minutes", default=13.0, show_default=True, help="longest time under fire")
def main(jobs: int, faults: int, seed: int | None, workers: int, visibility: int, minutes: float) -> None:
    """Ask for jobs of all kinds, do them, and let faults fall on everything meanwhile."""
    signal.signal(signal.SIGTERM, _leave)
    chosen = SystemRandom().randrange(1_000_000) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    options = Options(jobs, faults, chosen, workers, visibility, minutes * 60)
    try:
        has_held = run(options, folder)
    except KeyboardInterrupt:
        console.print(f"stopped; run it again: {options.command}")
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit(130)
    if has_held:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if has_held else 1)


if __name__ == "__main__":
    main()
