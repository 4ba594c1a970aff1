"""A question finds its positions, and says which filters it had to relax."""

from __future__ import annotations

from uuid import UUID

import pytest

from chalicelib.market_research.matching import Entry, Question, select
from chalicelib.market_research.places import is_at
from chalicelib.market_research.titles import Seniority

PLACES = [
    ("Berlin", "Berlin, Germany", True),
    ("Berlin, Germany", "Berlin", True),
    ("Berlin, Deutschland", "Berlin, Germany", True),
    ("Germany", "Berlin", True),
    ("Germany", "Munich, Deutschland", True),
    ("München", "munich", True),
    ("London, UK", "London (United Kingdom)", True),
    ("London, UK", "London, Ontario", False),
    ("Berlin", "Hamburg", False),
    ("Berlin, Germany", "Germany", False),
    ("France", "Berlin", False),
    ("Berlin", None, False),
    ("...", "Berlin", False),
]


@pytest.mark.parametrize(("asked", "stated", "is_there"), PLACES)
def test_a_place_is_told_by_the_words_for_its_city_and_country(asked: str, stated: str | None, is_there: bool) -> None:
    assert is_at(asked, stated) is is_there


def entries(count: int, title: str = "Engineer", place: str | None = None, sector: str | None = None) -> list[Entry]:
    return [Entry(UUID(int=number), title, place, sector) for number in range(count)]


def test_filters_stay_when_they_leave_enough() -> None:
    both = [*entries(5, "Senior Engineer", "Berlin", "Health"), *entries(9, "Engineer", "Paris")]

    chosen = select(Question("Senior Engineer", "Berlin", "HEALTH"), both)

    assert (len(chosen.ids), chosen.relaxed) == (5, ())
    assert chosen.steps == ((("seniority", "sector", "location"), 5),)
    assert chosen.titles == (("Senior Engineer", 5),)


def test_filters_are_relaxed_one_by_one_and_each_step_is_said() -> None:
    both = [*entries(4, "Senior Engineer", "Berlin", "Health"), *entries(3, "Engineer", "Berlin", "Retail")]

    chosen = select(Question("Engineer", "Berlin", "Health", Seniority.SENIOR), both)

    assert chosen.relaxed == ("seniority", "sector")
    assert chosen.to_json()["steps"] == [
        {"filters": ["title", "seniority", "sector", "location"], "matched": 4},
        {"filters": ["title", "sector", "location"], "matched": 4},
        {"filters": ["title", "location"], "matched": 7},
    ]
    assert chosen.to_json()["matched"] == 7


def test_where_not_even_the_title_finds_enough_nothing_is_relaxed() -> None:
    both = [*entries(1, place="Berlin"), *entries(3, place="Paris"), *entries(9, "Nurse", "Berlin")]

    chosen = select(Question("Engineer", "Berlin"), both)

    assert (len(chosen.ids), chosen.relaxed) == (1, ())
    assert chosen.steps == ((("location",), 1), ((), 4))


def test_a_seniority_asked_for_by_itself_wins_over_the_title() -> None:
    assert Question("Senior Engineer", seniority=Seniority.JUNIOR).filters() == {"seniority": "junior"}
    assert Question("Senior Engineer").filters() == {"seniority": "senior"}


def test_a_stated_seniority_wins_over_the_title_of_an_entry() -> None:
    stated = [Entry(UUID(int=number), "Engineer", None, None, "senior") for number in range(5)]

    assert len(select(Question("Senior Engineer"), stated).ids) == 5
