"""Salaries where they are stated: amounts, currency and period, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.text import DocumentText

_CODES = r"USD|EUR|GBP|CHF|CAD|AUD|NZD|SGD|INR|SEK|NOK|DKK|PLN|CZK|MXN|AED|ZAR|JPY|BRL|HKD"
_SYMBOL = rf"(?:{_CODES}|C\$|A\$|US\$|NZ\$|MX\$|€|£|\$|₹|(?:euros?|Euro)\b|Fr\.)"
_NUMBER = r"\d{1,3}(?:(?:[.,'’][ ]?|[ \xa0])\d{3}){1,2}(?:[.,]\d{1,2})?(?!\d)|\d{1,7}(?:[.,]\d{1,2})?(?!\d)"
_THOUSAND = r"(?:[ ]?[kK](?:€)?(?![\w]))"
_AMOUNT = (
    rf"(?:(?P<{{0}}before>{_SYMBOL})[ ]?)?(?P<{{0}}number>{_NUMBER})(?P<{{0}}k>{_THOUSAND})?"
    rf"(?:[ ]?(?P<{{0}}after>{_SYMBOL}))?"
)
_EACH = r"(?:[ ]?(?:p\.?a\.?|per annum|per year|brut|brutto|gross))?"
_RANGE = re.compile(
    rf"(?<![\w.,])(?:{_AMOUNT.replace('{0}', 'low_')}){_EACH}(?:[ ]?(?:[-–—]|\bto\b|\band\b|\bbis\b|\bà\b|\bet\b|"
    rf"\ba\b|\by\b)[ ]?"
    rf"(?:{_AMOUNT.replace('{0}', 'high_')}))?"
)
_CURRENCIES = {"€": "EUR", "£": "GBP", "₹": "INR", "C$": "CAD", "A$": "AUD", "US$": "USD", "NZ$": "NZD", "MX$": "MXN",
               "EURO": "EUR", "EUROS": "EUR", "FR.": "CHF"}  # fmt: skip
# "$" alone is the dollar, or peso, of the place where the work is.
_DOLLARS = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN"}
_CUE = re.compile(
    r"\b(?:salary|salaries|pay|compensation|remuneration|wage|ote|per annum|p\.a\.|gehalt|jahresgehalt\w{0,10}|"
    r"vergütung|"
    r"jahresbrutto\w{0,10}|bruttojahresgehalt|brutto|lohn|rémunération|salaire|bruts?|salario|retribución|sueldo|"
    r"brutos?|"
    r"rate|package|stundenlohn|gehaltsspanne|annual|annuels?|anuales|per hour|an hour|a year|per year|/ ?(?:hour|"
    r"hr|year|yr))",
    re.IGNORECASE,
)
_NO_SALARY = re.compile(
    r"\b(?:budgets?|revenue|turnover|umsatz|funding|investment|portfolio|assets|sales of|bonus|allowance|voucher|"
    r"deposit|chiffre|"
    r"d['’]affaires|facturación|sign[- ]on|relocation|training budget|million|mio|stipend|ticket|zuschuss|prime)\b",
    re.IGNORECASE,
)
_UP_TO = re.compile(r"(?:up to|bis(?: zu)?|jusqu['’]à|hasta|max(?:imum|\.)?)[ ]{1,2}$", re.IGNORECASE)
_FROM = re.compile(
    r"(?:from|starting at|at least|ab|mindestens|à partir de|dès|desde|a partir de|minimum)[ ]{1,2}$", re.IGNORECASE
)
_PERIODS = {
    "hour": r"per hour|an hour|/ ?h(?:ou)?r?\b|hourly|pro stunde|stundenlohn|de l['’]heure|par heure|por hora|"
        r"/ ?hora|/ ?std",
    "day": r"per day|a day|/ ?day|day rate|daily|pro tag|tagessatz|par jour|/ ?jour|por día|al día",
    "month": r"per month|a month|/ ?month|monthly|pro monat|monatlich|im monat|par mois|/ ?mois|mensuels?|al mes|"
        r"mensual(?:es)?",
    "year": r"per annum|p\.? ?a\.?(?!\w)|per year|a year|/ ?ye?a?r?\b|annual(?:ly)?|yearly|pro jahr|jährlich|im jahr|"
            r"jahres(?:brutto)?gehalt\w{0,3}|bruttojahresgehalt|par an\b|annuels?|al año|anual(?:es)?",
}  # fmt: skip
_PERIOD = re.compile("|".join(rf"(?P<{name}>(?<!\w)(?:{words}))" for name, words in _PERIODS.items()), re.IGNORECASE)
LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Salary:
    """A salary as stated; an exact one has the same amount twice."""

    low: Found[Decimal] | None
    high: Found[Decimal] | None
    currency: Found[str] | None
    period: Found[str] | None


def salary_in(text: DocumentText, start: int, end: int, *, is_labelled: bool, country: str | None) -> Salary | None:
    """The salary stated on one line; None unless the line is labelled, speaks of pay, or holds nothing else."""
    end = min(end, start + LONGEST_LINE)
    line = text.text[start:end]
    if not is_labelled and (_NO_SALARY.search(line) or not (_CUE.search(line) or _is_nothing_else(line))):
        return None
    for match in _matches(text, start, end):
        symbol = any(match[name] for name in _SYMBOLS) or "€" in match[0]
        if not symbol and not is_labelled:
            continue
        low, high = _amount(text, match, "low_"), _amount(text, match, "high_")
        if low and (high or low.value >= (1 if symbol else 100)) and (not high or low.value <= high.value):
            before = text.text[max(start, match.start() - 20) : match.start()]
            low_end, high_end = _ends(low, high, before)
            return Salary(low_end, high_end, _currency(text, match, country), _period(text, start, end))
    return None


_SYMBOLS = ("low_before", "low_after", "high_before", "high_after")


def _matches(text: DocumentText, start: int, end: int) -> Iterator[re.Match[str]]:
    for match in _RANGE.finditer(text.text, start, end):
        following = text.text[match.end() : match.end() + 12].lstrip().casefold()
        if not following.startswith(
            ("%", "million", "mio", "m ", "hours", "days", "stunden", "tage", "weeks", "years", "bn")
        ):
            yield match


def _is_nothing_else(line: str) -> bool:
    """Whether a line is an amount or range of money with nothing but "up to" or the like around it."""
    match = _RANGE.search(line)
    has_symbol = bool(match and any(match[name] for name in _SYMBOLS))
    return bool(match) and has_symbol and sum(c.isalpha() for c in _RANGE.sub("", line, count=1)) <= 12


def _ends(
    low: Found[Decimal], high: Found[Decimal] | None, before: str
) -> tuple[Found[Decimal] | None, Found[Decimal] | None]:
    if high:
        return low, high
    if _UP_TO.search(before):
        return None, low
    return (low, None) if _FROM.search(before) else (low, low)


def _amount(text: DocumentText, match: re.Match[str], end: str) -> Found[Decimal] | None:
    """One end of a range; a "k" after the upper end holds for the lower too ("45-55 k€")."""
    raw = match[f"{end}number"]
    if raw is None:
        return None
    value = _decimal(raw)
    shared = end == "low_" and bool(match["high_k"]) and value < 1000
    if match[f"{end}k"] or shared:
        value *= 1000
    return found(text, value, match.start(f"{end}number"), match.end(f"{end}k" if match[f"{end}k"] else f"{end}number"))


def _decimal(raw: str) -> Decimal:
    """ "60.000", "45 000" and "75,000" are thousands; "12.50" and "1.234,50" have cents."""
    cents = re.search(r"[.,](\d{1,2})$", raw)
    whole = re.sub(r"\D", "", raw[: cents.start()] if cents else raw)
    return Decimal(f"{whole}.{cents[1]}" if cents else whole)


def _currency(text: DocumentText, match: re.Match[str], country: str | None) -> Found[str] | None:
    for name in _SYMBOLS:
        if symbol := match[name]:
            code = _DOLLARS.get(country or "") if symbol == "$" else _CURRENCIES.get(symbol.upper(), symbol.upper())
            return found(text, code, match.start(name), match.end(name)) if code else None
    if "€" in (match["low_k"] or "") + (match["high_k"] or ""):
        return found(text, "EUR", match.start(), match.end())
    return None


def _period(text: DocumentText, start: int, end: int) -> Found[str] | None:
    match = _PERIOD.search(text.text, start, end)
    name = match.lastgroup if match else None
    return found(text, name, match.start(), match.end()) if match and name else None
