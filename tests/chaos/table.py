"""A run's account, for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tests.chaos.battle import Battle
from tests.chaos.kinds import KINDS
from tests.chaos.options import LEASE_SECONDS, LOST_AFTER_SECONDS, SWEEP_SECONDS
from tests.chaos.verdict import Verdict

SHOWN = 5
# In a run of so many jobs each kind is asked for.
ENOUGH_JOBS = 2000
STATUSES = ("succeeded", "failed", "cancelled", "queued", "running")


def complaints(battle: Battle, verdict: Verdict) -> list[str]:
    """Why a run counts as failed; none for one that held."""
    options, found = battle.world.options, list[str]()
    groups = {"lost": verdict.lost, "doubled": verdict.doubled, "not ended": verdict.unended, "wrong": verdict.wrong}
    for group, checks in groups.items():
        found += [f"{group}: {name}: {len(items)}" for name, items in checks.items() if items]
    seconds = verdict.recovery_seconds
    if seconds is None or seconds > options.bound_seconds:
        taken = "never" if seconds is None else f"{seconds:.1f} s"
        found.append(f"recovery: {taken}, allowed are {options.bound_seconds:.0f} s")
    if battle.jobs < options.jobs:
        found.append(f"only {battle.jobs} of {options.jobs} jobs within {options.longest_seconds:.0f} s")
    if battle.faults < options.faults:
        found.append(f"only {battle.faults} of {options.faults} faults")
    missing = [kind.value for kind in KINDS if kind not in {kind for kind, _ in verdict.jobs}]
    if missing and options.jobs >= ENOUGH_JOBS:
        found.append(f"nobody asked for {', '.join(missing)}")
    return found


def show(console: Console, battle: Battle, verdict: Verdict) -> None:
    """Print everything that is known."""
    console.print(_jobs(verdict), _faults(battle), _checks(verdict))
    options = battle.world.options
    seconds = verdict.recovery_seconds
    recovery = "never" if seconds is None else f"{seconds:.1f} s"
    bound = f"one visibility time-out ({options.visibility_seconds} s) and one sweep ({SWEEP_SECONDS:.0f} s)"
    console.print(
        f"recovery time: {recovery} from the last fault (all processes killed, database restarted) to all done; "
        f"allowed: {options.bound_seconds:.0f} s, {bound}\n"
        f"jobs in the hands of a killed worker: {verdict.jobs_hit}; the longest of them ended "
        f"{verdict.longest_after_kill:.1f} s after the kill (further faults and retries included)\n"
        f"attempts that found their job taken over, and left no trace: {verdict.superseded}\n"
        f"jobs tried again by hand or from a dead-letter queue: {verdict.retried}; "
        f"deliveries of webhooks taken: {len(battle.world.receiver.taken)}\n"
        f"lease {LEASE_SECONDS} s, a message counts as lost after {LOST_AFTER_SECONDS} s; "
        f"{battle.world.starts} processes started, {verdict.events} events, attempts "
        + ", ".join(f"{number}: {count}" for number, count in sorted(verdict.attempts.items()))
    )


def _jobs(verdict: Verdict) -> Table:
    table = Table("kind", *STATUSES, title=f"{verdict.jobs.total()} jobs", title_justify="left")
    for kind in sorted({kind for kind, _ in verdict.jobs}):
        table.add_row(kind, *(str(verdict.jobs[kind, status]) for status in STATUSES))
    return table


def _faults(battle: Battle) -> Table:
    table = Table("fault", "times", title=f"{battle.faults} faults", title_justify="left")
    for name, count in sorted(battle.struck.items()):
        table.add_row(name, str(count))
    for fault, count in sorted(battle.world.double.faults.struck.items()):
        table.add_row(f"queue: {fault.value.replace('_', ' ')}", str(count))
    return table


def _checks(verdict: Verdict) -> Table:
    table = Table("", "check", "found", "for example", title="the account", title_justify="left")
    groups = {"lost": verdict.lost, "doubled": verdict.doubled, "not ended": verdict.unended, "wrong": verdict.wrong}
    for group, checks in groups.items():
        for name, items in checks.items():
            table.add_row(group, name, str(len(items)), "\n".join(items[:SHOWN]))
    return table
