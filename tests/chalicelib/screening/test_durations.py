"""Months worked, merged over overlaps, and years put in words."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.screening.durations import in_words, merged, months_worked, most_months, span_of, stated_in
from chalicelib.screening.rating import Employment, YearMonth

AS_OF = date(2026, 11, 1)


def a_job(start: YearMonth, end: YearMonth | None, *, is_current: bool = False) -> Employment:
    return Employment("", "", start, end, is_current, 0, 1)


def months(*jobs: Employment) -> int:
    return months_worked(merged(span for job in jobs if (span := span_of(job, AS_OF))))


def test_a_span_runs_from_its_first_month_to_its_last() -> None:
    assert months(a_job(YearMonth(2018, 1), YearMonth(2024, 3))) == 74


def test_present_ends_where_the_brief_says() -> None:
    assert months(a_job(YearMonth(2025, 11), None, is_current=True)) == 12


def test_what_lies_after_the_brief_does_not_count() -> None:
    assert months(a_job(YearMonth(2025, 11), YearMonth(2031, 1))) == 12
    assert months(a_job(YearMonth(2027, 1), YearMonth(2031, 1))) == 0


def test_overlaps_count_once() -> None:
    first, second = a_job(YearMonth(2018, 1), YearMonth(2020, 1)), a_job(YearMonth(2019, 1), YearMonth(2021, 1))

    assert months(first, second) == months(second, first) == 36


def test_years_without_months_are_counted_as_readers_do_and_may_be_longer() -> None:
    spans = merged([span for span in [span_of(a_job(YearMonth(2018), YearMonth(2021)), AS_OF)] if span])

    assert (months_worked(spans), most_months(spans), spans[0].words) == (36, 47, "2018 – 2021")


@pytest.mark.parametrize("end", [None, YearMonth(2017, 5)])
def test_an_end_that_is_missing_or_too_early_gives_no_span(end: YearMonth | None) -> None:
    assert span_of(a_job(YearMonth(2018, 1), end), AS_OF) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (74, "6 years 2 months"),
        (12, "1 year"),
        (13, "1 year 1 month"),
        (1, "1 month"),
        (0, "0 months"),
        (24, "2 years"),
    ],
)
def test_months_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("7 years of python", [84]),
        ("over five years", [60]),
        ("10+ yrs", [120]),
        ("1.5 years", [18]),
        ("6 months", [6]),
        ("drei jahre", [36]),
        ("python (6 years), sql (2 years)", [72, 24]),
        ("35 years old", []),
        ("20 years ago", []),
        ("a 5 year plan", []),
        ("2018 years", []),
    ],
)
def test_years_put_in_words_are_lengths_and_no_ages(text: str, stated: list[int]) -> None:
    assert [each.months for each in stated_in(text)] == stated
