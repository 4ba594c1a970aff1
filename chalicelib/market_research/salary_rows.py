"""Rows of a file of salary data, each judged by itself: a published figure, or every reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from chalicelib.bulk_imports import cells
from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.bulk_imports.rows import Problem, RawRow, RowProblems
from chalicelib.market_research.models import PayPeriod
from chalicelib.market_research.salary_columns import AMOUNTS, SalaryColumns
from chalicelib.market_research.titles import Seniority, read_title

MOST = Decimal(10) ** 10
EARLIEST = date(1990, 1, 1)
# "65,000", "65.000,50", "65 000", "65'000", "65000.5": groups of three, or none at all.
_NUMBER = re.compile(r"(\d{1,3}(?:([.,'’ \xa0\u202f])\d{3})(?:\2\d{3})*|\d{1,12})(?:[.,](\d{1,2}))?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_PERIODS = {
    **dict.fromkeys(("year", "y", "yr", "annual", "annually", "yearly", "per year", "per annum", "pa", "p.a.", "jahr"),
                    PayPeriod.YEAR),
    **dict.fromkeys(("month", "m", "mo", "monthly", "per month", "monat"), PayPeriod.MONTH),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SalaryRow:
    """One published figure. `amount` is what was published as such, else the middle of the range."""

    line: int
    title: str
    location: str | None
    sector: str | None
    seniority: Seniority | None
    currency: str
    period: PayPeriod
    amount: Decimal
    amount_min: Decimal | None
    amount_max: Decimal | None
    observed_on: date


def read_row(raw: RawRow, columns: SalaryColumns, *, today: date) -> SalaryRow | RowProblems:
    """The figure in a row, or all that is wrong with it."""
    if raw.problems:
        return RowProblems(raw.line, raw.problems)
    reading = _Reading(raw, columns)
    row = {
        "title": reading.text("title", _title),
        "location": reading.text("location", cells.line),
        "sector": reading.text("sector", cells.line),
        "seniority": reading.text("seniority", _seniority),
        "currency": reading.text("currency", _currency),
        "observed_on": reading.text("observed_on", lambda value: _day(value, today)),
        **reading.pay(),
    }
    if reading.problems:
        return RowProblems(raw.line, tuple(reading.problems))
    return SalaryRow(line=raw.line, **row)


class _Reading:
    """One row while it is read; what is wrong gathers in `problems`."""

    def __init__(self, raw: RawRow, columns: SalaryColumns) -> None:
        self._raw, self._columns = raw, columns
        self.problems: list[Problem] = []

    def text(self, field: str, read: Callable[[Any], Any]) -> Any:
        """The cell of a field as `read` takes it; None where there is no such column."""
        name = self._columns.texts.get(field)
        value = None if name is None else self._raw.values.get(name)
        return self._try(field, lambda: read(value))

    def pay(self) -> dict[str, Any]:
        """The amounts of one pay period, in order and sure of it."""
        amounts, periods = self._amounts()
        stated = self.text("period", _period)
        if stated is not None:
            periods.add(stated)
        if len(periods) != 1 and not self.problems:
            say = "states no pay period" if not periods else "states pay both per year and per month"
            self._refuse("period", "period_unclear", f"the row {say}; use one row for each")
        low, high = amounts.get("amount_min"), amounts.get("amount_max")
        amount = amounts.get("amount")
        if amount is None and low is not None and high is not None:
            amount = (low + high) / 2
        if not self.problems:
            self._check(amount, low, high)
        return {
            "amount": amount,
            "amount_min": low,
            "amount_max": high,
            "period": next(iter(periods), None),
        }

    def _amounts(self) -> tuple[dict[str, Decimal], set[PayPeriod]]:
        amounts: dict[str, Decimal] = {}
        periods: set[PayPeriod] = set()
        for column in self._columns.amounts:
            value = self._raw.values.get(column.name)
            amount = self._try(column.field, partial(_money, value))
            if amount is None:
                continue
            if column.field in amounts:
                self._refuse(column.field, "amount_twice", "the row states it twice; use one row for each")
            amounts[column.field] = amount
            if column.period is not None:
                periods.add(column.period)
        return amounts, periods

    def _check(self, amount: Decimal | None, low: Decimal | None, high: Decimal | None) -> None:
        if amount is None:
            self._refuse("amount", "amount_missing", "give an amount or median, or both ends of a range")
        elif (low is not None and low > amount) or (high is not None and high < amount):
            self._refuse("amount", "amount_out_of_order", "the lowest is above the amount, or the highest below it")

    def _try(self, field: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except CellWrong as wrong:
            self._refuse(field, wrong.code, wrong.message)
            return None

    def _refuse(self, field: str, code: str, message: str) -> None:
        self.problems.append(Problem(self._raw.line, field, code, message))


def _title(value: Any) -> str:
    title = cells.line(value)
    if title is None or not read_title(title).words:
        raise CellWrong("title_missing", "say which work the figure is about")
    return title


def _seniority(value: Any) -> Seniority | None:
    text = cells.line(value)
    if text is None:
        return None
    plain = text.casefold().replace("-", " ")
    found = read_title(f"{plain} engineer").seniority
    if found is None:
        raise CellWrong("seniority_unknown", f"one of {', '.join(Seniority)}")
    return found


def _currency(value: Any) -> str:
    text = (cells.line(value) or "").upper()
    if _CURRENCY.fullmatch(text) is None:
        raise CellWrong("currency_unclear", "three letters, as in EUR")
    return text


def _period(value: Any) -> PayPeriod | None:
    text = cells.line(value)
    if text is None:
        return None
    if (period := _PERIODS.get(text.casefold())) is None:
        raise CellWrong("period_unclear", "year or month")
    return period


def _money(value: Any) -> Decimal | None:
    text = cells.line(value)
    if text is None:
        return None
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise CellWrong("amount_unclear", "a number such as 65000 or 65,000.50, without a currency sign")
    whole = re.sub(r"\D", "", match[1])
    amount = Decimal(f"{whole}.{match[3] or 0}").quantize(Decimal("0.01"))
    if not 0 < amount < MOST:
        raise CellWrong("amount_unlikely", "more than nothing, and less than ten thousand million")
    return amount


def _day(value: Any, today: date) -> date:
    text = value.isoformat() if isinstance(value, date | datetime) else cells.line(value) or ""
    try:
        if match := _DAY.fullmatch(text):
            day = date(int(match[1]), int(match[2]), int(match[3] or 1))
        elif match := _DAY_FIRST.fullmatch(text):
            day = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            raise ValueError
    except ValueError:
        raise CellWrong("date_unclear", "write the day as 2024-05-31, or the month as 2024-05") from None
    if not EARLIEST <= day <= today:
        raise CellWrong("date_unlikely", f"a day from {EARLIEST} to today")
    return day


def as_json(rows: Iterable[SalaryRow]) -> Iterable[dict[str, Any]]:
    """Rows as the repository writes them."""
    names = ("line", "title", "location", "sector", "seniority", "currency", "period", *AMOUNTS, "observed_on")
    for row in rows:
        yield {name: getattr(row, name) for name in names}
