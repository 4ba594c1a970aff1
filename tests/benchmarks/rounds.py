"""Contestants in turns, A-B-A-B: what the machine does meanwhile then hits them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.report import progress


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that does `turn(count)` requests; `prepare` runs before each turn, outside of the measurement."""

    turn: Callable[[int], None]
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Cost:
    """The median over the rounds, in milliseconds a request: CPU time of this process alone, and time on the wall."""

    cpu_ms: float
    wall_ms: float
    spread: float
    """(slowest - fastest) / median of the rounds' CPU times."""


def in_turns(
    contestants: Mapping[str, Contestant], *, title: str, count: int, rounds: int, warm_up: int
) -> dict[str, Cost]:
    """Each contestant's cost over `rounds` turns of `count` requests, after one unmeasured turn of `warm_up`."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    with progress() as bar:
        task = bar.add_task(title, total=(rounds + 1) * len(contestants))
        for number in range(rounds + 1):
            for name, contestant in contestants.items():
                contestant.prepare()
                turn = count if number else warm_up
                cpu, wall = time.process_time(), time.perf_counter()
                contestant.turn(turn)
                spent = (time.process_time() - cpu) * 1000 / turn, (time.perf_counter() - wall) * 1000 / turn
                if number:
                    samples[name].append(spent)
                bar.advance(task)
    return {name: _cost(found) for name, found in samples.items()}


def _cost(samples: list[tuple[float, float]]) -> Cost:
    cpu = [sample[0] for sample in samples]
    return Cost(median(cpu), median(sample[1] for sample in samples), (max(cpu) - min(cpu)) / median(cpu))
