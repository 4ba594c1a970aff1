"""Salaries as documents state them, and money that is no salary."""

from __future__ import annotations

import pytest

from chalicelib.descriptions.money import Salary, salary_in
from tests.chalicelib.descriptions.samples import document


def read(line: str, *, is_labelled: bool = False, country: str | None = None) -> Salary | None:
    return salary_in(document(line), 0, len(line), is_labelled=is_labelled, country=country)


@pytest.mark.parametrize(
    ("line", "low", "high", "currency", "period"),
    [
        ("Salary: £75,000 – £95,000", 75_000, 95_000, "GBP", None),
        ("60.000 € – 75.000 €", 60_000, 75_000, "EUR", None),
        ("Compensation: USD 120k-150k", 120_000, 150_000, "USD", None),
        ("Gehalt 65-75 k€ brutto", 65_000, 75_000, "EUR", None),
        ("Rémunération : 32 000 à 38 000 € bruts annuels", 32_000, 38_000, "EUR", "year"),
        ("CHF 95'000 - 110'000 pro Jahr", 95_000, 110_000, "CHF", "year"),
        ("Up to £50,000 per annum", None, 50_000, "GBP", "year"),
        ("Gehalt ab 45.000 €", 45_000, None, "EUR", None),
        ("Pay: £15.50 per hour", 15.5, 15.5, "GBP", "hour"),
        ("Sueldo: 1.800 € al mes", 1_800, 1_800, "EUR", "month"),
    ],
)
def test_a_stated_salary_is_read(
    line: str, low: float | None, high: float | None, currency: str, period: str | None
) -> None:
    salary = read(line)

    assert salary is not None
    assert salary.low == low if low is None else salary.low is not None and salary.low.value == low
    assert salary.high == high if high is None else salary.high is not None and salary.high.value == high
    assert salary.currency is not None
    assert salary.currency.value == currency
    assert (salary.period.value if salary.period else None) == period


@pytest.mark.parametrize(
    "line",
    [
        "Manage a budget of £400,000 a year",
        "A training allowance of £1,500 a year",
        "Revenue of €5m and 40,000 customers",
        "Competitive salary",
        "Salary depends on experience",
        "Call us on 0113 496 0000 about pay",
        "25,000 euros of sales every day are yours to grow",
    ],
)
def test_other_money_is_no_salary(line: str) -> None:
    assert read(line) is None


def test_a_bare_dollar_is_the_one_of_the_place() -> None:
    american, unknown = read("Salary: $85,000", country="US"), read("Salary: $85,000")

    assert american is not None
    assert american.currency is not None
    assert american.currency.value == "USD"
    assert unknown is not None
    assert unknown.currency is None


def test_each_part_stands_where_it_is_said_to() -> None:
    line = "Salary: £75,000 – £95,000 per annum"
    salary = read(line)

    assert salary is not None
    parts = [salary.low, salary.high, salary.currency, salary.period]
    assert [line[part.start : part.end] for part in parts if part] == ["75,000", "95,000", "£", "per annum"]
