"""What the machine and its parts do while a scenario runs, looked at once a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.load import bouncer, town
from tests.load.bouncer import Bouncer

EVERY_SECONDS = 1.0
QUEUED = "select (select count(*) from jobs where status = 'queued'), (select count(*) from outbox)"


@dataclass(frozen=True, slots=True)
class Sample:
    """One second. `cores` is CPU used by each part, in cores; `others` is what processes that are not ours used."""

    at: float
    cores: dict[str, float]
    others: float
    pool_active: int
    pool_waiting: int
    pool_wait_seconds: float
    jobs_queued: int
    outbox: int


class CpuClock:
    """CPU seconds of a process and all below it. What a child used before it ended is counted with its parent."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._roots = {name: psutil.Process(pid) for name, pid in pids.items()}

    def seconds(self) -> dict[str, float]:
        return {name: _tree(process) for name, process in self._roots.items()}


def _tree(root: psutil.Process) -> float:
    total = 0.0
    try:
        for process in (root, *root.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
            if process.pid == root.pid:
                total += times.children_user + times.children_system
    except psutil.Error:
        return 0.0
    return total


def _busy_seconds() -> float:
    """CPU seconds of the whole machine, all cores together, without idling."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)


@dataclass
class Sampler:
    """Looks every second from `start` to `stop`; `samples` are in order of time."""

    pids: Mapping[str, int]
    pooler: Bouncer
    superuser_url: str
    samples: list[Sample] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> list[Sample]:
        self._stop.set()
        if self._thread:
            self._thread.join(10)
        return self.samples

    def _run(self) -> None:
        with self.pooler.console() as console, town.connected(self.superuser_url) as database:
            clock = CpuClock(self.pids)
            before, busy, at = clock.seconds(), _busy_seconds(), time.monotonic()
            while not self._stop.wait(EVERY_SECONDS):
                now, all_busy, then = clock.seconds(), _busy_seconds(), time.monotonic()
                took = then - at
                # A root that ended counts for nothing; a sum that fell would count backwards.
                cores = {name: max(0.0, now[name] - before[name]) / took for name in now}
                others = max(0.0, (all_busy - busy) / took - sum(cores.values()))
                self._keep(console, database, cores, others)
                before, busy, at = now, all_busy, then

    def _keep(self, console: Any, database: Any, cores: dict[str, float], others: float) -> None:
        pool = bouncer.pool_of(console)
        queued, outbox = database.run(QUEUED)[0]
        waiting, wait = pool.clients_waiting, pool.longest_wait_seconds
        self.samples.append(Sample(time.time(), cores, others, pool.servers_active, waiting, wait, queued, outbox))
