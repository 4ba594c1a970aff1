"""What a résumé says about one term, whatever its length of time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.screening.degrees import DegreeTerm, find_degree
from chalicelib.screening.doubts import Claim, claim_at
from chalicelib.screening.experience import worked_with
from chalicelib.screening.findings import MOST_QUOTES, SILENCE, Finding, woven
from chalicelib.screening.languages import LanguageTerm, find_language
from chalicelib.screening.mentions import Mention, mentions_in
from chalicelib.screening.passages import Passage
from chalicelib.screening.reading import Resume
from chalicelib.screening.skill_lookup import places
from chalicelib.screening.terms import (
    ConceptTerm,
    ExperienceTerm,
    LicenceTerm,
    PlaceTerm,
    SkillTerm,
    Term,
    WordsTerm,
)
from chalicelib.screening.verdicts import Verdict

_LICENCE = re.compile(r"\b(?:driv(?:ing|er'?s?)[ -]licen[cs]e|fuhrerschein|permis|(?:full|clean|uk|eu) licen[cs]e)s?\b")
_CLASSES = re.compile(
    r"(?:class(?:es)?|categor(?:y|ies)|klassen?|cat\.?|code|\(|:|permis)\s?((?:[a-d]1?e?\b[, /&+]{0,3}(?:and |"
    r"und )?){1,8})"
)
_BY_CLASS = re.compile(r"\b([a-d]1?e?)[ -](?:driv|licen)")
_INCLUDES = {
    "b": {"b", "be", "c", "ce", "c1", "d", "de", "d1"},
    "c": {"c", "ce"},
    "d": {"d", "de"},
    "c1": {"c1", "c", "ce"},
}
_LIVES = re.compile(
    r"\b(?:based|located|living|lives?|resident|residing|residence|address|location|wohnhaft|wohnort|home)\b"
)
_HEADER_CHARACTERS = 600  # where a résumé says where its owner lives, before the first heading


def find(term: Term, resume: Resume) -> Finding:
    """What the résumé says about the term: met, refuted by its own words, mentioned, or nothing."""
    if isinstance(term, DegreeTerm):
        return find_degree(term, resume.passages)
    if isinstance(term, LanguageTerm):
        return find_language(term, resume.passages)
    if isinstance(term, LicenceTerm):
        return _find_licence(term, resume.passages)
    if isinstance(term, PlaceTerm):
        return _find_place(term, resume.passages)
    if isinstance(term, ExperienceTerm):
        return worked_with([term], 1, resume)
    return _find_mentions(term, resume)


def _find_mentions(term: SkillTerm | WordsTerm | ConceptTerm, resume: Resume) -> Finding:
    mentions = [mention for passage in resume.passages for mention in mentions_in(term, passage)]
    at_work = resume.told_at_work
    # Done at work says more than a word in a list, and a sentence more than either.
    mentions.sort(key=lambda each: (each.passage.start not in at_work, each.passage.is_list, each.passage.start))
    stated = [each for each in mentions if each.claim is Claim.STATED]
    denied = [each for each in mentions if each.claim is Claim.DENIED]
    proven = [each for each in stated if not each.lacks_context]
    if denied:
        return _denied(stated, denied)
    if proven:
        return Finding(Verdict.MET, _quotes(proven), _confidence(term, proven[0], at_work))
    if stated:
        return Finding(Verdict.NOT_STATED, _quotes(stated), 0.4, f"{term.label} is named, the rest is not")
    if mentions:
        return Finding(Verdict.NOT_STATED, _quotes(mentions), 0.3, "only basic knowledge or interest is stated")
    return SILENCE


def _denied(stated: list[Mention], denied: list[Mention]) -> Finding:
    if stated:
        both = woven([_quotes(stated[:1]), _quotes(denied[:1])])
        return Finding(Verdict.NOT_STATED, both, 0.2, "the résumé both claims and denies it")
    return Finding(Verdict.NOT_MET, _quotes(denied), 0.9, "the résumé says that it is missing")


def _quotes(mentions: Sequence[Mention]) -> tuple[Passage, ...]:
    return tuple(dict.fromkeys(mention.passage for mention in mentions))[:MOST_QUOTES]


def _confidence(term: Term, best: Mention, at_work: frozenset[int]) -> float:
    if isinstance(term, WordsTerm):
        return 0.7 if len(term.stems) > 1 else 0.6
    return 0.9 if best.passage.start in at_work else 0.8


def _find_licence(term: LicenceTerm, passages: tuple[Passage, ...]) -> Finding:
    unclear: list[Passage] = []
    for passage in passages:
        found = _LICENCE.search(passage.folded)
        if found is None:
            continue
        if claim_at(passage.folded, *found.span()) is Claim.DENIED:
            return Finding(Verdict.NOT_MET, (passage,), 0.9, "the résumé says that it is missing")
        classes = _classes(passage.folded)
        if term.licence_class is None or classes & _INCLUDES.get(term.licence_class, {term.licence_class}):
            return Finding(Verdict.MET, (passage,), 0.9)
        if not classes and term.licence_class == "b":
            return Finding(Verdict.MET, (passage,), 0.6)  # without a class, people mean the one for cars
        unclear.append(passage)
    note = f"class {(term.licence_class or '').upper()} is not stated"
    return Finding(Verdict.NOT_STATED, tuple(unclear[:1]), 0.4, note) if unclear else SILENCE


def _classes(folded: str) -> set[str]:
    listed = [group for found in _CLASSES.finditer(folded) for group in re.findall(r"[a-d]1?e?\b", found[1])]
    return {*listed, *(found[1] for found in _BY_CLASS.finditer(folded))}


def _find_place(term: PlaceTerm, passages: tuple[Passage, ...]) -> Finding:
    named = [passage for passage in passages if next(places(passage.folded, term.place), None) is not None]
    for passage in named:
        in_header = passage.section == "" and passage.start < _HEADER_CHARACTERS
        lives = _LIVES.search(passage.folded)
        if in_header or (lives and term.place in passage.folded[lives.end() : lives.end() + 40]):
            return Finding(Verdict.MET, (passage,), 0.8)
    if named:
        return Finding(Verdict.NOT_STATED, tuple(named[:1]), 0.3, "named, but not as where the person lives")
    return SILENCE
