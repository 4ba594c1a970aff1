"""Projects over HTTP."""

from __future__ import annotations

import pytest

from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, new_position, new_project, page_through, set_role
from tests.house import Database

FULL: Json = {
    "name": "Nordlicht — Ausbau Zürich",
    "client": "Nordlicht AG",
    "sector": "Energy",
    "location": "Zürich",
    "summary": "Twelve engineers\nby spring",
    "priority": "urgent",
    "status": "on_hold",
    "target_hires": 12,
    "tags": ["energy", "2026"],
}
DEFAULTS: Json = {
    "client": None,
    "sector": None,
    "location": None,
    "summary": None,
    "priority": "medium",
    "status": "active",
    "target_hires": None,
    "tags": [],
}


def test_every_field_of_a_project_comes_back_as_it_was_sent(tenant: Tenant) -> None:
    made = tenant.api.post("/api/projects", FULL)

    assert made.status == 201
    assert made.json == made.json | FULL | {"created_by": str(tenant.user_id)}
    assert made.json["created_at"].endswith("Z")
    read = tenant.api.get(made.headers["location"])
    assert (read.status, read.json) == (200, made.json)
    assert read.headers["etag"] == made.headers["etag"] == '"1"'


def test_a_project_needs_no_more_than_a_name(api: ApiClient) -> None:
    made = new_project(api, name="  Expansion  ")

    assert made == made | DEFAULTS | {"name": "Expansion"}


def test_a_change_leaves_out_what_is_not_given_and_empties_what_is_null(api: ApiClient) -> None:
    project = new_project(api, **FULL)

    changed = api.patch(f"/api/projects/{project['id']}", {"client": None, "status": "completed", "tags": []})

    assert changed.status == 200
    expected = {**project, "client": None, "status": "completed", "tags": []}
    assert changed.json == {**expected, "updated_at": changed.json["updated_at"]}
    assert changed.json["updated_at"] > project["updated_at"]
    assert changed.headers["etag"] == '"2"'


def test_a_change_that_changes_nothing_is_no_new_version(api: ApiClient) -> None:
    project = new_project(api, **FULL)

    assert api.patch(f"/api/projects/{project['id']}", FULL).headers["etag"] == '"1"'
    assert api.patch(f"/api/projects/{project['id']}", {}).json == project


def test_what_a_project_must_have_cannot_be_emptied(api: ApiClient) -> None:
    project = new_project(api)

    for name in ("name", "priority", "status", "tags"):
        refused = api.patch(f"/api/projects/{project['id']}", {name: None})
        assert (refused.status, refused.code) == (422, "invalid")
        assert name in str(refused.json["errors"])
    assert api.get(f"/api/projects/{project['id']}").json == project


@pytest.mark.parametrize("method", ["post", "patch"])
def test_all_wrong_fields_are_named_at_once(api: ApiClient, method: str) -> None:
    path = "/api/projects" if method == "post" else f"/api/projects/{new_project(api)['id']}"
    wrong = {
        "name": "x" * 201,
        "client": "two\nlines",
        "summary": "x" * 20_001,
        "priority": "soon",
        "status": "gone",
        "target_hires": -1,
        "tags": ["x" * 101],
        "budget": 5,
    }

    refused = getattr(api, method)(path, wrong)

    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.wrong_fields == {*(wrong.keys() - {"tags"}), "tags.0"}


@pytest.mark.parametrize("name", ["", "   ", None, 5, "\x00"])
def test_a_project_without_a_proper_name_is_refused(api: ApiClient, name: object) -> None:
    refused = api.post("/api/projects", {"name": name})

    assert refused.status == 422
    assert "name" in refused.wrong_fields


