"""The run itself: work is asked for and done while the plan's blows fall, and then everything has to end."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from tests.chaos import hooks, plan
from tests.chaos.options import CHANCES, LEASE_SECONDS, SWEEP_SECONDS
from tests.chaos.plan import FREEZES, OUTAGES, ROLES, Blow, Strike
from tests.chaos.stores import Switch
from tests.chaos.world import ASKER, SWEEP, World

TICK_SECONDS, POLL_SECONDS = 0.05, 0.5
FREEZE_SECONDS = LEASE_SECONDS + 4 * SWEEP_SECONDS
TRAP_PATIENCE_SECONDS = 20.0
OUTAGE_PATIENCE_SECONDS = 10.0
"""So long an outage waits for somebody to hit."""
"""After the bound, so long is waited to tell slow from never."""
GRACE_SECONDS = 90.0
LEFTOVER_SECONDS = 30.0
Report = Callable[[str], None]


@dataclass(slots=True)
class Later:
    """What ends by itself: an outage, or a freeze."""

    at: float
    act: Callable[[], None]


@dataclass(slots=True)
class Battle:
    """A world under fire. `struck` counts the blows that really fell."""

    world: World
    report: Report
    struck: Counter[str] = field(default_factory=Counter)
    hits: dict[str, float] = field(default_factory=dict)
    """The jobs that killed workers had in hand, and when; seconds since the epoch."""
    later: list[Later] = field(default_factory=list)
    set_traps: list[tuple[Strike, float]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    last_blow_at: float = 0.0
    recovered_at: float | None = None
    jobs: int = 0
    ended: int = 0
    began_at: float = field(default_factory=time.time)

    @property
    def faults(self) -> int:
        """How many faults there were, of processes and of queues."""
        return self.struck.total() + self.world.double.faults.struck.total()

    @property
    def seconds(self) -> float:
        return time.time() - self.began_at

    def fight(self) -> None:
        """Until there are enough jobs and enough faults and the plan is done, or the time is over."""
        options = self.world.options
        due, more = plan.drawn(options), plan.more(options)
        self.world.double.faults.chances = CHANCES
        polled_at = 0.0
        while self.seconds < options.longest_seconds:
            self._tick()
            if time.time() - polled_at > POLL_SECONDS:
                polled_at = time.time()
                self._poll()
                self.report(f"{len(due)} blows to come")
                if self.jobs >= options.jobs and self.faults < options.faults:
                    due.append(next(more))
                elif self.jobs >= options.jobs and not due and not self.busy:
                    break
            while (strike := self._next_of(due)) is not None:
                due.remove(strike)
                self._strike(strike)
                self._tick()

    def _next_of(self, due: list[Strike]) -> Strike | None:
        """The first blow that is due. One worker is frozen at a time: somebody has to take its jobs over."""
        is_freezing = bool(self.busy) or any(strike.blow in FREEZES for strike, _ in self.set_traps)
        for strike in due:
            if strike.at_jobs > self.jobs:
                return None
            if not (is_freezing and strike.blow in FREEZES):
                return strike
        return None

    def finish(self) -> None:
        """A last blow to everything at once; then no more faults, and everything must end."""
        world = self.world
        world.is_asking = False
        self._finale()
        deadline = self.last_blow_at + world.options.bound_seconds + GRACE_SECONDS
        while time.time() < deadline:
            self._tick()
            if world.unfinished() == 0:
                self.recovered_at = time.time()
                break
            self._poll()
            self.report("recovering")
            time.sleep(0.1)
        self._poll()

    def let_leftovers_arrive(self) -> None:
        """Deliver what still is in the queues, at once: late copies of messages whose jobs have ended."""
        deadline = time.time() + LEFTOVER_SECONDS
        while time.time() < deadline:
            self.world.clock.ahead += self.world.options.visibility_seconds
            queues = ("scan", "high", "default", "low", "webhook")
            if not any(self.world.double.counts(queue).total for queue in queues):
                return
            time.sleep(1)
            self._tick()
            self.report("late deliveries")

    def _tick(self) -> None:
        self._disarm()
        self.world.revive()
        for thing in [thing for thing in self.later if thing.at <= time.time()]:
            self.later.remove(thing)
            thing.act()
        time.sleep(TICK_SECONDS)

    def _poll(self) -> None:
        counts = self.world.counts()
        if counts is not None:
            self.jobs = sum(counts.values())
            self.ended = self.jobs - counts.get("queued", 0) - counts.get("running", 0)

    def _strike(self, strike: Strike) -> None:
        blow = strike.blow
        if blow in ROLES:
            number = signal.SIGSTOP if blow is Blow.FREEZE_AT_LINE else signal.SIGKILL
            hooks.set_trap(self.world.folder, ROLES[blow], strike.where, number)
            self.set_traps.append((strike, time.time() + TRAP_PATIENCE_SECONDS))
        elif blow is Blow.FREEZE_WORKER:
            self._freeze(self._a_worker())
        elif blow is Blow.RESTART_DATABASE:
            self._count(blow)
            self.world.restart_database()
        elif blow in {Blow.KILL_ASKER, Blow.KILL_SWEEP}:
            self._kill(ASKER if blow is Blow.KILL_ASKER else SWEEP, blow)
        elif blow is Blow.KILL_WORKER:
            self._kill(self._a_worker(), blow)
        else:
            self._break(blow, strike.seconds)

    def _a_worker(self) -> str:
        """The next worker in turn that is not frozen."""
        free = [name for name in self.world.workers if name not in self.busy]
        return free[self.struck.total() % len(free)]

    def _kill(self, name: str, blow: Blow) -> None:
        pid = self.world.kill(name)
        if pid is not None:
            self._count(blow)
            self._note_hits(pid)

    def _note_hits(self, pid: int) -> None:
        note = self.world.folder / "claims" / str(pid)
        if note.exists():
            for job_id in note.read_text().split():
                self.hits.setdefault(job_id, time.time())
            note.unlink()

    def _freeze(self, name: str) -> None:
        process = self.world.children[name].process
        if process.poll() is not None:
            return
        self._count(Blow.FREEZE_WORKER)
        os.kill(process.pid, signal.SIGSTOP)
        self._thaw_later(name)

    def _thaw_later(self, name: str) -> None:
        process = self.world.children[name].process
        self.busy.add(name)

        def thaw() -> None:
            self.busy.discard(name)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGCONT)

        self.later.append(Later(time.time() + FREEZE_SECONDS, thaw))

    def _break(self, blow: Blow, seconds: float) -> None:
        """Switch something off for a while, until that has hit somebody; counted then."""
        switch = self._switch(blow)
        before = switch.hits
        switch.turn(True)

        until = time.time() + OUTAGE_PATIENCE_SECONDS

        def mend() -> None:
            if switch.hits == before and time.time() < until:
                self.later.append(Later(time.time() + seconds, mend))
                return
            switch.turn(False)
            if switch.hits > before:
                self._count(blow)

        self.later.append(Later(time.time() + seconds, mend))

    def _switch(self, blow: Blow) -> Switch:
        world = self.world
        return {
            Blow.STORAGE_DOWN: world.storage.down,
            Blow.SCANNER_DOWN: world.scanner.down,
            Blow.SCANNER_HANGS: world.scanner.hanging,
            Blow.MAIL_DOWN: world.mail.down,
            Blow.MAIL_SILENT: world.mail.silent,
            Blow.RECEIVER_DOWN: world.receiver.down,
            Blow.RECEIVER_SILENT: world.receiver.silent,
        }[blow]

    def _disarm(self) -> None:
        """Count the traps that sprang, take up those nobody stepped into, and note what the dead had in hand."""
        for child in self.world.children.values():
            if not child.is_running:
                self._note_hits(child.process.pid)
        for trap in list(self.set_traps):
            strike, until = trap
            path = hooks.path_of(self.world.folder, ROLES[strike.blow], strike.where)
            if not path.exists():
                self._count(strike.blow)
                self.set_traps.remove(trap)
                if strike.blow is Blow.FREEZE_AT_LINE:
                    self._find_frozen()
            elif until < time.time():
                path.unlink(missing_ok=True)
                self.set_traps.remove(trap)

    def _find_frozen(self) -> None:
        """Whoever has stopped at a line is thawed after a while."""
        for _ in range(20):
            for name in self.world.workers:
                if name not in self.busy and self._is_stopped(name):
                    self._thaw_later(name)
                    return
            time.sleep(TICK_SECONDS)

    def _is_stopped(self, name: str) -> bool:
        try:
            return psutil.Process(self.world.children[name].process.pid).status() == psutil.STATUS_STOPPED
        except psutil.NoSuchProcess:
            return False

    def _count(self, blow: Blow) -> None:
        self.struck[blow] += 1
        self.last_blow_at = time.time()

    def _finale(self) -> None:
        world = self.world
        for strike, _ in self.set_traps:
            hooks.path_of(world.folder, ROLES[strike.blow], strike.where).unlink(missing_ok=True)
        self.set_traps.clear()
        waiting, self.later = self.later, []
        for thing in waiting:
            thing.act()
        self.later.clear()
        for blow in OUTAGES:
            self._switch(blow).turn(False)
        world.double.faults.chances = {}
        for name, blow in [(name, Blow.KILL_WORKER) for name in world.workers]:
            self._kill(name, blow)
        self._kill(SWEEP, Blow.KILL_SWEEP)
        self._kill(ASKER, Blow.KILL_ASKER)
        self._count(Blow.RESTART_DATABASE)
        world.restart_database()
