"""From samples to lines: how fast counters grew, quantiles of a histogram, gauges; each as one value for each slot of
time, None where nothing is known. A counter that fell (a server begun afresh) and a long silence are gaps: a line is
never drawn over what nobody saw."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from infra.dashboard.samples import Sample

Values = list[float | None]
BOUND = re.compile(r"\+Inf|\d+(\.\d+)?(e-?\d+)?")


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is plotted: `slots` slots of equal length up to `end`. Samples further apart than
    `longest_gap_seconds` have a gap between them."""

    end: float
    seconds: float
    slots: int
    longest_gap_seconds: float

    def slot_of(self, at: float) -> int | None:
        """Where `at` belongs, the end of a slot to the slot itself; None outside."""
        past = (at - self.end + self.seconds) * self.slots / self.seconds
        slot = math.ceil(round(past, 6)) - 1  # 31.000000000000004 is 31
        return slot if 0 <= slot < self.slots else None


@dataclass(frozen=True, slots=True)
class _Step:
    """From one sample to the next: in which slot, how many seconds, and how much each counter grew."""

    slot: int
    seconds: float
    grown: Mapping[str, float]


def growth(samples: Sequence[Sample], name: str, window: Window) -> dict[str, Values]:
    """How much the counter `name` grew in a second, by label."""
    grown, seconds = _by_slot(samples, name, window)
    return {
        label: [grown[slot].get(label, 0.0) / seconds[slot] if seconds[slot] else None for slot in range(window.slots)]
        for label in sorted({label for of_slot in grown.values() for label in of_slot})
    }


def quantiles(samples: Sequence[Sample], name: str, window: Window, shares: Sequence[float]) -> list[Values]:
    """For each of `shares` (0.95: below which 95 % lie) the value within the histogram `name`; None while nothing was
    counted."""
    grown, _ = _by_slot(samples, name, window)
    return [[quantile(grown[slot], share) for slot in range(window.slots)] for share in shares]


def gauge(samples: Sequence[Sample], read: Callable[[Sample], float | None], window: Window) -> Values:
    """The largest value of each slot."""
    values: Values = [None] * window.slots
    for sample in samples:
        value, slot = read(sample), window.slot_of(sample.at)
        if value is not None and slot is not None:
            before = values[slot]
            values[slot] = value if before is None else max(before, value)
    return values


def quantile(buckets: Mapping[str, float], share: float) -> float | None:
    """As Prometheus' `histogram_quantile`: straight lines between the bounds, the last bound for what lies above it."""
    bounds = sorted((float(bound), count) for bound, count in buckets.items() if BOUND.fullmatch(bound))
    if not bounds or bounds[-1][1] <= 0:
        return None
    wanted, low, below = share * bounds[-1][1], 0.0, 0.0
    for bound, count in bounds:
        if count >= wanted:
            if math.isinf(bound):
                return low
            return low + (bound - low) * ((wanted - below) / (count - below) if count > below else 1.0)
        low, below = bound, count
    return low


def _by_slot(
    samples: Sequence[Sample], name: str, window: Window
) -> tuple[dict[int, dict[str, float]], dict[int, float]]:
    grown: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seconds: dict[int, float] = defaultdict(float)
    for step in _steps(samples, name, window):
        seconds[step.slot] += step.seconds
        for label, amount in step.grown.items():
            grown[step.slot][label] += amount
    return grown, seconds


def _steps(samples: Sequence[Sample], name: str, window: Window) -> Iterator[_Step]:
    for before, after in pairwise(samples):
        slot, seconds = window.slot_of(after.at), after.at - before.at
        if before.metrics is None or after.metrics is None or slot is None:
            continue
        if not 0 < seconds <= window.longest_gap_seconds:
            continue
        was, now = before.metrics.get(name, {}), after.metrics.get(name, {})
        if any(now.get(label, 0.0) < amount for label, amount in was.items()):
            continue
        yield _Step(slot, seconds, {label: amount - was.get(label, 0.0) for label, amount in now.items()})
