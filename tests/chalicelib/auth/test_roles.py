"""What each role may do, decided by the database's role of this moment and not by the token's age."""

from __future__ import annotations

import pytest

from tests import factories
from tests.conftest import Tenant
from tests.house import Database


def test_a_role_counts_from_the_next_request_with_the_old_token(tenant: Tenant, database: Database) -> None:
    statuses = []
    for role in ("viewer", "recruiter", "viewer", "admin"):
        factories.set_role(database, tenant.email, role)
        statuses.append(tenant.api.post("/api/projects", {"name": "Search"}).status)
        assert tenant.api.get("/api/users/me").json["role"] == role

    assert statuses == [403, 201, 403, 201]


@pytest.mark.parametrize("path", ["projects", "positions", "candidates", "applications", "documents", "jobs", "events"])
def test_a_viewer_reads_every_list(tenant: Tenant, database: Database, path: str) -> None:
    factories.set_role(database, tenant.email, "viewer")

    assert tenant.api.get(f"/api/{path}").status == 200


def test_a_refusal_names_the_role_that_is_needed(tenant: Tenant, database: Database) -> None:
    factories.set_role(database, tenant.email, "viewer")

    reply = tenant.api.post("/api/projects", {"name": "Search"})

    assert (reply.status, reply.code) == (403, "role_not_sufficient")
    assert "recruiter" in reply.json["detail"]
    assert "viewer" in reply.json["detail"]


def test_who_may_not_write_is_told_so_before_the_body_is_looked_at(tenant: Tenant, database: Database) -> None:
    project = factories.new_project(tenant.api)
    factories.set_role(database, tenant.email, "viewer")

    replies = [
        tenant.api.post("/api/projects", b"{"),
        tenant.api.patch(f"/api/projects/{project['id']}", {"unknown": 1}),
        tenant.api.delete(f"/api/projects/{project['id']}"),
        tenant.api.delete("/api/projects/no-id"),
    ]

    assert {(reply.status, reply.code) for reply in replies} == {(403, "role_not_sufficient")}


def test_my_own_profile_is_mine_in_every_role(tenant: Tenant, database: Database) -> None:
    for number, role in enumerate(("viewer", "recruiter", "admin")):
        factories.set_role(database, tenant.email, role)
        reply = tenant.api.patch("/api/users/me", {"name": f"Name {number}"})
        assert (reply.status, reply.json["name"]) == (200, f"Name {number}")


@pytest.mark.parametrize("field", ["role", "email", "is_active", "organization_id", "id", "password"])
def test_nobody_changes_who_they_are(tenant: Tenant, field: str) -> None:
    before = tenant.api.get("/api/users/me").json

    reply = tenant.api.patch("/api/users/me", {"name": "New", field: "viewer"})

    assert (reply.status, reply.wrong_fields) == (422, {field})
    assert tenant.api.get("/api/users/me").json == before


def test_my_profile_shows_who_i_am_and_no_secret(tenant: Tenant) -> None:
    reply = tenant.api.get("/api/users/me")

    assert reply.json["id"] == str(tenant.user_id)
    assert (reply.json["email"], reply.json["role"], reply.json["is_active"]) == (tenant.email, "admin", True)
    assert "password" not in reply.body.decode()
    assert reply.headers["etag"]


def test_a_new_name_leaves_an_event_and_shows_at_once(tenant: Tenant) -> None:
    tenant.api.patch("/api/users/me", {"name": "  Ada King  "})

    assert tenant.api.get("/api/users/me").json["name"] == "Ada King"
    last = tenant.api.get("/api/events").json["items"][-1]
    assert (last["action"], last["before"], last["after"]) == (
        "user_changed",
        {"name": "Ada Admin"},
        {"name": "Ada King"},
    )
