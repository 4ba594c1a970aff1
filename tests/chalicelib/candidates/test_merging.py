"""Two entries of one person become one, and two again when that was a mistake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.candidates import merge_rows
from chalicelib.clock import utc_now
from chalicelib.privacy import retention
from tests.api import ApiClient, Reply
from tests.chalicelib.interviews.planning import planned
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    announce,
    at_once,
    move,
    new_application,
    new_candidate,
    new_colleague,
    new_outreach,
    new_position,
    new_project,
    page_through,
)
from tests.house import Cloud, Database
from tests.records import rows

GRACE: Json = {
    "name": "Grace Hopper",
    "email": "grace@navy.example",
    "skills": ["COBOL", "Compilers"],
    "tags": ["navy"],
    "links": ["https://example.com/grace"],
    "consent": {"source": "form", "given_at": "2026-01-01T00:00:00Z"},
}
ALSO_GRACE: Json = {
    "name": "Grace M. Hopper",
    "email": "hopper@univac.example",
    "phone": "+12025550142",
    "location": "Arlington",
    "skills": ["cobol", "FORTRAN"],
    "tags": ["admiral"],
    "experience": [{"title": "Programmer", "organization": "Univac"}],
    "consent": {"source": "phone", "given_at": "2026-02-01T00:00:00Z"},
}
# What a restored thing may differ in: it is newer than it was.
MOVED_ON = {"updated_at", "version"}


def merge(api: ApiClient, candidate_id: str, duplicate_id: str, **headers: str) -> Reply:
    return api.post(f"/api/candidates/{candidate_id}/merge", {"duplicate_id": duplicate_id}, headers)


def unmerge(api: ApiClient, candidate_id: str, duplicate_id: str) -> Reply:
    return api.post(f"/api/candidates/{candidate_id}/unmerge", {"duplicate_id": duplicate_id})


@pytest.fixture
def pair(api: ApiClient) -> tuple[str, str]:
    """Two entries of one person: the one that is to remain, and the other."""
    return new_candidate(api, **GRACE)["id"], new_candidate(api, **ALSO_GRACE)["id"]


def held(database: Database, tenant: Tenant) -> dict[str, list[Json]]:
    """All rows that a merge touches, but for how new they are."""
    tables = [
        "candidates",
        "applications",
        "documents",
        "screenings",
        "outreach",
        "stage_changes",
        "interviews",
        "candidate_labels",
    ]
    found = {}
    for table in tables:
        statement = (
            f"select to_jsonb(t) as row from {table} t where organization_id = :id order by to_jsonb(t) ->> 'id'"
        )
        listed = [row["row"] for row in rows(database, statement, id=tenant.id)]
        plain = [{name: value for name, value in row.items() if name not in MOVED_ON} for row in listed]
        found[table] = sorted(plain, key=str)
    return found


# Tables that name a candidate or an application and are left alone by a merge, each with why.
LEFT_ALONE = {
    "events": "written once; they are listed by all ids of a person",
    "candidate_labels": "kept by a trigger",
    "candidate_merges": "the merge itself",
    "merged_applications": "the merge itself",
    "import_rows": "what an import did, and to whom it did it",
    "retention_warnings": "whoever is merged is deleted, and warned about no more",
    "erasures": "a person who is no more",
    "application_marks": "written by triggers",
    "counted_applications": "as what each application that there is stands in the sums of reports",
}


def test_nothing_that_belongs_to_a_person_is_left_behind(database: Database) -> None:
    statement = """
        select table_name, array_agg(column_name::text) as columns from information_schema.columns
        where table_schema = 'public' and column_name in ('candidate_id', 'application_id') group by table_name
    """
    tables = {row["table_name"]: set(row["columns"]) for row in rows(database, statement)}
    of_people = {table for table, columns in tables.items() if "candidate_id" in columns} - LEFT_ALONE.keys()
    of_applications = {table for table, columns in tables.items() if "application_id" in columns} - LEFT_ALONE.keys()

    where = "say in chalicelib/candidates/merge_rows.py how they move, or in LEFT_ALONE why they stay"
    assert of_people == set(merge_rows.OF_CANDIDATE), where
    assert of_applications == set(merge_rows.OF_APPLICATION), where
    assert set(merge_rows.FOLLOWING) == of_people & of_applications


def test_what_one_entry_knows_is_kept_and_what_it_left_open_is_filled(api: ApiClient, pair: tuple[str, str]) -> None:
    merged = merge(api, *pair)

    assert merged.status == 200
    expected = {
        "name": "Grace Hopper",
        "email": "grace@navy.example",
        "phone": "+12025550142",
        "location": "Arlington",
        "skills": ["COBOL", "Compilers", "FORTRAN"],
        "tags": ["navy", "admiral"],
        "links": ["https://example.com/grace"],
        "consent": ALSO_GRACE["consent"],
    }
    assert merged.json == merged.json | expected
    assert merged.json["experience"][0]["organization"] == "Univac"
    assert merged.headers["etag"] == '"2"'
    assert api.get(f"/api/candidates/{pair[0]}").json == merged.json
    assert [each["id"] for each in api.get("/api/candidates").json["items"]] == [pair[0]]
    assert api.get("/api/candidates/search", q="fortran").json["items"][0]["id"] == pair[0]


def test_the_old_id_leads_to_the_new_one_on_every_path(api: ApiClient, pair: tuple[str, str]) -> None:
    merge(api, *pair)
    old, new = f"/api/candidates/{pair[1]}", f"/api/candidates/{pair[0]}"

    for reply, place in [
        (api.get(old), new),
        (api.get(old.upper().replace("/API/CANDIDATES", "/api/candidates")), new),
        (api.patch(old, {"name": "Grace"}), new),
        (api.delete(old), new),
        (api.post(f"{old}/restore"), f"{new}/restore"),
        (merge(api, pair[1], NO_ID), f"{new}/merge"),
        (
            api.get("/api/candidates/duplicates", candidate_id=pair[1]),
            "/api/candidates/duplicates?candidate_id=" + pair[0],
        ),
    ]:
        assert (reply.status, reply.headers["location"], reply.code) == (308, place, "candidate_merged"), reply
        assert reply.json["new_id"] == pair[0]
    assert api.get(old).headers.keys() >= {"ratelimit", "x-request-id", "cache-control"}
    # In a body an id cannot lead anywhere.
    wish = {"candidate_id": pair[1], "position_id": new_position(api)["id"]}
    refused = api.post("/api/applications", wish)
    assert (refused.status, refused.wrong_fields) == (422, {"candidate_id"})


def test_everything_of_the_duplicate_goes_along(tenant: Tenant, cloud: Cloud, pair: tuple[str, str]) -> None:
    api = tenant.api
    application = new_application(api, {"id": pair[1]})
    document = announce(api, "cv.pdf", 9, candidate_id=pair[1])
    outreach = new_outreach(api, application)
    job = api.post(f"/api/applications/{application['id']}/screenings").json
    cloud.drain()
    assert api.get(f"/api/jobs/{job['id']}").json["status"] == "succeeded"
    before = api.get("/api/events", candidate_id=pair[1]).json["total"]

    assert merge(api, *pair).status == 200

    moved = api.get(f"/api/applications/{application['id']}").json
    assert (moved["candidate_id"], moved["history"]) == (pair[0], application["history"])
    assert api.get(f"/api/documents/{document['id']}").json["candidate_id"] == pair[0]
    assert api.get(f"/api/outreach/{outreach['id']}").json["candidate_id"] == pair[0]
    assert api.get(f"/api/applications/{application['id']}/screenings").json["total"] == 1
    assert api.get("/api/applications", candidate_id=pair[0]).json["total"] == 1
    events = api.get("/api/events", candidate_id=pair[0]).json
    assert events["total"] == before + 3, "what happened to either, and the merge as both saw it"
    assert [each["action"] for each in events["items"]][-2:] == ["candidate_merged_away", "candidate_merged"]
    assert page_through(api, "/api/events", 2, candidate_id=pair[0]) == events["items"]


def test_of_two_applications_for_one_position_the_further_one_stays_with_both_histories(
    tenant: Tenant, pair: tuple[str, str]
) -> None:
    api = tenant.api
    position = new_position(api)
    own = new_application(api, {"id": pair[0]}, position)
    theirs = new_application(api, {"id": pair[1]}, position)
    move(api, theirs, "applied", "interview")
    others = new_application(api, {"id": pair[1]})

    merge(api, *pair)

    listed = api.get("/api/applications", candidate_id=pair[0]).json["items"]
    assert {each["id"] for each in listed} == {theirs["id"], others["id"]}
    kept = api.get(f"/api/applications/{theirs['id']}").json
    assert (kept["candidate_id"], kept["stage"]) == (pair[0], "interview")
    assert [step["kind"] for step in kept["history"]] == ["applied", "applied", "moved"]
    gone = api.get(f"/api/applications/{own['id']}/screenings", limit=5)
    assert (gone.status, gone.code) == (308, "application_merged")
    assert gone.headers["location"] == f"/api/applications/{theirs['id']}/screenings?limit=5"
    history = api.get("/api/events", application_id=theirs["id"]).json["items"]
    assert [each["application_id"] for each in history] == [own["id"], theirs["id"], theirs["id"]]


def test_an_active_application_stays_before_a_closed_one_and_of_two_alike_the_older(
    api: ApiClient, pair: tuple[str, str]
) -> None:
    closed_late, alike = new_position(api), new_position(api)
    own = new_application(api, {"id": pair[0]}, closed_late)
    move(api, own, "applied", "offer")
    api.post(f"/api/applications/{own['id']}/reject", {"reason": "no budget"})
    theirs = new_application(api, {"id": pair[1]}, closed_late)
    older, _ = (new_application(api, {"id": each}, alike) for each in (pair[1], pair[0]))

    merge(api, *pair)

    listed = api.get("/api/applications", candidate_id=pair[0]).json["items"]
    assert {each["id"] for each in listed} == {theirs["id"], older["id"]}


def count_interviews(api: ApiClient) -> int:
    total: int = api.get("/api/interviews").json["total"]
    return total


@pytest.fixture
def busy_pair(tenant: Tenant, cloud: Cloud, pair: tuple[str, str]) -> tuple[str, str]:
    """Both have applied to one position, either way round, and the duplicate has more."""
    api = tenant.api
    for further, other in ((pair[0], pair[1]), (pair[1], pair[0])):
        position = new_position(api)
        application = new_application(api, {"id": further}, position)
        move(api, application, "applied", "screen")
        second = new_application(api, {"id": other}, position)
        for each in (application, second):
            api.post(f"/api/applications/{each['id']}/screenings")
            new_outreach(api, each)
            hours = count_interviews(api)
            planned(tenant, each, starts_at=f"2030-01-07T{10 + hours}:00:00Z")
    announce(api, "cv.pdf", 9, candidate_id=pair[1])
    new_application(api, {"id": pair[1]})
    cloud.drain()
    return pair


def test_an_undone_merge_leaves_all_as_it_was(tenant: Tenant, database: Database, busy_pair: tuple[str, str]) -> None:
    api, before = tenant.api, held(database, tenant)
    merge(api, *busy_pair)
    assert held(database, tenant) != before
    assert api.get("/api/applications", candidate_id=busy_pair[0]).json["total"] == 3
    assert api.get("/api/interviews", candidate_id=busy_pair[0]).json["total"] == 4

    undone = unmerge(api, *busy_pair)

    assert undone.status == 200, undone
    after = held(database, tenant)
    for table, listed in before.items():
        assert after[table] == listed, table
    assert api.get(f"/api/candidates/{busy_pair[1]}").json["name"] == "Grace M. Hopper"
    assert merge(api, *busy_pair).status == 200, "and once more"


def test_what_has_changed_since_the_merge_stays_where_it_belongs(
    tenant: Tenant, cloud: Cloud, pair: tuple[str, str]
) -> None:
    api = tenant.api
    theirs = new_application(api, {"id": pair[1]})
    merge(api, *pair)
    one = f"/api/candidates/{pair[0]}"
    tags = ["admiral", "navy", "pioneer"]
    api.patch(one, {"location": "Washington", "headline": "Rear admiral", "tags": tags})
    move(api, theirs, "applied", "screen")
    api.post(f"/api/applications/{theirs['id']}/screenings")
    own = new_application(api, {"id": pair[0]})
    cloud.drain()

    unmerge(api, *pair)

    parted = api.get(one).json
    kept = {"location": "Washington", "headline": "Rear admiral", "tags": ["navy", "pioneer"]}
    assert parted == parted | kept | {"phone": None, "skills": GRACE["skills"], "experience": []}
    moved = api.get(f"/api/applications/{theirs['id']}").json
    assert (moved["candidate_id"], moved["stage"]) == (pair[1], "screen")
    assert api.get(f"/api/applications/{own['id']}").json["candidate_id"] == pair[0]
    assert api.get(f"/api/applications/{theirs['id']}/screenings").json["total"] == 1


def test_an_application_made_of_two_that_has_moved_on_is_not_taken_apart(
    tenant: Tenant, database: Database, pair: tuple[str, str]
) -> None:
    api, position = tenant.api, new_position(tenant.api)
    kept = new_application(api, {"id": pair[0]}, position)
    new_application(api, {"id": pair[1]}, position)
    merge(api, *pair)
    move(api, kept, "applied", "screen")
    before = held(database, tenant)

    refused = unmerge(api, *pair)

    assert (refused.status, refused.code) == (409, "changed_since_merge")
    assert held(database, tenant) == before


def test_a_merge_is_not_undone_after_thirty_days_nor_twice(
    tenant: Tenant, database: Database, pair: tuple[str, str]
) -> None:
    api = tenant.api
    assert unmerge(api, *pair).code == "merge_not_found"
    merge(api, *pair)
    age = "update candidate_merges set merged_at = now() - cast(:age as interval) where organization_id = :id"
    rows(database, age, age="30 days 1 second", id=tenant.id)
    assert (unmerge(api, *pair).status, unmerge(api, *pair).code) == (409, "merge_too_old")

    rows(database, age, age="29 days", id=tenant.id)
    assert [unmerge(api, *pair).status for _ in range(2)] == [200, 404]


def test_an_address_that_is_somebody_elses_by_now_is_not_given_back(api: ApiClient, pair: tuple[str, str]) -> None:
    merge(api, *pair)
    new_candidate(api, email=ALSO_GRACE["email"])

    refused = unmerge(api, *pair)

    assert (refused.status, refused.code) == (409, "candidate_exists")
    assert api.get(f"/api/candidates/{pair[1]}").status == 308


def test_an_address_that_was_taken_over_goes_back(api: ApiClient) -> None:
    one, other = new_candidate(api), new_candidate(api, email="grace@navy.example")
    assert merge(api, one["id"], other["id"]).json["email"] == "grace@navy.example"

    assert unmerge(api, one["id"], other["id"]).json["email"] is None
    assert api.get(f"/api/candidates/{other['id']}").json["email"] == "grace@navy.example"


def test_merges_of_merges_lead_to_the_last_and_are_undone_from_the_last(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    first, second, third = (new_candidate(api, name=f"Grace {number}")["id"] for number in "ABC")
    position = new_position(api)
    applications = [new_application(api, {"id": each}, position)["id"] for each in (first, second, third)]
    before = held(database, tenant)
    merge(api, second, first)
    merge(api, third, second)

    assert api.get(f"/api/candidates/{first}").headers["location"] == f"/api/candidates/{third}"
    assert merge(api, third, first).json["candidate_id"] == third
    assert {api.get(f"/api/applications/{each}").status for each in applications[1:]} == {308}
    assert api.get(f"/api/applications/{applications[0]}").json["candidate_id"] == third
    assert len(api.get(f"/api/applications/{applications[0]}").json["history"]) == 3
    assert unmerge(api, third, first).code == "merge_not_found"
    assert unmerge(api, second, first).status == 308

    assert unmerge(api, third, second).status == 200
    assert unmerge(api, second, first).status == 200
    assert held(database, tenant) == before


def test_nobody_is_erased_because_a_part_of_them_was_merged_away_long_ago(
    tenant: Tenant, database: Database, pair: tuple[str, str]
) -> None:
    merge(tenant.api, *pair)
    long_ago = "update candidates set deleted_at = now() - interval '31 days' where id = :id"
    rows(database, long_ago, id=pair[1])

    retention.apply(utc_now())

    assert rows(database, "select 1 from erasures where organization_id = :id", id=tenant.id) == []
    assert tenant.api.get(f"/api/candidates/{pair[1]}").status == 308


def test_refusals(tenant: Tenant, other: Tenant, database: Database, pair: tuple[str, str]) -> None:
    api, theirs = tenant.api, new_candidate(other.api)["id"]
    deleted = new_candidate(api)["id"]
    api.delete(f"/api/candidates/{deleted}")
    for candidate_id, duplicate_id in [(NO_ID, pair[1]), (pair[0], NO_ID), (theirs, pair[1]), (pair[0], theirs)]:
        refused = merge(api, candidate_id, duplicate_id)
        assert (refused.status, refused.code) == (404, "candidate_not_found")
        assert unmerge(api, candidate_id, duplicate_id).status == 404
    assert merge(api, pair[0], deleted).status == merge(api, deleted, pair[0]).status == 404
    assert (merge(api, pair[0], pair[0]).status, merge(api, pair[0], pair[0]).wrong_fields) == (422, {"duplicate_id"})
    stale = api.post(f"/api/candidates/{pair[0]}/merge", {"duplicate_id": pair[1]}, {"If-Match": '"7"'})
    assert (stale.status, stale.code) == (412, "stale")
    viewer = new_colleague(database, tenant, "viewer").api
    assert merge(viewer, *pair).status == unmerge(viewer, *pair).status == 403
    assert merge(other.api, *pair).status == 404

    assert merge(api, *pair).status == 200
    third = new_candidate(api, name="Grace again")["id"]
    again = merge(api, third, pair[1])
    assert (again.status, again.code, again.json["candidate_id"]) == (409, "already_merged", pair[0])
    assert merge(api, *pair).code == "already_merged"
    assert api.post(f"/api/candidates/{pair[1]}/restore").status == 308


def test_merges_of_one_pair_at_once_end_in_one(
    tenant: Tenant, database: Database, pair: tuple[str, str], configure: Callable[..., None]
) -> None:
    configure(rate_limit_enabled="false")
    api, position = tenant.api, new_position(tenant.api)
    for each in pair:
        new_application(api, {"id": each}, position)

    replies = at_once(*[lambda: merge(api, *pair), lambda: merge(api, *reversed(pair))] * 3)

    statuses = sorted(reply.status for reply in replies)
    assert statuses.count(200) == 1, replies
    assert set(statuses) <= {200, 308, 409}, replies
    assert api.get("/api/candidates").json["total"] == 1
    assert api.get("/api/applications").json["total"] == 1
    assert len(rows(database, "select 1 from candidate_merges where organization_id = :id", id=tenant.id)) == 1


def test_who_applies_while_they_are_merged_is_merged_with_that_application_or_told_to_try_again(
    tenant: Tenant, pair: tuple[str, str], configure: Callable[..., None]
) -> None:
    configure(rate_limit_enabled="false")
    api = tenant.api
    wishes: list[Json] = [{"candidate_id": pair[1], "position_id": new_position(api)["id"]} for _ in range(5)]
    acts = [partial(api.post, "/api/applications", wish) for wish in wishes]

    *applied, merged = at_once(*acts, partial(merge, api, *pair))

    assert merged.status == 200
    assert {reply.status for reply in applied} <= {201, 422, 503}, applied
    made = [reply for reply in applied if reply.status == 201]
    listed: Any = api.get("/api/applications").json["items"]
    assert [each["candidate_id"] for each in listed] == [pair[0]] * len(made)


def test_what_belongs_to_private_projects_goes_along_and_nobody_is_told(tenant: Tenant, database: Database) -> None:
    stranger = new_colleague(database, tenant)
    one, other = (new_candidate(stranger.api, name=name)["id"] for name in ("Grace Hopper", "Hopper, Grace"))
    position = new_position(tenant.api, project_id=new_project(tenant.api, is_private=True)["id"])
    hidden = [new_application(tenant.api, {"id": each}, position)["id"] for each in (one, other)]
    open_one = new_application(stranger.api, {"id": other})["id"]

    merged = merge(stranger.api, one, other)

    assert merged.status == 200
    assert {each["id"] for each in tenant.api.get("/api/applications").json["items"]} == {hidden[0], open_one}
    assert [each["id"] for each in stranger.api.get("/api/applications").json["items"]] == [open_one]
    told = stranger.api.get("/api/events").body.decode()
    assert not any(each in told for each in (*hidden, position["id"]))
    for each in hidden:
        assert stranger.api.get(f"/api/applications/{each}").status == 404
    assert tenant.api.get(f"/api/applications/{hidden[1]}").status == 308
    assert unmerge(stranger.api, one, other).status == 200
    assert {each["id"] for each in tenant.api.get("/api/applications").json["items"]} == {*hidden, open_one}
