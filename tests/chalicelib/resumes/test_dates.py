"""Dates and periods as candidates write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.resumes.dates import Period, YearMonth, find_periods, month_number

NOW = "now"


def reading(period: Period) -> tuple[str | None, str | None]:
    """A period as (start, end) in ISO form, "now" for one that lasts."""
    began = str(period.began.value) if period.began else None
    ended = str(period.ended.value) if period.ended else None
    return began, NOW if period.is_current else ended


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Jan 2019 – Present", ("2019-01", NOW)),
        ("01/2019 - 03/2021", ("2019-01", "2021-03")),
        ("1/2019 – 3/2021", ("2019-01", "2021-03")),
        ("2019–2021", ("2019", "2021")),
        ("2019 - 2021", ("2019", "2021")),
        ("2019–21", ("2019", "2021")),
        ("March 2018 to June 2020", ("2018-03", "2020-06")),
        ("from 2010 until 2012", ("2010", "2012")),
        ("Sept. 2017", ("2017-09", None)),
        ("2019-04 – 2020-11", ("2019-04", "2020-11")),
        ("2018/09 - 2019/10", ("2018-09", "2019-10")),
        ("04/19 – 09/21", ("2019-04", "2021-09")),
        ("Jan '19 - Feb '20", ("2019-01", "2020-02")),
        ("Jan – Mar 2019", ("2019-01", "2019-03")),
        ("12 March 2019 - 4 May 2020", ("2019-03", "2020-05")),
        ("01.04.2019 - 31.12.2020", ("2019-04", "2020-12")),
        ("2010 to date", ("2010", NOW)),
        ("May 2019-Current", ("2019-05", NOW)),
        ("Jan 2019 –\nPresent", ("2019-01", NOW)),
        ("since 2018", ("2018", NOW)),
        ("seit 03/2020", ("2020-03", NOW)),
        ("März 2018 bis heute", ("2018-03", NOW)),
        ("Oktober 2017 – Dezember 2018", ("2017-10", "2018-12")),
        ("janvier 2019 – aujourd'hui", ("2019-01", NOW)),
        ("déc. 2017 - févr. 2018", ("2017-12", "2018-02")),
        ("de 2017 à 2019", ("2017", "2019")),
        ("depuis 2019", ("2019", NOW)),
        ("enero de 2018 - actualidad", ("2018-01", NOW)),
        ("jun. 2018 – ago. 2019", ("2018-06", "2019-08")),
        ("desde 2016", ("2016", NOW)),
        ("Summer 2019", ("2019", None)),
    ],
)
def test_a_period_is_read_as_it_is_written(written: str, expected: tuple[str | None, str | None]) -> None:
    assert [reading(period) for period in find_periods(written)] == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("13/2019 - 03/2021", (None, "2021-03")),
        ("01/2019 - 00/2021", ("2019-01", None)),
        ("2021 - 2019", ("2021", None)),
        ("June 2020 – May 2020", ("2020-06", None)),
        ("31/31/2019 - 2020", (None, "2020")),
    ],
)
def test_an_impossible_date_is_left_out_and_not_corrected(
    written: str, expected: tuple[str | None, str | None]
) -> None:
    assert [reading(period) for period in find_periods(written)] == [expected]


def test_a_day_and_month_in_an_order_that_two_customs_read_differently_has_no_month() -> None:
    (either,), (day_last,), (day_first,) = map(find_periods, ("04/05/2019", "04/25/2019", "25/04/2019"))

    assert (reading(either), reading(day_last), reading(day_first)) == (
        ("2019", None), ("2019-04", None), ("2019-04", None),
    )  # fmt: skip


@pytest.mark.parametrize("written", ["revenue of $2019", "2019% more", "$2019", "+2019", "03/19", "12019"])
def test_numbers_that_are_no_dates_stay_numbers(written: str) -> None:
    assert find_periods(written) == []


def test_a_period_knows_where_it_stands() -> None:
    text = "Nurse, Charité (Jan 2019 – Mar 2021)"

    (period,) = find_periods(text)

    assert text[period.start : period.end] == "Jan 2019 – Mar 2021"
    assert period.began is not None
    assert text[period.began.start : period.began.end] == "Jan 2019"


@pytest.mark.parametrize(("word", "number"), [("MÄRZ", 3), ("août", 8), ("Sept", 9), ("enero", 1), ("Mayor", None)])
def test_months_have_names_in_four_languages(word: str, number: int | None) -> None:
    assert month_number(word) == number


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0129/-–. ’'JanMarPresentto\n", max_size=80))
def test_whatever_the_text_every_date_is_possible_and_within_it(text: str) -> None:
    for period in find_periods(text):
        assert 0 <= period.start < period.end <= len(text)
        for moment in filter(None, (period.began, period.ended)):
            assert isinstance(moment.value, YearMonth)
            assert moment.value.month is None or 1 <= moment.value.month <= 12
