"""Which passwords are taken, and how hashes of other systems and of weaker times become ours."""

from __future__ import annotations

import time
from typing import Any

import bcrypt
import pytest
from passlib.hash import argon2, pbkdf2_sha256

from chalicelib.auth import common_passwords, passwords
from chalicelib.auth.passwords import PasswordWeak
from tests import factories, records
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, new_email, register
from tests.conftest import Tenant
from tests.house import Database

OWNER = {
    "name": "Grace Brewster Hopper",
    "email": "g.murray+hire@navy.example",
    "organization": "Cobol Search Partners",
}
LONG = "pässwörter-" * 12
BROUGHT_ALONG = {
    "bcrypt": lambda password: bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode(),
    "bcrypt of PHP": lambda password: "$2y$" + bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()[4:],
    "pbkdf2": lambda password: str(pbkdf2_sha256.using(rounds=1000).hash(password)),
    "weaker argon2": lambda password: str(argon2.using(memory_cost=1024, time_cost=1, parallelism=1).hash(password)),
}


def set_hash(database: Database, tenant: Tenant, password_hash: str) -> None:
    records.rows(
        database, "update users set password_hash = :hash where id = :id", hash=password_hash, id=tenant.user_id
    )


def hash_of(database: Database, tenant: Tenant) -> str:
    row = records.rows(database, "select password_hash from users where id = :id", id=tenant.user_id)[0]
    return str(row["password_hash"])


def test_the_list_holds_more_than_three_thousand_that_are_long_enough() -> None:
    known = common_passwords._known()

    assert len(known) > 8000
    assert {"password", "password1", "iloveyou", "recruiter123"} <= known
    assert all(len(each) >= passwords.SHORTEST and common_passwords.folded(each) == each for each in known)
    licence = common_passwords.LIST.with_name("common_passwords.LICENSE").read_text()
    assert "Royce Williams" in licence
    assert "Copyright (c) Django Software Foundation" in licence


@pytest.mark.parametrize("password", ["password1", "PassWord1", "ｐａｓｓｗｏｒｄ１", "iloveyou", "Recruiter123"])
def test_what_everybody_tries_is_refused_in_every_spelling(password: str) -> None:
    with pytest.raises(PasswordWeak, match="everybody tries"):
        passwords.check_strength(password, **OWNER)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("xx-BREWSTER-77", "your name"),
        ("hoppergrace-77", "your name"),
        ("ｈｏｐｐｅｒ-what-77", "your name"),
        ("my murray 1906", "your email"),
        ("i-love-cobol-1959", "your organization"),
        ("for-RecruitPro-77", "this system"),
        ("short-7", "8 to 256"),
        ("x1-Y" * 64 + "z", "8 to 256"),
    ],
)
def test_what_says_who_its_owner_is_is_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordWeak, match=reason) as refused:
        passwords.check_strength(password, **OWNER)
    assert password not in refused.value.detail


@pytest.mark.parametrize(
    "password",
    ["search-for-partners", "allsmallletters", "48151623420815", "密码密钥钥匙门锁", "x1-Y" * 64, "\N{OLD KEY}abcdefg"],
)
def test_there_are_no_rules_on_kinds_of_characters_and_words_of_every_name_tell_nothing(password: str) -> None:
    passwords.check_strength(password, **OWNER)


def test_characters_are_counted_as_people_see_them_after_normalisation() -> None:
    with pytest.raises(PasswordWeak, match="8 to 256"):
        passwords.check_strength("e\u0301" * 3 + "xyzw", **OWNER)  # seven once composed
    passwords.check_strength("e\u0301" * 3 + "xyzwv", **OWNER)
    passwords.check_strength("ﷺ" + "abc", **OWNER)  # one that becomes eighteen


@pytest.mark.usefixtures("database")
def test_a_common_password_is_refused_by_the_api() -> None:
    reply = register(new_email(), password="sunshine1")

    assert (reply.status, reply.code) == (422, "password_weak")
    assert "everybody" in reply.json["detail"]


