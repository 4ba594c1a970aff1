"""Facts as a language spells them: money with its separators, a day in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from chalicelib.outreach import phrases
from chalicelib.outreach.material import Fact, FactKind, Language


def spelled(fact: Fact, language: Language) -> str:
    """The fact's value as it stands in a text."""
    if fact.kind in {FactKind.SALARY_MIN, FactKind.SALARY_MAX}:
        return _money(Decimal(fact.value), language)
    if fact.kind is FactKind.LAST_SENT_ON:
        return _day(date.fromisoformat(fact.value), language)
    return fact.value


def _money(amount: Decimal, language: Language) -> str:
    words = phrases.of(language)
    whole, _, cents = f"{amount:,f}".partition(".")
    cents = cents if cents.strip("0") else ""
    return whole.replace(",", words.grouping) + (f"{words.decimal}{cents}" if cents else "")


def _day(day: date, language: Language) -> str:
    words = phrases.of(language)
    number = words.first_of_month if day.day == 1 else str(day.day)
    return words.date.format(day=number, month=words.months[day.month - 1], year=day.year)
