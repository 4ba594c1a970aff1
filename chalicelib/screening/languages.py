"""Languages people speak and how well: asked for in a requirement, stated in a résumé.

Levels follow the European framework (1 is A1, 6 is C2); a mother tongue stands above it as 7. A request for native
command is met by C2: what counts is the command, and asking for birth would discriminate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.screening.findings import SILENCE, Finding
from chalicelib.screening.passages import Passage
from chalicelib.screening.verdicts import Verdict

_NAMES = {
    "English": "english englisch anglais ingles", "German": "german deutsch allemand aleman",
    "French": "french franzosisch francais frances", "Spanish": "spanish spanisch espagnol espanol castellano",
    "Italian": "italian italienisch italiano", "Portuguese": "portuguese portugiesisch portugues",
    "Dutch": "dutch niederlandisch nederlands", "Polish": "polish polnisch polski", "Czech": "czech tschechisch",
    "Russian": "russian russisch", "Ukrainian": "ukrainian ukrainisch", "Turkish": "turkish turkisch",
    "Arabic": "arabic arabisch", "Hebrew": "hebrew", "Persian": "persian farsi", "Hindi": "hindi", "Urdu": "urdu",
    "Bengali": "bengali", "Tamil": "tamil", "Chinese": "chinese mandarin chinesisch", "Cantonese": "cantonese",
    "Japanese": "japanese japanisch", "Korean": "korean koreanisch", "Vietnamese": "vietnamese", "Thai": "thai",
    "Indonesian": "indonesian", "Swedish": "swedish schwedisch", "Norwegian": "norwegian norwegisch",
    "Danish": "danish danisch", "Finnish": "finnish finnisch", "Greek": "greek griechisch",
    "Hungarian": "hungarian ungarisch", "Romanian": "romanian rumanisch", "Bulgarian": "bulgarian bulgarisch",
    "Croatian": "croatian kroatisch", "Serbian": "serbian serbisch", "Slovak": "slovak slowakisch",
    "Slovenian": "slovenian slowenisch", "Catalan": "catalan", "Welsh": "welsh", "Irish": "irish",
}  # fmt: skip
_LANGUAGE_OF = {word: name for name, words in _NAMES.items() for word in words.split()}
LANGUAGE = re.compile(rf"\b({'|'.join(sorted(_LANGUAGE_OF, key=len, reverse=True))})(?:kenntnisse)?\b")
NATIVE, FLUENT, BUSINESS, SOME, BASIC = 7, 5, 4, 3, 2
_LEVELS = (
    (6, r"c2|near[- ]native"),
    (NATIVE, r"native|mother[- ]?tongue|muttersprach\w{0,5}|first language|bilingual|langue maternelle"),
    (FLUENT, r"c1|fluent(?:ly)?|fluency|full professional|proficient|proficiency|advanced|excellent|perfect|"
             r"fliess\w{0,5}|verhandlungssicher\w{0,3}|sehr gute?|courant"),
    (BUSINESS, r"b2|business(?:[- ](?:level|fluent))?|professional(?: working)?|very good|upper[- ]intermediate|"
               r"strong"),
    (SOME, r"b1|conversational|intermediate|good|working|solid|gute?n?|limited working"),
    (BASIC, r"a2|basics?|grundkenntnisse|some|school|pre-intermediate"),
    (1, r"a1|beginner'?s?|elementary|anfanger"),
)  # fmt: skip
LEVEL = re.compile("|".join(rf"(?P<l{level}>\b(?:{words})\b)" for level, words in _LEVELS))
_FRAMEWORK = re.compile(r"\b([abc])([12])\b")
_NAMES_OF_LEVELS = {1: "A1", 2: "A2", 3: "B1", 4: "B2", 5: "C1", 6: "C2", 7: "native"}
# A people is not a language: what says where someone is from is never read as what they speak.
_ORIGIN = re.compile(r"national|citizen|passport|born|ethnic|origin|staatsang|geburt|residen|visa")
_CONTEXT = re.compile(
    r"\b(?:languages?|speak\w{0,4}|spoken|written|sprachen|sprachkenntnisse|language skills|native)\b"
)
_LINK = re.compile(r"^(?:[ :,(/&|-]|and|und|in|is|level|speaker|both|written|spoken|skills?|oral|command|of|knowledge|"
                   r"kenntnisse|language|as|a|proficiency|fluency|working|with|my|the|at|cefr|to)*$")  # fmt: skip
_NEARBY = 40


@dataclass(frozen=True, slots=True)
class LanguageTerm:
    """A language asked for, and the least level: 1 to 7, None when none is named."""

    label: str
    language: str
    level: int | None


def languages_in(folded: str) -> list[tuple[str, int, int]]:
    """The languages named in a folded text: name, start, end."""
    return [(_LANGUAGE_OF[found[1]], found.start(), found.end()) for found in LANGUAGE.finditer(folded)]


def level_in(folded: str) -> int | None:
    """The level that a folded text names: a framework level ("C1") goes before words; None when there is none."""
    framework = _FRAMEWORK.search(folded)
    if framework:
        return "abc".index(framework[1]) * 2 + int(framework[2])
    found = LEVEL.search(folded)
    return None if found is None else _level_of(found)


def find_language(term: LanguageTerm, passages: tuple[Passage, ...]) -> Finding:
    """Whether the résumé states this language at the level asked for (any level above A2 when none is)."""
    needed = SOME if term.level is None else min(term.level, NATIVE - 1)
    stated: list[tuple[int, Passage]] = []
    unclear: list[Passage] = []
    for passage in passages:
        for level in _levels_stated(term.language, passage):
            if level is not None:
                stated.append((level, passage))
            elif not unclear or unclear[-1] is not passage:
                unclear.append(passage)
    if stated:
        level, passage = max(stated, key=lambda each: (each[0], -each[1].start))
        return _judged(term, needed, level, passage)
    if unclear and term.level is None:
        return Finding(Verdict.MET, tuple(unclear[:1]), 0.7)
    if unclear:
        return Finding(Verdict.NOT_STATED, tuple(unclear[:1]), 0.3, f"{term.language} is named without a level")
    return SILENCE


def _judged(term: LanguageTerm, needed: int, level: int, passage: Passage) -> Finding:
    shown = f"{term.language}: {_NAMES_OF_LEVELS[level]}" if level else f"{term.language}: none"
    if level >= needed:
        return Finding(Verdict.MET, (passage,), 0.95, "")
    if term.level is None and level:
        return Finding(Verdict.NOT_STATED, (passage,), 0.4, f"{shown} level only")
    asked = f", {_NAMES_OF_LEVELS[term.level]} asked" if term.level else ""
    return Finding(Verdict.NOT_MET, (passage,), 0.9, f"{shown} level stated{asked}")


def _levels_stated(language: str, passage: Passage) -> list[int | None]:
    """A level for each time the passage says that the person knows the language; None where it names no level."""
    named = languages_in(passage.folded)
    if not any(name == language for name, _, _ in named) or _ORIGIN.search(passage.folded):
        return []
    results: list[int | None] = []
    for index, (name, start, end) in enumerate(named):
        if name != language:
            continue
        until = named[index + 1][1] if index + 1 < len(named) else len(passage.folded)
        level = _level_after(passage.folded, end, until)
        level = _level_before(passage.folded, start) if level is None else level
        if level is not None or _is_about_languages(passage, named):
            results.append(level)
    return results


def _is_about_languages(passage: Passage, named: list[tuple[str, int, int]]) -> bool:
    others = LEVEL.sub("", LANGUAGE.sub("", passage.folded))
    return passage.section == "languages" or bool(_CONTEXT.search(passage.folded)) or bool(_LINK.match(others))


def _level_after(folded: str, end: int, until: int) -> int | None:
    nearby = folded[end : min(until, end + _NEARBY)]
    if re.match(r"[ :(-]{1,4}(?:none|no\b|keine)", nearby):
        return 0
    framework = _FRAMEWORK.search(nearby)
    found = LEVEL.search(nearby)
    if framework and _LINK.match(LEVEL.sub("", nearby[: framework.start()])):
        return level_in(nearby[framework.start() :])
    if found and _LINK.match(nearby[: found.start()]) and "," not in nearby[: found.start()]:
        return _level_of(found)
    return None


def _level_before(folded: str, start: int) -> int | None:
    before = folded[max(0, start - _NEARBY) : start]
    if re.search(r"\b(?:no|not speak|don't speak|keine|without|kein) (?:knowledge of )?$", before):
        return 0
    for found in reversed(list(LEVEL.finditer(before))):
        if _LINK.match(LANGUAGE.sub("", before[found.end() :])):
            return _level_of(found)
    return None


def _level_of(found: re.Match[str]) -> int:
    return int(str(found.lastgroup)[1:])
