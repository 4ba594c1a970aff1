"""Which column of a file of salary data holds what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.bulk_imports.columns import normalised
from chalicelib.market_research.errors import SalaryColumnsMissing
from chalicelib.market_research.models import PayPeriod

_SYNONYMS = {
    "title": "title, job title, position, occupation, role, job, berufsbezeichnung, titel",
    "location": "location, city, place, region, country, ort, standort",
    "sector": "sector, industry, branch, branche",
    "seniority": "seniority, level, experience level, seniority level",
    "currency": "currency, currency code, währung",
    "period": "period, per, pay period, interval, zeitraum",
    "observed_on": "observed on, observed, date, day, published on, as of, datum, stichtag",
    "amount": "amount, salary, pay, wage, median, mean, average, gehalt, betrag",
    "amount_min": "min, minimum, amount min, min amount, salary min, min salary, minimum salary, from, low",
    "amount_max": "max, maximum, amount max, max amount, salary max, max salary, maximum salary, to, high",
}
_FIELD_OF = {normalised(name): field for field, names in _SYNONYMS.items() for name in [field, *names.split(",")]}
AMOUNTS = ("amount", "amount_min", "amount_max")
# "Median per year", "annual salary": the pay period stands in the column's own name.
_PERIODS = (
    (re.compile(r"per(?:year|annum)|annual(?:ly)?|yearly|projahr"), PayPeriod.YEAR),
    (re.compile(r"permonth|monthly|promonat"), PayPeriod.MONTH),
)


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """A column of money; `period` is None when the column's name does not tell it."""

    field: str
    name: str
    period: PayPeriod | None


@dataclass(frozen=True, slots=True)
class SalaryColumns:
    """`texts` says field -> column; `unused` columns are not read."""

    texts: dict[str, str]
    amounts: tuple[AmountColumn, ...]
    unused: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        amounts = [{"field": each.field, "column": each.name, "period": each.period} for each in self.amounts]
        return {"texts": self.texts, "amounts": amounts, "unused": list(self.unused)}


def read_columns(header: Iterable[str]) -> SalaryColumns:
    """The columns whose name we know; of two with the same meaning the first. Raises SalaryColumnsMissing."""
    texts: dict[str, str] = {}
    amounts: dict[tuple[str, PayPeriod | None], AmountColumn] = {}
    unused: list[str] = []
    for name in header:
        plain, period = _without_period(normalised(name))
        field = _FIELD_OF.get(plain)
        if field in AMOUNTS and (field, period) not in amounts:
            amounts[field, period] = AmountColumn(field, name, period)
        elif field is not None and field not in AMOUNTS and period is None and field not in texts:
            texts[field] = name
        else:
            unused.append(name)
    columns = SalaryColumns(texts, tuple(amounts.values()), tuple(unused))
    _check(columns)
    return columns


def _without_period(name: str) -> tuple[str, PayPeriod | None]:
    for pattern, period in _PERIODS:
        if (match := pattern.search(name)) and name not in _FIELD_OF:
            rest = name[: match.start()] + name[match.end() :]
            return rest or "amount", period
    return name, None


def _check(columns: SalaryColumns) -> None:
    missing = [field for field in ("title", "currency", "observed_on") if field not in columns.texts]
    if not columns.amounts:
        missing.append("amount")
    elif "period" not in columns.texts and all(each.period is None for each in columns.amounts):
        missing.append("period")
    if missing:
        raise SalaryColumnsMissing(missing)
