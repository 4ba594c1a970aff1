"""Degrees: which level and field a requirement asks for, and which a résumé states. A higher one satisfies a lower."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from chalicelib.screening.doubts import Claim, claim_at
from chalicelib.screening.findings import SILENCE, Finding
from chalicelib.screening.folding import stems_of
from chalicelib.screening.passages import Passage
from chalicelib.screening.verdicts import Verdict


class Level(IntEnum):
    """Levels of education, lowest first."""

    SCHOOL = 1
    VOCATIONAL = 2
    ASSOCIATE = 3
    BACHELOR = 4
    MASTER = 5
    DOCTORATE = 6


_NAMES = {
    Level.SCHOOL: "school leaving certificate",
    Level.VOCATIONAL: "vocational training",
    Level.ASSOCIATE: "associate degree",
    Level.BACHELOR: "bachelor's degree",
    Level.MASTER: "master's degree",
    Level.DOCTORATE: "doctorate",
}
_PATTERNS = (
    (Level.DOCTORATE, r"ph\.? ?d\b\.?|d\.?phil\b|doctora(?:te|l degree)|doctor of|dr\. (?:rer|med|phil|ing)\b|"
                      r"promotion zum"),
    (Level.MASTER, r"master'?s(?: degree)?\b|master (?:of|in|degree)\b|(?<!scrum )masters\b|m\.? ?sc\b\.?|m\.a\.|"
                   r"mba\b|m\.? ?eng\b|"
                   r"m\.?ed\b|m\.?tech\b|magister\b|diplom\b|diplom-\w{3,20}|llm\b(?= (?:in|,|law))|staatsexamen|"
                   r"postgraduate degree"),
    (Level.BACHELOR, r"bachelor'?s?(?: degree)?\b|b\.? ?sc\b\.?|b\.a\.|ba (?=in |\(?hons)|b\.? ?eng\b|b\.?tech\b|"
                     r"b\.?com\b|"
                     r"b\.?ed\b|llb\b|bba\b|bsn\b|undergraduate degree|honou?rs degree"),
    (Level.ASSOCIATE, r"associate'?s? degree|associate of (?:arts|science)|foundation degree|hnd\b|"
                      r"higher national diploma"),
    (Level.VOCATIONAL, r"apprenticeship|berufsausbildung|ausbildung (?:zum|zur|als)|vocational (?:training|"
                       r"qualification|"
                       r"diploma)|nvq\b|gesellenbrief|journeyman"),
    (Level.SCHOOL, r"high[- ]school (?:diploma|degree)|abitur\b|a[- ]levels?\b|gcse|matura\b|ged\b"),
    (Level.BACHELOR, r"(?:university|college|academic|first) degree|"
                     r"(?<!360 )(?<!360-)(?<!high )(?<!associate )degree\b(?! of (?!arts|science))|"
                     r"hochschulabschluss|studium der"),
)  # fmt: skip
# Someone else's degree, or none at all: "supported PhD students", "organised bachelor parties".
_OTHERS = r"(?! (?:students?|candidates?|theses|projects?|applicants?|part(?:y|ies)|nights?)\b)"
DEGREE = re.compile("|".join(rf"(?P<d{index}>\b(?:{words}){_OTHERS})" for index, (_, words) in enumerate(_PATTERNS)))
# Fields that "or similar" admits for one another.
_KIN = (
    "computer science|informatics|informatik|software engineering|computing|information technology|information systems|"
    "computer engineering|wirtschaftsinformatik|data science|mathematics|electrical engineering",
    "business administration|business|economics|finance|accounting|management|bwl|commerce|betriebswirtschaft|"
    "marketing",
    "mechanical engineering|electrical engineering|civil engineering|maschinenbau|elektrotechnik|mechatronics|physics",
    "nursing|midwifery|health sciences|pflege|healthcare|medicine|public health",
    "psychology|sociology|social work|pedagogy|education",
    "law|jura|legal studies|rechtswissenschaften",
    "biology|chemistry|biochemistry|pharmacy|biotechnology|life sciences",
)
_UNFINISHED = re.compile(r"\b(?:pursuing|expected|in progress|ongoing|not completed|unfinished|dropped out|"
                         r"currently studying|"
                         r"student of|abgebrochen|candidate for|without (?:a )?degree|incomplete)\b")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DegreeTerm:
    """The least level, the fields of which one is asked for (none: any), and whether kindred fields will do."""

    label: str
    level: Level
    fields: tuple[str, ...]
    is_open: bool


def degree_in(folded: str) -> tuple[Level, int, int] | None:
    """The first degree that a folded text names: its level, start and end."""
    found = DEGREE.search(folded)
    return None if found is None else (_PATTERNS[int(str(found.lastgroup)[1:])][0], found.start(), found.end())


def find_degree(term: DegreeTerm, passages: tuple[Passage, ...]) -> Finding:
    """Whether the résumé states a finished degree of this level or above, in a field asked for."""
    stated = [found for found in (_stated(term, index, passages) for index in range(len(passages))) if found]
    denied = [passage for level, _, passage in stated if level is None]
    held = [(level, fits, passage) for level, fits, passage in stated if level is not None]
    if not held:
        return Finding(Verdict.NOT_MET, tuple(denied[:1]), 0.8, "the résumé says so") if denied else SILENCE
    level, fits, passage = max(held, key=lambda each: (each[0] >= term.level, each[1], each[0], -each[2].start))
    if level < term.level and level <= Level.VOCATIONAL and passage.section != "education":
        return SILENCE  # a trainer of apprentices, a teacher of A-levels: not their own education
    if level < term.level:
        return Finding(Verdict.NOT_MET, (passage,), 0.7, f"highest degree stated: {_NAMES[level]}")
    if fits == 0:
        return Finding(
            Verdict.NOT_STATED, (passage,), 0.4, "a degree of this level is stated, in another field or none"
        )
    if _UNFINISHED.search(passage.folded):
        return Finding(Verdict.NOT_STATED, (passage,), 0.4, "not stated as completed")
    return Finding(Verdict.MET, (passage,), 0.9 if fits > 1 else 0.7)


def _stated(term: DegreeTerm, index: int, passages: tuple[Passage, ...]) -> tuple[Level | None, int, Passage] | None:
    """The highest degree of a passage (None for a denied one) and how its field fits: 2 well, 1 kindred, 0 not."""
    passage = passages[index]
    found = [(_PATTERNS[int(str(each.lastgroup)[1:])][0], *each.span()) for each in DEGREE.finditer(passage.folded)]
    if not found:
        return None
    level, start, end = max(found, key=lambda each: (each[0], -each[1]))
    if claim_at(passage.folded, start, end) is Claim.DENIED:
        return None, 0, passage
    following = passages[index + 1] if index + 1 < len(passages) else passage
    nearby = passage.stems if degree_in(following.folded) else passage.stems + following.stems
    return level, _fit(term, nearby), passage


def _fit(term: DegreeTerm, nearby: tuple[str, ...]) -> int:
    if not term.fields or any(set(stems_of(field)) <= set(nearby) for field in term.fields):
        return 2
    if term.is_open and any(set(stems_of(kin)) <= set(nearby) for field in term.fields for kin in _kin_of(field)):
        return 1
    return 0


def _kin_of(field: str) -> list[str]:
    groups = [group.split("|") for group in _KIN]
    return [kin for group in groups if field in group for kin in group]
