"""Counts as documents write them: years of experience, openings, hires."""

from __future__ import annotations

import re

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.text import DocumentText

MOST_YEARS, MOST_PEOPLE = 60, 100_000
_WORDS = {
    1: "one eine einen einem einer un une uno una",
    2: "two zwei deux dos",
    3: "three drei trois tres",
    4: "four vier quatre cuatro",
    5: "five fünf cinq cinco",
    6: "six sechs seis",
    7: "seven sieben sept siete",
    8: "eight acht huit ocho",
    9: "nine neun neuf nueve",
    10: "ten zehn dix diez",
    12: "twelve zwölf douze doce",
    15: "fifteen fünfzehn quinze quince",
    20: "twenty zwanzig vingt veinte",
}
NUMBER_OF = {word: number for number, words in _WORDS.items() for word in words.split()}
_NUMBER = rf"(?:\d{{1,2}}|{'|'.join(sorted(NUMBER_OF, key=lambda word: (-len(word), word)))})"
# "un poste" and "eine Stelle" are articles rather than counts.
_ARTICLES = frozenset({"eine", "einen", "einem", "einer", "un", "une", "uno", "una"})
_COUNT = rf"(?:\d{{1,6}}|{'|'.join(sorted(NUMBER_OF.keys() - _ARTICLES, key=lambda word: (-len(word), word)))})"
_YEARS = re.compile(
    rf"(?<![\w.,/])(?P<number>{_NUMBER})(?P<more>[ ]?\+| or more| o más| ou plus| oder mehr)?"
    rf"(?:[ ]?(?:[-–—]|to|bis|à|a)[ ]?(?P<upper>{_NUMBER}))?(?:[ ]?\+)?(?:[ ]\(\d{{1,2}}\))?[ -]?"
    r"(?: or more | oder mehr )?(?:full |volle |años completos )?"
    r"(?:years?|yrs?|jahren?|jährige[rnsm]?|ans|années?|años)(?!\w)",
    re.IGNORECASE,
)
_EXPERIENCE = re.compile(r"experience|experienced|erfahrung|tätigkeit|expérience|experiencia|praxis", re.IGNORECASE)
_AS_WORK = re.compile(
    r"[’']?[ ](?:of |working |in |as |as an? |managing |leading |teaching |nursing |post[- ]qualif|practi[cs]e|"
    r"in a |als )",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:at least|minimum(?: of)?|min\.?|more than|over|mindestens|mehr als|au moins|minimum|plus de|al menos|"
    r"mínimo(?: de)?|"
    r"más de|como mínimo)[ ]{1,2}$",
    re.IGNORECASE,
)
_AGE = re.compile(r"^[ -]?(?:old|alt\b|of age|d['’]âge|de edad|ago)|^[’']?[ ]?(?:contract|vertrag)", re.IGNORECASE)
# Whose years: "we have 25 years of experience" tells of the employer.
_OTHERS = re.compile(
    r"\b(?:we|our|us|wir|unser\w{0,2}|nous|notre|nos|nuestr[oa]s?|company|firm|since|seit)\b", re.IGNORECASE
)
_OPENINGS = re.compile(
    rf"(?<![\w.,/$€£-])(?P<number>{_COUNT})[ ](?:(?:new|open|vacant|permanent|full-time|offene|freie|neue|"
    rf"nouveaux|nuevas?)"
    r"[ ]){0,2}(?:positions?|openings?|vacanc(?:y|ies)|posts|roles|stellen|postes|vacantes|plazas|puestos)(?!\w)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<![\w.,])(?:(?P<before>\d{1,3})[ ]?[x×](?=[ ]\w)|[(]?[x×][ ]?(?P<after>\d{1,3})(?!\w)[)]?)", re.IGNORECASE
)
_HIRES = re.compile(
    rf"(?:(?<!\w)(?:hire|hiring|recruit|recruiting|recruitment of|hires of|headcount of|headcount is|target of|"
    rf"einstellung von|"
    rf"recruter|recrutement de|recrutements de|contratar|contratación de|total of|insgesamt)[ ](?:up to |about |"
    rf"a total of |"
    rf"insgesamt |un total de )?(?P<after>{_COUNT})(?![\w.,%]?\d)(?![ ]?(?:%|weeks?|months?|years?)))"
    rf"|(?<![\w.,])(?P<before>{_COUNT})[ ](?:new |additional |planned |neue |nouvelles |nuevas )?(?:hires|employees "
    r"(?:to hire|are to)|einstellungen|recrutements|embauches|contrataciones|neueinstellungen|"
    r"mitarbeitende einstellen)(?!\w)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w.,/])(?:{_COUNT})(?![\w]|[.,]\d)", re.IGNORECASE)


def number_of(words: str) -> int:
    """The number that digits or a number word stand for."""
    return int(words) if words.isdecimal() else NUMBER_OF[words.casefold()]


def years_in(text: DocumentText, start: int, end: int, *, is_asked: bool) -> Found[int] | None:
    """The least years of experience asked for between two offsets ("3-5 years" is 3).

    Where nothing says that requirements stand there (`is_asked` false), it takes a word like "at least" or a "+".
    """
    for match in _YEARS.finditer(text.text, start, end):
        number = number_of(match["number"])
        before, after = (
            text.text[max(start, match.start() - 60) : match.start()],
            text.text[match.end() : match.end() + 60],
        )
        if not 1 <= number <= MOST_YEARS or _AGE.match(after) or number > _upper(match):
            continue
        near = _EXPERIENCE.search(after.partition(".")[0]) or _EXPERIENCE.search(before) or _AS_WORK.match(after)
        insists = bool(match["more"] or match["upper"] or _AT_LEAST.search(before) or "+" in match[0])
        others = _OTHERS.search(text.text, max(start, match.start() - 60), match.start())
        if (near and (is_asked or insists) and not others) or (is_asked and insists):
            return found(text, number, match.start(), match.end())
    return None


def _upper(match: re.Match[str]) -> int:
    return number_of(match["upper"]) if match["upper"] else MOST_YEARS


def openings_in(text: DocumentText, start: int, end: int) -> Found[int] | None:
    """How many people are wanted ("2 positions", "3x", "two vacancies")."""
    for match in _OPENINGS.finditer(text.text, start, end):
        if 0 < (number := number_of(match["number"])) <= MOST_PEOPLE:
            return found(text, number, match.start(), match.end())
    return None


def times_in(text: DocumentText, start: int, end: int) -> Found[int] | None:
    """The count beside a title ("3x Electrician", "Nurse (x2)")."""
    match = _TIMES.search(text.text, start, end)
    number = int(match["before"] or match["after"]) if match else 0
    return found(text, number, match.start(), match.end()) if match and number else None


def hires_in(text: DocumentText, start: int, end: int) -> Found[int] | None:
    """How many people a project is to hire ("hire 12 engineers", "40 hires")."""
    match = _HIRES.search(text.text, start, end)
    if not match:
        return None
    group = "after" if match["after"] else "before"
    number = number_of(match[group])
    return found(text, number, match.start(), match.end()) if 0 < number <= MOST_PEOPLE else None


def count_in(text: DocumentText, value: Found[str], most: int) -> Found[int] | None:
    """The number that a labelled value states; None when it states none or several that differ ("10-15")."""
    matches = list(_BARE.finditer(text.text, value.start, value.end))
    numbers = {number_of(match[0]) for match in matches}
    number = next(iter(numbers)) if len(numbers) == 1 else 0
    return found(text, number, matches[0].start(), matches[0].end()) if 1 <= number <= most else None
