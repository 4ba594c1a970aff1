"""Somebody is invited, gets one link by mail, and becomes a user by it; nobody else learns anything from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from chalicelib import clients
from tests import factories, records
from tests.api import Reply
from tests.chalicelib.auth.accounts import PASSWORD, login, new_email
from tests.chalicelib.users.people import (
    accept,
    colleague,
    invite,
    mailed_token,
    mails_to,
    signed_in,
    text_of,
    token_in,
)
from tests.conftest import Tenant
from tests.house import SETTINGS, Cloud, Database

OPEN = "/api/invitations"


def said(reply: Reply) -> tuple[int, bytes]:
    """The answer without its request id."""
    return reply.status, reply.body.replace(reply.json["request_id"].encode(), b"")


@pytest.fixture
def without_mail(configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that has no address to send from and knows no frontend."""
    from chalicelib.auth.keys import CURRENT, key_ring

    configure(environment="dev", token_secret_arn="arn:aws:secretsmanager:eu-central-1:1:secret:x", scanner="clamd")
    key_ring.cache_clear()
    secret = {CURRENT: SETTINGS["RECRUITPRO_TOKEN_SECRET"]}
    monkeypatch.setattr(clients, "secret_version", lambda _arn, stage: secret.get(stage))


def test_who_is_invited_gets_a_link_and_becomes_a_user(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    email = new_email()

    invited = invite(tenant.api, email.upper(), role="viewer")

    assert (invited["email"], invited["role"], invited["invited_by"]) == (email, "viewer", str(tenant.user_id))
    assert (invited["delivery"], invited["token"], invited["link"], invited["mail_status"]) == (
        "mail",
        None,
        None,
        "queued",
    )
    assert login(email).code == "bad_credentials"
    token = mailed_token(cloud, email)
    [mail] = mails_to(cloud, email)
    text = text_of(mail)
    assert f"http://localhost:3000/accept-invitation#token={token}\n" in text
    assert "Hello Grace Hopper," in text
    assert "Ada Admin (Tenant" in text
    assert "as a viewer" in text
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("You are invited to RecruitPro", "auto-generated")
    assert tenant.api.get(f"{OPEN}/{invited['id']}").json["mail_status"] == "sent"

    joined = accept(token, name="Rear Admiral Hopper")

    assert (joined.status, joined.headers["location"]) == (201, "/api/users/me")
    assert (joined.json["email"], joined.json["name"], joined.json["role"]) == (email, "Rear Admiral Hopper", "viewer")
    assert joined.json["organization_id"] == str(tenant.id)
    assert signed_in(email).get("/api/users/me").json["id"] == joined.json["id"]
    assert tenant.api.get(OPEN).json["items"] == []
    assert tenant.api.get("/api/users").json["items"][0]["id"] == joined.json["id"]
    expected = ["invitation_created", "notice_handed_over", "notice_sent", "invitation_accepted", "user_created"]
    assert [each for each in records.actions(database, tenant.id) if each in expected][-5:] == expected


def test_of_a_link_nothing_but_its_hash_is_ever_at_rest(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    email = new_email()
    invite(tenant.api, email)
    token = mailed_token(cloud, email)
    accept(token)

    tables = (
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    found = 'select 1 from "{}" as t where position(:token in t::text) > 0 or position(:password in t::text) > 0'
    with factories.as_superuser(database) as connection:
        for table in connection.scalars(sa.text(tables)).all():
            secrets = {"token": token, "password": PASSWORD}
            assert connection.execute(sa.text(found.format(table)), secrets).first() is None, table


def test_a_link_works_once_and_until_it_is_revoked_sent_again_or_expired(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    api = tenant.api
    emails = [new_email() for _ in range(4)]
    used, revoked, anew, expired = (invite(api, email) for email in emails)
    cloud.drain()
    tokens = [token_in(mails_to(cloud, email)[0]) for email in emails]
    assert accept(tokens[0]).status == 201
    assert api.delete(f"{OPEN}/{revoked['id']}").status == 204
    again = api.post(f"{OPEN}/{anew['id']}/resend")
    assert (again.status, again.json["delivery"], again.json["token"]) == (200, "mail", None)
    assert again.headers["etag"] == '"2"'
    past = "update invitations set expires_at = now() where id = cast(:id as uuid)"
    records.rows(database, past, id=expired["id"])

    bad = [accept(token) for token in tokens] + [accept("unknown"), accept("x" * 200)]

    assert {said(reply) for reply in bad} == {said(bad[0])}
    assert (bad[0].status, bad[0].code) == (400, "bad_invitation")
    assert {item["id"] for item in api.get(OPEN).json["items"]} == {anew["id"], expired["id"]}
    assert api.delete(f"{OPEN}/{used['id']}").code == "invitation_not_found"
    assert api.post(f"{OPEN}/{revoked['id']}/resend").code == "invitation_not_found"

    assert accept(mailed_token(cloud, emails[2])).status == 201
    assert api.post(f"{OPEN}/{expired['id']}/resend").status == 200
    assert accept(mailed_token(cloud, emails[3])).status == 201


def test_of_many_who_follow_one_link_at_once_one_becomes_a_user(tenant: Tenant, cloud: Cloud) -> None:
    email = new_email()
    invite(tenant.api, email)
    token = mailed_token(cloud, email)

    replies = factories.at_once(*[lambda: accept(token)] * 5)

    assert sorted(reply.status for reply in replies) == [201] + [400] * 4
    assert tenant.api.get("/api/users", q=email).json["total"] == 1


def test_a_weak_password_leaves_the_link_as_it_is(tenant: Tenant, cloud: Cloud) -> None:
    email = new_email()
    invite(tenant.api, email)
    token = mailed_token(cloud, email)

    for weak in ("short-7", "my grace HOPPER 77", "password123"):
        refused = accept(token, weak)
        assert (refused.status, refused.code) == (422, "password_weak"), refused
    assert accept(token).status == 201


@pytest.mark.parametrize("field", ["role", "organization_id", "is_active", "email", "id"])
def test_who_accepts_chooses_neither_role_nor_organization(database: Database, field: str) -> None:
    reply = accept("unknown", **{field: "admin"})

    assert (reply.status, reply.wrong_fields) == (422, {field})


def test_nobody_is_told_whether_an_address_has_an_account_elsewhere(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    known, unknown = invite(tenant.api, other.email), invite(tenant.api)
    cloud.drain()

    changing = {"id", "email", "created_at", "updated_at", "expires_at"}
    for item in (known, tenant.api.get(f"{OPEN}/{known['id']}").json):
        counterpart = unknown if "delivery" in item else tenant.api.get(f"{OPEN}/{unknown['id']}").json
        assert {name: item[name] for name in item.keys() - changing} == {
            name: counterpart[name] for name in counterpart.keys() - changing
        }
    # The owner of the address is told, and gets no link.
    [mail] = mails_to(cloud, other.email)
    assert "has an account already" in text_of(mail)
    assert "http" not in text_of(mail)
    hashes = records.rows(database, "select token_hash from invitations where id = cast(:id as uuid)", id=known["id"])
    assert hashes == [{"token_hash": None}]
    assert other.api.get("/api/users").json["total"] == 1


def test_an_address_that_got_an_account_meanwhile_is_a_bad_invitation(
    tenant: Tenant, other: Tenant, cloud: Cloud
) -> None:
    email = new_email()
    invite(tenant.api, email)
    first = mailed_token(cloud, email)
    invite(other.api, email)
    second = mailed_token(cloud, email)

    assert accept(first).status == 201
    assert accept(second).code == "bad_invitation"
    assert other.api.get("/api/users", q=email).json["items"] == []


def test_whom_the_organization_knows_already_is_not_invited_again(tenant: Tenant, database: Database) -> None:
    user_id, email = colleague(database, tenant)
    asked = {"name": "Grace", "role": "admin"}

    member = tenant.api.post("/api/users", {**asked, "email": email})
    assert (member.status, member.code, member.json["user_id"]) == (409, "already_member", user_id)
    tenant.api.patch(f"/api/users/{user_id}", {"is_active": False})
    assert "disabled" in tenant.api.post("/api/users", {**asked, "email": email}).json["detail"]
    invited = invite(tenant.api)
    assert tenant.api.post("/api/users", {**asked, "email": invited["email"]}).code == "already_invited"

    past = "update invitations set expires_at = now() where id = cast(:id as uuid)"
    records.rows(database, past, id=invited["id"])
    anew = invite(tenant.api, invited["email"])
    assert [item["id"] for item in tenant.api.get(OPEN).json["items"]] == [anew["id"]]


def test_of_many_invitations_to_one_address_one_is_open(tenant: Tenant, cloud: Cloud) -> None:
    wish = {"email": new_email(), "name": "Grace", "role": "viewer"}

    replies = factories.at_once(*[lambda: tenant.api.post("/api/users", wish)] * 5)

    assert sorted(reply.status for reply in replies) == [201] + [409] * 4
    assert {reply.code for reply in replies if reply.status == 409} == {"already_invited"}
    cloud.drain()
    assert len(mails_to(cloud, str(wish["email"]))) == 1


def test_invitations_of_another_organization_are_unknown(tenant: Tenant, other: Tenant) -> None:
    path = f"{OPEN}/{invite(tenant.api)['id']}"

    for reply in (other.api.get(path), other.api.delete(path), other.api.post(f"{path}/resend")):
        assert (reply.status, reply.code) == (404, "invitation_not_found")
    assert other.api.get(OPEN).json["items"] == []


def test_an_organization_sends_no_more_than_its_share(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(rate_limit_invitations="2/hour")
    invited = [invite(tenant.api) for _ in range(2)]

    refused = [
        tenant.api.post("/api/users", {"email": new_email(), "name": "Grace", "role": "viewer"}),
        tenant.api.post(f"{OPEN}/{invited[0]['id']}/resend"),
    ]

    assert {(reply.status, reply.code) for reply in refused} == {(429, "rate_limited")}
    assert all(0 < int(reply.headers["retry-after"]) <= 3600 for reply in refused)
    assert tenant.api.get(OPEN).json["total"] == 2


def test_without_mail_the_link_is_shown_once_to_the_admin(
    tenant: Tenant, without_mail: None, cloud: Cloud, database: Database
) -> None:
    with known_frontend():
        invited = invite(tenant.api, name="Grace")
    unknown_frontend = tenant.api.post(f"{OPEN}/{invited['id']}/resend").json

    assert (invited["delivery"], invited["mail_status"]) == ("shown", None)
    assert invited["link"] == f"https://hire.example.com/accept-invitation#token={invited['token']}"
    assert (unknown_frontend["delivery"], unknown_frontend["link"]) == ("shown", None)
    shown = tenant.api.get(f"{OPEN}/{invited['id']}").json
    assert (shown["mail_status"], "token" in shown, "link" in shown) == (None, False, False)
    assert accept(invited["token"]).code == "bad_invitation"
    assert accept(unknown_frontend["token"]).status == 201
    assert records.jobs_of(database, tenant.id) == []


@contextmanager
def known_frontend() -> Iterator[None]:
    from tests.house import forget_settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECRUITPRO_FRONTEND_URL", "https://hire.example.com/")
        forget_settings()
        yield
    forget_settings()
