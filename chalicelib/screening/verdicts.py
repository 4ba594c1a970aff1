"""The words a screening speaks in: kinds of requirement, verdicts on them, and what is recommended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.resumes.text import Quote


class RequirementKind(StrEnum):
    """Whether the position insists on a requirement or would merely like it."""

    MUST = "must"
    NICE = "nice"


class Verdict(StrEnum):
    """What the résumé says about one requirement. Silence is NOT_STATED, never NOT_MET."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_STATED = "not_stated"


class Recommendation(StrEnum):
    """Advice to a person, who decides. NEEDS_HUMAN: the résumé could not be rated fairly without being read."""

    STRONG_MATCH = "strong_match"
    POTENTIAL_MATCH = "potential_match"
    LOW_MATCH = "low_match"
    NEEDS_HUMAN = "needs_human"


@dataclass(frozen=True, slots=True)
class RequirementVerdict:
    """One requirement, what the résumé says about it, and the passages that say so (best first, at most 3).

    `confidence` is 0 to 1. `weight` (1 to 5) and `kind` are the requirement's own: the score is made from this alone.
    """

    requirement_id: str
    text: str
    kind: RequirementKind
    weight: int
    verdict: Verdict
    evidence: tuple[Quote, ...]
    confidence: float
