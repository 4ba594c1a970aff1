"""The check that a message invents nothing: every number, name and quoted phrase in it stands in its facts.

Independent of who wrote it: facts are taken out of the text as the language spells them, and what is left may hold
words of the fixed phrases alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chalicelib.outreach import phrases
from chalicelib.outreach.material import Draft, Fact, Language
from chalicelib.outreach.phrases import WORD
from chalicelib.outreach.spelling import spelled

FACT = "\ue000"  # stands where a fact stood; of the private use area, which no language writes with
# With its separators, or a part of a salary would prove a count of years.
NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)*")
QUOTED = re.compile(r"“([^”]*)”|„([^“]*)“|«([^»]*)»")


def unproved(draft: Draft, language: Language) -> list[str]:
    """What the draft says and no fact proves, each thing once; empty when all of it is proved."""
    found: dict[str, None] = {}
    for text in (draft.subject, draft.body):
        found |= dict.fromkeys(_unproved(text, draft.facts, language))
    return list(found)


def _unproved(text: str, facts: Iterable[Fact], language: Language) -> Iterator[str]:
    values = sorted({spelled(fact, language) for fact in facts}, key=len, reverse=True)
    rest = text
    for value in values:
        rest = _whole(value).sub(FACT, rest)
    proved = " ".join(values)
    # A fact may begin where another one ends; its words are proved all the same.
    known = phrases.vocabulary(language) | set(WORD.findall(proved))
    yield from (word for word in WORD.findall(rest) if word not in known)
    yield from (number for number in NUMBER.findall(rest) if number not in NUMBER.findall(proved))
    for match in QUOTED.finditer(rest):
        quoted = next(group for group in match.groups() if group is not None).strip()
        if quoted.strip(f"{FACT} ,.;:-") and not any(quoted in value for value in values):
            yield quoted.replace(FACT, "…")


def _whole(value: str) -> re.Pattern[str]:
    """`value` where it is no part of a longer word or number."""
    before = r"(?<!\w)" if value[:1].isalnum() else ""
    after = r"(?!\w)" if value[-1:].isalnum() else ""
    return re.compile(before + re.escape(value) + after)
