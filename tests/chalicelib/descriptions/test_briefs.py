"""What is read in project briefs, where it stands, and what is left open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.descriptions.briefs import read_brief
from chalicelib.descriptions.drafts import BriefFields
from chalicelib.resumes.fields import Found
from tests.chalicelib.descriptions import brief_texts
from tests.chalicelib.descriptions.samples import description, document

Facts = dict[str, Any]
SAID: list[tuple[str, Facts, list[str]]] = [
    (
        brief_texts.ENGLISH,
        {
            "name": "Riverside Hospital Wing",
            "client": "Northgate Health Trust",
            "sector": "Healthcare",
            "location": "Bradford, United Kingdom",
            "priority": "high",
            "target_hires": 42,
            "starts": "2025-03",
            "ends": "2025-09",
        },
        ["Staff Nurses", "Charge Nurses", "Healthcare Assistants"],
    ),
    (
        brief_texts.GERMAN,
        {
            "name": "Werk Süd",
            "client": "Isarwerke AG",
            "sector": "Maschinenbau",
            "location": "Augsburg",
            "priority": "urgent",
            "target_hires": 15,
            "starts": "2025-04",
            "ends": "2025-12",
        },
        ["Mechatroniker", "Elektroniker für Betriebstechnik", "Produktionsleiter"],
    ),
    (
        brief_texts.FRENCH,
        {
            "name": "Ouverture du magasin de Nantes",
            "client": "Maison Moreau",
            "sector": "Commerce de détail",
            "location": "Nantes",
            "priority": None,
            "target_hires": None,
            "starts": None,
            "ends": None,
        },
        ["responsable de magasin", "vendeurs", "comptables"],
    ),
    (
        brief_texts.SPANISH,
        {
            "name": "Centro logístico Zaragoza",
            "client": "Costa Digital S.A.",
            "sector": "Logística",
            "location": "Zaragoza, España",
            "priority": "medium",
            "target_hires": 30,
            "starts": "2026-01",
            "ends": None,
        },
        ["Técnicos de mantenimiento", "Coordinador de turno"],
    ),
    (
        brief_texts.UNSEEN_ENGLISH,
        {
            "name": "Project Falcon",
            "client": "Tidewater Payments Ltd",
            "sector": "Financial services",
            "location": None,
            "priority": None,
            "target_hires": 9,
            "starts": "2026-01",
            "ends": "2026-06",
        },
        ["Backend Engineers", "Data Engineers", "Engineering Manager", "Product Designer"],
    ),
]


@pytest.mark.parametrize(("words", "facts", "roles"), SAID)
def test_the_facts_are_read_and_nothing_else(words: str, facts: Facts, roles: list[str]) -> None:
    read = read_brief(document(words)).to_json()

    assert {name: read[name] and read[name]["value"] for name in facts} == facts
    assert [role["value"] for role in read["roles"]] == roles


@pytest.mark.parametrize("words", [words for words, _, _ in SAID])
def test_every_text_stands_where_it_is_said_to(words: str) -> None:
    text, brief = document(words), read_brief(document(words))

    for found in (brief.name, brief.client, brief.sector, brief.location, brief.summary, *brief.roles):
        assert found is None or " ".join(text.text[found.start : found.end].split()) == found.value


def test_the_summary_is_the_whole_first_paragraph() -> None:
    summary = read_brief(document(brief_texts.ENGLISH)).summary

    assert summary is not None
    assert summary.value.startswith("The trust opens")
    assert summary.value.endswith("three times as much.")


def test_counts_of_single_roles_are_not_added_up() -> None:
    brief = read_brief(document("Project brief: Falcon\nRoles needed\n- 3 Nurses\n- 4 Cooks\n"))

    assert brief.target_hires is None
    assert [role.value for role in brief.roles] == ["Nurses", "Cooks"]


@pytest.mark.parametrize("stated", ["10-15", "some", "TBC", "about a dozen"])
def test_a_target_that_is_no_number_is_left_open(stated: str) -> None:
    assert read_brief(document(f"Project: Falcon\nTarget hires: {stated}\n")).target_hires is None


@pytest.mark.parametrize("words", ["", "\f", "Nothing of this."])
def test_nothing_is_invented(words: str) -> None:
    assert read_brief(document(words)) == BriefFields()


def test_the_sample_brief_is_read_with_its_table() -> None:
    brief = read_brief(description("project-brief-riverside.docx"))

    assert brief.name is not None
    assert brief.name.value == "Riverside Hospital Wing"
    assert brief.target_hires is not None
    assert brief.target_hires.value == 42
    assert [role.value for role in brief.roles] == [
        "Staff Nurses",
        "Charge Nurses",
        "Healthcare Assistants",
        "Pharmacists",
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_raise(words: str) -> None:
    brief = read_brief(document("Project brief\n" + words))

    assert brief.name is None or isinstance(brief.name, Found)
