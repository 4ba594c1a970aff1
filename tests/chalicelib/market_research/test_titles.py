"""Titles are compared by their words; what says nothing about the work is left out of them."""

from __future__ import annotations

import re

import pytest

from chalicelib.market_research.titles import Seniority, pattern_of, read_title
from chalicelib.screening.folding import fold

READ = {
    "Backend Engineer": ("backend engineer", None),
    "Senior Backend Engineer (m/f/d)": ("backend engineer", Seniority.SENIOR),
    "Back-End Developer m/w/d": ("backend engineer", None),
    "Sr. Back end Developer II": ("backend engineer", Seniority.SENIOR),
    "(Junior) Backend-Entwickler:in": ("backend engineer", Seniority.JUNIOR),
    "Softwareentwickler/in (all genders)": ("software engineer", None),
    "Ingénieur(e) logiciel H/F": ("engineer logiciel", None),
    "Mid-Level QA Engineer": ("qa engineer", Seniority.MID),
    "Quality Assurance Engineer": ("qa engineer", None),
    "Entry-level Nurses": ("nurse", Seniority.JUNIOR),
    "Team Lead Accounting": ("team accounting", Seniority.LEAD),
    "Senior Principal Engineer": ("engineer", Seniority.PRINCIPAL),
    "Praktikantin Marketing": ("marketing", Seniority.INTERN),
    "C++ Developer": ("c++ engineer", None),
    "Principal": ("principal", None),
    "Lead Generation Specialist": ("lead generation specialist", None),
    "Staff Nurse": ("staff nurse", None),
    "Head of Sales": ("head sale", None),
    "Дизайнер": ("дизаинер", None),
    "(m/f/d)": ("", None),
}
ANSWERS = [
    ("Backend Engineer", "Senior Back-end Developer, Payments", True),
    ("developer", "Mechanical Engineer", True),
    ("Senior Backend Engineer", "Backend Engineer", True),
    ("Java Backend Engineer", "Backend Engineer", False),
    ("Backend Engineer", "Backend Engineering Manager", False),
    ("Nurse", "Krankenpfleger (m/w/d)", True),
    ("Sales Rep", "Sales Representatives", True),
    ("Engineer", "Engine driver", False),
]


@pytest.mark.parametrize(("text", "expected"), READ.items(), ids=READ)
def test_a_title_is_its_words_and_its_seniority(text: str, expected: tuple[str, Seniority | None]) -> None:
    title = read_title(text)

    assert (" ".join(title.words), title.seniority) == expected


@pytest.mark.parametrize(("asked", "title", "answers"), ANSWERS)
def test_a_title_answers_when_every_word_asked_for_stands_in_it(asked: str, title: str, answers: bool) -> None:
    assert read_title(asked).is_answered_by(read_title(title)) is answers


def test_a_title_without_words_is_answered_by_nothing() -> None:
    assert not read_title("(m/f/d)").is_answered_by(read_title("Engineer"))


@pytest.mark.parametrize("text", READ)
def test_the_pattern_of_a_word_is_found_in_every_title_that_holds_it(text: str) -> None:
    # The database looks by patterns first: what they miss, nobody would find.
    assert all(re.search(pattern_of(word), fold(text)) for word in read_title(text).words)


def test_a_pattern_means_its_letters_and_nothing_else() -> None:
    assert pattern_of("c++") == r"c\+\+"
    assert re.search(pattern_of("hr"), "human resources")
