"""The fixed words of messages, one module a language.

They claim nothing: whatever a message says about a person, a position or an organization comes from a fact, between
braces here. A phrase that praises ("competitive", "fast growing") would be an invention, and a test refuses it.
Nobody is addressed by gender, and details stand behind labels, so that no sentence bends when a fact is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module

from chalicelib.outreach.material import Language, Template, Tone

WORD = re.compile(r"[^\W\d_]+")
PLACEHOLDER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. `grouping` and `decimal` write numbers, `first_of_month` the first day where it has a name."""

    greeting: Mapping[Tone, str]
    subject: Mapping[Template, str]
    opening: Mapping[Template, str]
    profile: str
    department: str
    location: str
    salary: str
    salary_range: str
    salary_from: str
    salary_up_to: str
    salary_exact: str
    evidence_heading: str
    evidence: str
    asked_heading: str
    asked: str
    invitation: Mapping[Tone, str]
    decision: Mapping[Tone, str]
    wishes: Mapping[Tone, str]
    closing: Mapping[Tone, str]
    date: str
    months: tuple[str, ...]
    grouping: str
    decimal: str
    first_of_month: str = "1"


@cache
def of(language: Language) -> Phrases:
    """The phrases of a language."""
    phrases: Phrases = import_module(f"{__name__}.{language.name.lower()}").PHRASES
    return phrases


@cache
def vocabulary(language: Language) -> frozenset[str]:
    """Every word that the fixed phrases of a language hold."""
    phrases = of(language)
    texts: list[str] = []
    for field in fields(phrases):
        value = getattr(phrases, field.name)
        texts += [value] if isinstance(value, str) else list(value.values() if isinstance(value, Mapping) else value)
    return frozenset(word for text in texts for word in WORD.findall(PLACEHOLDER.sub(" ", text)))
