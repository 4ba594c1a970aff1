"""A requirement cut at its "and", "or", commas and slashes, each piece with what joins it to the one before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.screening.folding import words_of
from chalicelib.screening.skill_lookup import skills_in
from chalicelib.screening.vocabulary import SKILL_FILLERS

_OPERATOR = re.compile(
    r"\s*(?:[,;]\s*(?:and|or|und|oder)\b|\b(?:and/or|and|or|und|oder|sowie|as well as|plus)\b|[,;&/]|(?<= )\+(?= ))\s*"
)
_OR = re.compile(r"\bor\b|\boder\b|/")
_EXAMPLES = re.compile(r"\b(?:such as|e\.g\.?|for example|for instance|like|z\.b\.|wie)\s|\((?=e\.g|such as|z\.b)")

_OPEN_END = re.compile(
    r"(?i)[,(]?\s*\b(?:or|oder)\s+(?:an?\s+)?(?:similar|equivalent|related|comparable|vergleichbar\w*|ahnlich\w*|other|"
    r"higher|above|better|more|hoher)\b[^,;)]*"
)
_BONUS = re.compile(
    r"(?i)\s*[-,(]?\s*\b(?:is |are |would be |ist )?(?:a|an|von)? ?(?:plus|bonus|advantage|vorteil)\b\)?\.?$"
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the requirement between two operators, and whether an "or" leads to it."""

    text: str
    after_or: bool


def without_endings(text: str) -> str:
    """The text without what only leaves it open: "or similar", "is a plus"."""
    shorter = _OPEN_END.sub("", text)
    return _BONUS.sub("", shorter)


def segments_of(text: str) -> list[Segment]:
    """The pieces between "and", "or", "," and "/", with known skills ("CI/CD", "health and safety") left whole."""
    masked = list(text)
    for skill in skills_in(text):
        masked[skill.start : skill.end] = "x" * (skill.end - skill.start)
    flat = "".join(masked).replace("(", " ").replace(")", " ")
    examples = _EXAMPLES.search(flat.lower())
    if examples:
        return _examples(text, flat, examples)
    operators = list(_OPERATOR.finditer(flat.lower()))
    starts = [0, *(each.end() for each in operators)]
    ends = [*(each.start() for each in operators), len(text)]
    kinds = [False, *_kinds([each.group() for each in operators])]
    return [Segment(text[start:end].strip(" ()"), kind) for start, end, kind in zip(starts, ends, kinds, strict=True)]


def _examples(text: str, flat: str, found: re.Match[str]) -> list[Segment]:
    """ "Relational databases such as PostgreSQL or MySQL": any example will do, and so will the thing itself.

    A thing too general to ask for ("tools such as Jira") stands for its examples alone.
    """
    start = text.rfind(",", 0, found.start()) + 1
    before = segments_of(text[:start]) if start else []
    thing = text[start : found.start()]
    general = all(word in SKILL_FILLERS for word in words_of(thing.lower()))
    listed = ["" if general else thing, *re.split(r"[,;/()]|\band\b|\bor\b", text[found.end() :])]
    pieces = [piece.strip(" ().") for piece in listed]
    return before + [Segment(piece, index > 0) for index, piece in enumerate(piece for piece in pieces if piece)]


def _kinds(operators: list[str]) -> list[bool]:
    """Whether each operator means "or"; a comma means what the next spoken operator says."""
    kinds: list[bool] = []
    spoken = False
    for operator in reversed(operators):
        bare = operator.strip()
        if bare not in {",", ";"}:
            spoken = bool(_OR.search(bare)) or bare == "and/or"
        kinds.append(spoken and bare != ";")
    return kinds[::-1]
