"""Where a résumé speaks of a term, and whether it claims, hopes for or denies it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from chalicelib.screening.doubts import Claim, claim_at
from chalicelib.screening.folding import stem
from chalicelib.screening.passages import Passage
from chalicelib.screening.skill_lookup import skill_places
from chalicelib.screening.terms import ConceptTerm, SkillTerm, WordsTerm

_WORD = re.compile(r"[a-z0-9][a-z0-9+#&']*")
_ACTIVITY_REACH = 3  # "managed three large projects" is project management, further apart is chance
_WORDS_REACH = 8
_ALL_NEEDED_UP_TO = 3  # of four content words or more, three quarters are enough: recruiters paraphrase
_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a passage speaks of a term (offsets in its folded text), and what it makes of it.

    `lacks_context` says that the skill is named, but not with the words that the requirement puts beside it.
    """

    passage: Passage
    start: int
    end: int
    claim: Claim
    lacks_context: bool = False


def mentions_in(term: SkillTerm | WordsTerm | ConceptTerm, passage: Passage) -> list[Mention]:
    """Every mention of the term in one passage, in order."""
    if isinstance(term, SkillTerm):
        lacks = bool(term.context) and not set(term.context) <= set(passage.stems)
        found = list(skill_places(term.skill, passage)) or list(_together(term.skill.stems, passage, _ACTIVITY_REACH))
        return [_mention(passage, start, end, term.basics_suffice, lacks) for start, end in sorted(set(found))]
    if isinstance(term, WordsTerm):
        return [_mention(passage, start, end) for start, end in _together(term.stems, passage, _WORDS_REACH)]
    return [_mention(passage, *found.span()) for found in re.finditer(term.pattern, passage.folded)]


def _mention(passage: Passage, start: int, end: int, basics_suffice: bool = False, lacks: bool = False) -> Mention:
    claim = claim_at(passage.folded, start, end, basics_suffice=basics_suffice)
    if claim is Claim.STATED and passage.section == "objective":
        claim = Claim.HOPED
    return Mention(passage, start, end, claim, lacks)


def _together(wanted: tuple[str, ...], passage: Passage, reach: int) -> Iterator[tuple[int, int]]:
    """The first place where the stems stand close together; four or more need only three quarters of them."""
    needed = len(wanted) if len(wanted) <= _ALL_NEEDED_UP_TO else ceil(len(wanted) * _ENOUGH)
    present = set(wanted) & set(passage.stems)
    if not wanted or len(present) < needed:
        return
    hits = [(index, word, stem(word.group().rstrip("'&"))) for index, word in enumerate(_WORD.finditer(passage.folded))]
    hits = [hit for hit in hits if hit[2] in present]
    for position, (index, word, _) in enumerate(hits):
        near = [hit for hit in hits[position : position + 4 * len(wanted)] if hit[0] - index < len(wanted) + reach]
        if len({hit[2] for hit in near}) >= needed:
            yield word.start(), _last_needed(near, needed).end()
            return


def _last_needed(near: list[tuple[int, re.Match[str], str]], needed: int) -> re.Match[str]:
    seen: set[str] = set()
    for _, word, root in near:
        seen.add(root)
        if len(seen) >= needed:
            return word
    return near[-1][1]
