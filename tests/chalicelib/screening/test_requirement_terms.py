"""How a requirement is read: clauses that are each needed, of terms of which any will do."""

from __future__ import annotations

import pytest

from chalicelib.screening.degrees import DegreeTerm
from chalicelib.screening.languages import LanguageTerm
from chalicelib.screening.requirement_terms import clauses_of
from chalicelib.screening.terms import LicenceTerm


def labels(requirement: str) -> list[tuple[str, ...]]:
    return [tuple(term.label for term in clause.terms) for clause in clauses_of(requirement)]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("Python", [("Python",)]),
        ("AWS or Azure", [("AWS", "Azure")]),
        ("Kubernetes and Terraform", [("Kubernetes",), ("Terraform",)]),
        ("Python, SQL and AWS or Azure", [("Python",), ("SQL",), ("AWS", "Azure")]),
        ("Python, Java, or Kotlin", [("Python", "Java", "Kotlin")]),
        ("CI/CD", [("CI/CD",)]),
        ("C++ or C#", [("C++", "C#")]),
        ("Strong experience with Docker is a plus", [("Docker",)]),
        ("PostgreSQL or similar", [("PostgreSQL",)]),
        ("Relational databases such as PostgreSQL or MySQL", [("relational databases", "PostgreSQL", "MySQL")]),
        ("Experience with tools such as Jira or Asana", [("Jira", "Asana")]),
        ("Based in Berlin or Hamburg", [("Berlin", "Hamburg")]),
        ("5+ years of professional experience", [("experience",)]),
        ("and, or / ()", []),
        ("", []),
    ],
)
def test_and_or_and_commas_are_read_as_people_mean_them(requirement: str, expected: list[tuple[str, ...]]) -> None:
    assert labels(requirement) == expected


@pytest.mark.parametrize(
    ("requirement", "months"),
    [
        ("5+ years of Python", [60]),
        ("At least three years of Python", [36]),
        ("3-5 years of Python", [36]),
        ("18 months of Python", [18]),
        ("2 years of Python and 3 years of Java", [24, 36]),
        ("5 years of Python and Java", [60, 60]),
        ("5 Jahre Erfahrung mit Python", [60]),
        ("Python", [None]),
    ],
)
def test_years_belong_to_what_they_stand_with(requirement: str, months: list[int | None]) -> None:
    assert [clause.months for clause in clauses_of(requirement)] == months


def test_a_degree_keeps_its_fields_and_what_may_stand_in_for_it() -> None:
    (clause,) = clauses_of("Bachelor's degree in Computer Science, Mathematics or similar")

    (term,) = clause.terms
    assert isinstance(term, DegreeTerm)
    assert (term.fields, term.is_open) == (("computer science", "mathematics"), True)


def test_a_level_named_once_holds_for_every_language() -> None:
    terms = [term for clause in clauses_of("German and English (both C1)") for term in clause.terms]

    assert [(term.language, term.level) for term in terms if isinstance(term, LanguageTerm)] == [
        ("German", 5),
        ("English", 5),
    ]


@pytest.mark.parametrize(
    ("requirement", "licence_class"),
    [("Driving licence class B", "b"), ("Driver's license", None), ("Führerschein Klasse CE", "ce")],
)
def test_a_driving_licence_has_a_class_or_none(requirement: str, licence_class: str | None) -> None:
    (clause,) = clauses_of(requirement)

    (term,) = clause.terms
    assert isinstance(term, LicenceTerm)
    assert term.licence_class == licence_class
