"""CloudWatch's rules for the state of an alarm, as its user guide gives them ("Alarm evaluation", "Configuring how
CloudWatch alarms treat missing data", "Create a composite alarm"), evaluated once a minute over sliding windows.

What the guide does not say is assumed, and named: metrics arrive at once, and the evaluation range (more datapoints
than EvaluationPeriods, how many depends) is two longer, as in the guide's own tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tests.infra.alarms.expressions import evaluate
from tests.infra.alarms.series import Metric, Recording

RANGE_IS_LONGER_BY = 2
FEWEST_SAMPLES_OF_A_TAIL = 10


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    UNKNOWN = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    QUIET = "notBreaching"


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


@dataclass(frozen=True, slots=True)
class Query:
    """One metric with its statistic, by its id in an expression."""

    id: str
    metric: Metric
    statistic: str


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """An alarm on one metric, or on an expression of several; `period` in minutes."""

    name: str
    queries: tuple[Query, ...]
    expression: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    comparison: str
    threshold: float
    missing: Missing
    ignores_few_samples: bool = False

    @property
    def range(self) -> int:
        return self.evaluation_periods + RANGE_IS_LONGER_BY

    def states(self, recording: Recording) -> list[State]:
        """The state after each minute, from 0 to the recording's length; INSUFFICIENT_DATA before there is any."""
        breaching = self._breaching(recording)
        too_few = self._has_too_few_samples(recording)
        states, now = [], State.UNKNOWN
        for end in range(len(breaching)):
            if not too_few[end]:
                stop = end - self.range * self.period
                known = tuple(breaching[end : stop if stop >= 0 else None : -self.period])
                now = decide(known, self.evaluation_periods, self.datapoints_to_alarm, self.missing, now)
            states.append(now)
        return states

    def ever_alarms(self, recording: Recording) -> bool:
        """Whether it is ever in ALARM once there was time for every window; found out quickly for one that never is."""
        begun = self.range * self.period
        counted = set(self._breaching(recording)[self.period :])
        if True not in counted and not (None in counted and self.missing is Missing.BREACHING):
            return False  # nothing breaches, so no number of datapoints does
        return State.ALARM in self.states(recording)[begun:]

    def _breaching(self, recording: Recording) -> list[bool | None]:
        series = {each.id: recording.of(each.metric).datapoints(each.statistic, self.period) for each in self.queries}
        is_breaching, threshold = COMPARISONS[self.comparison], self.threshold
        points = evaluate(self.expression, series)
        return [None if point is None else is_breaching(point, threshold) for point in points]

    def _has_too_few_samples(self, recording: Recording) -> list[bool]:
        """Percentiles may be judged only with ten samples in the tail beyond them: 200 for p95."""
        if not self.ignores_few_samples:
            return [False] * (recording.length + 1)
        (query,) = self.queries
        share = float(query.statistic[1:]) / 100
        fewest = FEWEST_SAMPLES_OF_A_TAIL / (1 - share if share >= 0.5 else share) - 1e-6
        counts = recording.of(query.metric).datapoints("SampleCount", self.period)
        return [each is not None and each < fewest for each in counts]


@lru_cache(maxsize=100_000)
def decide(
    newest_first: tuple[bool | None, ...], evaluation_periods: int, to_alarm: int, missing: Missing, before: State
) -> State:
    """The state that datapoints of the evaluation range make: True breaches, None is missing."""
    real = [each for each in newest_first if each is not None]
    if len(real) >= evaluation_periods:
        # Enough real ones, however far back: what is missing does not matter.
        return _alarm_if(sum(real[:evaluation_periods]) >= to_alarm)
    if missing is Missing.BREACHING:
        return _alarm_if(sum(real) + evaluation_periods - len(real) >= to_alarm)
    if missing is Missing.QUIET:
        return _alarm_if(sum(real) >= to_alarm)
    if not real:
        return before if missing is Missing.IGNORE else State.UNKNOWN
    if sum(real) >= to_alarm:
        return State.ALARM
    if missing is Missing.IGNORE and all(real):
        return before
    # Premature, as the guide calls it: all that is known breaches, and has for as long as an alarm takes.
    oldest = max((age for age, each in enumerate(newest_first, 1) if each), default=0)
    return _alarm_if(missing is Missing.MISSING and all(real) and oldest >= to_alarm)


def _alarm_if(condition: bool) -> State:
    return State.ALARM if condition else State.OK


RULE_WORD = re.compile(r'\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^")]+?)"?\s*\)|(AND|OR|NOT|TRUE|FALSE|\(|\)))')


@dataclass(frozen=True, slots=True)
class CompositeAlarm:
    """An alarm on the states of others, which it names."""

    name: str
    rule: str

    def state(self, states: Mapping[str, State]) -> State:
        """The state that those of others make, by their names."""
        words = _words(self.rule)
        found = _either(words, states)
        if words:
            raise ValueError(f"{self.name}: {words} is left of its rule")
        return _alarm_if(found)


def _words(rule: str) -> list[tuple[str, str]]:
    words, at = [], 0
    while at < len(rule.rstrip()):
        found = RULE_WORD.match(rule, at)
        if found is None:
            raise ValueError(f"{rule[at:]} is no rule")
        words.append((found[1] or found[3], found[2] or ""))
        at = found.end()
    return words


def _either(words: list[tuple[str, str]], states: Mapping[str, State]) -> bool:
    found = _all(words, states)
    while words and words[0][0] == "OR":
        words.pop(0)
        found = _all(words, states) or found
    return found


def _all(words: list[tuple[str, str]], states: Mapping[str, State]) -> bool:
    found = _single(words, states)
    while words and words[0][0] == "AND":
        words.pop(0)
        found = _single(words, states) and found
    return found


def _single(words: list[tuple[str, str]], states: Mapping[str, State]) -> bool:
    word, name = words.pop(0)
    match word:
        case "NOT":
            return not _single(words, states)
        case "TRUE" | "FALSE":
            return word == "TRUE"
        case "(":
            found = _either(words, states)
            if not words or words.pop(0)[0] != ")":
                raise ValueError("a bracket is not closed")
            return found
        case ")" | "AND" | "OR":
            raise ValueError(f"{word} stands where an alarm should")
        case _:
            return states[name] is State(word)
