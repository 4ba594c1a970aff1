"""The check that a message invents nothing, held against inventions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.outreach.material import Draft, FactKind, Language, Template, Wish
from chalicelib.outreach.proof import unproved
from chalicelib.outreach.writer import OfflineWriter
from tests.chalicelib.outreach.materials import fact, material

WISH = Wish(Template.TECHNICAL)


def honest() -> Draft:
    return OfflineWriter().write(material(), WISH)


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ("We offer a competitive salary.", ["offer", "competitive", "salary"]),
        ("Salary: 120,000 CHF", ["120,000"]),
        ("I am writing on behalf of Evilcorp.", ["Evilcorp"]),
        ("Your résumé says “led the fleet”.", ["led", "fleet", "led the fleet"]),
        ("This is what your résumé says: “would like to talk about it”", ["would like to talk about it"]),
        ("Dear Mr. Hopper,", ["Mr"]),
        ("In 2027 we wrote.", ["In", "2027"]),
        ("I would like to talk about 95 years.", ["95"]),
        ("Grace", []),
        ("A reply to Grace Hopper is enough.", []),
    ],
)
def test_what_no_fact_proves_is_found(added: str, found: list[str]) -> None:
    draft = honest()
    assert unproved(replace(draft, body=f"{draft.body}\n\n{added}"), WISH.language) == found
    assert unproved(replace(draft, subject=added), WISH.language) == found


def test_a_fact_that_is_used_and_not_listed_is_found() -> None:
    draft = honest()
    for left_out in draft.facts:
        rest = tuple(each for each in draft.facts if each != left_out)
        assert unproved(replace(draft, facts=rest), WISH.language), left_out


def test_a_number_is_proved_whole_and_not_by_a_part_of_it() -> None:
    facts = (fact(FactKind.SALARY_MIN, "95000"), fact(FactKind.CURRENCY, "CHF"))
    assert unproved(Draft("from 95,000 CHF", "", facts), Language.ENGLISH) == []
    assert unproved(Draft("from 195,000 CHF", "", facts), Language.ENGLISH) == ["195,000"]
    assert unproved(Draft("from 95.000 CHF", "", facts), Language.GERMAN) == ["from"]


def test_words_of_another_language_are_not_known() -> None:
    draft = OfflineWriter().write(material(), Wish(Template.REJECTION))
    assert unproved(draft, Language.ENGLISH) == []
    assert "Thank" in unproved(draft, Language.SPANISH)
