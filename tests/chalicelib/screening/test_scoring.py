"""Points, halves and thresholds."""

from __future__ import annotations

import pytest

from chalicelib.resumes.text import Quote
from chalicelib.screening.rating import Recommendation, RequirementKind, RequirementVerdict, Verdict
from chalicelib.screening.scoring import recommendation_of, score_of

MUST, NICE = RequirementKind.MUST, RequirementKind.NICE
MET, NOT_MET, NOT_STATED = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_STATED
QUOTE = Quote("x", 1, 0, 1)


def judged(
    verdict: Verdict, kind: RequirementKind = MUST, weight: int = 1, *, quoted: bool = False
) -> RequirementVerdict:
    evidence = (QUOTE,) if quoted or verdict is MET else ()
    return RequirementVerdict("r", "r", kind, weight, verdict, evidence, 1.0)


@pytest.mark.parametrize(
    ("verdicts", "score"),
    [
        ([], 0),
        ([judged(MET)], 100),
        ([judged(NOT_MET, quoted=True)], 0),
        ([judged(NOT_STATED)], 0),
        ([judged(NOT_STATED, quoted=True)], 25),
        ([judged(MET), judged(NOT_STATED, NICE)], 67),
        ([judged(MET, NICE), judged(NOT_STATED)], 33),
        ([judged(MET, weight=5), judged(NOT_MET, weight=1)], 83),
        ([judged(MET), *[judged(NOT_STATED)] * 7], 13),
    ],
)
def test_the_score_is_the_weighted_share_of_what_is_proven(verdicts: list[RequirementVerdict], score: int) -> None:
    assert score_of(verdicts) == score


@pytest.mark.parametrize(
    ("verdicts", "advice"),
    [
        ([judged(MET), judged(MET)], Recommendation.STRONG_MATCH),
        ([judged(MET, weight=5), judged(NOT_STATED, weight=1)], Recommendation.POTENTIAL_MATCH),
        ([judged(MET), judged(NOT_STATED, NICE)], Recommendation.POTENTIAL_MATCH),
        ([judged(MET), judged(MET), judged(NOT_STATED, NICE)], Recommendation.STRONG_MATCH),
        ([judged(MET), judged(NOT_MET), judged(NOT_MET)], Recommendation.LOW_MATCH),
        ([judged(MET, NICE)], Recommendation.STRONG_MATCH),
    ],
)
def test_a_strong_match_proves_every_must(verdicts: list[RequirementVerdict], advice: Recommendation) -> None:
    assert recommendation_of(verdicts) is advice
