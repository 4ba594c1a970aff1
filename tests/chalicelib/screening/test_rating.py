"""The check that every rating passes, whoever made it; and the hash of what was asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.resumes.dates import YearMonth
from chalicelib.resumes.fields import Experience, Found
from chalicelib.resumes.text import DocumentText, Quote
from chalicelib.screening.rating import (
    Brief,
    Employment,
    Rating,
    Recommendation,
    Requirement,
    RequirementKind,
    RequirementVerdict,
    Verdict,
    verified,
)
from tests.chalicelib.screening.resumes import a_brief, a_document

DOCUMENT = a_document("Wrote Python", "Ran Kubernetes")
TRUE = DOCUMENT.quote(0, 12)
FORGED = Quote("Ran Terraform", 2, 13, 26)


def a_verdict(
    *evidence: Quote, verdict: Verdict = Verdict.MET, kind: RequirementKind = RequirementKind.MUST
) -> RequirementVerdict:
    return RequirementVerdict("r1", "Python", kind, 3, verdict, evidence, 0.9)


def a_rating(*verdicts: RequirementVerdict, recommendation: Recommendation = Recommendation.STRONG_MATCH) -> Rating:
    return Rating(100, recommendation, verdicts, ("Knows it all",), (), "a model", "v1")


def test_a_true_quote_stays() -> None:
    rating = a_rating(a_verdict(TRUE))

    assert verified(rating, DOCUMENT) == rating


@pytest.mark.parametrize(
    "forged",
    [
        FORGED,
        replace(TRUE, page=2),
        replace(TRUE, start=1, end=13),
        replace(TRUE, end=900),
        replace(TRUE, start=-12),
        Quote("", 1, 0, 0),
    ],
)
def test_a_forged_quote_takes_its_verdict_score_and_praise_with_it(forged: Quote) -> None:
    checked = verified(a_rating(a_verdict(forged)), DOCUMENT)

    assert checked.requirements[0].verdict is Verdict.NOT_STATED
    assert checked.requirements[0].evidence == ()
    assert (checked.score, checked.recommendation) == (0, Recommendation.LOW_MATCH)
    assert checked.strengths == ()
    assert checked.gaps == ("Python: no passage of the résumé shows it.",)


def test_one_true_quote_carries_a_verdict_and_retells_its_strength() -> None:
    checked = verified(a_rating(a_verdict(FORGED, TRUE)), DOCUMENT)

    assert checked.requirements[0].evidence == (TRUE,)
    assert checked.score == 100
    assert checked.strengths == ("Python: “Wrote Python”",)


def test_a_refusal_without_a_quote_is_no_refusal() -> None:
    assert (
        verified(a_rating(a_verdict(verdict=Verdict.NOT_MET)), DOCUMENT).requirements[0].verdict is Verdict.NOT_STATED
    )


def test_a_score_of_the_provider_s_own_making_is_not_kept() -> None:
    rating = replace(a_rating(a_verdict(TRUE), a_verdict(verdict=Verdict.NOT_STATED)), score=99)

    assert verified(rating, DOCUMENT).score == 50


def test_a_call_for_a_human_is_kept() -> None:
    rating = a_rating(a_verdict(TRUE), recommendation=Recommendation.NEEDS_HUMAN)

    assert verified(rating, DOCUMENT).recommendation is Recommendation.NEEDS_HUMAN


@pytest.mark.parametrize("document", [None, DocumentText("Wrote Python", ())])
def test_without_a_document_nothing_stands(document: DocumentText | None) -> None:
    assert verified(a_rating(a_verdict(TRUE)), document).score == 0


def test_a_rating_is_plain_json() -> None:
    plain = json.loads(json.dumps(a_rating(a_verdict(TRUE)).to_json()))

    assert plain["recommendation"] == "strong_match"
    assert plain["requirements"][0]["evidence"] == [{"quote": "Wrote Python", "page": 1, "start": 0, "end": 12}]


def other_briefs(brief: Brief) -> list[Brief]:
    """The brief with each of its parts changed in turn."""
    document = brief.document
    assert document is not None
    return [
        replace(brief, position_title="Another"),
        replace(brief, experience_years_min=3),
        replace(brief, requirements=(Requirement("r1", "Python", RequirementKind.NICE, 3),)),
        replace(brief, document=a_document(document.text + " ")),
        replace(brief, document=None),
        replace(brief, employment=brief.employment[:-1]),
        replace(brief, as_of=date(2026, 12, 1)),
    ]


def test_every_part_of_the_brief_and_the_rater_moves_the_hash() -> None:
    brief = a_brief("Python", resume="Dev, Jan 2018 – Mar 2024\nPython")
    others = [other.input_hash("offline", "v1") for other in other_briefs(brief)]

    hashes = [
        brief.input_hash("offline", "v1"),
        brief.input_hash("bedrock", "v1"),
        brief.input_hash("offline", "v2"),
        *others,
    ]

    assert len(set(hashes)) == len(hashes) == 10
    assert {len(each) for each in hashes} == {64}


def an_experience(started: Found[YearMonth] | None) -> Experience:
    title = Found("Nurse", 1, 0, 5)
    return Experience(title, None, None, started, None, True, None, 1, 0, 40)


def test_a_job_of_the_profile_is_an_employment_with_its_whole_entry_as_span() -> None:
    job = an_experience(Found(YearMonth(2018, 1), 1, 7, 15))

    assert Employment.of(job) == Employment("Nurse", "", YearMonth(2018, 1), None, True, 0, 40)


def test_a_job_without_a_start_counts_no_time() -> None:
    assert Employment.of(an_experience(None)) is None
