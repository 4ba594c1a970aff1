"""A period is what the clocks of its zone say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.reports.errors import BadPeriod
from chalicelib.reports.periods import Step, period_of, start_of

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_the_last_ninety_days_end_now_and_begin_with_a_whole_day() -> None:
    period = period_of(None, None, "Asia/Tokyo", NOW)

    assert (period.starts_at, period.ends_at) == (datetime(2025, 12, 31, 15, tzinfo=UTC), NOW)
    assert (len(period.days()), period.days()[0], period.days()[-1]) == (90, date(2026, 1, 1), date(2026, 3, 31))


def test_dates_are_days_of_the_zone_and_both_are_included() -> None:
    period = period_of(date(2026, 3, 28), date(2026, 3, 29), "Europe/Berlin", NOW)

    # The clocks are put forward in the night to the 29th, which has 23 hours.
    assert period.edges() == [datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)]
    assert period.ends_at == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_a_day_begins_where_clocks_skip_midnight() -> None:
    skipped = start_of(date(2018, 11, 4), "America/Sao_Paulo")

    assert skipped == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert skipped - start_of(date(2018, 11, 3), "America/Sao_Paulo") == timedelta(hours=24)


def test_a_day_that_a_zone_left_out_has_no_time() -> None:
    period = period_of(date(2011, 12, 29), date(2011, 12, 31), "Pacific/Apia", NOW)

    edges = period.edges()
    assert (edges[1], edges == sorted(edges)) == (edges[2], True)


def test_over_a_year_goes_by_months() -> None:
    year = period_of(date(2024, 1, 1), date(2024, 12, 31), "UTC", NOW)
    longer = period_of(date(2024, 1, 15), date(2025, 1, 31), "UTC", NOW)

    assert (year.step, len(year.days())) == (Step.DAY, 366)
    assert (longer.step, longer.days()[:2]) == (Step.MONTH, [date(2024, 1, 1), date(2024, 2, 1)])
    assert (longer.days()[-1], len(longer.days())) == (date(2025, 1, 1), 13)


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "to"),
        (NOW, NOW, "to"),
        (datetime(2026, 4, 1, tzinfo=UTC), None, "to"),
        (date(2020, 1, 1), None, "from"),
    ],
)
def test_a_period_has_an_order_and_five_years_at_most(
    starts: date | datetime, ends: date | datetime | None, field: str
) -> None:
    with pytest.raises(BadPeriod) as refused:
        period_of(starts, ends, "UTC", NOW)

    assert refused.value.extra["errors"][0]["field"] == field  # type: ignore[index]


def test_five_years_are_allowed() -> None:
    assert len(period_of(date(2021, 1, 1), date(2025, 12, 31), "UTC", NOW).days()) == 60
