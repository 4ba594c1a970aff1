"""Recorded metrics: what was reported in each minute, and what CloudWatch makes of a period of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from operator import mul

Point = float | None
"""A datapoint; None is missing."""
Samples = Mapping[float, float]
"""What was reported within a minute: how often each value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Which metric: its dimensions as sorted pairs."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, **dimensions: str) -> Metric:
        return cls(namespace, name, tuple(sorted(dimensions.items())))


class Series:
    """One metric's reports over a number of minutes."""

    def __init__(self, length: int) -> None:
        self._samples: list[Samples] = [{}] * length

    def put(self, minute: int, value: float, times: float = 1) -> None:
        """`value` was reported `times` times in `minute`."""
        before = self._samples[minute]
        self._samples[minute] = {**before, value: before.get(value, 0) + times}

    def repeat(self, every: int, samples: Samples, *, begin: int, end: int) -> None:
        """`samples` are all that was reported in every so manyth minute."""
        self._samples[begin:end:every] = [samples] * len(range(begin, end, every))

    def datapoints(self, statistic: str, period: int) -> list[Point]:
        """The statistic of the period that ends with each minute (exclusive), from 0 to the length; None without any
        report."""
        if statistic in ("Sum", "Average", "SampleCount"):
            return self._sums(statistic, period)
        if all(each is self._samples[0] for each in self._samples):
            return [None, *[_of(statistic, self._samples[:1])] * len(self._samples)]
        ends = range(len(self._samples) + 1)
        return [_of(statistic, self._samples[max(0, end - period) : end]) for end in ends]

    def _sums(self, statistic: str, period: int) -> list[Point]:
        # Most minutes share what was reported: months of them are summed up in a moment.
        names = list(map(id, self._samples))
        distinct = dict(zip(names, self._samples, strict=True))
        value = {name: float(sum(map(mul, each, each.values()))) for name, each in distinct.items()}
        times = {name: sum(each.values()) for name, each in distinct.items()}
        totals = [0.0, *accumulate(map(value.__getitem__, names))]
        counts = [0.0, *accumulate(map(times.__getitem__, names))]
        total, count = _windows(totals, period), _windows(counts, period)
        if statistic == "Sum":
            return [each if n else None for each, n in zip(total, count, strict=True)]
        if statistic == "SampleCount":
            return [n or None for n in count]
        return [each / n if n else None for each, n in zip(total, count, strict=True)]


def _windows(running: list[float], period: int) -> list[float]:
    earlier = [0.0] * min(period, len(running)) + running[: max(0, len(running) - period)]
    return [now - then for now, then in zip(running, earlier, strict=True)]


def _of(statistic: str, samples: list[Samples]) -> Point:
    reported = [each for each in samples if each]
    if not reported:
        return None
    if statistic == "Maximum":
        return max(max(each) for each in reported)
    if statistic == "Minimum":
        return min(min(each) for each in reported)
    if not statistic.startswith("p"):
        raise ValueError(f"{statistic} is no statistic that is known here")
    return _percentile(float(statistic[1:]), reported)


def _percentile(percent: float, samples: list[Samples]) -> float:
    together: dict[float, float] = {}
    for each in samples:
        for value, times in each.items():
            together[value] = together.get(value, 0) + times
    wanted: float = ceil(percent / 100 * sum(together.values()))
    for value in sorted(together):
        wanted -= together[value]
        if wanted <= 0:
            return value
    raise ValueError("a percentile is at most 100")


class Recording:
    """All metrics of so many minutes."""

    def __init__(self, length: int) -> None:
        self.length = length
        self._series: dict[Metric, Series] = {}

    def of(self, metric: Metric) -> Series:
        if metric not in self._series:
            self._series[metric] = Series(self.length)
        return self._series[metric]
