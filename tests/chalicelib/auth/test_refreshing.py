"""Refresh tokens rotate; one that comes back after its use was stolen from somebody, and its whole family ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import factories, records
from tests.api import ApiClient, Reply
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


def from_one_address(address: str, token: str) -> Reply:
    return ApiClient(address=address).post("/api/auth/refresh", {"refresh_token": token})


def is_over(database: Database, tenant: Tenant) -> bool:
    """Whether a family of the tenant's was ended for a theft."""
    ended = "select 1 from sign_ins where user_id = :id and revoked_reason = 'refresh_token_reused'"
    return bool(records.rows(database, ended, id=tenant.user_id))


def test_an_answer_that_got_lost_is_given_again_at_once(tenant: Tenant, database: Database) -> None:
    first = login(tenant.email)
    lost = from_one_address("198.51.100.1", first.json["refresh_token"])

    again = from_one_address("198.51.100.1", first.json["refresh_token"])

    assert (lost.status, again.status) == (200, 200)
    assert lost.json["refresh_token"] != again.json["refresh_token"]
    assert client_of(again).get("/api/users/me").status == 200
    assert not is_over(database, tenant)


def test_ten_tabs_that_ask_at_once_all_go_on(tenant: Tenant, database: Database) -> None:
    first = login(tenant.email)
    same = first.json["refresh_token"]

    replies = factories.at_once(*[lambda: from_one_address("198.51.100.2", same)] * 10)

    assert [reply.status for reply in replies] == [200] * 10
    assert len({reply.json["refresh_token"] for reply in replies}) == 10
    assert not is_over(database, tenant)
    used = "select count(*) from refresh_tokens join sign_ins on sign_ins.id = sign_in_id where user_id = :id"
    assert records.rows(database, f"{used} and used_at is not null", id=tenant.user_id) == [{"count": 1}]
    follow = [from_one_address("198.51.100.2", reply.json["refresh_token"]) for reply in replies[:2]]
    assert [reply.status for reply in follow] == [200, 200]


def test_ten_at_once_from_ten_networks_are_a_theft(tenant: Tenant, database: Database) -> None:
    token = login(tenant.email).json["refresh_token"]

    replies = factories.at_once(*[lambda: refresh(token)] * 10)

    assert sorted(reply.status for reply in replies) == [200] + [401] * 9
    assert is_over(database, tenant)


def test_after_ten_seconds_it_is_a_theft(tenant: Tenant, database: Database) -> None:
    first = login(tenant.email)
    token = first.json["refresh_token"]
    second = from_one_address("198.51.100.3", token)
    records.rows(
        database,
        "update refresh_tokens set used_at = used_at - interval '11 seconds' where organization_id = :id",
        id=tenant.id,
    )

    assert from_one_address("198.51.100.3", token).code == "bad_refresh_token"
    assert is_over(database, tenant)
    assert client_of(second).get("/api/users/me").status == 401


def test_once_what_came_of_it_was_used_it_is_a_theft(tenant: Tenant, database: Database) -> None:
    token = login(tenant.email).json["refresh_token"]
    second = from_one_address("198.51.100.4", token)
    assert from_one_address("198.51.100.4", second.json["refresh_token"]).status == 200

    assert from_one_address("198.51.100.4", token).code == "bad_refresh_token"
    assert is_over(database, tenant)


def test_asking_again_lengthens_nothing_and_a_branch_that_is_replayed_ends_all(
    tenant: Tenant, database: Database
) -> None:
    token = login(tenant.email).json["refresh_token"]
    branches = [from_one_address("198.51.100.5", token) for _ in range(2)]
    for branch in branches:
        assert from_one_address("198.51.100.5", branch.json["refresh_token"]).status == 200
    ends = records.rows(
        database,
        "select distinct refresh_tokens.expires_at = sign_ins.expires_at as same from refresh_tokens"
        " join sign_ins on sign_ins.id = refresh_tokens.sign_in_id where sign_ins.user_id = :id",
        id=tenant.user_id,
    )
    assert ends == [{"same": True}]

    assert refresh(branches[0].json["refresh_token"]).status == 401

    assert is_over(database, tenant)
    assert client_of(branches[1]).get("/api/users/me").status == 401


def test_the_network_of_a_use_is_kept_as_a_keyed_hash(tenant: Tenant, database: Database) -> None:
    from_one_address("198.51.100.6", login(tenant.email).json["refresh_token"])

    kept = "select used_from from refresh_tokens where organization_id = :id and used_at is not null"
    (row,) = records.rows(database, kept, id=tenant.id)
    assert len(row["used_from"]) == 64


def test_an_ended_sign_in_is_not_refreshed_within_those_seconds_either(tenant: Tenant) -> None:
    first = login(tenant.email)
    from_one_address("198.51.100.7", first.json["refresh_token"])
    client_of(first).post("/api/auth/logout")

    assert from_one_address("198.51.100.7", first.json["refresh_token"]).code == "bad_refresh_token"
