"""Who belongs to a project, and who may say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    at_once,
    new_api_key,
    new_application,
    new_colleague,
    new_position,
    new_project,
    page_through,
)
from tests.house import Database
from tests.records import actions, rows


@pytest.fixture
def colleague(tenant: Tenant, database: Database) -> Tenant:
    return new_colleague(database, tenant)


def members(who: Tenant, project_id: str) -> list[str]:
    return [member["user_id"] for member in who.api.get(f"/api/projects/{project_id}/members").json["items"]]


def put(who: Tenant, project_id: str, user_id: object) -> Reply:
    return who.api.call("PUT", f"/api/projects/{project_id}/members/{user_id}")


def test_whoever_makes_a_project_is_its_first_member(colleague: Tenant) -> None:
    project = new_project(colleague.api)

    listed = colleague.api.get(f"/api/projects/{project['id']}/members").json

    assert listed["total"] == 1
    assert listed["items"] == [
        {
            "user_id": str(colleague.user_id),
            "name": "Colleague",
            "email": colleague.email,
            "role": "recruiter",
            "added_by": str(colleague.user_id),
            "added_at": project["created_at"],
        }
    ]


def test_a_project_is_open_to_all_unless_said_otherwise(tenant: Tenant) -> None:
    assert new_project(tenant.api)["is_private"] is False
    private = new_project(tenant.api, is_private=True)
    assert private["is_private"] is True
    assert tenant.api.get(f"/api/projects/{private['id']}").json == private
    assert tenant.api.patch(f"/api/projects/{private['id']}", {"is_private": None}).wrong_fields == {"is_private"}


def test_a_member_is_added_once_and_removed_once(tenant: Tenant, colleague: Tenant, database: Database) -> None:
    project = new_project(tenant.api)
    first, again = put(tenant, project["id"], colleague.user_id), put(tenant, project["id"], colleague.user_id)
    assert (first.status, again.status) == (200, 200)
    assert first.json == again.json
    assert first.json["added_by"] == str(tenant.user_id)
    assert members(tenant, project["id"]) == [str(tenant.user_id), str(colleague.user_id)]

    path = f"/api/projects/{project['id']}/members/{colleague.user_id}"
    assert tenant.api.delete(path).status == 204
    gone = tenant.api.delete(path)
    assert (gone.status, gone.code) == (404, "member_not_found")
    assert members(tenant, project["id"]) == [str(tenant.user_id)]
    left = [action for action in actions(database, tenant.id) if action.startswith("project_member")]
    assert left == ["project_member_added", "project_member_added", "project_member_removed"]


def test_two_who_add_the_same_person_add_one(tenant: Tenant, colleague: Tenant, database: Database) -> None:
    project = new_project(tenant.api)

    replies = at_once(*[lambda: put(tenant, project["id"], colleague.user_id)] * 4)

    assert {reply.status for reply in replies} == {200}
    assert members(tenant, project["id"]) == [str(tenant.user_id), str(colleague.user_id)]
    assert actions(database, tenant.id).count("project_member_added") == 2


def test_nobody_from_outside_and_nobody_disabled_becomes_a_member(
    tenant: Tenant, other: Tenant, colleague: Tenant, database: Database
) -> None:
    project = new_project(tenant.api)
    rows(database, "update users set is_active = false where id = :id", id=colleague.user_id)

    for user_id in (other.user_id, NO_ID, "nobody", colleague.user_id):
        refused = put(tenant, project["id"], user_id)
        assert (refused.status, refused.code) == (404, "member_not_found"), user_id
    assert put(tenant, NO_ID, tenant.user_id).code == "project_not_found"


def test_only_members_and_admins_say_who_belongs_to_a_project_and_who_sees_it(
    tenant: Tenant, colleague: Tenant, database: Database
) -> None:
    project = new_project(tenant.api)
    one = f"/api/projects/{project['id']}"
    refused = [
        put(colleague, project["id"], colleague.user_id),
        colleague.api.delete(f"{one}/members/{tenant.user_id}"),
        colleague.api.patch(one, {"is_private": True}),
    ]
    assert [(reply.status, reply.code) for reply in refused] == [(403, "not_a_member")] * 3
    assert members(colleague, project["id"]) == [str(tenant.user_id)]
    # What is not about who sees it is every recruiter's.
    assert colleague.api.patch(one, {"name": "Renamed", "is_private": False}).status == 200

    put(tenant, project["id"], colleague.user_id)
    assert colleague.api.patch(one, {"is_private": True}).json["is_private"]
    viewer = new_colleague(database, tenant, "viewer")
    assert put(colleague, project["id"], viewer.user_id).json["role"] == "viewer"
    assert viewer.api.get(one).status == 200
    assert put(viewer, project["id"], viewer.user_id).code == "role_not_sufficient"


def test_its_creator_is_a_member_again_of_a_project_that_is_made_private(tenant: Tenant, colleague: Tenant) -> None:
    project = new_project(colleague.api)
    one = f"/api/projects/{project['id']}"
    colleague.api.delete(f"{one}/members/{colleague.user_id}")
    assert members(tenant, project["id"]) == []

    assert colleague.api.patch(one, {"is_private": True}).status == 200

    assert members(colleague, project["id"]) == [str(colleague.user_id)]


def test_members_are_read_page_by_page(tenant: Tenant, database: Database, configure: Callable[..., None]) -> None:
    configure(rate_limit_enabled="false")
    project = new_project(tenant.api)
    rows(
        database,
        "with added as (insert into users (id, organization_id, email, name, role, password_hash, created_at,"
        " updated_at) select gen_random_uuid(), :id, gen_random_uuid()::text, 'x', 'viewer', 'x', now(), now()"
        " from generate_series(1, 25) returning id)"
        " select id from added",
        id=tenant.id,
    )
    for user in rows(database, "select id from users where organization_id = :id", id=tenant.id):
        put(tenant, project["id"], user["id"])

    read = page_through(tenant.api, f"/api/projects/{project['id']}/members", 7)

    assert len({member["user_id"] for member in read}) == len(read) == 26
    assert read == sorted(read, key=lambda member: (member["added_at"], member["user_id"]))


def test_a_program_is_a_member_of_no_project(tenant: Tenant) -> None:
    private = new_project(tenant.api, is_private=True)
    new_application(tenant.api, None, new_position(tenant.api, project_id=private["id"]))
    scopes = ("projects:read", "projects:write", "candidates:read", "exports:write")
    program = ApiClient(new_api_key(tenant.api, *scopes)["key"])

    assert program.get(f"/api/projects/{private['id']}").status == 404
    assert program.get("/api/candidates", stage="applied").json["total"] == 0
    assert program.post("/api/projects", {"name": "Mine", "is_private": True}).code == "not_a_member"
    made = new_project(program)
    assert program.patch(f"/api/projects/{made['id']}", {"is_private": True}).code == "not_a_member"
    assert members(tenant, made["id"]) == []
    assert program.post("/api/exports", {"kind": "candidates", "filters": {"stage": "applied"}}).status == 202
