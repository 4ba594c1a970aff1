"""Skills known by name: found in a requirement, and told apart from ordinary words in a résumé."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from chalicelib.resumes.skill_names import ALIASES, CANONICAL, ONLY_IN_SKILLS
from chalicelib.screening.folding import cased, fold, stem, words_of
from chalicelib.screening.passages import Passage

_ACTIVITY = re.compile(r"(?:ing|tion|sion|ment|ship|ance|ysis|ery|care|vice)$")
_SHORTEST_ACTIVITY_STEM = 4  # "spring" and "testing" end alike; only one is something people do


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: its spellings, folded, and the stems that tell when someone does it ("managed projects")."""

    name: str
    spellings: tuple[str, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedSkill:
    """A skill found in a text, with its offsets there."""

    skill: Skill
    start: int
    end: int

    @property
    def name(self) -> str:
        """The name we show."""
        return self.skill.name


@lru_cache(maxsize=4_000)
def skill_named(name: str) -> Skill:
    """The skill of this canonical name."""
    spellings = dict.fromkeys(fold(spelling) for spelling in (name, *ALIASES.get(name, ())))
    return Skill(name, tuple(spellings), _stems(name))


@lru_cache(maxsize=1_000)
def skills_in(text: str) -> tuple[NamedSkill, ...]:
    """The skills that a short text (as `cased` gives it) names, longest spelling first, in order of place."""
    folded = text.lower()
    if len(folded) != len(text):
        return ()
    taken: list[NamedSkill] = []
    for spelling, name in _spellings():
        for start in places(folded, spelling):
            end = start + len(spelling)
            overlaps = any(start < other.end and other.start < end for other in taken)
            if not overlaps and (spelling not in ONLY_IN_SKILLS or text[start].isupper() or text[start] == "."):
                taken.append(NamedSkill(skill_named(name), start, end))
    return tuple(sorted(taken, key=lambda each: each.start))


def skill_places(skill: Skill, passage: Passage) -> Iterator[tuple[int, int]]:
    """Where a passage names the skill: start and end in its folded text."""
    for spelling in skill.spellings:
        for start in places(passage.folded, spelling):
            end = start + len(spelling)
            if spelling not in ONLY_IN_SKILLS or _is_meant(passage, start, end):
                yield start, end


def places(folded: str, spelling: str) -> Iterator[int]:
    """Where `spelling` stands as a word of its own ("Java" not in "JavaScript", "C" not in "C++" or "Objective-C")."""
    at = folded.find(spelling)
    while at >= 0:
        end = at + len(spelling)
        if _opens(folded, at, spelling) and _closes(folded, end, spelling):
            yield at
        at = folded.find(spelling, end)


@cache
def vocabulary_digest() -> str:
    """Eight hex digits that change whenever a skill is added or respelled."""
    known = "\n".join(f"{spelling}={CANONICAL[spelling]}" for spelling in sorted(CANONICAL))
    return hashlib.sha256(known.encode()).hexdigest()[:8]


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted(((cased(key), name) for key, name in CANONICAL.items()), key=lambda each: (-len(each[0]), each[0]))
    )


def _stems(name: str) -> tuple[str, ...]:
    words = words_of(fold(name))
    if not words or not all(word.isalpha() for word in words) or not _ACTIVITY.search(words[-1]):
        return ()
    stems = tuple(stem(word) for word in words)
    return stems if len(stems) > 1 or len(stems[0]) >= _SHORTEST_ACTIVITY_STEM else ()


def _is_meant(passage: Passage, start: int, end: int) -> bool:
    """Whether a word that is ordinary too ("go", "access") names the skill here: written as a name, or in a list."""
    if len(passage.cased) != len(passage.folded):
        return passage.is_list
    written_as_name = passage.cased[start].isupper()
    if end - start <= 2:
        return written_as_name and (passage.is_list or _follows_preposition(passage.folded, start))
    return passage.is_list or (written_as_name and start > 0)


def _follows_preposition(folded: str, start: int) -> bool:
    return bool(
        re.search(r"\b(?:in|with|using|of|and|or|mit|fur|via|as)(?: \w{1,12},)* $", folded[max(0, start - 40) : start])
    )


def _opens(folded: str, at: int, spelling: str) -> bool:
    if at == 0:
        return True
    before = folded[at - 1]
    if len(spelling) == 1 and before in "-&.'":
        return False
    return not (before.isalnum() or before in "+#_@" or (before == "." and at > 1 and folded[at - 2].isalnum()))


def _closes(folded: str, end: int, spelling: str) -> bool:
    after = folded[end : end + 2]
    if (
        after[:1] == "s"
        and len(spelling) > 3
        and spelling[-1].isalpha()
        and not (after[1:].isalnum() or after[1:] == "'")
    ):
        return True
    if len(spelling) == 1 and after[:1] in {"-", "&", "'"}:
        return False
    return not (after[:1].isalnum() or after[:1] in {"+", "#", "_", "@"} or (after[:1] == "." and after[1:].isalnum()))
