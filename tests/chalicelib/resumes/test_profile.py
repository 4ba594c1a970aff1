"""Profiles read from whole résumés, nothing read from what is none, and promises kept for any text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.resumes.profile import Education, Experience, Found, ResumeProfile, extract
from chalicelib.resumes.text import DocumentText
from tests.chalicelib.resumes import resume_texts as texts

MARCH_2024 = date(2024, 3, 15)

# name, e-mail, phone, location, headline
PEOPLE: dict[str, tuple[str | None, ...]] = {
    "NURSE": (
        "María-José O'Connor", "maria.oconnor@example.com", "+12175550142", "Springfield, IL", "Registered Nurse",
    ),
    "GERMAN": ("Jürgen van der Müller", "juergen.mueller@example.de", "+493023125417", "Berlin", None),
    "FRENCH": ("Camille Dupont-Lefèvre", "camille.dupont@example.fr", "+33142685300", "Paris, France", "Comptable"),
    "SPANISH": (
        "Lucía Fernández de la Cruz", "lucia.fernandez@example.es", "+34612345678", "Madrid, España",
        "Ingeniera de software",
    ),
    "SPACED_OUT": ("Jane Doe", "jane.doe@example.com", "+16175550123", "Boston, MA", "Marketing Manager"),
    "DATE_FIRST": ("Kwame N. Asante Jr.", "kwame.asante@example.com", "+233302761234", "Accra, Ghana", None),
    "LABELLED_SKILLS": (
        "Priyanka Chandrasekaran", "priyanka.c@example.in", "+919876543210", "Bengaluru, India", "Full Stack Developer",
    ),
    "TEACHER": ("Siobhán Ní Dhomhnaill", "siobhan@example.ie", "+353850123456", "Cork, Ireland", None),
    "ONE_EMPLOYER": ("Tomasz Wiśniewski", "tomasz.wisniewski@example.pl", None, "Warszawa, Poland", None),
    "CONSTRUCTION": ("Dale Whitcomb", "dwhitcomb@example.net", "+13035550178", "Denver, Colorado", "Site Supervisor"),
    "CHINESE": ("王小明", "wang.xiaoming@example.cn", "+8613800138000", None, None),
    "TWO_PAGES": (
        "Anneliese Brandt", "anneliese.brandt@example.at", "+43158800123", "Vienna, Austria", "Head of Legal",
    ),
    "PHARMACIST": ("Fatima Al-Sayed", "fatima.alsayed@example.ae", "+971501234567", "Dubai, UAE", "Pharmacist"),
    # A national number without a country is nobody's to guess.
    "EXECUTIVE": (
        "Margaret A. Thornbury", "margaret.thornbury@example.com", None, None, "Chief Financial Officer",
    ),
    "ACCOUNTANT": ("Grace Mwangi", "grace.mwangi@example.ke", "+254712345678", "Nairobi, Kenya", None),
}  # fmt: skip

# title, employer, place, start, end ("now" while it lasts)
JOBS: dict[str, list[tuple[str | None, ...]]] = {
    "NURSE": [
        ("Senior Staff Nurse", "St. Mary's Hospital", "Springfield, IL", "2019-01", "now"),
        ("Staff Nurse", "Lakeside Clinic", "Chicago, IL", "2015-06", "2018-12"),
    ],
    "GERMAN": [
        ("Vertriebsleiter", "Müller & Söhne GmbH", "Berlin", "2020-03", "now"),
        ("Vertriebsmitarbeiter", "Nordlicht AG", "Hamburg", "2015-04", "2020-02"),
    ],
    "FRENCH": [
        ("Comptable générale", "Cabinet Martin SARL", "Paris", "2018-01", "now"),
        ("Assistante comptable", "Boulangerie Moreau SA", "Lyon", "2014-09", "2017-12"),
    ],
    "SPANISH": [
        ("Ingeniera de software", "Soluciones Iberia S.L.", "Madrid, España", "2019-03", "now"),
        ("Desarrolladora web", "Costa Digital S.A.", "Valencia, España", "2016-01", "2019-02"),
    ],
    "SPACED_OUT": [
        ("Marketing Manager", "Harborview Media Inc.", None, "2018-05", "now"),
        ("Marketing Coordinator", "Brightline Studios", None, "2014-06", "2018-04"),
    ],
    "DATE_FIRST": [
        ("Warehouse Supervisor", "Golden Coast Logistics Ltd", None, "2019", "now"),
        ("Forklift Operator", "Tema Port Services", None, "2015", "2019"),
    ],
    "LABELLED_SKILLS": [
        ("Full Stack Developer", "Zenith Software Labs Pvt Ltd", "Bengaluru", "2020-08", "now"),
        ("Junior Developer", "Orchid Systems", "Chennai", "2018-07", "2020-07"),
    ],
    "TEACHER": [
        ("Primary Teacher", "Scoil Mhuire National School", None, "2016-09", "now"),
        ("Substitute Teacher", "St. Brigid's School", None, "2012-09", "2016-06"),
    ],
    "ONE_EMPLOYER": [
        ("Operations Manager", "Baltic Freight S.A.", "Gdynia, Poland", "2021-01", "now"),
        ("Dispatcher", "Baltic Freight S.A.", "Gdynia, Poland", "2017-05", "2020-12"),
    ],
    "CONSTRUCTION": [
        ("Site Supervisor", "Granite Peak Construction", "Denver, CO", "2014", "now"),
        ("Carpenter", "Whitcomb Builders LLC", "Boulder, CO", "2006", "2014"),
    ],
    "CHINESE": [("Software Engineer", "Pearl River Technologies Co., Ltd", None, "2018", "now")],
    "TWO_PAGES": [
        ("Head of Legal", "Donau Energie AG", "Vienna, Austria", "2017-04", "now"),
        ("Legal Counsel", "Alpenbank AG", "Graz, Austria", "2012-09", "2017-03"),
    ],
    "PHARMACIST": [
        ("Senior Pharmacist", "Aster Pharmacy", None, "2017-03", "now"),
        ("Pharmacist", "Boots Group", "London", "2012", "2017"),
    ],
    "EXECUTIVE": [
        ("Chief Financial Officer", "MIDWEST TOOL & DIE, INC.", "Chicago, IL", "2015", "now"),
        (None, "HARLAN FOODS CORPORATION", "Omaha, NE", "2008", "2015"),
        ("Vice President, Finance", "HARLAN FOODS CORPORATION", "Omaha, NE", "2011", "2015"),
        ("Corporate Controller", "HARLAN FOODS CORPORATION", "Omaha, NE", "2008", "2011"),
    ],
    "ACCOUNTANT": [
        ("Accountant", "Safari Foods Ltd", "Nairobi, Kenya", "2019-02", "now"),
        ("Junior Accountant", "Kilimo Co-operative", "Nakuru, Kenya", "2016-01", "2019-01"),
    ],
}

# school, degree, field, first and last year
STUDIES: dict[str, tuple[str | int | None, ...]] = {
    "NURSE": ("University of Illinois", "Bachelor of Science", "Nursing", 2011, 2015),
    "GERMAN": ("Universität Hamburg", "Diplom-Kaufmann", None, 2009, 2014),
    "FRENCH": ("Lycée Voltaire", "BTS", "Comptabilité et gestion", 2012, 2014),
    "SPANISH": ("Universidad Politécnica de Madrid", "Grado", "Ingeniería Informática", 2011, 2015),
    "SPACED_OUT": ("Boston University", "B.A.", "Communications", None, 2014),
    "DATE_FIRST": ("Accra Technical University", "Higher Diploma", "Logistics", 2011, 2015),
    "LABELLED_SKILLS": ("Anna University", "B.Tech", "Computer Science", 2014, 2018),
    "TEACHER": ("University of Limerick", "Bachelor of Education", None, 2008, 2012),
    "ONE_EMPLOYER": ("Gdynia Maritime University", "Master of Science", "Logistics", 2015, 2017),
    "CONSTRUCTION": ("Boulder High School", "High School Diploma", None, None, 2005),
    "CHINESE": ("Sun Yat-sen University", "BSc", "Computer Science", 2014, 2018),
    "TWO_PAGES": ("University of Vienna", "Master of Laws", None, 2006, 2011),
    "PHARMACIST": ("University of Jordan", "Bachelor of Pharmacy (B.Pharm)", None, 2007, 2012),
    "EXECUTIVE": ("University of Nebraska–Lincoln", "B.S.", "Accounting", None, 2001),
    "ACCOUNTANT": ("University of Nairobi", "Bachelor of Commerce (Accounting)", None, 2012, 2015),
}

SKILLS = {
    "NURSE": {"Wound care", "Triage", "IV therapy", "Basic life support", "Epic EHR"},
    "GERMAN": {"Microsoft Excel", "SAP", "Verhandlungsführung", "Salesforce"},
    "FRENCH": {"Microsoft Excel", "Sage accounting", "IFRS"},
    "LABELLED_SKILLS": {"Python", "Go", "R", "JavaScript", "AWS", "Kubernetes", "Git", "Jira", "Confluence", "Node.js"},
    "CONSTRUCTION": {"OSHA", "Blueprint reading", "Scaffolding"},
    "TWO_PAGES": {"Contract law", "Data protection", "Litigation"},
}


def document(name: str) -> DocumentText:
    written = getattr(texts, name)
    return DocumentText.of_pages([written] if isinstance(written, str) else list(written))


def read(name: str) -> ResumeProfile:
    return extract(document(name))


def value(found: Found[Any] | None) -> Any:
    return None if found is None else found.value


def every_found(part: object) -> Iterator[Found[Any]]:
    """All that was found, however deep."""
    if isinstance(part, Found):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from every_found(item)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from every_found(getattr(part, field.name))


@pytest.mark.parametrize("name", PEOPLE)
def test_a_resume_says_who_it_is_about(name: str) -> None:
    profile = read(name)

    read_values = (profile.name, profile.email, profile.phone, profile.location, profile.headline)
    assert tuple(map(value, read_values)) == PEOPLE[name]


@pytest.mark.parametrize("name", JOBS)
def test_a_resume_lists_its_jobs(name: str) -> None:
    jobs = [
        (value(job.title), value(job.organization), value(job.location),
         job.started and str(job.started.value), "now" if job.is_current else job.ended and str(job.ended.value))
        for job in read(name).experience
    ]  # fmt: skip

    assert jobs == JOBS[name]


@pytest.mark.parametrize("name", STUDIES)
def test_a_resume_says_what_was_studied_and_where(name: str) -> None:
    (entry,) = read(name).education

    read_values = (entry.institution, entry.degree, entry.field, entry.start_year, entry.end_year)
    assert tuple(map(value, read_values)) == STUDIES[name]


@pytest.mark.parametrize("name", SKILLS)
def test_a_resume_names_skills_by_their_usual_names(name: str) -> None:
    assert SKILLS[name] <= {skill.value for skill in read(name).skills}


def test_links_and_languages_are_read_in_one_form() -> None:
    assert [link.value for link in read("SPANISH").links] == ["https://github.com/luciaf"]
    assert [link.value for link in read("LABELLED_SKILLS").links] == ["https://www.priyanka.dev"]
    assert [language.value for language in read("GERMAN").languages] == ["German", "English"]
    assert [language.value for language in read("PHARMACIST").languages] == ["Arabic", "English"]
    assert [skill.value for skill in read("PHARMACIST").skills] == ["Counselling", "Inventory management"]


def test_a_description_is_the_jobs_own_and_keeps_its_lines() -> None:
    first, second = read("NURSE").experience

    assert first.description is not None
    assert first.description.value == (
        "Care for 4 to 6 patients per shift, including wound care and triage.\nTrained 12 new nurses in IV therapy."
    )
    assert value(second.description) == "Patient education and medication administration."


def test_what_stands_on_page_two_says_so() -> None:
    first, second = read("TWO_PAGES").experience

    assert (first.page, second.page) == (1, 2)
    assert second.title is not None
    assert second.title.page == 2


def test_the_passage_is_what_stands_there_and_the_value_its_usual_form() -> None:
    text, profile = document("NURSE"), read("NURSE")

    assert profile.name is not None
    assert profile.phone is not None
    assert text.text[profile.name.start : profile.name.end] == "MARÍA-JOSÉ O'CONNOR"
    assert text.text[profile.phone.start : profile.phone.end] == "(217) 555-0142"


@pytest.mark.parametrize("name", ["LETTER", "RECIPE", "JOB_AD", "INVOICE", "PROJECT_BRIEF"])
def test_a_document_that_is_no_resume_has_no_candidate(name: str) -> None:
    profile = read(name)

    assert (profile.name, profile.email, profile.phone, profile.location, profile.headline) == (None,) * 5
    assert profile.experience == ()
    assert profile.education == ()


def test_a_referees_address_is_not_the_candidates() -> None:
    written = texts.NURSE.replace("maria.oconnor@example.com", "")

    assert extract(DocumentText.of_pages([written])).email is None


def test_months_of_two_jobs_at_once_count_once() -> None:
    written = """Experience
