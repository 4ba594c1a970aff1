"""Lines tell what was seen, and have gaps where nobody looked."""

from __future__ import annotations

import pytest

from infra.dashboard import series
from infra.dashboard.samples import Sample
from infra.dashboard.series import Window

# Six slots of ten seconds, up to 60.
WINDOW = Window(60.0, 60.0, 6, longest_gap_seconds=15.0)


def counted(*at_and_value: tuple[float, float | None]) -> list[Sample]:
    return [
        Sample(at, None if value is None else {"jobs_completed_total": {"": value}}, None) for at, value in at_and_value
    ]


def rates(*at_and_value: tuple[float, float | None]) -> list[float | None]:
    return series.growth(counted(*at_and_value), "jobs_completed_total", WINDOW)[""]


def test_a_counter_is_told_as_growth_in_a_second() -> None:
    assert rates((0, 100), (5, 100), (10, 110), (20, 130), (30, 130)) == [1.0, 2.0, 0.0, None, None, None]


def test_a_server_that_did_not_answer_leaves_a_gap() -> None:
    assert rates((0, 0), (10, 10), (20, None), (30, 30), (40, 40)) == [1.0, None, None, 1.0, None, None]


def test_counters_that_begin_afresh_leave_a_gap_and_nothing_negative() -> None:
    assert rates((0, 1000), (10, 1010), (20, 3), (30, 13)) == [1.0, None, 1.0, None, None, None]


def test_nothing_is_drawn_over_a_time_in_which_nobody_looked() -> None:
    assert rates((0, 0), (10, 10), (40, 500), (50, 510)) == [1.0, None, None, None, 1.0, None]


def test_a_label_that_comes_to_be_began_at_nothing() -> None:
    samples = [
        Sample(0, {"documents_scanned_total": {"clean": 5.0}}, None),
        Sample(10, {"documents_scanned_total": {"clean": 5.0, "infected": 1.0}}, None),
    ]

    grown = series.growth(samples, "documents_scanned_total", WINDOW)

    assert (grown["clean"][0], grown["infected"][0]) == (0.0, 0.1)


def test_without_samples_there_is_nothing() -> None:
    assert series.growth([], "jobs_completed_total", WINDOW) == {}
    assert series.quantiles([], "x", WINDOW, [0.5]) == [[None] * 6]
    assert series.gauge([], lambda _sample: 1.0, WINDOW) == [None] * 6


def test_a_gauge_tells_the_worst_of_each_slot() -> None:
    samples = [
        Sample(at, {"db_connections_active": {"": value}}, None) for at, value in ((1, 3.0), (9, 7.0), (11, 2.0))
    ]

    values = series.gauge(samples, lambda each: (each.metrics or {})["db_connections_active"][""], WINDOW)

    assert values == [7.0, 2.0, None, None, None, None]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.1), (0.25, 0.05), (0.75, 0.55), (0.99, 1.0)])
def test_quantiles_are_those_of_prometheus(share: float, expected: float) -> None:
    # 50 below 0.1 s, 50 more up to 1 s... of which the last one lies above every bound.
    buckets = {"0.1": 50.0, "1.0": 99.0, "+Inf": 100.0}

    found = series.quantile(buckets, share)

    assert found == pytest.approx(expected, abs=0.02)


def test_a_quantile_of_nothing_is_not_known() -> None:
    assert series.quantile({}, 0.5) is None
    assert series.quantile({"0.1": 0.0, "+Inf": 0.0}, 0.5) is None
    assert series.quantile({"others": 5.0}, 0.5) is None
