"""An admin looks after the users of the organization; what changes who somebody may be holds at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from tests import factories, records
from tests.chalicelib.auth.accounts import client_of, login, refresh
from tests.chalicelib.users.people import colleague, forgot, invite, signed_in
from tests.conftest import Tenant
from tests.house import Cloud, Database

SHOWN = {
    "id",
    "organization_id",
    "email",
    "name",
    "role",
    "is_active",
    "last_sign_in_at",
    "created_at",
    "updated_at",
}


def test_an_admin_finds_users_by_name_address_role_and_whether_they_are_active(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    api = tenant.api
    viewer, email = colleague(database, tenant, "viewer")
    disabled, _ = colleague(database, tenant, "admin")
    api.patch(f"/api/users/{disabled}", {"is_active": False, "name": "100%_sure"})
    me = str(tenant.user_id)

    def ids(**query: str) -> list[str]:
        page = api.get(f"/api/users?{urlencode(query)}").json
        assert page["total"] == len(page["items"])
        return [item["id"] for item in page["items"]]

    assert ids() == [disabled, viewer, me]
    assert ids(q=email[:20].upper()) == [viewer]
    assert ids(q="ADA") == [me]
    assert ids(q="0%_s") == [disabled]
    assert ids(q="%") == [disabled]
    assert ids(q="0__s") == []
    assert ids(role="admin") == [disabled, me]
    assert ids(role="admin", is_active="true") == [me]
    assert ids(is_active="false") == [disabled]
    assert api.get("/api/users?role=owner").wrong_fields == {"role"}
    assert api.get("/api/users", limit=1, skip=1).json["items"][0]["id"] == viewer
    assert set(api.get(f"/api/users/{viewer}").json) == SHOWN
    assert "argon2" not in api.get("/api/users").body.decode()
    assert other.api.get("/api/users", q=email).json["items"] == []


@pytest.mark.parametrize("role", ["viewer", "recruiter"])
def test_only_admins_look_after_users(tenant: Tenant, database: Database, role: str) -> None:
    user_id, email = colleague(database, tenant, role)
    api = signed_in(email)
    invitation = {"email": "new@example.com", "name": "New", "role": "viewer"}

    replies = [
        api.get("/api/users"),
        api.get(f"/api/users/{user_id}"),
        api.patch(f"/api/users/{user_id}", {"role": "admin"}),
        api.post("/api/users", invitation),
        api.get("/api/invitations"),
        api.get(f"/api/invitations/{factories.NO_ID}"),
        api.post(f"/api/invitations/{factories.NO_ID}/resend"),
        api.delete(f"/api/invitations/{factories.NO_ID}"),
        api.patch("/api/organization", {"name": "Mine"}),
    ]

    assert {(reply.status, reply.code) for reply in replies} == {(403, "role_not_sufficient")}
    assert api.get("/api/users/me").json["role"] == role


def test_another_role_ends_every_sign_in_at_once_and_another_name_ends_none(tenant: Tenant, database: Database) -> None:
    user_id, email = colleague(database, tenant)
    first, second = login(email), login(email)
    assert tenant.api.patch(f"/api/users/{user_id}", {"name": "G. Hopper", "role": "recruiter"}).status == 200
    assert client_of(first).get("/api/users/me").json["name"] == "G. Hopper"

    reply = tenant.api.patch(f"/api/users/{user_id}", {"role": "admin"})

    assert (reply.status, reply.json["role"], reply.headers["etag"]) == (200, "admin", '"3"')
    for tokens in (first, second):
        assert client_of(tokens).get("/api/users/me").status == 401
        assert refresh(tokens.json["refresh_token"]).code == "bad_refresh_token"
    assert signed_in(email).get("/api/users").status == 200
    events = tenant.api.get("/api/events").json["items"]
    changed = [event for event in events if event["subject_id"] == user_id and event["action"] == "user_changed"]
    assert [(event["before"], event["after"]) for event in changed] == [
        ({"name": "Grace Hopper"}, {"name": "G. Hopper"}),
        ({"role": "recruiter"}, {"role": "admin"}),
    ]
    [shut_out] = [event for event in events if event["action"] == "user_shut_out"]
    assert (shut_out["after"]["reason"], len(shut_out["after"]["sign_ins"])) == ("role_changed", 2)


def test_who_is_disabled_is_out_at_once_by_every_way_and_back_only_by_signing_in(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    user_id, email = colleague(database, tenant, "admin")
    tokens = login(email)
    theirs = invite(client_of(tokens))
    forgot(email)

    assert tenant.api.patch(f"/api/users/{user_id}", {"is_active": False}).json["is_active"] is False

    assert client_of(tokens).get("/api/users/me").status == 401
    assert refresh(tokens.json["refresh_token"]).code == "bad_refresh_token"
    assert login(email).code == "bad_credentials"
    assert tenant.api.get(f"/api/invitations/{theirs['id']}").status == 404
    open_links = "select 1 from password_resets where user_id = cast(:id as uuid) and revoked_at is null"
    assert records.rows(database, open_links, id=user_id) == []

    assert tenant.api.patch(f"/api/users/{user_id}", {"is_active": True}).status == 200
    assert client_of(tokens).get("/api/users/me").status == 401
    assert refresh(tokens.json["refresh_token"]).code == "bad_refresh_token"
    assert signed_in(email).get("/api/users/me").status == 200


@pytest.mark.parametrize("change", [{"role": "recruiter"}, {"is_active": False}, {"role": "viewer", "name": "X"}])
def test_the_last_active_admin_stays_one(tenant: Tenant, database: Database, change: dict[str, object]) -> None:
    disabled, _ = colleague(database, tenant, "admin")
    colleague(database, tenant)
    tenant.api.patch(f"/api/users/{disabled}", {"is_active": False})
    path = f"/api/users/{tenant.user_id}"
    before = tenant.api.get(path).json

    reply = tenant.api.patch(path, change)

    assert (reply.status, reply.code) == (409, "last_admin")
    assert tenant.api.get(path).json == before
    assert tenant.api.patch(path, {"name": "Ada King", "role": "admin", "is_active": True}).status == 200


def test_of_two_admins_who_demote_each_other_at_once_one_stays(tenant: Tenant, database: Database) -> None:
    second, email = colleague(database, tenant, "admin")
    colleague_api = signed_in(email)
    demotion = {"role": "recruiter"}
    with ThreadPoolExecutor(2) as pool:
        with factories.as_superuser(database) as connection:
            connection.execute(sa.text("select 1 from organizations where id = :id for update"), {"id": tenant.id})
            asked = [
                pool.submit(tenant.api.patch, f"/api/users/{second}", demotion),
                pool.submit(colleague_api.patch, f"/api/users/{tenant.user_id}", demotion),
            ]
            wait_for_locks(database, 2)
        replies = [future.result() for future in asked]

    assert sorted(reply.status for reply in replies) == [200, 409], replies
    assert next(reply for reply in replies if reply.status == 409).code == "last_admin"
    admins = "select 1 from users where organization_id = :id and role = 'admin' and is_active"
    assert len(records.rows(database, admins, id=tenant.id)) == 1


def wait_for_locks(database: Database, count: int) -> None:
    """Returns when so many wait for a lock: all of them have been let in, and none has decided yet."""
    for _ in range(300):
        if len(records.rows(database, "select 1 from pg_locks where not granted")) >= count:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_users_of_another_organization_are_unknown(tenant: Tenant, other: Tenant) -> None:
    path = f"/api/users/{tenant.user_id}"
    for reply in (other.api.get(path), other.api.patch(path, {"role": "viewer"}), other.api.get("/api/users/no-id")):
        assert (reply.status, reply.code) == (404, "user_not_found")


@pytest.mark.parametrize("field", ["email", "organization_id", "id", "password", "password_hash", "version"])
def test_an_admin_changes_nothing_else_of_a_user(tenant: Tenant, field: str) -> None:
    reply = tenant.api.patch(f"/api/users/{tenant.user_id}", {"name": "New", field: "x"})

    assert (reply.status, reply.wrong_fields) == (422, {field})


@pytest.mark.parametrize("field", ["name", "role", "is_active"])
def test_nothing_of_a_user_is_emptied(tenant: Tenant, field: str) -> None:
    assert tenant.api.patch(f"/api/users/{tenant.user_id}", {field: None}).wrong_fields == {field}


def test_an_admin_ends_every_sign_in_of_a_user_who_may_then_sign_in_again(tenant: Tenant, database: Database) -> None:
    user_id, email = colleague(database, tenant)
    phone, laptop = login(email), login(email)
    path = f"/api/users/{user_id}/sign-ins"

    assert client_of(phone).delete(path).code == "role_not_sufficient"
    assert tenant.api.delete(path).status == 204

    assert [client_of(each).get("/api/users/me").status for each in (phone, laptop)] == [401, 401]
    assert [refresh(each.json["refresh_token"]).status for each in (phone, laptop)] == [401, 401]
    assert login(email).status == 200
    last = tenant.api.get("/api/events").json["items"][-2]
    assert (last["action"], last["after"]["reason"]) == ("user_shut_out", "ended_by_admin")
    assert len(last["after"]["sign_ins"]) == 2
