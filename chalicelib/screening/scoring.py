"""The score and the recommendation that follow from verdicts, for every provider alike (docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.screening.verdicts import Recommendation, RequirementKind, RequirementVerdict, Verdict

# A must counts double: three wishes of equal weight may outvote one must, but two may not.
KIND_FACTOR = {RequirementKind.MUST: 2, RequirementKind.NICE: 1}
# Quarters of a requirement's points. A mention that proves too little (a skill without its years) earns one quarter:
# worth more than silence, yet three of them never reach what one proven requirement earns.
MET_QUARTERS = 4
MENTION_QUARTERS = 1
# Strong: every must is proven and nearly all nice-to-haves of a typical 2:1 list with them.
STRONG_FROM = 75
# Potential: about half of what was asked is proven; below that, reading on rarely pays.
POTENTIAL_FROM = 45


def score_of(verdicts: Iterable[RequirementVerdict]) -> int:
    """Whole points, 0 to 100: the weighted share of requirements that the résumé proves; 0 when nothing was asked."""
    earned = possible = 0
    for verdict in verdicts:
        points = KIND_FACTOR[verdict.kind] * verdict.weight
        earned += points * quarters_of(verdict)
        possible += points * MET_QUARTERS
    if possible == 0:
        return 0
    return (200 * earned + possible) // (2 * possible)  # integers round half up, on every machine the same


def quarters_of(verdict: RequirementVerdict) -> int:
    """How many quarters of its points a requirement earns, 0 to 4."""
    if verdict.verdict is Verdict.MET:
        return MET_QUARTERS
    if verdict.verdict is Verdict.NOT_STATED and verdict.evidence:
        return MENTION_QUARTERS
    return 0


def recommendation_of(verdicts: Iterable[RequirementVerdict]) -> Recommendation:
    """Strong when every must is met and the score is at least 75, potential from 45, else low; never NEEDS_HUMAN."""
    judged = list(verdicts)
    score = score_of(judged)
    musts_met = all(each.verdict is Verdict.MET for each in judged if each.kind is RequirementKind.MUST)
    if musts_met and score >= STRONG_FROM:
        return Recommendation.STRONG_MATCH
    if score >= POTENTIAL_FROM:
        return Recommendation.POTENTIAL_MATCH
    return Recommendation.LOW_MATCH
