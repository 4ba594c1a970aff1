"""What a writer is given and what it answers: wishes, facts with where each of them stands, and a draft.

Any provider stands behind `Writer`: the offline one (writer.py) or a language model. Neither is believed: what a draft
says is held to its facts (proof.py) before it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

Json = dict[str, object]


class Template(StrEnum):
    STANDARD = "standard"
    EXECUTIVE = "executive"
    TECHNICAL = "technical"
    FOLLOW_UP = "follow_up"
    REJECTION = "rejection"


class Tone(StrEnum):
    WARM = "warm"
    NEUTRAL = "neutral"
    FORMAL = "formal"


class Language(StrEnum):
    ENGLISH = "en"
    GERMAN = "de"
    FRENCH = "fr"
    SPANISH = "es"


class FactKind(StrEnum):
    CANDIDATE_NAME = "candidate_name"
    HEADLINE = "headline"
    CURRENT_TITLE = "current_title"
    CURRENT_EMPLOYER = "current_employer"
    REQUIREMENT = "requirement"
    EVIDENCE = "evidence"
    POSITION_TITLE = "position_title"
    DEPARTMENT = "department"
    LOCATION = "location"
    SALARY_MIN = "salary_min"
    SALARY_MAX = "salary_max"
    CURRENCY = "currency"
    ORGANIZATION = "organization"
    SENDER_NAME = "sender_name"
    LAST_SENT_ON = "last_sent_on"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the record, as the place where a fact stands."""

    table: str
    id: UUID

    def as_json(self) -> Json:
        return {"table": self.table, "id": str(self.id)}


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a document, as the place where a fact stands: `text[start:end]` on `page`."""

    document_id: UUID
    page: int
    start: int
    end: int

    def as_json(self) -> Json:
        return {"document_id": str(self.document_id), "page": self.page, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that stands in the record. Money is a plain number ("50000"), a day is ISO ("2026-11-03"),
    as it was in UTC."""

    kind: FactKind
    value: str
    source: Row | Passage

    def as_json(self) -> Json:
        return {"kind": self.kind.value, "value": self.value, "source": self.source.as_json()}


@dataclass(frozen=True, slots=True)
class Match:
    """A requirement of the position that a screening found met, and the passage of the résumé that shows it."""

    requirement: Fact
    evidence: Fact


@dataclass(frozen=True, slots=True)
class Material:
    """All that a message may speak of. `asked` are the position's requirements, the most important first."""

    candidate_name: Fact
    organization: Fact
    sender_name: Fact
    position_title: Fact
    headline: Fact | None = None
    current_title: Fact | None = None
    current_employer: Fact | None = None
    department: Fact | None = None
    location: Fact | None = None
    salary_min: Fact | None = None
    salary_max: Fact | None = None
    currency: Fact | None = None
    last_sent_on: Fact | None = None
    asked: tuple[Fact, ...] = ()
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """How a message is to be written."""

    template: Template
    tone: Tone = Tone.NEUTRAL
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that nobody has sent: its texts, and every fact that they use."""

    subject: str
    body: str
    facts: tuple[Fact, ...]


class Writer(Protocol):
    """Whoever writes. `write` may raise Unavailable."""

    def write(self, material: Material, wish: Wish) -> Draft:
        """A message made of this material and of nothing else."""
        ...
