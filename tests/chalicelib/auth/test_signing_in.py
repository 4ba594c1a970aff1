"""Signing in with a password, and what each reason not to let somebody in sounds like."""

from __future__ import annotations

import pytest

from tests import records
from tests.api import Reply
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, new_email, register, stranger
from tests.conftest import Tenant
from tests.house import Database


def said(reply: Reply) -> tuple[int, bytes]:
    """The answer without its request id."""
    return reply.status, reply.body.replace(reply.json["request_id"].encode(), b"")


def test_a_sign_in_gives_tokens_and_the_user(tenant: Tenant) -> None:
    reply = login(tenant.email)

    assert reply.status == 200
    assert set(reply.json) == {"access_token", "token_type", "expires_in", "refresh_token", "user"}
    assert (reply.json["token_type"], reply.json["expires_in"]) == ("bearer", 900)
    assert reply.json["user"]["id"] == str(tenant.user_id)
    assert reply.json["user"]["last_sign_in_at"].endswith("Z")
    assert reply.headers["cache-control"] == "no-store"
    assert client_of(reply).get("/api/users/me").status == 200


def test_an_unknown_account_and_a_wrong_password_sound_the_same(tenant: Tenant) -> None:
    wrong, unknown = login(tenant.email, "wrong-password-7"), login(new_email(), "wrong-password-7")

    assert (wrong.status, wrong.code) == (401, "bad_credentials")
    assert said(wrong) == said(unknown)
    assert set(wrong.headers) == set(unknown.headers)


@pytest.mark.parametrize("email", ["no address", "ada@", "'; drop table users", "x" * 254])
def test_what_is_no_address_is_just_an_unknown_account(tenant: Tenant, email: str) -> None:
    assert said(login(email)) == said(login(new_email()))


def test_a_disabled_account_sounds_like_a_wrong_password_and_its_tokens_end(tenant: Tenant, database: Database) -> None:
    signed_in = login(tenant.email)
    records.rows(database, "update users set is_active = false where id = :id", id=tenant.user_id)

    assert said(login(tenant.email)) == said(login(new_email()))
    assert client_of(signed_in).get("/api/users/me").status == 401
    refreshed = stranger().post("/api/auth/refresh", {"refresh_token": signed_in.json["refresh_token"]})
    assert (refreshed.status, refreshed.code) == (401, "bad_refresh_token")


@pytest.mark.parametrize(
    "broken_hash", ["", "plain text", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=1,t=1,p=1$"]
)
def test_an_account_without_a_usable_hash_lets_nobody_in(tenant: Tenant, database: Database, broken_hash: str) -> None:
    records.rows(database, "update users set password_hash = :hash where id = :id", hash=broken_hash, id=tenant.user_id)

    for password in (PASSWORD, "plain text", "the password of nobody at all"):
        assert said(login(tenant.email, password)) == said(login(new_email()))


def test_the_password_of_nobody_opens_no_account(tenant: Tenant) -> None:
    assert login(new_email(), "the password of nobody at all").status == 401
    assert login(tenant.email, "the password of nobody at all").status == 401


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda email: f" {email} "])
def test_an_address_signs_in_in_every_spelling(tenant: Tenant, spelling: object) -> None:
    assert callable(spelling)
    assert login(spelling(tenant.email)).status == 200


def test_a_password_counts_to_its_last_character(tenant: Tenant) -> None:
    for wrong in (PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "x" * 1024):
        assert login(tenant.email, wrong).status == 401
    assert login(tenant.email, "x" * 1025).wrong_fields == {"password"}


def test_a_sign_in_leaves_an_event(tenant: Tenant) -> None:
    login(tenant.email)
    login(tenant.email, "wrong-password-7")

    actions = [event["action"] for event in tenant.api.get("/api/events").json["items"]]

    assert actions.count("signed_in") == 2


def test_signing_in_on_two_devices_gives_two_sign_ins(tenant: Tenant) -> None:
    first, second = login(tenant.email), login(tenant.email)
    assert first.json["access_token"] != second.json["access_token"]

    assert client_of(first).post("/api/auth/logout").status == 204

    assert client_of(first).get("/api/users/me").status == 401
    assert client_of(second).get("/api/users/me").status == 200


def test_signing_out_ends_access_and_refresh_at_once(tenant: Tenant) -> None:
    signed_in = login(tenant.email)
    client = client_of(signed_in)

    reply = client.post("/api/auth/logout", {"refresh_token": signed_in.json["refresh_token"]})

    assert (reply.status, reply.body) == (204, b"")
    assert client.get("/api/users/me").code == "unauthenticated"
    assert client.post("/api/auth/logout").status == 401
    refreshed = stranger().post("/api/auth/refresh", {"refresh_token": signed_in.json["refresh_token"]})
    assert (refreshed.status, refreshed.code) == (401, "bad_refresh_token")


def test_signing_out_ends_nobody_elses_sign_in(tenant: Tenant, other: Tenant) -> None:
    theirs = login(other.email)

    tenant.api.post("/api/auth/logout", {"refresh_token": theirs.json["refresh_token"]})

    assert client_of(theirs).get("/api/users/me").status == 200
    assert other.api.get("/api/users/me").status == 200


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("jose\u0301", "jos\u00e9"),
        ("jos\u00e9", "jose\u0301"),
        ("JOS\u00c9", "jose\u0301"),
    ],
)
@pytest.mark.parametrize("domain", ["example.com", "b\u00fccher.example"])
@pytest.mark.usefixtures("database")
def test_an_address_signs_in_in_every_spelling_of_unicode(registered: str, typed: str, domain: str) -> None:
    name = new_email().partition("@")[0]
    register(f"{registered}-{name}@{domain}")

    for spelled in (f"{typed}-{name}@{domain}", f"{typed.upper()}-{name}@{domain.upper()}"):
        assert login(spelled).status == 200, spelled
