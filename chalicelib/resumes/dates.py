"""Dates and periods as résumés write them, in English, German, French and Spanish.

Nothing is guessed: a year alone has no month, "04/05/2019" has none either (two customs of reading it), and an
impossible date ("13/2019") is no date at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

FIRST_YEAR, LAST_YEAR = 1940, 2069

_MONTHS = {
    1: "jan january januar janner janv janvier ene enero",
    2: "feb february februar fev fevr fevrier febrero",
    3: "mar march mrz marz maerz mars marzo",
    4: "apr april avr avril abr abril",
    5: "may mai mayo",
    6: "jun june juni juin junio",
    7: "jul july juli juil juillet julio",
    8: "aug august aout ago agosto",
    9: "sep sept september septembre septiembre setiembre",
    10: "oct october okt oktober octobre octubre",
    11: "nov november novembre noviembre",
    12: "dec december dez dezember decembre dic diciembre",
}
MONTH_NUMBERS = {name: number for number, names in _MONTHS.items() for name in names.split()}

_DASH = "[-–—−‐‑‒―]"
_YEAR = r"(?:19[4-9]\d|20[0-6]\d)"
# One point in time. Every part is bounded and no two alternatives start alike, so matching stays linear.
_POINT = re.compile(
    rf"""(?<![\w+.,/$€£])(?:
        (?P<word>[^\W\d_]{{3,10}})\.?,?[ \t\xa0]{{0,3}}(?:(?:de|del|of)[ \t]{{1,2}})?
            (?:(?P<word_year>{_YEAR})|['’](?P<short_year>\d\d))
      | (?P<day>\d{{1,2}})\.?[ \t]{{1,2}}(?:de[ ])?(?P<day_word>[^\W\d_]{{3,10}})\.?,?[ \t]{{1,2}}(?:de[ ])?
            (?P<day_word_year>{_YEAR})
      | (?P<iso_year>{_YEAR})[-/.](?P<iso_month>0[1-9]|1[0-2])(?:[-/.][0-3]\d)?
      | (?P<a>\d{{1,2}})(?P<mark>[-/.])(?:(?P<b>\d{{1,2}})(?P=mark))?(?P<number_year>{_YEAR})
      | (?P<month>0[1-9]|1[0-2])[/’'](?P<two_digits>\d\d)(?![/.\d])
      | (?P<year>{_YEAR})
    )(?![\w%€$]|[.,/]\d)""",
    re.VERBOSE,
)
_BETWEEN = re.compile(
    rf"[ \t\xa0).,]{{0,4}}(?:{_DASH}{{1,2}}|→|~|\b(?:to|until|till|through|thru|bis|zu|à|au|al?|hasta|jusqu['’]en|/)\b)"
    r"[ \t\xa0(]{0,4}\n?[ \t\xa0]{0,4}(?:(?:in|en|le)[ ])?",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"(?:the )?(?:present|currently|current|now|today|ongoing|date|heute|dato|aktuell|laufend|jetzt|gegenwärtig|"
    r"aujourd['’]?hui|présent|maintenant|actuelle?ment|actuel|en cours|ce jour|(?:la )?actualidad|actual|presente|hoy|"
    r"la fecha|fecha|heden|oggi)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|from|seit|ab|depuis(?: le)?|desde)[ \t]{1,2}$", re.IGNORECASE)
_SINCE_ONLY = re.compile(r"\b(?:since|seit|depuis(?: le)?|desde)[ \t]{1,2}$", re.IGNORECASE)
_BARE_MONTH = re.compile(rf"(?<!\w)([^\W\d_]{{3,10}})\.?[ \t]{{0,2}}(?:{_DASH}|/|to|bis|à|a)[ \t]{{0,2}}$")
_SHORT_END = re.compile(r"[ \t]?[–—/-][ \t]?(\d\d)(?![\w/.\-])")


@dataclass(frozen=True, slots=True, order=True)
class YearMonth:
    """A month, or a whole year when `month` is None."""

    year: int
    month: int | None = None

    def __str__(self) -> str:
        return f"{self.year:04d}" if self.month is None else f"{self.year:04d}-{self.month:02d}"

    def as_start(self) -> int:
        """The month's number counted from year 0; a bare year counts as its July."""
        return self.year * 12 + (6 if self.month is None else self.month - 1)

    def as_end(self) -> int:
        """The number of the first month after this one; a bare year ends with its June."""
        return self.year * 12 + (6 if self.month is None else self.month)

    def is_before(self, other: YearMonth) -> bool:
        """Whether this is surely before `other`: within one year only when both months are known."""
        if self.year != other.year or self.month is None or other.month is None:
            return self.year < other.year
        return self.month < other.month


@dataclass(frozen=True, slots=True)
class Moment:
    """A date where it stands; `value` is None when what stands there is impossible (month 13)."""

    value: YearMonth | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time where it stands. A lone date is a period with `began` only and `is_range` false."""

    began: Moment | None
    ended: Moment | None
    is_current: bool
    is_range: bool
    start: int
    end: int


def find_periods(text: str, start: int = 0, end: int | None = None) -> list[Period]:
    """Every period and lone date between two offsets of `text`, in order; takes time linear in the length."""
    end = len(text) if end is None else end
    moments, periods, at = list(_moments(text, start, end)), [], 0
    while at < len(moments):
        following = moments[at + 1] if at + 1 < len(moments) else None
        period, used = _period(text, moments[at], following, start, end)
        if not (_is_two_digit(text, moments[at]) and not period.is_range):
            periods.append(period)
        at += used
    return periods


def _period(text: str, first: Moment, following: Moment | None, low: int, high: int) -> tuple[Period, int]:
    """The period that begins with `first`, and how many moments it takes up."""
    if began := _bare_month(text, first, low):
        return _ordered(began, first), 1
    between = _BETWEEN.match(text, first.end, min(high, first.end + 24))
    if between and following and between.end() == following.start:
        return _ordered(first, following), 2
    if between and (now := _NOW.match(text, between.end(), min(high, between.end() + 24))):
        return Period(first, None, True, True, _since_start(text, first, low), now.end()), 1
    if short := _short_end(text, first, high):
        return _ordered(first, short), 1
    if since := _SINCE_ONLY.search(text, max(low, first.start - 14), first.start):
        return Period(first, None, True, True, since.start(), first.end), 1
    return Period(first, None, False, False, first.start, first.end), 1


def _bare_month(text: str, first: Moment, low: int) -> Moment | None:
    """The start of "Jan – Mar 2019": a month that takes its year from the date after it."""
    match = _BARE_MONTH.search(text, max(low, first.start - 16), first.start)
    number = month_number(match[1]) if match else None
    if match is None or number is None or first.value is None or first.value.month is None:
        return None
    return Moment(YearMonth(first.value.year, number), match.start(1), match.end(1))


def _ordered(began: Moment, ended: Moment) -> Period:
    """The period between two moments; an end before its start is not believed."""
    believed: Moment | None = ended
    if ended.value is None or (began.value and ended.value.is_before(began.value)):
        believed = None
    return Period(began if began.value else None, believed, False, True, began.start, ended.end)


def _since_start(text: str, first: Moment, low: int) -> int:
    since = _SINCE.search(text, max(low, first.start - 14), first.start)
    return since.start() if since else first.start


def _short_end(text: str, first: Moment, high: int) -> Moment | None:
    """The end of "2019–21": two digits that continue a bare year's century."""
    if first.value is None or first.value.month is not None or first.end - first.start != 4:
        return None
    match = _SHORT_END.match(text, first.end, min(high, first.end + 6))
    if not match:
        return None
    year = first.value.year // 100 * 100 + int(match[1])
    return Moment(YearMonth(year), match.start(1), match.end(1)) if year > first.value.year else None


def _moments(text: str, start: int, end: int) -> Iterator[Moment]:
    at = start
    while match := _POINT.search(text, at, end):
        groups = match.groupdict()
        word = groups["word"]
        if word is not None and month_number(word) is None:
            # "Sommer 2019", "Acme 2019": the word is no month, so the year is read alone.
            at = match.start("word_year") if groups["word_year"] else match.end()
            if groups["word_year"]:
                yield Moment(YearMonth(int(groups["word_year"])), at, match.end())
                at = match.end()
            continue
        value = _value(groups)
        begin = match.start()
        if groups["day_word"] and value is None:
            begin, value = match.start("day_word_year"), YearMonth(int(groups["day_word_year"]))
        yield Moment(value, begin, match.end())
        at = match.end()


def _value(groups: dict[str, str | None]) -> YearMonth | None:
    if word := groups["word"]:
        year = int(groups["word_year"] or 0) or _century(int(groups["short_year"] or 0))
        return YearMonth(year, month_number(word))
    if day_word := groups["day_word"]:
        number = month_number(day_word)
        return YearMonth(int(groups["day_word_year"] or 0), number) if number else None
    if iso_year := groups["iso_year"]:
        return YearMonth(int(iso_year), int(groups["iso_month"] or 0))
    if number_year := groups["number_year"]:
        return _numeric(groups["a"] or "", groups["b"], groups["mark"] or "", int(number_year))
    if month := groups["month"]:
        return YearMonth(_century(int(groups["two_digits"] or 0)), int(month))
    return YearMonth(int(groups["year"] or 0))


def _numeric(a: str, b: str | None, mark: str, year: int) -> YearMonth | None:
    """ "03/2019" is a month; of "a/b/2019" one part is the month, and only what cannot be the day is read as it."""
    if b is None:
        return YearMonth(year, int(a)) if 1 <= int(a) <= 12 else None
    first, second = int(a), int(b)
    if not (1 <= first <= 31 and 1 <= second <= 31 and min(first, second) <= 12):
        return None
    if mark == ".":
        return YearMonth(year, second) if second <= 12 else None
    if first == second:
        return YearMonth(year, first)
    if first > 12 or second > 12:
        return YearMonth(year, min(first, second))
    return YearMonth(year)


def _is_two_digit(text: str, moment: Moment) -> bool:
    """Whether it reads "03/19", which is a date only as part of a range."""
    return (
        moment.end - moment.start == 5
        and text[moment.start : moment.start + 2].isdigit()
        and (text[moment.start + 2] in "/'’")
    )


def _century(two_digits: int) -> int:
    return 2000 + two_digits if two_digits < 40 else 1900 + two_digits


def month_number(word: str) -> int | None:
    """1 to 12 when `word` names a month, accents and case aside."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return MONTH_NUMBERS.get("".join(c for c in plain if not unicodedata.combining(c)))
