"""How long: spans of employment merged over their overlaps, and years that a text states in words.

Months are counted from year 0. A date without a month is taken as the middle of its year, so that "2018 – 2021" is
three years as every reader counts it, and is known to be up to a year longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chalicelib.screening.rating import Employment, YearMonth

# "Jan 2020 – Dec 2022" is three years to everyone who worked them, though the difference is 35 months.
GRACE_MONTHS = 1
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_GERMAN = {"zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10}
_NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBERS)} | _GERMAN
# Followed by these, a number of years is an age, a distance in time or a term, and no experience.
_NO_EXPERIENCE = r"(?!['s]{0,2} {0,2}-?(?:old|of age|ago|plan|contract|warranty|alt\b|degree|programme?\b|course))"
_STATED = re.compile(
    rf"(?<![\d.,/])(?P<number>\d{{1,2}}(?:[.,]\d)?|{'|'.join(_NUMBER_WORDS)})"
    r"(?: ?\+| plus| or more| ?- ?\d{1,2}| (?:to|bis) \d{1,2})? ?\+?[ -]?"
    rf"(?P<unit>years?|yrs?|jahren?|jahre|months?|mos|monaten?|monate)\b{_NO_EXPERIENCE}"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A time worked: `start` to `end` as most people count it, `earliest` to `latest` as may be, in months."""

    start: int
    end: int
    earliest: int
    latest: int
    started: str
    ended: str

    @property
    def words(self) -> str:
        """For a reader: "Jan 2018 – Mar 2024"."""
        return f"{self.started} – {self.ended}"


@dataclass(frozen=True, slots=True)
class Stated:
    """Years that a folded text states: the months, and where in the text."""

    months: int
    start: int
    end: int


def span_of(job: Employment, as_of: date) -> Span | None:
    """The time worked in one job until `as_of`; None when its end is unknown or lies before its start."""
    now = _index(as_of.year, as_of.month)
    start, earliest, _ = _months(job.start)
    if job.is_current:
        end, latest, ended = now, now, "present"
    elif job.end is not None:
        end, _, latest = _months(job.end)
        end, latest, ended = min(end, now), min(latest, now), _words(job.end)
    else:
        return None
    if latest < start or earliest > now:
        return None
    return Span(min(start, end), end, earliest, latest, _words(job.start), ended)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order of time, those that overlap or follow within a month made one."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end, each.started, each.ended)):
        last = result[-1] if result else None
        if last is None or span.start > last.end + GRACE_MONTHS:
            result.append(span)
            continue
        ended = span.ended if span.end > last.end else last.ended
        earliest, latest = min(last.earliest, span.earliest), max(last.latest, span.latest)
        result[-1] = Span(last.start, max(last.end, span.end), earliest, latest, last.started, ended)
    return result


def months_worked(spans: Iterable[Span]) -> int:
    """Months as most people count them; `spans` are merged ones."""
    return sum(span.end - span.start for span in spans)


def most_months(spans: Iterable[Span]) -> int:
    """Months that it may have been at most, where dates give no month."""
    return sum(span.latest - span.earliest for span in spans)


def in_words(months: int) -> str:
    """ "6 years 2 months", "1 year", "0 months"."""
    years, rest = divmod(months, 12)
    parts = [_count(years, "year")] if years else []
    return " ".join([*parts, _count(rest, "month")] if rest or not years else parts)


def stated_in(folded: str) -> list[Stated]:
    """Every number of years or months that a folded text states as a length of time, in order."""
    return [Stated(_months_stated(match), match.start(), match.end()) for match in _STATED.finditer(folded)]


def _months_stated(match: re.Match[str]) -> int:
    number = match["number"].replace(",", ".")
    amount = float(_NUMBER_WORDS[number]) if number in _NUMBER_WORDS else float(number)
    return round(amount if match["unit"].startswith("mo") else amount * 12)


def _months(when: YearMonth) -> tuple[int, int, int]:
    """The month meant, and the earliest and latest it may be."""
    if when.month is None:
        return _index(when.year, 7), _index(when.year, 1), _index(when.year, 12)
    month = _index(when.year, when.month)
    return month, month, month


def _index(year: int, month: int) -> int:
    return year * 12 + month - 1


def _words(when: YearMonth) -> str:
    return str(when.year) if when.month is None else f"{_MONTHS[(when.month - 1) % 12]} {when.year}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