def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(api: ApiClient) -> None:
    project = new_project(api)
    path = f"/api/projects/{project['id']}"
    assert api.patch(path, {"client": "First"}, headers={"If-Match": '"1"'}).status == 200

    late = api.patch(path, {"client": "Second"}, headers={"If-Match": '"1"'})

    assert (late.status, late.code) == (412, "stale")
    assert late.json["current_etag"] == '"2"'
    assert api.delete(path, headers={"If-Match": '"1"'}).code == "stale"
    assert api.get(path).json["client"] == "First"
    assert api.delete(path, headers={"If-Match": '"2"'}).status == 204


def test_a_deleted_project_is_gone_and_its_positions_stay(api: ApiClient) -> None:
    project = new_project(api)
    position = new_position(api, project_id=project["id"])

    deleted = api.delete(f"/api/projects/{project['id']}")

    assert (deleted.status, deleted.body) == (204, b"")
    for reply in (
        api.get(f"/api/projects/{project['id']}"),
        api.patch(f"/api/projects/{project['id']}", {"client": "X"}),
        api.delete(f"/api/projects/{project['id']}"),
    ):
        assert (reply.status, reply.code) == (404, "project_not_found")
    assert api.get("/api/projects").json["total"] == 0
    assert api.get(f"/api/positions/{position['id']}").json == position
    assert api.post("/api/positions", {"title": "X", "project_id": project["id"]}).wrong_fields == {"project_id"}


def test_another_organizations_project_reads_like_one_that_never_was(api: ApiClient, other: Tenant) -> None:
    theirs = new_project(other.api)
    for act in (api.get, lambda path: api.patch(path, {"name": "Mine"}), api.delete):
        foreign, unknown = act(f"/api/projects/{theirs['id']}"), act(f"/api/projects/{NO_ID}")
        assert foreign.status == unknown.status == 404
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert api.get("/api/projects").json["items"] == []
    assert other.api.get(f"/api/projects/{theirs['id']}").json == theirs


@pytest.mark.parametrize("nonsense", ["1", "abc", "null", "%27%20or%201=1", "0189-0000", "%F0%9F%92%A9"])
def test_an_id_that_is_no_id_reads_like_one_that_never_was(api: ApiClient, nonsense: str) -> None:
    assert api.get(f"/api/projects/{nonsense}").status == 404


def test_projects_are_listed_newest_first_and_by_status(api: ApiClient) -> None:
    made = [
        new_project(api, name=f"P{number}", status=status) for number, status in enumerate(["active", "on_hold"] * 3)
    ]

    listed = api.get("/api/projects").json
    assert listed["items"] == made[::-1]
    assert (listed["total"], listed["skip"], listed["limit"], listed["next_cursor"]) == (6, 0, 100, None)
    assert page_through(api, "/api/projects", 2) == made[::-1]
    on_hold = page_through(api, "/api/projects", 2, status="on_hold")
    assert [project["name"] for project in on_hold] == ["P5", "P3", "P1"]
    assert api.get("/api/projects", status="lost").wrong_fields == {"status"}


def test_a_cursor_fits_only_the_list_it_came_from(api: ApiClient) -> None:
    for _ in range(2):
        new_project(api)
    cursor = api.get("/api/projects", limit=1).json["next_cursor"]

    assert api.get("/api/projects", limit=1, cursor=cursor).status == 200
    assert api.get("/api/projects", limit=1, cursor=cursor, status="active").code == "bad_cursor"
    assert api.get("/api/positions", limit=1, cursor=cursor).code == "bad_cursor"


def test_a_viewer_reads_projects_and_writes_none(tenant: Tenant, database: Database) -> None:
    project = new_project(tenant.api)
    set_role(database, tenant.email, "viewer")
    path = f"/api/projects/{project['id']}"

    assert tenant.api.get("/api/projects").status == tenant.api.get(path).status == 200
    for refused in (
        tenant.api.post("/api/projects", {"name": "X"}),
        tenant.api.patch(path, {"name": "X"}),
        tenant.api.delete(path),
    ):
        assert (refused.status, refused.code) == (403, "role_not_sufficient")
    set_role(database, tenant.email, "recruiter")
    assert tenant.api.patch(path, {"name": "X"}).status == 200
