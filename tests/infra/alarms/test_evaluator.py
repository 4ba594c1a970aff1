"""The evaluator keeps CloudWatch's rules: the tables of its guide, percentiles with few samples, metric math, and the
rules of composite alarms."""

from __future__ import annotations

import pytest

from tests.infra.alarms.evaluator import CompositeAlarm, MetricAlarm, Missing, Query, State, decide
from tests.infra.alarms.expressions import Unknown, evaluate
from tests.infra.alarms.series import Metric, Recording, Series

RETAIN = "retained"
ORDER = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.QUIET)
OK, ALARM, UNKNOWN = State.OK, State.ALARM, State.UNKNOWN
# "How alarm state is evaluated when data is missing": the oldest datapoint comes first, X breaches, - is missing.
THREE_OF_THREE = {
    "0 - X - X": (OK, OK, OK, OK),
    "0 - - - -": (OK, OK, OK, OK),
    "- - - - -": (UNKNOWN, RETAIN, ALARM, OK),
    "0 X X - X": (ALARM, ALARM, ALARM, ALARM),
    "- - X - -": (ALARM, RETAIN, ALARM, OK),
}
TWO_OF_THREE = {
    "0 - X - X": (ALARM, ALARM, ALARM, ALARM),
    "0 0 X 0 X": (ALARM, ALARM, ALARM, ALARM),
    "0 - X - -": (OK, OK, ALARM, OK),
    "- - - - 0": (OK, OK, ALARM, OK),
    "- - - X -": (ALARM, RETAIN, ALARM, OK),
}
CASES = [
    (row, to_alarm, missing, expected)
    for to_alarm, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for row, results in table.items()
    for missing, expected in zip(ORDER, results, strict=True)
]


@pytest.mark.parametrize(("row", "to_alarm", "missing", "expected"), CASES)
def test_the_tables_of_the_guide(row: str, to_alarm: int, missing: Missing, expected: State | str) -> None:
    newest_first = tuple({"0": False, "X": True, "-": None}[each] for each in reversed(row.split()))

    for before in State:
        found = decide(newest_first, 3, to_alarm, missing, before)
        assert found == (before if expected == RETAIN else expected)


def test_statistics_are_of_all_that_was_reported_in_a_period() -> None:
    series = Series(6)
    for minute, value, times in ((0, 1, 3), (1, 5, 1), (4, 2, 4)):
        series.put(minute, value, times)

    assert series.datapoints("Sum", 2) == [None, 3, 8, 5, None, 8, 8]
    assert series.datapoints("Average", 2)[1:3] == [1, 2]
    assert series.datapoints("SampleCount", 6)[-1] == 8
    assert (series.datapoints("Maximum", 6)[-1], series.datapoints("Minimum", 6)[-1]) == (5, 1)
    assert [series.datapoints(p, 6)[-1] for p in ("p10", "p50", "p87.5", "p100")] == [1, 2, 2, 5]


def test_a_percentile_of_few_samples_changes_nothing() -> None:
    slow = MetricAlarm(
        "slow", (Query("m", Metric("A", "B"), "p95"),), "m", 1, 1, 1, "GreaterThanThreshold", 10, Missing.QUIET, True
    )
    recording = Recording(4)
    for minute, value, times in ((0, 1, 200), (1, 99, 199), (2, 99, 200), (3, 1, 3)):
        recording.of(Metric("A", "B")).put(minute, value, times)

    assert slow.states(recording)[1:] == [OK, OK, ALARM, ALARM]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * a / b", [50.0, None, None, None]),
        ("IF(a >= 2, 100 * a / b, 0)", [50.0, 0.0, None, None]),
        ("FILL(a, 0) + 1", [3.0, 1.0, 1.0, 8.0]),
        ("SUM(METRICS())", [6.0, 0.0, 5.0, 7.0]),
        ("MAX(METRICS())", [4.0, 0.0, 5.0, 7.0]),
        ("(a - b) < 0", [1.0, 0.0, None, None]),
    ],
)
def test_metric_math(expression: str, expected: list[float | None]) -> None:
    assert evaluate(expression, {"a": [2, 0, None, 7], "b": [4, 0, 5, None]}) == expected


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(a)", "a ** 2", "c", "a if b else 1", "SUM(a)"])
def test_metric_math_that_is_not_known_here_is_refused(expression: str) -> None:
    with pytest.raises(Unknown):
        evaluate(expression, {"a": [1], "b": [1]})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("a") AND ALARM("b")', OK),
        ('ALARM("a") OR ALARM("b")', ALARM),
        ("ALARM(a) AND NOT ALARM(b)", ALARM),
        ('ALARM("b") AND ALARM("b") OR ALARM("a")', ALARM),
        ('ALARM("b") AND (ALARM("b") OR ALARM("a"))', OK),
        ('OK("b") AND INSUFFICIENT_DATA("c")', ALARM),
        ("TRUE AND NOT FALSE", ALARM),
    ],
)
def test_rules_of_composite_alarms(rule: str, expected: State) -> None:
    assert CompositeAlarm("x", rule).state({"a": ALARM, "b": OK, "c": UNKNOWN}) is expected


@pytest.mark.parametrize("rule", ['ALARM("a") ALARM("b")', '(ALARM("a")', 'AND ALARM("a")', "BROKEN(a)"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        CompositeAlarm("x", rule).state({"a": ALARM, "b": OK})
