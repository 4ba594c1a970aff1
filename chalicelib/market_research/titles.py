"""Titles of positions made comparable: their words, and the seniority that stands among them.

"Senior Back-End Developer (m/f/d)" is `backend engineer`, senior. Gender marks, numbers of a grade ("Engineer II") and
words that join others say nothing; the few words in `_SAME` mean one thing to recruiters and are written as one.
A title answers a question when every word of the question stands in it: "Backend Engineer, Payments" answers
"backend engineer", and "Backend Engineer" does not answer "Java backend engineer".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from chalicelib.screening.folding import fold


class Seniority(StrEnum):
    """How far on in the trade, lowest first."""

    INTERN = "intern"
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    LEAD = "lead"
    PRINCIPAL = "principal"


_RANKS = list(Seniority)
# "Head", "chief", "director", "associate" and "staff" are left in titles: "Staff Nurse" is no senior nurse, and an
# "Art Director" no lead.
_SENIORITY = {
    **dict.fromkeys(("intern", "internship", "trainee", "praktikant", "praktikantin", "werkstudent", "werkstudentin",
                     "stagiaire", "becario", "becaria"), Seniority.INTERN),
    **dict.fromkeys(("junior", "jr", "entrylevel"), Seniority.JUNIOR),
    **dict.fromkeys(("mid", "midlevel", "intermediate"), Seniority.MID),
    **dict.fromkeys(("senior", "sr", "snr", "seniorlevel"), Seniority.SENIOR),
    **dict.fromkeys(("lead", "teamlead", "techlead"), Seniority.LEAD),
    "principal": Seniority.PRINCIPAL,
}  # fmt: skip
# What is meant by the word on the left, whichever is written. Kept small: each line is a claim that pay, demand and
# supply of all its words may be counted together.
_SAME = {
    "engineer": "developer programmer entwickler entwicklerin ingenieur ingenieurin programmierer programmiererin "
        "ingenieure developpeur developpeuse desarrollador desarrolladora ingeniero ingeniera",
    "frontend": "front-end",
    "backend": "back-end",
    "fullstack": "full-stack",
    "software engineer": "softwareentwickler softwareentwicklerin softwareingenieur softwareingenieurin",
    "nurse": "krankenpfleger krankenpflegerin krankenschwester pflegefachkraft pflegefachmann pflegefachfrau "
        "infirmier infirmiere enfermero enfermera",
    "accountant": "buchhalter buchhalterin comptable contable",
    "manager": "managerin",
    "administrator": "admin administratorin",
    "representative": "rep",
    "hr": "human-resources",
    "qa": "quality-assurance",
}  # fmt: skip
_CANONICAL = {spelling: meant for meant, spellings in _SAME.items() for spelling in spellings.split()}
_PHRASE = re.compile(
    r"\b(front|back|full|human|quality|mid|entry|senior)[ -](end|stack|resources|assurance|level)(?!\w)"
)
_GENDERS = re.compile(
    r"\(?(?<!\w)[mwfhdx](?:[ ]?[/|,][ ]?(?:[mwfhdx]|div|divers|gn|nb))+(?!\w)\)?|\(?all genders\)?"
    r"|[*:_](?:innen|in)(?!\w)|/-?(?:innen|in)(?!\w)|\((?:in|e)\)"
)
_WORD = re.compile(r"[^\W_]+[+#]*")
_JOINING = frozenset(_WORD.findall("of the and for und fur der die das de du des la et y e a an in im at"))
_GRADES = frozenset(_WORD.findall("i ii iii iv v 1 2 3 4 5"))
_NO_SENIORITY = {("lead", "generation"), ("lead", "gen"), ("lead", "management")}


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a title, each once and in order, and its seniority when it states one."""

    words: tuple[str, ...]
    seniority: Seniority | None

    def is_answered_by(self, other: Title) -> bool:
        """Whether `other` names this work; seniority is another matter."""
        return bool(self.words) and set(self.words) <= set(other.words)


@lru_cache(maxsize=20_000)
def read_title(text: str) -> Title:
    """The title in `text`; one that is nothing but a seniority ("Principal") keeps it as its word."""
    words = [_spelled_once(word) for word in _words(text)]
    levels = [level for at, word in enumerate(words) if (level := _level(words, at, word)) is not None]
    kept = [word for at, word in enumerate(words) if _level(words, at, word) is None]
    if not kept:
        return Title(tuple(dict.fromkeys(words)), None)
    while len(kept) > 1 and kept[-1] in _GRADES:
        kept.pop()
    plain = dict.fromkeys(part for word in kept for part in word.split())
    return Title(tuple(plain), max(levels, key=_RANKS.index, default=None))


def _words(text: str) -> list[str]:
    folded = _GENDERS.sub(" ", fold(text))
    joined = _PHRASE.sub(lambda pair: _joined(pair[1], pair[2]), folded)
    return [word for word in _WORD.findall(joined) if word not in _JOINING]


def _joined(first: str, second: str) -> str:
    return _CANONICAL.get(f"{first}-{second}", first + second)


def _spelled_once(word: str) -> str:
    if word in _CANONICAL or word in _SENIORITY:
        return _CANONICAL.get(word, word)
    is_plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    single = word[:-1] if is_plural else word
    return _CANONICAL.get(single, single)


def _level(words: list[str], at: int, word: str) -> Seniority | None:
    following = words[at + 1] if at + 1 < len(words) else ""
    return None if (word, following) in _NO_SENIORITY else _SENIORITY.get(word)


def spellings_of(word: str) -> tuple[str, ...]:
    """Every way to write a word of a `Title`, the word itself first; a hyphen may be a space or nothing."""
    held = [spelling for spelling, meant in _CANONICAL.items() if word in meant.split()]
    return (word, *held)


def pattern_of(word: str) -> str:
    """A regular expression that is found in every folded title holding the word (and in others too)."""
    if not word.isascii():
        # PostgreSQL's unaccent and Python fold other scripts differently: let Python decide alone.
        return "."
    return "|".join(re.escape(spelling).replace(r"\-", "[ -]?") for spelling in spellings_of(word))
