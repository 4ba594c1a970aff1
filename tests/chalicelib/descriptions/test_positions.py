"""What is read in position descriptions, where it stands, and what is left open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.descriptions.drafts import DraftPosition
from chalicelib.descriptions.positions import read_positions
from chalicelib.positions.schemas import NewPosition
from chalicelib.resumes.fields import Found
from chalicelib.screening.verdicts import RequirementKind
from tests.chalicelib.descriptions.position_texts import KNOWN, Said
from tests.chalicelib.descriptions.samples import description, document
from tests.chalicelib.descriptions.unseen_texts import UNSEEN, UNSEEN_TOO

ALL = KNOWN | UNSEEN | UNSEEN_TOO
MUST, NICE = RequirementKind.MUST, RequirementKind.NICE
SHORT = "Nurse\n\nResponsibilities\n- Care for patients\n\nRequirements\n"


def only(words: str) -> DraftPosition:
    (draft,) = read_positions(document(words))
    return draft


def value(found: Found[Any] | None) -> Any:
    return found.value if found else None


def texts(draft: DraftPosition, kind: RequirementKind) -> list[str]:
    return [each.text.value for each in draft.requirements if each.kind is kind]


def begin_with(found: list[str], beginnings: tuple[str, ...]) -> bool:
    return len(found) == len(beginnings) and all(a.startswith(b) for a, b in zip(found, beginnings, strict=True))


def founds(draft: DraftPosition) -> Iterator[Found[Any]]:
    for name in DraftPosition.__dataclass_fields__:
        held = getattr(draft, name)
        if isinstance(held, Found):
            yield held
    yield from draft.responsibilities
    yield from (each.text for each in draft.requirements)


@pytest.fixture(params=ALL)
def said(request: pytest.FixtureRequest) -> Said:
    case: Said = ALL[request.param]
    return case


def test_the_facts_are_read_and_nothing_else(said: Said) -> None:
    draft = read_positions(document(said.text))[0]

    assert value(draft.title) == said.title
    assert value(draft.location) == said.location
    assert value(draft.department) == said.department
    assert value(draft.experience_years_min) == said.years
    assert value(draft.employment_type) == said.employment
    assert value(draft.openings) == said.openings


def test_the_salary_is_read_as_stated(said: Said) -> None:
    draft = read_positions(document(said.text))[0]

    ends = [None if end is None else float(end.value) for end in (draft.salary_min, draft.salary_max)]
    assert (*ends, value(draft.currency)) == said.salary


def test_requirements_are_split_into_must_and_nice(said: Said) -> None:
    draft = read_positions(document(said.text))[0]

    assert begin_with(texts(draft, MUST), said.musts)
    assert begin_with(texts(draft, NICE), said.nices)
    assert len(draft.responsibilities) == said.tasks


def test_every_text_stands_where_it_is_said_to(said: Said) -> None:
    text = document(said.text)
    for draft in read_positions(text):
        for found in (draft.title, draft.location, draft.department, draft.description, *draft.responsibilities):
            assert found is None or " ".join(text.text[found.start : found.end].split()) == found.value
        for requirement in draft.requirements:
            found = requirement.text
            assert " ".join(text.text[found.start : found.end].split()) == found.value
        assert all(text.page_number_at(found.start) == found.page for found in founds(draft))


def test_a_draft_fits_the_body_of_a_new_position(said: Said) -> None:
    draft = read_positions(document(said.text))[0]

    body = NewPosition.model_validate(
        {
            "title": value(draft.title),
            "location": value(draft.location),
            "department": value(draft.department),
            "experience_years_min": value(draft.experience_years_min),
            "salary_min": value(draft.salary_min),
            "salary_max": value(draft.salary_max),
            "currency": value(draft.currency),
            "description": value(draft.description),
            "requirements": [
                {"text": each.text.value, "kind": each.kind, "weight": each.weight} for each in draft.requirements
            ],
        }
    )

    assert len(body.requirements) == len(said.musts) + len(said.nices)


def test_one_document_may_describe_several_positions() -> None:
    site, survey = read_positions(document(KNOWN["two_positions"].text))

    assert [value(site.title), value(survey.title)] == ["Site Manager", "Quantity Surveyor"]
    assert [value(site.location), value(survey.location)] == ["Leeds", "Manchester"]
    assert (value(site.salary_min), value(survey.salary_min)) == (None, 45_000)
    assert texts(survey, NICE) == ["Membership of RICS desirable"]


def test_a_subheading_with_a_job_in_it_does_not_part_one_position() -> None:
    draft = only("Foreman\nResponsibilities\n- Lead the team\nSite Engineer duties\n- Set out\nRequirements\n- Licence")

    assert value(draft.title) == "Foreman"
    assert texts(draft, MUST) == ["Licence"]


def test_a_degree_among_the_requirements_does_not_part_one_position() -> None:
    asked = "Skills\nCommunication\nEducation\nAssociate degree in dental hygiene\nExperience\nTwo years\n"
    draft = only("Dental Hygienist\nDuties\nClean teeth\n" + asked)

    assert texts(draft, MUST) == ["Communication", "Associate degree in dental hygiene", "Two years"]


@pytest.mark.parametrize(
    ("bullet", "kind"),
    [
        ("Ideally a degree in law", NICE),
        ("A degree in law is a plus", NICE),
        ("Docker, Kubernetes or Terraform preferred", NICE),
        ("Kenntnisse in DATEV, SAP oder Lexware von Vorteil", NICE),
        ("L'allemand serait un plus", NICE),
        ("Se valorará francés", NICE),
        ("5 years in nursing, ideally in a hospital", MUST),
        ("Degree required; a master's is a plus", MUST),
        ("Sehr gutes Deutsch, Englisch von Vorteil", MUST),
        ("An ideal of service", MUST),
    ],
)
def test_words_in_a_bullet_make_it_nice_only_when_they_hold_for_all_of_it(bullet: str, kind: RequirementKind) -> None:
    (requirement,) = only(f"{SHORT}- {bullet}\n").requirements

    assert (requirement.text.value, requirement.kind) == (bullet, kind)


def test_what_the_document_insists_on_weighs_most() -> None:
    draft = only(f"{SHORT}- Driving licence (mandatory)\n- Excel\n")

    assert [each.weight for each in draft.requirements] == [5, 3]


def test_a_long_bullet_is_cut_at_a_word_and_its_place_is_exact() -> None:
    text = document(f"{SHORT}- {'Experience with scaffolding ' * 40}\n")

    found = read_positions(text)[0].requirements[0].text

    assert 480 < len(found.value) <= 500
    assert text.text[found.start : found.end] == found.value
    assert text.text[found.end] == " "


def test_a_bullet_goes_on_over_lines_and_pages() -> None:
    text = document(f"{SHORT}- Experience of timber frame and of brick and block building with trades\nof all\fsorts\n")

    found = read_positions(text)[0].requirements[0].text

    assert found.value.endswith("with trades of all sorts")
    assert text.text[found.end - 5 : found.end] == "sorts"


def test_there_are_never_more_than_fifty_requirements() -> None:
    draft = only(SHORT + "".join(f"- Skill number {number}\n" for number in range(80)))

    assert len(draft.requirements) == 50


@pytest.mark.parametrize(
    ("bullet", "years"),
    [
        ("5+ years of experience", 5),
        ("at least five years' experience in sales", 5),
        ("3-5 years experience", 3),
        ("3 bis 5 Jahre Berufserfahrung", 3),
        ("Three (3) or more years of litigation experience", 3),
        ("minimum 2 ans d'expérience", 2),
        ("más de 4 años de experiencia", 4),
        ("Several years of experience", None),
        ("Mehrjährige Berufserfahrung", None),
        ("At least 18 years old", None),
        ("A contract of 2 years", None),
        ("Experience with a 10-year-old system", None),
    ],
)
def test_years_of_experience_are_read_where_they_are_stated(bullet: str, years: int | None) -> None:
    assert value(only(f"{SHORT}- {bullet}\n").experience_years_min) == years


def test_the_age_of_the_company_is_no_experience_asked_for() -> None:
    draft = only(f"Nurse\nWe have over 25 years of experience in care.\n{SHORT[7:]}- Kindness\n")

    assert draft.experience_years_min is None


def test_of_several_musts_the_most_years_count_and_wishes_do_not() -> None:
    asked = "- 2 years of experience with SAP\n- 5 years of experience in accounting\nNice to have\n"
    draft = only(f"{SHORT}{asked}- 10 years of experience in audit\n")

    assert value(draft.experience_years_min) == 5


def test_what_is_not_stated_is_left_open() -> None:
    draft = only(f"{SHORT}- Kindness\n")

    said = {name for name, found in draft.to_json().items() if found}
    assert said == {"title", "responsibilities", "requirements"}


@pytest.mark.parametrize("words", ["", "Nothing here asks for anybody.", "Dear Sir,\nI write to you about a lamp.\n"])
def test_a_text_that_asks_for_nobody_has_no_positions(words: str) -> None:
    assert read_positions(document(words)) == ()


def test_the_sample_pdf_is_read_with_its_wrapped_bullets_whole() -> None:
    (draft,) = read_positions(description("site-manager-leeds.pdf"))

    assert draft.responsibilities[0].value.endswith("that everybody on site can read")
    assert (len(draft.responsibilities), len(texts(draft, MUST)), len(texts(draft, NICE))) == (5, 6, 2)
    assert (value(draft.openings), value(draft.experience_years_min), value(draft.salary_max)) == (2, 7, 60_000)


def test_the_sample_word_file_is_read_with_its_table() -> None:
    (draft,) = read_positions(description("pflegefachkraft-hamburg.docx"))

    assert (value(draft.title), value(draft.location), value(draft.department)) == (
        "Pflegefachkraft",
        "Hamburg",
        "Kardiologie",
    )
    assert (len(draft.responsibilities), len(texts(draft, MUST)), len(texts(draft, NICE))) == (4, 4, 3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*"\n\f-•:|,£5€ ", "Requirements\n", "Nurse", "years", "Salary: ", "looking for a ", "k"]))
)
def test_no_mixture_makes_it_raise(parts: list[str]) -> None:
    text = document("".join(parts))
    for draft in read_positions(text):
        assert all(0 <= found.start < found.end <= len(text.text) for found in founds(draft))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_raise(words: str) -> None:
    read_positions(document("Requirements\n" + words))
