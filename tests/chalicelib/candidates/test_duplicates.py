"""Entries that may be one person's are found by what they share, and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import Json, new_candidate, page_through
from tests.house import Database


def pairs(api: ApiClient, **query: object) -> dict[frozenset[str], dict[str, str]]:
    """The reasons of each pair, by the names of its people."""
    page = api.get("/api/candidates/duplicates", **query)  # type: ignore[arg-type]
    assert page.status == 200, page
    return {
        frozenset({pair["candidate"]["name"], pair["duplicate"]["name"]}): {
            reason["kind"]: reason["value"] for reason in pair["reasons"]
        }
        for pair in page.json["items"]
    }


def employed(organization: str) -> list[Json]:
    return [{"title": "Engineer", "organization": organization}]


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (
            {"name": "Grace Hopper", "phone": "+12025550142"},
            {"name": "G. Hopper", "phone": "+1 202 555 0142"},
            {"phone": "+12025550142"},
        ),
        (
            {"name": "Grace Hopper", "links": ["https://www.linkedin.com/in/Grace/"]},
            {"name": "Grace B. Murray", "links": ["http://linkedin.com/in/grace"]},
            {"link": "linkedin.com/in/grace"},
        ),
        (
            {"name": "Zoë Kraus", "email": "zoe.kraus+jobs@web.example"},
            {"name": "Zoe Krauss", "email": "zoe.kraus@mail.example"},
            {"name_mailbox": "zoe.kraus"},
        ),
        (
            {"name": "Amelia Hartley", "location": "Zürich, Switzerland"},
            {"name": "HARTLY, Amélia", "location": "Zurich"},
            {"name_place": "zurich"},
        ),
        (
            {"name": "Amelia Hartley", "experience": employed("Nordlicht AG")},
            {"name": "Amelia Hartli", "experience": [*employed("Other"), *employed("nordlicht ag")]},
            {"name_employer": "nordlicht ag"},
        ),
        (
            {"name": "李小龙 Lee", "location": "Hong Kong"},
            {"name": "Lee 李小龙", "location": "Hong Kong, China"},
            {"name_place": "hong kong"},
        ),
    ],
)
def test_what_two_entries_share_is_the_reason(api: ApiClient, one: Json, other: Json, reasons: Json) -> None:
    first, second = new_candidate(api, **one), new_candidate(api, **other)
    new_candidate(api, name="Somebody Else", location="Zurich", experience=employed("Nordlicht AG"))

    page = api.get("/api/candidates/duplicates").json

    assert (page["total"], len(page["items"])) == (1, 1)
    pair = page["items"][0]
    assert (pair["candidate"]["id"], pair["duplicate"]["id"]) == (first["id"], second["id"])
    assert {reason["kind"]: reason["value"] for reason in pair["reasons"]} == reasons
    assert 50 <= pair["score"] <= 100
    for each in (first, second):
        assert api.get("/api/candidates/duplicates", candidate_id=each["id"]).json["items"] == page["items"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Grace Hopper"}, {"name": "Grace Hopper"}),
        ({"name": "Grace Hopper", "location": "Rome"}, {"name": "Grace Hopper", "location": "Oslo"}),
        ({"name": "Madonna", "location": "Rome"}, {"name": "Madonna", "location": "Rome"}),
        ({"name": "Ada Byron", "phone": "+12025550142"}, {"name": "Kurt Weiß", "phone": "+12025550142"}),
        ({"name": "Ada Byron", "email": "info@a.example"}, {"name": "Kurt Weiß", "email": "info@b.example"}),
    ],
)
def test_what_many_share_is_none(api: ApiClient, one: Json, other: Json) -> None:
    new_candidate(api, **one), new_candidate(api, **other)

    assert pairs(api) == {}


def test_a_number_that_a_whole_office_shares_tells_nothing(tenant: Tenant, database: Database) -> None:
    records.rows(
        database,
        "insert into candidates (id, organization_id, name, phone, created_at, updated_at)"
        " select uuidv7(), :id, 'Ann Smith' || repeat('x', number), '+12025550142', now(), now()"
        " from generate_series(1, 11) as number",
        id=tenant.id,
    )
    assert pairs(tenant.api) == {}


def test_a_slip_that_sounds_different_is_found_for_the_one_who_is_looked_at(api: ApiClient) -> None:
    one = new_candidate(api, name="Katherine Johnson", location="Hampton")
    new_candidate(api, name="Katherine Johnsom", location="Hampton")
    new_candidate(api, name="Katherine Johnsom", location="Oslo")

    assert pairs(api) == {}
    assert pairs(api, candidate_id=one["id"]) == {
        frozenset({"Katherine Johnson", "Katherine Johnsom"}): {"name_place": "hampton"}
    }


def test_the_likeliest_stand_first_and_pages_follow_one_another(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(rate_limit_enabled="false")
    api = tenant.api
    for number, name in enumerate(["Ada Byron", "Grace Hopper", "Joan Clarke", "Mary Jackson"]):
        shared: Json = {"location": "London", "phone": f"+1202555014{number}" if number % 2 else None}
        for _ in range(2):
            new_candidate(api, name=name, **shared)

    whole = api.get("/api/candidates/duplicates").json
    scores = [pair["score"] for pair in whole["items"]]

    assert scores == sorted(scores, reverse=True)
    assert (len(scores), whole["total"], whole["next_cursor"]) == (4, 4, None)
    assert page_through(api, "/api/candidates/duplicates", 1) == whole["items"]
    assert api.get("/api/candidates/duplicates", skip=3).json["items"] == whole["items"][3:]
    beyond = api.get("/api/candidates/duplicates", skip=9).json
    assert (beyond["items"], beyond["total"]) == ([], 4)
    assert api.get("/api/candidates/duplicates", cursor="mine").code == "bad_cursor"


def test_who_is_changed_deleted_or_merged_is_no_pair_any_more(api: ApiClient) -> None:
    people: list[Json] = [new_candidate(api, name="Ada Byron", phone="+12025550142") for _ in range(2)]
    one = f"/api/candidates/{people[1]['id']}"
    assert len(pairs(api)) == 1
    api.patch(one, {"phone": None})
    assert pairs(api) == {}
    api.patch(one, {"links": ["https://ada.example"]})
    api.patch(f"/api/candidates/{people[0]['id']}", {"links": ["https://ada.example/"]})
    assert pairs(api) == {frozenset({"Ada Byron"}): {"link": "ada.example"}}
    api.delete(one)
    assert pairs(api) == {}
    api.post(f"{one}/restore")
    assert len(pairs(api)) == 1
    api.post(one + "/merge", {"duplicate_id": people[0]["id"]})
    assert pairs(api) == {}
    assert pairs(api, candidate_id=people[1]["id"]) == {}


def test_nobody_of_another_organization_is_a_duplicate(api: ApiClient, other: Tenant) -> None:
    same: dict[str, Any] = {"name": "Ada Byron", "phone": "+12025550142", "location": "London"}
    mine = new_candidate(api, **same)
    new_candidate(other.api, **same)

    assert pairs(api) == pairs(other.api) == pairs(api, candidate_id=mine["id"]) == {}
    assert pairs(other.api, candidate_id=mine["id"]) == {}


# Trigrams shared by one word alone, by exactly half, by more; repeated, short, and of other scripts.
NAMES = (
    *(
        "Natebe",
        "Natebe Vipeli",
        "Natebe Natebe",
        "natebe, vipeli",
        "Natebe Vipelo",
        "Natebe Rogazu",
        "Vipeli",
        "NATEBE",
    ),
    *(
        "Natebe Vi",
        "Na Vipeli",
        "Vipeli Natebe Rogazu",
        "Ann Lee",
        "Ann",
        "Lee",
        "Anna Lee",
        "李小龙 Lee",
        "李小龙",
        "Zoë Kraus",
    ),
    *(
        "Zoë",
        "Zoë_Kraus",
        "Banana Banan",
        "Banana",
        "Bananana",
        "Ana Nana",
        "A B",
        "-",
        "A  B C",
        "O'Neil Anne",
        "Neil O",
    ),
)


def test_names_are_as_alike_as_their_trigrams_say(tenant: Tenant, database: Database) -> None:
    records.rows(
        database,
        "insert into candidates (id, organization_id, name, created_at, updated_at)"
        " select uuidv7(), :id, name, now(), now() from unnest(cast(:names as text[])) as name",
        id=tenant.id,
        names=list(NAMES),
    )
    wrong = records.rows(
        database,
        """
        with asked as materialized (select set_config('app.organization_id', :id, true))
        select one.name, found.names, expected.names from asked, unnest(cast(:names as text[])) as one(name),
            lateral (select array(select similar_names(one.name, 5)) as names) as found,
            lateral (select array(
                select id from candidates where organization_id = cast(:id as uuid)
                    and similarity(name, one.name) >= cast(0.5 as real)
                order by similarity(name, one.name) desc, id desc limit 5) as names) as expected
        where found.names is distinct from expected.names
        """,
        id=str(tenant.id),
        names=list(NAMES),
    )
    assert list(wrong) == []
