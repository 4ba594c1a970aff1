"""What can be looked for in a résumé: terms of several kinds, and the clauses of a requirement that they make up."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.screening.degrees import DegreeTerm
from chalicelib.screening.languages import LanguageTerm
from chalicelib.screening.skill_lookup import Skill


@dataclass(frozen=True, slots=True)
class SkillTerm:
    """A skill known by name, in any spelling, with the stems that must stand beside it (`context`)."""

    label: str
    skill: Skill
    context: tuple[str, ...]
    basics_suffice: bool


@dataclass(frozen=True, slots=True)
class WordsTerm:
    """Content words, as stems, to be found together in one passage."""

    label: str
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptTerm:
    """A wish with many wordings: `pattern` matches those that state it."""

    label: str
    pattern: str


@dataclass(frozen=True, slots=True)
class LicenceTerm:
    """A driving licence, of a class ("b") or any (None)."""

    label: str
    licence_class: str | None


@dataclass(frozen=True, slots=True)
class PlaceTerm:
    """Where the person should live, folded."""

    label: str
    place: str


@dataclass(frozen=True, slots=True)
class ExperienceTerm:
    """Working life as a whole, whatever the trade."""

    label: str


Term = SkillTerm | WordsTerm | ConceptTerm | LicenceTerm | PlaceTerm | ExperienceTerm | DegreeTerm | LanguageTerm


@dataclass(frozen=True, slots=True)
class Clause:
    """One of `terms` will do; `months` of it are asked for, None when no length is named."""

    terms: tuple[Term, ...]
    months: int | None
