"""What a rater is given, what it answers, and the check that every answer passes before anyone sees it.

Any provider stands behind `Rater`: the offline engine (engine.py) or a language model. Neither is trusted with the
score: `verified` drops every quote that does not stand in the résumé and reckons the score again from what is left.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Protocol

from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.fields import Experience
from chalicelib.resumes.text import DocumentText, Quote
from chalicelib.screening.scoring import recommendation_of, score_of
from chalicelib.screening.verdicts import Recommendation, RequirementKind, RequirementVerdict, Verdict

__all__ = [
    "RULES_VERSION",
    "Brief",
    "Employment",
    "Rater",
    "Rating",
    "Recommendation",
    "Requirement",
    "RequirementKind",
    "RequirementVerdict",
    "Verdict",
    "YearMonth",
    "verified",
]

# Part of every input hash: raise it whenever the same brief would be scored or verified differently.
RULES_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of what a position asks for; `weight` is 1 (least) to 5."""

    id: str
    text: str
    kind: RequirementKind
    weight: int


@dataclass(frozen=True, slots=True)
class Employment:
    """One job from the résumé's profile; `span_start` and `span_end` are offsets of its whole entry in the text.

    `end` is None when the job goes on (`is_current`) or when no end is stated.
    """

    title: str
    organization: str
    start: YearMonth
    end: YearMonth | None
    is_current: bool
    span_start: int
    span_end: int

    @classmethod
    def of(cls, job: Experience) -> Employment | None:
        """The job as a résumé's profile tells it; None when it names no start, for then no time can be counted."""
        if job.started is None:
            return None
        title, organization = job.title.value if job.title else "", job.organization.value if job.organization else ""
        ended = job.ended.value if job.ended else None
        return cls(title, organization, job.started.value, ended, job.is_current, job.start, job.end)


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a rater may look at. No name, age, gender or photo is part of it beyond what the résumé itself shows.

    `document` is the clean résumé, None when there is none. `as_of` is the first of a month: "present" ends there.
    """

    position_title: str
    experience_years_min: int | None
    requirements: tuple[Requirement, ...]
    document: DocumentText | None
    employment: tuple[Employment, ...]
    as_of: date

    def input_hash(self, provider: str, model: str) -> str:
        """64 hex digits, equal exactly when the same rater would be asked the same thing under the same rules."""
        asked = {"brief": asdict(self), "provider": provider, "model": model, "rules": RULES_VERSION}
        canonical = json.dumps(asked, sort_keys=True, separators=(",", ":"), default=date.isoformat)
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Rating:
    """The answer: `score` is whole points 0 to 100; `strengths` and `gaps` are short sentences for a recruiter."""

    score: int
    recommendation: Recommendation
    requirements: tuple[RequirementVerdict, ...]
    strengths: tuple[str, ...]
    gaps: tuple[str, ...]
    provider: str
    model: str

    def to_json(self) -> dict[str, Any]:
        """The rating in plain JSON types, keys as in the API."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


class Rater(Protocol):
    """Whoever rates. `rate` may raise Unavailable; `provider` and `model` are part of the input hash."""

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    def rate(self, brief: Brief) -> Rating:
        """The rating of one résumé against one position's requirements."""
        ...


def verified(rating: Rating, document: DocumentText | None) -> Rating:
    """The rating without any quote that does not stand verbatim at its offsets in `document`.

    A verdict left without evidence says NOT_STATED, the score follows the verdicts that remain (never the provider's
    own figure), and strengths are told again from the quotes that stand. NEEDS_HUMAN stays.
    """
    checked = tuple(_backed(each, document) for each in rating.requirements)
    needs_human = rating.recommendation is Recommendation.NEEDS_HUMAN
    strengths, gaps = rating.strengths, rating.gaps
    if checked != rating.requirements:
        strengths = tuple(f"{each.text}: “{each.evidence[0].quote}”" for each in checked if each.verdict is Verdict.MET)
        gaps = gaps + tuple(_lost(rating.requirements, checked))
    return replace(
        rating,
        score=score_of(checked),
        recommendation=Recommendation.NEEDS_HUMAN if needs_human else recommendation_of(checked),
        requirements=checked,
        strengths=strengths,
        gaps=gaps,
    )


def _backed(verdict: RequirementVerdict, document: DocumentText | None) -> RequirementVerdict:
    evidence = tuple(quote for quote in verdict.evidence if _stands(quote, document))
    if evidence == verdict.evidence and (evidence or verdict.verdict is Verdict.NOT_STATED):
        return verdict
    if evidence:
        return replace(verdict, evidence=evidence)
    return replace(verdict, evidence=(), verdict=Verdict.NOT_STATED, confidence=0.0)


def _stands(quote: Quote, document: DocumentText | None) -> bool:
    return document is not None and bool(document.pages) and document.stands_here(quote)


def _lost(before: tuple[RequirementVerdict, ...], after: tuple[RequirementVerdict, ...]) -> list[str]:
    pairs = zip(before, after, strict=True)
    return [f"{new.text}: no passage of the résumé shows it." for old, new in pairs if old.verdict is not new.verdict]