Nurse, City Hospital   Jan 2020 – Dec 2020
Tutor, Night School   Jul 2020 – Mar 2021
Driver, Parcel Ltd   2022 – 2023
"""
    profile = extract(DocumentText.of_pages([written]))

    assert profile.experience_months(MARCH_2024) == 15 + 12
    assert profile.experience_months(date(2020, 6, 30)) == 6
    assert profile.experience_months(date(2019, 1, 1)) == 0


def test_a_job_that_lasts_counts_up_to_the_day_asked_about() -> None:
    profile = read("ONE_EMPLOYER")

    assert profile.experience_months(MARCH_2024) == 44 + 39


def test_a_profile_becomes_json() -> None:
    answer = json.loads(json.dumps(read("ONE_EMPLOYER").to_json()))

    assert answer["phone"] is None
    assert answer["experience"][0]["started"]["value"] == "2021-01"
    assert answer["name"] == {"value": "Tomasz Wiśniewski", "page": 1, "start": 0, "end": 17}


def test_an_empty_document_has_an_empty_profile() -> None:
    assert extract(DocumentText("", ())) == extract(DocumentText.of_pages([""])) == ResumeProfile()


def check_places(text: DocumentText) -> None:
    """Every value found has a place within the text, and its page is the one that holds it."""
    profile = extract(text)
    for found in every_found(profile):
        assert 0 <= found.start < found.end <= len(text.text)
        assert found.page == text.page_number_at(found.start)
        assert text.text[found.start : found.end].strip()
    entries: list[Experience | Education] = [*profile.experience, *profile.education]
    for entry in entries:
        assert 0 <= entry.start < entry.end <= len(text.text)
        assert entry.page == text.page_number_at(entry.start)


@pytest.mark.parametrize("name", [*PEOPLE, "LETTER", "RECIPE", "JOB_AD", "INVOICE", "PROJECT_BRIEF"])
def test_every_value_has_its_place(name: str) -> None:
    check_places(document(name))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=3))
def test_any_text_is_read_without_failing(pages: list[str]) -> None:
    check_places(DocumentText.of_pages(pages))


LINES = [line for name in PEOPLE for line in document(name).text.splitlines()]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=40), st.integers(0, 40), st.sampled_from(["\n", "\r\n", "\n\n", "\t"]))
def test_lines_of_resumes_in_any_order_are_read_without_failing(lines: list[str], cut: int, end: str) -> None:
    check_places(DocumentText.of_pages([end.join(lines[:cut]), end.join(lines[cut:])]))


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "@", "a@", "a.", "1", "+1 ", "x\t", "• ", "J A N E   ", "www.a.com/", "a | ", "(415) 555-2671 ",
     "Name: ",
     "Jan 2019 – Present\n", "2019 - 2020 ", "BSc University of X 2019\n", "python, ", "ab(c), ", "Header Line\n"],
)  # fmt: skip
@pytest.mark.parametrize("section", ["", "Experience\n", "Education\n", "Skills\n"])
def test_long_monotonous_text_is_read(section: str, piece: str) -> None:
    # Such text makes a search that backtracks run for hours; the suite's own time limit would end it.
    check_places(DocumentText.of_pages([section + piece * (60_000 // len(piece))]))
