"""Names as they stand on top of résumés, and what stands there in their place."""

from __future__ import annotations

import pytest

from chalicelib.resumes.profile import extract
from chalicelib.resumes.text import DocumentText

REST = """
Experience
Nurse, City Hospital    2019 - Present
Education
BSc Nursing, University of Leeds, 2015
"""


def name_and_headline(top: str) -> tuple[str | None, str | None]:
    profile = extract(DocumentText.of_pages([top + REST]))
    name, headline = profile.name, profile.headline
    return None if name is None else name.value, None if headline is None else headline.value


@pytest.mark.parametrize(
    ("top", "name"),
    [
        ("Jane Doe", "Jane Doe"),
        ("JANE DOE", "Jane Doe"),
        ("Ludwig van der Berg", "Ludwig van der Berg"),
        ("LUDWIG VAN DER BERG", "Ludwig van der Berg"),
        ("SEÁN O'BRIEN-MCCARTHY", "Seán O'Brien-McCarthy"),
        ("Mary-Jane O’Neill", "Mary-Jane O’Neill"),
        ("J. R. Hartley", "J. R. Hartley"),
        ("Kwame N. Asante Jr.", "Kwame N. Asante Jr."),
        ("Helen Abernathy, RN, BSN", "Helen Abernathy"),
        ("Dr. Ada Okoye", "Ada Okoye"),
        ("Name: Jane Doe", "Jane Doe"),
        ("Full name:   Jane Doe", "Jane Doe"),
        ("Nombre: Lucía Gómez de la Fuente", "Lucía Gómez de la Fuente"),
        ("Curriculum Vitae\nJane Doe", "Jane Doe"),
        ("Curriculum Vitae - Jane Doe", "Jane Doe"),
        ("Resume of Jane Doe", "Jane Doe"),
        ("Lebenslauf\n\nJörg Weiß", "Jörg Weiß"),
        ("Иван Петров", "Иван Петров"),
        ("Γιώργος Παπαδόπουλος", "Γιώργος Παπαδόπουλος"),
        ("محمد علي", "محمد علي"),
        ("김민수", "김민수"),
        ("姓名：王小明", "王小明"),
        ("山田 太郎", "山田 太郎"),
        ("J A N E   D O E", "Jane Doe"),
        ("Thomas Baker", "Thomas Baker"),
        ("Jane Doe\tjane@example.com\t+1 202 555 0143", "Jane Doe"),
    ],
)
def test_a_name_is_read_in_any_custom(top: str, name: str) -> None:
    assert name_and_headline(top)[0] == name


@pytest.mark.parametrize(
    ("top", "headline"),
    [
        ("Jane Doe, Senior Nurse", "Senior Nurse"),
        ("Jane Doe | Engineer", "Engineer"),
        ("Jane Doe – Head of Sales", "Head of Sales"),
        ("Jane Doe\nSenior Data Engineer", "Senior Data Engineer"),
        ("Jane Doe, MBA, CPA\nController | Finance", "Controller"),
        ("Jane Doe\nLeeds, UK", None),
    ],
)
def test_a_headline_stands_beside_or_under_the_name(top: str, headline: str | None) -> None:
    assert name_and_headline(top) == ("Jane Doe", headline)


@pytest.mark.parametrize(
    "top",
    [
        "Curriculum Vitae",
        "CURRICULUM VITAE",
        "Personal Profile",
        "Registered Nurse – Intensive Care",
        "Senior Software Engineer",
        "Brightwell Analytics Ltd",
        "St. Mary's Hospital",
        "Leeds, United Kingdom",
        "Project Management",
        "12 Canal Street",
        "jane@",
        "the quick brown fox",
        "References",
        "Jane",
    ],
)
def test_what_is_no_name_is_not_taken_for_one(top: str) -> None:
    assert name_and_headline(top)[0] is None


def test_a_name_beside_a_side_column_is_known_by_the_address() -> None:
    written = "CONTACT\nmarcus.okafor@example.com\nSKILLS\nSQL\nINTERESTS\nGreat Danes\nMarcus Okafor\nData Engineer"

    assert name_and_headline(written) == ("Marcus Okafor", "Data Engineer")
