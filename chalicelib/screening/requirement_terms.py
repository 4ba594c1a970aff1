"""A requirement as recruiters write it, read into what can be looked for.

A requirement is a list of clauses, each needed; a clause is a list of terms, any of which will do, with the months of
experience asked for. "Or" binds tighter than "and": "Python and AWS or Azure" is Python, and one of the two clouds.
"""

from __future__ import annotations

import re

from chalicelib.screening import vocabulary
from chalicelib.screening.degrees import DegreeTerm, degree_in
from chalicelib.screening.durations import stated_in
from chalicelib.screening.folding import cased, fold, stem, words_of
from chalicelib.screening.languages import LANGUAGE, LEVEL, LanguageTerm, languages_in, level_in
from chalicelib.screening.segments import segments_of, without_endings
from chalicelib.screening.skill_lookup import NamedSkill, skills_in
from chalicelib.screening.terms import (
    Clause,
    ConceptTerm,
    ExperienceTerm,
    LicenceTerm,
    PlaceTerm,
    SkillTerm,
    Term,
    WordsTerm,
)

LONGEST_REQUIREMENT = 600
_LICENCE = re.compile(r"\b(?:driv(?:ing|er'?s?) licen[cs]e|fuhrerschein|permis de conduire)\b")
_LICENCE_CLASS = re.compile(
    r"\b(?:class|category|klasse|kategorie|cat\.?|code)\s?([a-d]1?e?|[a-d]e)\b|\b([bcd]e?)[ -]licen|^([bcd])\b"
)
_SPEAKING_WORDS = (
    "language spoken written speaker speaking oral verbal c1 c2 b1 b2 a1 a2 cefr wort schrift communication speak"
)
_SPEAKING = frozenset(_SPEAKING_WORDS.split())
_PLACE = re.compile(
    r"\b(?:based|located|living|lives?|resident|residing|residence|home|wohnhaft|wohnort) (?:in|near|at)\b\s*(.+)"
)
_PLACE_FIRST = re.compile(r"^([a-z][a-z .'-]{1,40})-based$")
_PLACE_TAIL = re.compile(
    r"\s*(?:\bor (?:willing|open|ready|able)\b.*|\bor (?:surroundings|nearby|area)\b.*|\barea\b.*|\bregion\b.*|[.;].*)$"
)


def clauses_of(requirement: str) -> tuple[Clause, ...]:
    """What to look for; empty when the text asks for nothing that could be looked for."""
    text = cased(requirement)[:LONGEST_REQUIREMENT]
    whole = _whole(text)
    if whole is not None:
        return (whole,)
    basics = bool(vocabulary.BASICS & set(words_of(text.lower())))
    clauses: list[Clause] = []
    months: int | None = None
    for segment in segments_of(without_endings(text)):
        months = _months_asked(segment.text) or months
        terms = _terms(segment.text, text, basics, months)
        if terms and segment.after_or and clauses:
            last = clauses.pop()
            clauses.append(Clause(last.terms + tuple(terms), last.months if last.months is not None else months))
        elif _are_all_needed(terms):
            clauses.extend(Clause((term,), _months_for(term, months)) for term in terms)
        elif terms:
            clauses.append(Clause(tuple(terms), _months_for(terms[0], months)))
    return tuple(_with_levels(clauses))


def _are_all_needed(terms: list[Term]) -> bool:
    """Several skills side by side ("Python Django developer") are each needed; wordings of one are not."""
    return len({term.label for term in terms}) > 1


def _months_for(term: Term, months: int | None) -> int | None:
    return None if isinstance(term, DegreeTerm | LanguageTerm | LicenceTerm | PlaceTerm) else months


def _whole(text: str) -> Clause | None:
    """Requirements that are one wish however many "or"s stand in them: a licence, a place, a degree with its fields."""
    folded = text.lower()
    licence = _LICENCE.search(folded)
    if licence:
        found = _LICENCE_CLASS.search(folded)
        kind = next((group for group in found.groups() if group), None) if found else None
        return Clause((LicenceTerm(text, kind),), None)
    place = _PLACE.search(folded) or _PLACE_FIRST.search(folded)
    if place:
        names = re.split(r"\s*(?:,|/|\bor\b|\boder\b)\s*", _PLACE_TAIL.sub("", place[1]))
        terms = tuple(PlaceTerm(name.title(), name.removeprefix("the ")) for name in names if name)
        return Clause(terms, None) if terms else None
    for label, asked, stated in vocabulary.CONCEPTS:
        if re.search(asked, folded) and not skills_in(re.sub(asked, " ", folded)):
            return Clause((ConceptTerm(label, stated),), _months_asked(text))
    return _degree(text)


