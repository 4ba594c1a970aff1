"""One scenario, run: locust in a process of its own, and what was seen meanwhile."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from infra.local import processes
from tests.benchmarks.report import ROOT
from tests.load.sampling import Sample, Sampler
from tests.load.scenarios import Scenario
from tests.load.stack import Running

# From the end of its time to the end of locust: requests in hand, notes written.
PATIENCE_SECONDS = 60.0
POLLED = "(polled)"


@dataclass(frozen=True, slots=True)
class Request:
    """One answer: `at` seconds after the beginning, in `ms`."""

    at: float
    name: str
    ms: float
    is_well: bool

    @property
    def is_job(self) -> bool:
        """Whether it is the way of a whole job, and no request."""
        return ", " in self.name and not self.name.startswith(("GET", "POST"))


@dataclass(frozen=True, slots=True)
class Shot:
    """What a scenario came to. `began` is the time on the wall of second 0."""

    scenario: Scenario
    began: float
    seconds: float
    requests: list[Request]
    errors: dict[str, int]
    samples: list[Sample]
    generator_cpu_seconds: float

    @property
    def steady(self) -> list[Request]:
        """Requests after everybody had arrived, polling left out: nobody waits for one of those alone."""
        warm = self.scenario.warm_up_seconds
        return [
            each for each in self.requests if each.at >= warm and not each.name.endswith(POLLED) and not each.is_job
        ]

    def p95(self, name: str | None = None) -> float:
        """In milliseconds, of all requests or of one name (a job's too); NaN when there was none."""
        warm = self.scenario.warm_up_seconds
        every = [each for each in self.requests if each.at >= warm]
        chosen = self.steady if name is None else [each for each in every if each.name == name]
        return percentile([each.ms for each in chosen], 95)

    @property
    def per_second(self) -> float:
        lasted = self.seconds - self.scenario.warm_up_seconds
        every = [each for each in self.requests if each.at >= self.scenario.warm_up_seconds and not each.is_job]
        return len(every) / lasted if lasted > 0 else 0.0

    @property
    def error_count(self) -> int:
        return sum(not each.is_well for each in self.requests)

    def cores(self, part: str) -> float:
        """CPU in cores that a part took, or `others`; the mean over the time."""
        values = [sample.others if part == "others" else sample.cores.get(part, 0.0) for sample in self.samples]
        return sum(values) / len(values) if values else math.nan


def percentile(values: Sequence[float], rank: float) -> float:
    """The smallest value that `rank` percent do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * rank / 100) - 1)] if ordered else math.nan


def fire(running: Running, scenario: Scenario) -> Shot:
    """Run `scenario` against what runs. Errors are counted and not raised; LocalMistake when locust itself fails."""
    lasting = scenario.seconds
    notes = running.folder / f"{scenario.name}.json"
    environment = running.environment | {
        "LOAD_SCENARIO": json.dumps(asdict(scenario)),
        "LOAD_PEOPLE": str(running.people),
        "LOAD_NOTES": str(notes),
        "LOAD_IMPORT_ROWS": str(scenario.import_rows),
    }
    rate = max(1, math.ceil(scenario.count / max(1, scenario.warm_up_seconds - 2)))
    child = processes.start(
        "locust",
        [
            sys.executable,
            "-m",
            "locust",
            "-f",
            str(ROOT / "tests/load/locustfile.py"),
            "--headless",
            "--only-summary",
            "--host",
            running.url,
            "-u",
            str(scenario.count),
            "-r",
            str(rate),
            "-t",
            f"{lasting}s",
            "--stop-timeout",
            "10",
            "--exit-code-on-error",
            "0",
        ],
        log=running.folder / f"{scenario.name}.log",
        environment=environment,
        cwd=ROOT,
    )
    sampler = Sampler(running.children | {"locust": child.process.pid}, running.bouncer, running.database.superuser_url)
    sampler.start()
    try:
        # One that hangs is ended below, and leaves no notes.
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(lasting + PATIENCE_SECONDS)
    finally:
        child.stop((signal.SIGTERM, 5.0))
        samples = sampler.stop()
    if not notes.exists():
        raise processes.LocalMistake(f"locust did not run: {child.last_words()} (log: {child.log})")
    return _read(scenario, json.loads(notes.read_text()), samples)


def _read(scenario: Scenario, told: dict[str, Any], samples: list[Sample]) -> Shot:
    requests = [Request(*each) for each in told["requests"]]
    return Shot(
        scenario,
        told["began"],
        told["seconds"],
        requests,
        told["errors"],
        samples,
        told["cpu_seconds"],
    )


def settle(running: Running, seconds: float = 60.0) -> None:
    """Wait until no job is queued or running, so that one scenario does not pay for the one before."""
    from tests.load import town

    deadline = time.monotonic() + seconds
    with town.connected(running.database.superuser_url) as connection:
        while time.monotonic() < deadline:
            if not connection.run("select count(*) from jobs where status in ('queued', 'running')")[0][0]:
                return
            time.sleep(0.25)


def is_installed() -> bool:
    """Whether locust can be run here."""
    import importlib.util

    return importlib.util.find_spec("locust") is not None and os.name == "posix"
