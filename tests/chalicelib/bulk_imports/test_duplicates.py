"""The same person twice, in the file or in the organization: skipped, updated or failed, as asked."""

from __future__ import annotations

import pytest

from tests.api import ApiClient
from tests.chalicelib.bulk_imports.importing import (
    actions,
    candidates,
    codes,
    csv_of,
    imported,
    outcomes,
    people,
    rows_of,
)
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.house import Cloud, Database

HEADER = ("name", "email", "phone", "location", "skills")
TWICE = csv_of(
    HEADER,
    ("Ada", "ada@example.com", "+442079460958", "London", "Maths"),
    ("Ada L", "ADA@example.com", "", "Leeds", "Maths; Logic"),
    ("A Lovelace", "other@example.com", "+44 20 7946 0958", "", ""),
)


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_of_two_rows_for_one_person_the_earlier_wins(
    tenant: Tenant, cloud: Cloud, database: Database, mode: str
) -> None:
    view = imported(tenant.api, cloud, TWICE, on_duplicate=mode)

    outcome = {"skip": "skipped", "fail": "failed"}[mode]
    assert outcomes(view) == {"created": 1, outcome: 2}
    first, *others = rows_of(tenant.api, view["id"])
    assert [(row["outcome"], codes(row), row["candidate_id"]) for row in others] == [
        (outcome, ["duplicate_in_file"], first["candidate_id"])
    ] * 2
    assert [row["problems"][0]["message"] for row in others] == [
        "line 2 has the same email address",
        "line 2 has the same phone number",
    ]
    assert [row["name"] for row in candidates(database, tenant.id)] == ["Ada"]
    assert actions(database, tenant.id) == {"candidate_created": 1}


def test_a_later_row_of_the_file_updates_the_earlier(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    view = imported(tenant.api, cloud, TWICE, on_duplicate="update")

    assert outcomes(view) == {"created": 1, "updated": 2}
    (ada,) = candidates(database, tenant.id)
    assert (ada["name"], ada["email"], ada["location"], ada["skills"], ada["version"]) == (
        "A Lovelace",
        "other@example.com",
        "Leeds",
        ["Maths", "Logic"],
        3,
    )
    assert actions(database, tenant.id) == {"candidate_created": 1, "candidate_changed": 2}


@pytest.mark.parametrize(("mode", "outcome"), [("skip", "skipped"), ("fail", "failed")])
@pytest.mark.parametrize("known", [{"email": "person.3@example.com"}, {"phone": "+49302000003"}])
def test_a_candidate_of_the_organization_is_left_alone(
    api: ApiClient, cloud: Cloud, mode: str, outcome: str, known: dict[str, str]
) -> None:
    candidate = new_candidate(api, name="Known", **known)

    view = imported(api, cloud, people(5), on_duplicate=mode)

    assert outcomes(view) == {"created": 4, outcome: 1}
    (row,) = rows_of(api, view["id"], outcome)
    assert (row["line"], codes(row), row["candidate_id"]) == (5, ["duplicate_candidate"], candidate["id"])
    assert api.get(f"/api/candidates/{candidate['id']}").json == candidate


def test_a_candidate_of_the_organization_is_updated_with_what_the_row_gives(api: ApiClient, cloud: Cloud) -> None:
    work = [{"title": "Analyst", "organization": f"Company {n}"} for n in range(3)]
    known = new_candidate(
        api, name="Old", email="ada@example.com", location="Leeds", skills=["Maths"], experience=work, summary="Kept"
    )
    content = csv_of(("name", "email", "location", "company", "summary"), ("New", "ada@example.com", "Bath", "X", ""))

    view = imported(api, cloud, content, on_duplicate="update")

    assert outcomes(view) == {"updated": 1}
    now = api.get(f"/api/candidates/{known['id']}")
    same = {**known, "name": "New", "location": "Bath", "updated_at": now.json["updated_at"]}
    assert now.json == same, "an employer in a column does not replace a history"
    assert now.headers["etag"] == '"2"'
    event = api.get(f"/api/events?candidate_id={known['id']}").json["items"]
    changed = next(each for each in event if each["action"] == "candidate_changed")
    assert (changed["before"], changed["after"]) == (
        {"name": "Old", "location": "Leeds"},
        {"name": "New", "location": "Bath"},
    )


def test_an_update_that_says_nothing_new_changes_nothing(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    imported(tenant.api, cloud, people(3))

    view = imported(tenant.api, cloud, people(3), on_duplicate="update")

    assert outcomes(view) == {"skipped": 3}
    assert {code for row in rows_of(tenant.api, view["id"]) for code in codes(row)} == {"nothing_new"}
    assert {row["version"] for row in candidates(database, tenant.id)} == {1}
    assert actions(database, tenant.id) == {"candidate_created": 3}


def test_duplicates_in_other_pieces_of_the_file_are_found(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    content = people(700) + people(600, first=300).split(b"\r\n", 1)[1]

    view = imported(tenant.api, cloud, content)

    assert outcomes(view) == {"created": 900, "skipped": 400}
    assert {code for row in rows_of(tenant.api, view["id"], "skipped") for code in codes(row)} == {"duplicate_in_file"}
    assert len(candidates(database, tenant.id)) == 900


def test_who_was_deleted_is_no_duplicate(api: ApiClient, cloud: Cloud) -> None:
    candidate = new_candidate(api, name="Gone", email="person.0@example.com")
    api.delete(f"/api/candidates/{candidate['id']}")

    assert outcomes(imported(api, cloud, people(1))) == {"created": 1}
