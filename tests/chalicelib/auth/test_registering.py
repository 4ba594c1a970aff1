"""Founding an organization with its first admin."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests import factories, records
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, new_email, register
from tests.house import Database

pytestmark = pytest.mark.usefixtures("database")


def test_a_registration_founds_an_organization_with_its_admin() -> None:
    email = new_email()

    reply = register(email)

    assert (reply.status, reply.headers["location"]) == (201, "/api/users/me"), reply
    user, organization = reply.json["user"], reply.json["organization"]
    assert (user["email"], user["name"], user["role"], user["is_active"]) == (email, "Grace Hopper", "admin", True)
    assert user["organization_id"] == organization["id"]
    assert UUID(user["id"]).version == UUID(organization["id"]).version == 7
    assert "access_token" not in reply.json
    assert b"password" not in reply.body
    assert client_of(login(email)).get("/api/users/me").json["id"] == user["id"]


def test_a_password_is_kept_as_argon2id_alone(database: Database) -> None:
    email = new_email()
    register(email)

    user = records.rows(database, "select password_hash from users where email = :email", email=email)[0]

    assert user["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for table in ("events", "idempotency_keys", "users"):
        found = records.rows(database, f"select 1 from {table} as t where t::text like :text", text=f"%{PASSWORD}%")
        assert found == [], table


def test_a_closed_installation_takes_nobody(database: Database, configure: Callable[..., None]) -> None:
    configure(open_registration="false")
    email = new_email()

    reply = register(email)

    assert (reply.status, reply.code) == (403, "registration_closed")
    assert records.rows(database, "select 1 from users where email = :email", email=email) == []


def test_registration_is_closed_unless_said() -> None:
    from chalicelib.settings import read

    assert read({}).open_registration is False


@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title, lambda email: f"  {email} "])
def test_an_address_is_taken_in_every_spelling(spelling: Callable[[str], str]) -> None:
    email = new_email()
    register(email)

    reply = register(spelling(email), organization="Another")

    assert (reply.status, reply.code) == (409, "email_taken")


def test_of_many_who_want_one_address_one_gets_it(database: Database) -> None:
    email = new_email()
    before = records.rows(database, "select count(*) from organizations")[0]["count"]

    replies = factories.at_once(*[lambda: register(email)] * 6)

    assert sorted(reply.status for reply in replies) == [201] + [409] * 5
    assert {reply.code for reply in replies if reply.status == 409} == {"email_taken"}
    after = records.rows(database, "select count(*) from organizations")[0]["count"]
    assert after == before + 1


WEAK = ["short-7", "aaaaaaaaaaaa", "abababababab", "1111222233", "x1-Y" * 65, "my Grace HOPPER 77", "my-NavyBase-word"]
STRONG = ["pässwörter-ünd-ich", "correct horse battery", "密码密钥钥匙门锁窗户", "a" * 252 + "bcde"]


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused_with_the_reason(password: str, database: Database) -> None:
    email = new_email()

    reply = register(email, organization="Navybase", password=password)

    assert (reply.status, reply.code) == (422, "password_weak"), reply
    assert reply.json["detail"]
    assert password not in reply.json["detail"]
    assert records.rows(database, "select 1 from users where email = :email", email=email) == []


def test_a_password_must_not_say_the_address() -> None:
    email = new_email()

    assert register(email, password=f"my {email.split('@')[0].upper()}").code == "password_weak"


@pytest.mark.parametrize("password", STRONG)
def test_a_long_password_of_any_script_is_accepted(password: str) -> None:
    email = new_email()

    assert register(email, password=password).status == 201
    assert login(email, password).status == 200
    assert login(email, password + "x").status == 401


def test_a_password_is_the_same_from_every_keyboard() -> None:
    email = new_email()
    register(email, password="caf\u00e9-au-lait-77")

    assert login(email, "cafe\u0301-au-lait-77").status == 200


@pytest.mark.parametrize(
    "email", ["", "grace", "grace@", "@example.com", "a b@example.com", "a@b@example.com", "x" * 300]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    reply = register(email)

    assert (reply.status, reply.wrong_fields) == (422, {"email"}), reply


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "   "), ("name", "x" * 201), ("name", "two\nlines"), ("organization", "x" * 201)],
)
def test_names_are_one_line_of_200_characters_at_most(field: str, value: str) -> None:
    assert register(new_email(), **{field: value}).wrong_fields == {field}


def test_nobody_chooses_a_role() -> None:
    assert register(new_email(), role="admin").wrong_fields == {"role"}
