"""Skills from a candidate's list and from running text."""

from __future__ import annotations

import pytest

from chalicelib.resumes.profile import extract
from chalicelib.resumes.skills import known_skills
from chalicelib.resumes.text import DocumentText


def listed(section: str, before: str = "") -> list[str]:
    return [s.value for s in extract(DocumentText.of_pages([f"{before}\nSkills\n{section}\n"])).skills]


@pytest.mark.parametrize(
    ("section", "skills"),
    [
        ("Python, SQL; Docker", ["Python", "SQL", "Docker"]),
        ("• Python\n• MS Excel\n• k8s", ["Python", "Microsoft Excel", "Kubernetes"]),
        ("Python | Go | R | C", ["Python", "Go", "R", "C"]),
        ("Languages: Python, Go", ["Python", "Go"]),
        ("Python (expert), Java – 5 years", ["Python", "Java"]),
        ("Terraform and Ansible", ["Terraform", "Ansible"]),
        ("Docker, Amazon Web\nServices, SQL", ["Docker", "AWS", "SQL"]),
        ("JS, JavaScript, javascript", ["JavaScript"]),
        ("CI/CD, C++, C#, .NET, Node.js", ["CI/CD", "C++", "C#", ".NET", "Node.js"]),
        ("Triage\tACLS\tPrecepting", ["Triage", "Advanced cardiac life support", "Precepting"]),
        ("Sheep shearing, Wool grading", ["Sheep shearing", "Wool grading"]),
        ("I have worked with many kind people from everywhere.", []),
    ],
)
def test_a_list_of_skills_is_read_item_by_item(section: str, skills: list[str]) -> None:
    assert listed(section) == skills


def test_a_skill_is_named_once_where_it_first_stands() -> None:
    text = DocumentText.of_pages(["Ran Kubernetes clusters.\nSkills\nk8s, Go"])

    first, second = extract(text).skills

    assert (text.text[first.start : first.end], first.value, second.value) == ("Kubernetes", "Kubernetes", "Go")


@pytest.mark.parametrize(
    "text",
    [
        "We go to the R&D meeting, let it rest, and excel in access.",
        "mail jane@python.org or see github.com/jane and www.docker.com",
        "The senate sen was a vat.",
        "Javascripting and MySQLite",
        "Excel at what you do. React to change.",
    ],
)
def test_words_that_only_look_like_skills_are_none(text: str) -> None:
    assert [match.name for match in known_skills(text) if not match.is_ambiguous] == []


def test_a_capital_within_a_sentence_tells_a_product_from_a_word() -> None:
    text = "Built pages in React and reports with Excel."

    assert [match.name for match in known_skills(text) if not match.is_ambiguous] == ["React", "Microsoft Excel"]


def test_an_employer_a_hobby_and_a_referee_are_no_skills() -> None:
    written = """Experience
Clerk, Salesforce Inc.   2019 - 2020
Interests
Photography
References
Ann Lee, Docker Ltd
"""
    assert extract(DocumentText.of_pages([written])).skills == ()
