"""Which process is hurt how and when, drawn from a seed; the faults of queues are drawn by the queue double itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from tests.chaos.options import Options


class Blow(StrEnum):
    """What is done to a process, by whoever plans."""

    KILL_WORKER = "SIGKILL of a worker, at any moment"
    TRAP_WORKER = "SIGKILL of a worker, at a chosen line"
    KILL_ASKER = "SIGKILL of the enqueuer, at any moment"
    TRAP_ASKER = "SIGKILL of the enqueuer, at a chosen line"
    KILL_SWEEP = "SIGKILL of the sweep, at any moment"
    TRAP_SWEEP = "SIGKILL of the sweep, at a chosen line"
    FREEZE_WORKER = "worker stopped past its lease, at any moment"
    FREEZE_AT_LINE = "worker stopped past its lease, at a chosen line"
    RESTART_DATABASE = "database restarted (immediate)"
    STORAGE_DOWN = "storage fails for a while"
    SCANNER_DOWN = "scanner fails for a while"
    SCANNER_HANGS = "scanner hangs for a while"
    MAIL_DOWN = "mail fails for a while"
    MAIL_SILENT = "mail is taken, and its answers are lost"
    RECEIVER_DOWN = "a webhook's receiver answers 503 for a while"
    RECEIVER_SILENT = "deliveries of webhooks are taken, and their answers are lost"


WEIGHTS = {
    Blow.KILL_WORKER: 24,
    Blow.TRAP_WORKER: 34,
    Blow.KILL_ASKER: 5,
    Blow.TRAP_ASKER: 9,
    Blow.KILL_SWEEP: 4,
    Blow.TRAP_SWEEP: 6,
    Blow.FREEZE_WORKER: 3,
    Blow.FREEZE_AT_LINE: 5,
    Blow.RESTART_DATABASE: 4,
    Blow.STORAGE_DOWN: 4,
    Blow.SCANNER_DOWN: 4,
    Blow.SCANNER_HANGS: 2,
    Blow.MAIL_DOWN: 2,
    Blow.MAIL_SILENT: 2,
    Blow.RECEIVER_DOWN: 2,
    Blow.RECEIVER_SILENT: 2,
}
# Where a process may die; see hooks.py.
TRAPS = {
    Blow.TRAP_WORKER: (
        *("claimed", "work_done", "success_uncommitted", "committed", "not_deleted", "deleted"),
        *("mail_taken", "hook_taken", "copied", "objects_erased", "split_uncommitted", "step_uncommitted"),
        *("retry_uncommitted", "end_uncommitted", "committed_not_sent", "sent_not_forgotten"),
    ),
    # Mostly where somebody else may take the job over meanwhile.
    Blow.FREEZE_AT_LINE: (
        *("claimed", "work_done", "claimed", "work_done", "success_uncommitted", "not_deleted"),
        *("copied", "objects_erased"),
    ),
    Blow.TRAP_ASKER: ("asked_uncommitted", "committed_not_sent", "sent_not_forgotten"),
    Blow.TRAP_SWEEP: ("revived_uncommitted", "before_sending", "sent_not_forgotten"),
}
ROLES = {Blow.TRAP_WORKER: "worker", Blow.FREEZE_AT_LINE: "worker", Blow.TRAP_ASKER: "asker", Blow.TRAP_SWEEP: "sweep"}
FREEZES = frozenset({Blow.FREEZE_WORKER, Blow.FREEZE_AT_LINE})
OUTAGES = (
    *(Blow.STORAGE_DOWN, Blow.SCANNER_DOWN, Blow.SCANNER_HANGS, Blow.MAIL_DOWN, Blow.MAIL_SILENT),
    *(Blow.RECEIVER_DOWN, Blow.RECEIVER_SILENT),
)
BLOWS_PER_FAULT = 0.2


@dataclass(frozen=True, slots=True)
class Strike:
    """One blow, due when so many jobs exist. `where` is the line of a trap, `seconds` the length of an outage."""

    at_jobs: int
    blow: Blow
    where: str
    seconds: float


def drawn(options: Options) -> list[Strike]:
    """The plan, in the order in which it falls due; each kind of blow comes at least once."""
    random = Random(f"{options.seed} plan")
    sure = [*Blow, Blow.FREEZE_AT_LINE]
    count = max(round(options.faults * BLOWS_PER_FAULT), len(sure))
    blows = [*sure, *random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count - len(sure))]
    strikes = [_strike(blow, random.randint(options.jobs // 50, options.jobs * 95 // 100), random) for blow in blows]
    return sorted(strikes, key=lambda strike: strike.at_jobs)


def more(options: Options) -> Iterator[Strike]:
    """Further kills without end, for when a plan has run out too early."""
    random = Random(f"{options.seed} more")
    while True:
        yield _strike(random.choice([Blow.KILL_WORKER, Blow.TRAP_WORKER, Blow.TRAP_ASKER]), 0, random)


def _strike(blow: Blow, at_jobs: int, random: Random) -> Strike:
    where = random.choice(TRAPS[blow]) if blow in TRAPS else ""
    return Strike(at_jobs, blow, where, random.uniform(0.8, 2.5))
