"""Everybody sees where they are signed in, and ends what they no longer want."""

from __future__ import annotations

from tests import records
from tests.chalicelib.auth.accounts import client_of, login, refresh
from tests.conftest import Tenant
from tests.factories import NO_ID
from tests.house import Database

PATH = "/api/users/me/sign-ins"


def test_i_see_where_i_am_signed_in_newest_first(tenant: Tenant, other: Tenant) -> None:
    second = client_of(login(tenant.email))

    listed = second.get(PATH).json

    assert listed["total"] == 2
    assert [item["is_current"] for item in listed["items"]] == [True, False]
    assert set(listed["items"][0]) == {"id", "created_at", "expires_at", "is_current"}
    assert [item["is_current"] for item in tenant.api.get(PATH).json["items"]] == [False, True]


def test_what_ended_or_ran_out_is_not_shown(tenant: Tenant, database: Database) -> None:
    client_of(login(tenant.email)).post("/api/auth/logout")
    login(tenant.email)
    records.rows(
        database,
        "update sign_ins set expires_at = now() where user_id = :id and revoked_at is null"
        " and id = (select max(id::text)::uuid from sign_ins where user_id = :id)",
        id=tenant.user_id,
    )

    assert [item["is_current"] for item in tenant.api.get(PATH).json["items"]] == [True]


def test_ending_one_ends_it_at_once_and_no_other(tenant: Tenant) -> None:
    lost = login(tenant.email)
    kept = client_of(login(tenant.email))
    lost_id = client_of(lost).get(PATH).json["items"][1]["id"]

    reply = tenant.api.delete(f"{PATH}/{lost_id}")

    assert (reply.status, reply.body) == (204, b"")
    assert client_of(lost).get("/api/users/me").status == 401
    assert refresh(lost.json["refresh_token"]).code == "bad_refresh_token"
    assert kept.get("/api/users/me").status == tenant.api.get("/api/users/me").status == 200
    assert tenant.api.delete(f"{PATH}/{lost_id}").status == 404
    last = tenant.api.get("/api/events").json["items"][-1]
    assert (last["action"], last["after"]) == ("signed_out", {"sign_in": lost_id})


def test_ending_the_present_one_signs_out(tenant: Tenant) -> None:
    current = next(item["id"] for item in tenant.api.get(PATH).json["items"] if item["is_current"])

    assert tenant.api.delete(f"{PATH}/{current}").status == 204
    assert tenant.api.get(PATH).status == 401


def test_nobody_elses_is_seen_or_ended(tenant: Tenant, other: Tenant) -> None:
    theirs = other.api.get(PATH).json["items"][0]["id"]

    replies = [tenant.api.delete(f"{PATH}/{each}") for each in (theirs, NO_ID, "no-id")]

    assert {(reply.status, reply.code, reply.json["detail"]) for reply in replies} == {
        (404, "not_found", "you have no such sign-in")
    }
    assert other.api.get("/api/users/me").status == 200
    assert theirs not in tenant.api.get(PATH).body.decode()
