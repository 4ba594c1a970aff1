"""Whoever forgot their password gets back in by a link, and nobody learns from asking whether an account exists."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from chalicelib.users import resets
from tests import factories, records
from tests.api import ApiClient
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, new_email, refresh
from tests.chalicelib.users.people import colleague, forgot, mailed_token, mails_to, reset, text_of, token_in
from tests.conftest import Tenant
from tests.house import Cloud, Database

NEW = "another-horse-8-staples"


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Asking takes its real time where that is looked at, and in no other test."""
    if "measured" not in request.node.name:
        monkeypatch.setattr(resets, "ASKING_SECONDS", 0)


def test_a_link_sets_a_new_password_and_ends_every_sign_in(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    before = login(tenant.email)
    asked = forgot(tenant.email.upper())
    assert asked.status == 202
    token = mailed_token(cloud, tenant.email)
    [mail] = mails_to(cloud, tenant.email)
    assert f"http://localhost:3000/reset-password#token={token}\n" in text_of(mail)
    assert "Hello Ada Admin," in text_of(mail)

    reply = reset(token, NEW)

    assert (reply.status, reply.body) == (204, b"")
    assert client_of(before).get("/api/users/me").status == 401
    assert tenant.api.get("/api/users/me").status == 401
    assert refresh(before.json["refresh_token"]).code == "bad_refresh_token"
    assert login(tenant.email, PASSWORD).code == "bad_credentials"
    assert login(tenant.email, NEW).status == 200
    cloud.drain()
    told = mails_to(cloud, tenant.email)[-1]
    assert told["Subject"] == "Your RecruitPro password was changed"
    assert "http" not in text_of(told)
    actions = records.actions(database, tenant.id)
    assert [name for name in actions if name.startswith("password")] == [
        "password_reset_asked",
        "password_changed",
        "password_reset",
    ]
    for secret in (token, NEW):
        found = "select 1 from events as t where position(:text in t::text) > 0"
        assert records.rows(database, found, text=secret) == []


def test_a_link_works_once_and_so_does_the_newest_of_several(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    for _ in range(3):
        forgot(tenant.email)
    cloud.drain()
    first, second, third = (token_in(mail) for mail in mails_to(cloud, tenant.email))
    records.rows(
        database,
        "update password_resets set expires_at = now() where user_id = :id and id = ("
        "select min(id::text)::uuid from password_resets where user_id = :id)",
        id=tenant.user_id,
    )
    assert reset(first, NEW).code == "bad_reset_link"
    assert reset(second, NEW).status == 204

    bad = [reset(token, "yet-another-9-staples") for token in (first, second, third, "unknown", "x" * 200)]

    assert {(reply.status, reply.code) for reply in bad} == {(400, "bad_reset_link")}
    assert len({reply.json["detail"] for reply in bad}) == 1
    assert login(tenant.email, NEW).status == 200


def test_of_many_who_follow_one_link_at_once_one_sets_a_password(tenant: Tenant, cloud: Cloud) -> None:
    forgot(tenant.email)
    token = mailed_token(cloud, tenant.email)
    wishes = [f"staple-{number}-of-many-horses" for number in range(4)]

    replies = factories.at_once(*[lambda wish=wish: reset(token, wish) for wish in wishes])

    assert sorted(reply.status for reply in replies) == [204] + [400] * 3
    assert [login(tenant.email, wish).status for wish in wishes].count(200) == 1


def test_the_rules_for_passwords_hold_and_leave_the_link_as_it_is(tenant: Tenant, cloud: Cloud) -> None:
    forgot(tenant.email)
    token = mailed_token(cloud, tenant.email)

    assert reset(token, PASSWORD).code == "password_reused"
    assert reset(token, "ada admin 77").code == "password_weak"
    assert reset(token, NEW).status == 204


def test_a_link_lets_its_owner_in_while_somebody_guesses(tenant: Tenant, cloud: Cloud) -> None:
    forgot(tenant.email)
    token, owner = mailed_token(cloud, tenant.email), ApiClient(address="198.51.100.77")
    for number in range(7):
        guesser = ApiClient(address=f"198.51.100.{number + 1}")
        guesser.post("/api/auth/login", {"email": tenant.email, "password": "a guess"})
    right = {"email": tenant.email, "password": NEW}
    assert owner.post("/api/auth/login", right).status == 429

    assert owner.post("/api/auth/reset-password", {"token": token, "new_password": NEW}).status == 204

    assert owner.post("/api/auth/login", right).status == 200


def test_a_password_that_was_changed_meanwhile_ends_the_link(tenant: Tenant, cloud: Cloud) -> None:
    forgot(tenant.email)
    token = mailed_token(cloud, tenant.email)
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert tenant.api.post("/api/auth/change-password", change).status == 204

    assert reset(token, "yet-another-9-staples").code == "bad_reset_link"
    assert login(tenant.email, NEW).status == 200


def test_the_answer_is_the_same_for_every_address(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    user_id, disabled = colleague(database, tenant)
    tenant.api.patch(f"/api/users/{user_id}", {"is_active": False})
    addresses = [tenant.email, disabled, new_email(), "no address", "'; drop table users"]

    replies = [forgot(address) for address in addresses]

    assert {reply.status for reply in replies} == {202}
    assert len({reply.body for reply in replies}) == 1
    assert len({tuple(sorted(reply.headers)) for reply in replies}) == 1
    cloud.drain()
    assert [len(mails_to(cloud, address)) for address in addresses] == [1, 0, 0, 0, 0]


def test_a_link_of_who_was_disabled_since_sets_nothing(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    user_id, email = colleague(database, tenant)
    forgot(email)
    token = mailed_token(cloud, email)
    tenant.api.patch(f"/api/users/{user_id}", {"is_active": False})
    assert reset(token, NEW).code == "bad_reset_link"

    forgot(tenant.email)
    tenant.api.patch(f"/api/users/{user_id}", {"is_active": True})
    assert reset(token, NEW).code == "bad_reset_link"


def test_too_many_wishes_are_answered_alike_and_mailed_no_more(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Callable[..., None]
) -> None:
    configure(rate_limit_password_reset="2/hour", rate_limit_login="3/minute")
    assert [forgot(tenant.email).status for _ in range(4)] == [202] * 4
    emails = [colleague(database, tenant)[1] for _ in range(5)]
    one_place = ApiClient(address="198.51.100.77")
    assert [one_place.post("/api/auth/forgot-password", {"email": email}).status for email in emails] == [202] * 5

    cloud.drain()

    assert len(mails_to(cloud, tenant.email)) == 2
    assert [len(mails_to(cloud, email)) for email in emails] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("field", ["organization_id", "user_id", "role"])
def test_nothing_else_is_taken(database: Database, field: str) -> None:
    client = ApiClient(address="198.51.100.78")
    bodies = {
        "/api/auth/forgot-password": {"email": new_email()},
        "/api/auth/reset-password": {"token": "x", "new_password": NEW},
    }
    for path, body in bodies.items():
        assert client.post(path, {**body, field: "x"}).wrong_fields == {field}


def test_the_time_of_the_answer_measured_says_nothing_of_the_account(
    tenant: Tenant, cloud: Cloud, configure: Callable[..., None]
) -> None:
    configure(rate_limit_enabled="false")

    def seconds(email: str) -> float:
        started = time.perf_counter()
        assert forgot(email).status == 202
        return time.perf_counter() - started

    pairs = [(seconds(tenant.email), seconds(new_email())) for _ in range(4)]

    known, unknown = (statistics.median(each) for each in zip(*pairs, strict=True))
    assert known >= resets.ASKING_SECONDS
    assert unknown >= resets.ASKING_SECONDS
    assert abs(known - unknown) < 0.1 * resets.ASKING_SECONDS, pairs
