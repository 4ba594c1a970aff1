"""Refresh tokens rotate; one that comes back after its use was stolen from somebody, and its whole family ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories, records
from tests.chalicelib.auth.accounts import client_of, login, refresh
from tests.conftest import Tenant
from tests.house import Database


def test_a_refresh_gives_new_tokens_that_work(tenant: Tenant) -> None:
    first = login(tenant.email)

    second = refresh(first.json["refresh_token"])

    assert second.status == 200
    assert set(second.json) == set(first.json)
    assert second.json["refresh_token"] != first.json["refresh_token"]
    assert second.json["user"]["id"] == str(tenant.user_id)
    assert client_of(second).get("/api/users/me").status == 200
    assert client_of(first).get("/api/users/me").status == 200
    assert refresh(second.json["refresh_token"]).status == 200


def test_a_used_token_that_comes_back_ends_the_family(tenant: Tenant) -> None:
    apart = login(tenant.email)
    first = login(tenant.email)
    second = refresh(first.json["refresh_token"])
    third = refresh(second.json["refresh_token"])

    reply = refresh(first.json["refresh_token"])

    assert (reply.status, reply.code) == (401, "bad_refresh_token")
    for tokens in (second, third):
        assert refresh(tokens.json["refresh_token"]).code == "bad_refresh_token"
    for tokens in (first, second, third):
        assert client_of(tokens).get("/api/users/me").status == 401
    assert client_of(apart).get("/api/users/me").status == 200
    assert refresh(apart.json["refresh_token"]).status == 200


def test_a_theft_is_on_record(tenant: Tenant, database: Database) -> None:
    first = login(tenant.email)
    refresh(first.json["refresh_token"])
    refresh(first.json["refresh_token"])

    events = [event["action"] for event in tenant.api.get("/api/events").json["items"]]
    reasons = records.rows(
        database,
        "select revoked_reason from sign_ins where user_id = :id and revoked_at is not null",
        id=tenant.user_id,
    )

    assert events.count("refresh_token_reused") == 1
    assert reasons == [{"revoked_reason": "refresh_token_reused"}]


def test_of_many_who_use_one_token_one_wins_and_the_family_ends(tenant: Tenant, database: Database) -> None:
    first = login(tenant.email)

    replies = factories.at_once(*[lambda: refresh(first.json["refresh_token"])] * 8)

    statuses = sorted(reply.status for reply in replies)
    assert statuses == [200] + [401] * 7
    assert {reply.code for reply in replies if reply.status == 401} == {"bad_refresh_token"}
    winner = next(reply for reply in replies if reply.status == 200)
    assert client_of(winner).get("/api/users/me").status == 401
    assert refresh(winner.json["refresh_token"]).status == 401
    families = records.rows(
        database,
        "select sign_ins.revoked_reason, count(*) as tokens, count(used_at) as used from sign_ins"
        " join refresh_tokens on refresh_tokens.sign_in_id = sign_ins.id"
        " where sign_ins.user_id = :id and sign_ins.revoked_at is not null group by 1",
        id=tenant.user_id,
    )
    assert families == [{"revoked_reason": "refresh_token_reused", "tokens": 2, "used": 1}]
    assert tenant.api.get("/api/users/me").status == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "A" * 200, "' or 1=1 --", "ü"])
def test_an_unknown_token_is_refused(tenant: Tenant, token: str) -> None:
    reply = refresh(token)

    assert (reply.status, reply.code) == (401, "bad_refresh_token")


def test_an_access_token_is_no_refresh_token(tenant: Tenant) -> None:
    assert tenant.api.token
    assert refresh(tenant.api.token[:200]).status == 401
    assert refresh("x" * 201).wrong_fields == {"refresh_token"}


def test_a_refresh_token_is_no_access_token(tenant: Tenant) -> None:
    client = client_of(login(tenant.email))
    client.token = login(tenant.email).json["refresh_token"]

    assert client.get("/api/users/me").code == "bad_token"


@pytest.mark.parametrize("table", ["sign_ins", "refresh_tokens"])
def test_what_has_run_out_is_refused_without_an_alarm(tenant: Tenant, database: Database, table: str) -> None:
    first = login(tenant.email)
    records.rows(database, f"update {table} set expires_at = now() where organization_id = :id", id=tenant.id)

    assert refresh(first.json["refresh_token"]).code == "bad_refresh_token"
    alarms = records.rows(
        database,
        "select 1 from events where organization_id = :id and action = 'refresh_token_reused'",
        id=tenant.id,
    )
    assert alarms == []


def test_rotation_does_not_lengthen_a_sign_in(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    configure(refresh_token_days="2")
    refresh(login(tenant.email).json["refresh_token"])

    ends = records.rows(
        database,
        "select distinct refresh_tokens.expires_at = sign_ins.expires_at as same from refresh_tokens"
        " join sign_ins on sign_ins.id = refresh_tokens.sign_in_id where sign_ins.user_id = :id",
        id=tenant.user_id,
    )

    assert ends == [{"same": True}]


def test_tokens_are_kept_as_hashes_alone(tenant: Tenant, database: Database) -> None:
    token = login(tenant.email).json["refresh_token"]

    for table in ("refresh_tokens", "sign_ins", "events", "idempotency_keys"):
        assert records.rows(database, f"select 1 from {table} as t where t::text like :text", text=f"%{token}%") == []
