"""Candidates in lists: every filter, every sort, alone and together."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, as_superuser, move, new_application, new_candidate, new_position, page_through
from tests.house import Database

PATH = "/api/candidates"


def names(api: ApiClient, **query: object) -> list[str]:
    """The names in a list, sorted; both ways of reading it must agree."""
    asked = {key: value for key, value in query.items() if value is not None}
    whole = [item["name"] for item in api.get(f"{PATH}?{urlencode(asked)}").json["items"]]
    assert [item["name"] for item in page_through(api, PATH, 2, **asked)] == whole
    return sorted(whole)


def test_skills_and_tags_are_found_in_any_case(api: ApiClient) -> None:
    new_candidate(api, name="A", skills=["Python", "C++"], tags=["Élan"])
    new_candidate(api, name="B", skills=["PYTHON", "python"], tags=["priority"])
    new_candidate(api, name="C", skills=["Pythonic"], tags=["Python"])

    assert names(api, skill="pYthon") == ["A", "B"]
    assert names(api, skill="c++") == ["A"]
    assert names(api, skill="pyth") == []
    assert names(api, tag="PRIORITY") == ["B"]
    assert names(api, tag="python") == ["C"]
    assert names(api, skill="python", tag="priority") == ["B"]


@pytest.mark.parametrize("label", ["Élan", "ÅNGSTRÖM", "İstanbul", "ΣΑΣ", "Straße", "Ёлка", "项目管理", "100%_"])
def test_a_label_of_any_script_is_found_as_it_was_written(api: ApiClient, label: str) -> None:
    new_candidate(api, name="A", skills=[label], tags=[label])

    assert names(api, skill=label) == names(api, tag=label) == ["A"]


@pytest.mark.parametrize(("label", "asked"), [("Élan", "éLAN"), ("Ёлка", "ёЛКА"), ("Ångström", "ÅNGSTRÖM")])
def test_letters_beyond_ascii_have_no_case_either(api: ApiClient, label: str, asked: str) -> None:
    new_candidate(api, name="A", skills=[label])

    assert names(api, skill=asked) == ["A"]


def test_changed_labels_are_found_at_once_and_old_ones_no_longer(api: ApiClient) -> None:
    candidate = new_candidate(api, name="A", skills=["Python"], tags=["old"])

    api.patch(f"{PATH}/{candidate['id']}", {"skills": ["Rust"], "tags": ["new", "New"]})

    assert [names(api, skill="python"), names(api, tag="old")] == [[], []]
    assert [names(api, skill="rust"), names(api, tag="new")] == [["A"], ["A"]]


def test_a_source_is_matched_as_a_whole(api: ApiClient) -> None:
    new_candidate(api, name="A", source="referral")
    new_candidate(api, name="B", source="Referral program")
    new_candidate(api, name="C")

    assert names(api, source="referral") == ["A"]
    assert names(api, source="agency") == []


def test_candidates_are_found_by_the_position_and_stage_they_stand_in(api: ApiClient) -> None:
    one, two = new_position(api), new_position(api)
    ada, grace = new_candidate(api, name="Ada"), new_candidate(api, name="Grace")
    new_candidate(api, name="Nobody")
    new_application(api, ada, one)
    assert move(api, new_application(api, ada, two), "applied", "offer").status == 200
    new_application(api, grace, two)

    assert names(api, position_id=one["id"]) == ["Ada"]
    assert names(api, position_id=two["id"]) == ["Ada", "Grace"]
    assert names(api, stage="applied") == ["Ada", "Grace"]
    assert names(api, stage="offer") == ["Ada"]
    # Both belong to one application: Ada is in "offer", but not for the first position.
    assert names(api, position_id=one["id"], stage="offer") == []
    assert names(api, position_id=two["id"], stage="offer") == ["Ada"]
    assert names(api, position_id=NO_ID) == []


def test_moments_are_compared_across_zones_and_exclude_themselves(api: ApiClient) -> None:
    made = [new_candidate(api, name=name) for name in "ABC"]
    moment = datetime.fromisoformat(made[1]["created_at"])
    for zone in (timezone.utc, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-9))):  # noqa: UP017
        written = moment.astimezone(zone).isoformat()
        assert names(api, created_after=written) == ["C"]
        assert names(api, created_before=written) == ["A"]
    around = {"created_after": made[0]["created_at"], "created_before": made[2]["created_at"]}
    assert names(api, **around) == ["B"]


def test_filters_narrow_each_other(api: ApiClient) -> None:
    position = new_position(api)
    wanted = {"skills": ["Python"], "tags": ["vip"], "source": "fair", "summary": "hydraulics"}
    ada = new_candidate(api, name="Ada", **wanted)
    new_application(api, ada, position)
    nothing: Json = {"skills": [], "tags": [], "source": None, "summary": None}
    for name, value in nothing.items():
        new_application(api, new_candidate(api, name=f"no {name}", **{**wanted, name: value}), position)
    new_candidate(api, name="not applied", **wanted)
    every = {
        "q": "hydraulics",
        "skill": "python",
        "tag": "vip",
        "source": "fair",
        "position_id": position["id"],
        "stage": "applied",
    }

    assert names(api, **every, created_after="2020-01-01T00:00:00Z") == ["Ada"]
    missing = {"q": "no summary", "skill": "no skills", "tag": "no tags", "source": "no source"}
    for dropped, name in missing.items():
        assert names(api, **{**every, dropped: None}) == sorted(["Ada", name])
    assert names(api, **every, created_before="2020-01-01T00:00:00Z") == []


def test_wrong_filters_are_named_at_once(api: ApiClient) -> None:
    wrong = {
        "position_id": "x",
        "created_after": "yesterday",
        "created_before": "2026-01-01T00:00:00",
        "sort": "salary",
        "limit": 0,
        "skip": -1,
        "skil": "python",
    }

    assert api.get(f"{PATH}?{urlencode(wrong)}").wrong_fields == set(wrong)
    assert api.get(PATH, q="!?").code == "empty_search"
    assert api.get(f"{PATH}?tag=a&tag=b").wrong_fields == {"tag"}


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "name", "-name", "updated_at", "-updated_at"])
def test_every_sort_is_a_total_order_with_ties(tenant: Tenant, database: Database, sort: str) -> None:
    api = tenant.api
    for name in ["Bo", "Al", "Bo", "Ål", "bo", "Al", "Bo"]:
        new_candidate(api, name=name)
    with as_superuser(database) as connection:
        tied = "update candidates set created_at = date_trunc('hour', now()), updated_at = created_at where name = 'Bo'"
        connection.execute(sa.text(tied))

    whole = api.get(PATH, sort=sort).json["items"]
    by_cursor = page_through(api, PATH, 2, sort=sort)
    by_skip = [api.get(f"{PATH}?sort={sort}&limit=1&skip={number}").json["items"][0] for number in range(7)]

    assert whole == by_cursor == by_skip
    assert len({item["id"] for item in whole}) == 7
    column = sort.removeprefix("-")
    keys = [(item[column], item["id"]) for item in whole]
    if column != "name":  # the order of names is the database's
        assert keys == sorted(keys, reverse=sort.startswith("-"))
    else:
        tied_ids = [item["id"] for item in whole if item["name"] == "Bo"]
        assert tied_ids == sorted(tied_ids, reverse=sort.startswith("-"))
        assert [item["name"] for item in whole if item["name"] in {"Al", "Bo"}] == sorted(
            ["Al", "Al", "Bo", "Bo", "Bo"], reverse=sort.startswith("-")
        )


def test_a_cursor_neither_repeats_nor_skips_while_candidates_come_and_go(api: ApiClient) -> None:
    made = [new_candidate(api, name=f"N{number}") for number in range(6)]
    first = api.get(PATH, limit=2).json
    new_candidate(api, name="late")
    api.delete(f"{PATH}/{made[4]['id']}")

    second = api.get(PATH, limit=10, cursor=first["next_cursor"]).json

    assert [item["name"] for item in first["items"] + second["items"]] == ["N5", "N4", "N3", "N2", "N1", "N0"]
    assert (second["skip"], second["next_cursor"], second["total"]) == (2, None, 6)


def test_another_organizations_candidates_are_in_no_list(api: ApiClient, other: Tenant) -> None:
    position = new_position(other.api)
    candidate = new_candidate(other.api, name="Foreigner", skills=["python"], tags=["vip"], source="fair")
    new_application(other.api, candidate, position)

    for query in (
        {},
        {"q": "foreigner"},
        {"skill": "python"},
        {"tag": "vip"},
        {"source": "fair"},
        {"position_id": position["id"]},
        {"stage": "applied"},
    ):
        assert names(api, **query) == []
        assert names(other.api, **query) == ["Foreigner"]


def test_a_list_by_label_or_stage_counts_each_living_candidate_once(api: ApiClient) -> None:
    first, second = new_position(api), new_position(api)
    people = [new_candidate(api, name=name, skills=["Python"], tags=["spring"]) for name in "ABCD"]
    for person in people:
        new_application(api, person, first)
    new_application(api, people[0], second)
    assert api.delete(f"{PATH}/{people[3]['id']}").status == 204

    queries = ["skill=PYTHON", "tag=Spring", "stage=applied", f"stage=applied&position_id={first['id']}"]
    for query in [*queries, "skill=python&tag=spring", "skill=python&stage=applied"]:
        told = api.get(f"{PATH}?{query}&limit=1").json
        assert (told["total"], told["total_is_exact"], len(told["items"])) == (3, True, 1), query
    assert api.get(f"{PATH}?stage=applied&position_id={second['id']}&limit=1").json["total"] == 1
    assert api.get(f"{PATH}?skill=python&limit=1&skip=7").json["total"] == 3