@pytest.mark.parametrize("password", [PASSWORD, LONG], ids=["short", "longer than bcrypt reads"])
@pytest.mark.parametrize("kind", BROUGHT_ALONG)
def test_a_hash_brought_along_lets_in_once_and_is_ours_from_then_on(
    tenant: Tenant, database: Database, kind: str, password: str
) -> None:
    brought = BROUGHT_ALONG[kind](password)
    set_hash(database, tenant, brought)
    assert login(tenant.email, "wrong-password-7").status == 401
    assert hash_of(database, tenant) == brought

    assert login(tenant.email, password).status == 200

    ours = hash_of(database, tenant)
    assert ours.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert login(tenant.email, password).status == 200
    assert login(tenant.email, password + "x").status == 401
    assert hash_of(database, tenant) == ours
    assert not passwords.needs_update(ours)


def test_what_was_typed_elsewhere_counts_as_it_was_typed(tenant: Tenant, database: Database) -> None:
    typed = "cafe\u0301-au-lait-77"
    set_hash(database, tenant, BROUGHT_ALONG["bcrypt"](typed))

    assert login(tenant.email, typed).status == 200
    assert login(tenant.email, "caf\u00e9-au-lait-77").status == 200


def test_two_who_sign_in_while_the_hash_is_renewed_are_both_let_in(tenant: Tenant, database: Database) -> None:
    set_hash(database, tenant, BROUGHT_ALONG["pbkdf2"](PASSWORD))

    replies = factories.at_once(*[lambda: login(tenant.email)] * 4)

    assert [reply.status for reply in replies] == [200] * 4
    assert hash_of(database, tenant).startswith("$argon2id$")


def test_a_renewed_hash_never_takes_the_place_of_a_new_password(
    tenant: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password changes after the old one was looked at and before the sign-in begins."""
    set_hash(database, tenant, BROUGHT_ALONG["bcrypt"](PASSWORD))
    changed = passwords.hash_password("another-password-7")
    hash_password = passwords.hash_password

    def hash_slowly(password: str) -> str:
        set_hash(database, tenant, changed)
        return hash_password(password)

    monkeypatch.setattr(passwords, "hash_password", hash_slowly)

    assert login(tenant.email).status == 401
    assert hash_of(database, tenant) == changed


def test_hashes_of_parameters_that_have_risen_are_renewed() -> None:
    weaker: Any = argon2.using(memory_cost=19456, time_cost=1, parallelism=1)

    assert passwords.needs_update(str(weaker.hash(PASSWORD)))
    assert not passwords.needs_update(passwords.hash_password(PASSWORD))


@pytest.mark.parametrize("stored", ["", "$2b$12$abc", "$pbkdf2-sha256$x$y$z", "$argon2id$v=19$m=1,t=1,p=1$", "md5"])
def test_a_broken_hash_lets_nobody_in(stored: str) -> None:
    assert not passwords.verify(PASSWORD, stored)
    assert not passwords.verify("the password of nobody at all", stored)


def test_nobody_takes_as_long_as_somebody() -> None:
    known = passwords.hash_password(PASSWORD)
    passwords.verify("warm up", None)

    def fastest(stored: str | None) -> float:
        times = []
        for _ in range(9):
            begun = time.perf_counter()
            passwords.verify("wrong-password-7", stored)
            times.append(time.perf_counter() - begun)
        return min(times)

    assert 0.6 < fastest(None) / fastest(known) < 1.6


def test_a_sign_in_leaves_no_password_anywhere(tenant: Tenant, database: Database) -> None:
    login(tenant.email, "planted-needle-password")
    client_of(login(tenant.email))

    for table in ("sign_in_attempts", "familiar_addresses", "events", "users", "idempotency_keys"):
        for needle in ("planted-needle", PASSWORD):
            assert records.rows(database, f"select 1 from {table} as t where t::text like :x", x=f"%{needle}%") == []