def _degree(text: str) -> Clause | None:
    """A degree, its fields and what may stand in for it ("or 5 years of experience")."""
    folded = text.lower()
    found = degree_in(folded)
    if found is None or re.search(r"\bcertified\b|\bcertificate\b", folded):
        return None
    levels = [found]
    while (more := degree_in(folded[levels[-1][2] :])) is not None:
        offset = levels[-1][2]
        levels.append((more[0], more[1] + offset, more[2] + offset))
    tail = folded[levels[-1][2] :]
    instead = re.search(r"\bor\b[^,;]{0,40}\byears?\b.*", tail)
    fields = _fields(tail[: instead.start()] if instead else tail)
    is_open = any(ending in folded for ending in vocabulary.OPEN_ENDED)
    terms: tuple[Term, ...] = (DegreeTerm(text, min(level for level, _, _ in levels), fields, is_open),)
    if instead is None:
        return Clause(terms, None)
    return Clause((*terms, ExperienceTerm("experience")), _months_asked(instead.group()))


def _fields(tail: str) -> tuple[str, ...]:
    named = re.search(r"\b(?:in|of|im|der)\b(?: the (?:field|area) of)?\s+(.+)", tail)
    listed = named[1] if named else tail
    pieces = re.split(r"\s*(?:[,;/()]|\bor\b|\boder\b)\s*", listed)
    cleaned = (
        " ".join(word for word in piece.split() if word.strip(".") not in vocabulary.FILLERS) for piece in pieces
    )
    return tuple(
        piece.strip(" .")
        for piece in cleaned
        if piece.strip(" .") and not piece.startswith(("degree", "discipline", "subject"))
    )


def _terms(segment: str, whole: str, basics: bool, months: int | None) -> list[Term]:
    folded = segment.lower()
    named = languages_in(folded)
    if named and _is_about_language(folded, whole.lower()):
        return [LanguageTerm(name, name, level_in(folded)) for name, _, _ in named]
    words = [word for word in words_of(_without_years(folded)) if word not in vocabulary.FILLERS]
    skills = skills_in(segment)
    if len(skills) == 1:
        return _one_skill(segment, skills[0], words, basics)
    if skills:
        return [SkillTerm(skill.name, skill.skill, (), basics) for skill in skills]
    if words:
        return [_words_term(" ".join(words), words)]
    return [ExperienceTerm("experience")] if _months_asked(segment) and months else []


def _one_skill(segment: str, skill: NamedSkill, words: list[str], basics: bool) -> list[Term]:
    """The skill with the words beside it ("PostgreSQL performance tuning"), or those words in another form."""
    spelling = words_of(segment[skill.start : skill.end].lower())
    beside = [word for word in words if _says_more(word) and word not in spelling]
    if not beside:
        return [SkillTerm(skill.name, skill.skill, (), basics)]
    context = tuple(stem(word) for word in beside)
    return [SkillTerm(segment, skill.skill, context, basics), _words_term(segment, words)]


def _says_more(word: str) -> bool:
    """Not a filler, and no version either ("Python 3.x")."""
    return word not in vocabulary.SKILL_FILLERS and len(word) > 1 and not word.isdigit()


def _words_term(label: str, words: list[str]) -> WordsTerm:
    return WordsTerm(label, tuple(dict.fromkeys(stem(word) for word in words if not word.isdigit())))


def _is_about_language(folded: str, whole: str) -> bool:
    rest = LEVEL.sub(" ", LANGUAGE.sub(" ", folded))
    extra = [word for word in words_of(rest) if word not in vocabulary.FILLERS]
    return all(word in _SPEAKING for word in extra) or bool(
        re.search(r"\b(?:fluent|native|speak\w*|[abc][12])\b", folded)
    )


def _with_levels(clauses: list[Clause]) -> list[Clause]:
    """A level named once holds for every language of the requirement: "German and English (both fluent)"."""
    spoken = [term for clause in clauses for term in clause.terms if isinstance(term, LanguageTerm)]
    levels = {term.level for term in spoken if term.level is not None}
    if len(levels) != 1:
        return clauses
    (level,) = levels
    return [Clause(tuple(_levelled(term, level) for term in clause.terms), clause.months) for clause in clauses]


def _levelled(term: Term, level: int) -> Term:
    if isinstance(term, LanguageTerm) and term.level is None:
        return LanguageTerm(term.label, term.language, level)
    return term


def _months_asked(text: str) -> int | None:
    stated = stated_in(fold(text))
    return stated[0].months if stated else None


def _without_years(folded: str) -> str:
    for each in reversed(stated_in(folded)):
        folded = f"{folded[: each.start]} {folded[each.end :]}"
    return folded
