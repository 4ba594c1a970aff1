"""For each alarm a story: what is reported while all is well, and what while something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.infra.alarms.series import Metric, Recording, Samples

HOUR, DAY = 60, 24 * 60
Report = Callable[[Recording, int, int], None]
"""Writes what is reported from one minute up to, but without, another."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`trouble` for as long as it takes, at most `fires_within` minutes; then `well` again, for at most
    `clears_within`. `warm_up` minutes of `well` come first."""

    well: Report
    trouble: Report
    fires_within: int
    clears_within: int
    warm_up: int = HOUR


def every(minutes: int, metric: Metric, value: float, times: float = 1) -> Report:
    """`value`, every so many minutes."""
    return mixed(minutes, metric, {value: times})


def mixed(minutes: int, metric: Metric, samples: Samples) -> Report:
    """Several values, each so often, every so many minutes."""

    def report(recording: Recording, begin: int, end: int) -> None:
        recording.of(metric).repeat(minutes, samples, begin=begin, end=end)

    return report


def both(*reports: Report) -> Report:
    def report(recording: Recording, begin: int, end: int) -> None:
        for each in reports:
            each(recording, begin, end)

    return report


def nothing(_recording: Recording, _begin: int, _end: int) -> None:
    """Not a word."""


def gauge(metric: Metric, well: float, trouble: float, *, periods: int = 3, every_minutes: int = 5) -> Scenario:
    """A figure told every few minutes that goes wrong and comes back."""
    longest = (periods + 1) * every_minutes
    return Scenario(every(every_minutes, metric, well), every(every_minutes, metric, trouble), longest, longest)


def occurs(trouble: Report, *, fires_within: int = 5, clears_within: int = 10) -> Scenario:
    """Something that is only told when it happens."""
    return Scenario(nothing, trouble, fires_within, clears_within)


def stops(metric: Metric, period: int, periods: int) -> Scenario:
    """Something that runs every `period` minutes and does not any more."""
    return Scenario(
        every(period, metric, 1),
        nothing,
        fires_within=(periods + 1) * period,
        clears_within=period + 1,
        warm_up=(periods + 3) * period,
    )


def requests(environment: str, failed_percent: float, per_minute: int = 1000) -> Report:
    """What the API answers: so many percent of errors, spread evenly."""
    api = {"ApiName": f"recruitpro-{environment}", "Stage": environment}
    asked, failed = (Metric.of("AWS/ApiGateway", name, **api) for name in ("Count", "5XXError"))

    def report(recording: Recording, begin: int, end: int) -> None:
        recording.of(asked).repeat(1, {1: per_minute}, begin=begin, end=end)
        recording.of(failed).repeat(1, {1: per_minute * failed_percent / 100}, begin=begin, end=end)

    return report
