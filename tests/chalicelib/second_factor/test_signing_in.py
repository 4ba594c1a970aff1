"""Signing in where there is a second factor: each code is good once, whoever else sends it in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pyotp
import pytest

from chalicelib import db
from chalicelib.auth.keys import Key
from chalicelib.db import Role
from chalicelib.events.models import Actor
from chalicelib.second_factor import proving, repository
from tests import house, records
from tests.api import ApiClient
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login
from tests.chalicelib.second_factor.factors import MINE, App, enable, let_time_pass, login_with
from tests.conftest import Tenant
from tests.factories import at_once
from tests.house import Database

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def many_tries(configure: Callable[..., None]) -> None:
    configure(rate_limit_login="100/minute", login_free_failures="100")


@pytest.fixture
def app(tenant: Tenant, database: Database) -> App:
    return enable(tenant.api, database)


def wrong(app: App) -> str:
    """Six digits that the app does not show around now."""
    shown = {app.code(steps=steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", *("333333",) * 8) if code not in shown)


def test_a_code_is_asked_for_once_the_password_was_right(tenant: Tenant, app: App) -> None:
    missing, refused = login(tenant.email), login_with(tenant.email, wrong(app))
    assert (missing.status, missing.code) == (401, "second_factor_required")
    assert (refused.status, refused.code) == (401, "bad_second_factor")
    for code in (None, app.code(), wrong(app)):
        assert login_with(tenant.email, code, "wrong-password-7").code == "bad_credentials"

    right = login_with(tenant.email, app.code())

    assert right.status == 200
    assert client_of(right).get("/api/candidates").status == 200


def test_a_code_of_the_app_is_good_once(tenant: Tenant, app: App, database: Database) -> None:
    code = app.code()
    typed = f"{code[:3]} {code[3:]}"

    assert login_with(tenant.email, typed).status == 200
    assert login_with(tenant.email, code).code == "bad_second_factor"
    assert login_with(tenant.email, app.code(steps=-1)).code == "bad_second_factor"
    let_time_pass(database, tenant.user_id)
    assert login_with(tenant.email, app.code()).status == 200


def test_a_recovery_code_is_good_once_and_leaves_an_event(tenant: Tenant, app: App) -> None:
    first, second = app.recovery_codes[:2]

    assert login_with(tenant.email, first).status == 200
    assert login_with(tenant.email, first).code == "bad_second_factor"
    signed_in = login_with(tenant.email, second.lower().replace("-", " "))

    assert client_of(signed_in).get(MINE).json["recovery_codes_left"] == 8
    events = client_of(signed_in).get("/api/events").json["items"]
    used = [event["after"] for event in events if event["action"] == "recovery_code_used"]
    assert used == [{"codes_left": 9}, {"codes_left": 8}]


def test_eight_sign_ins_at_once_with_one_code_let_one_in(tenant: Tenant, app: App) -> None:
    for code in (app.code(), app.recovery_codes[0]):
        replies = at_once(*(lambda code=code: login_with(tenant.email, code) for _ in range(8)))

        assert sorted(reply.status for reply in replies) == [200] + [401] * 7


def test_no_lock_is_needed_to_take_a_code_once(tenant: Tenant, app: App) -> None:
    gate = Barrier(6)

    def take(code: str) -> Callable[[], str | None]:
        def act() -> str | None:
            with db.transaction(tenant.id, Role.SIGN_IN) as session:
                factor = repository.find(session, tenant.id, tenant.user_id)
                assert factor is not None
                gate.wait(10)
                return proving.prove(session, factor, code, actor=Actor("user", tenant.user_id), now=NOON)

        return act

    at_noon = pyotp.TOTP(app.secret).at(NOON)
    for code, proof in ((at_noon, "app"), (app.recovery_codes[5], "recovery_code")):
        answers = at_once(*(take(code) for _ in range(6)))  # type: ignore[arg-type]
        assert sorted(map(str, answers)) == sorted([proof] + ["None"] * 5)


@pytest.mark.parametrize(("late_seconds", "is_taken"), [(-40, False), (-10, True), (0, True), (45, True), (60, False)])
def test_the_clock_comes_by_parameter(tenant: Tenant, app: App, late_seconds: int, is_taken: bool) -> None:
    code = pyotp.TOTP(app.secret).at(NOON)
    now = NOON + timedelta(seconds=late_seconds)

    with db.transaction(tenant.id, Role.SIGN_IN) as session:
        factor = repository.find(session, tenant.id, tenant.user_id)
        assert factor is not None
        assert proving.spend_app_code(session, factor, code, now=now) is is_taken


def test_guessing_codes_is_delayed_like_guessing_passwords(
    tenant: Tenant, app: App, configure: Callable[..., None]
) -> None:
    configure(rate_limit_login="100/minute", login_free_failures="3", login_delay_seconds="60")

    guesses = [login_with(tenant.email, code).status for code in (wrong(app), None, wrong(app), wrong(app))]

    assert guesses == [401] * 4
    # A right password forgave nothing, and a right code has to wait as well.
    assert login_with(tenant.email, app.code()).status == 429
    home = ApiClient(address=tenant.api.address)
    wish = {"email": tenant.email, "password": PASSWORD, "code": app.code()}
    assert home.post("/api/auth/login", wish).status == 200


def test_a_secret_is_sealed_anew_after_the_key_changed(
    tenant: Tenant, app: App, database: Database, configure: Callable[..., None]
) -> None:
    sealed = "select key_id, sealed_secret from second_factors where user_id = :user"
    before = records.rows(database, sealed, user=tenant.user_id)[0]
    configure(token_secret="n" * 40, token_secret_previous=house.SETTINGS["RECRUITPRO_TOKEN_SECRET"])

    assert login_with(tenant.email, app.code()).status == 200

    after = records.rows(database, sealed, user=tenant.user_id)[0]
    assert (before["key_id"], after["key_id"]) == (
        Key.of(house.SETTINGS["RECRUITPRO_TOKEN_SECRET"]).id,
        Key.of("n" * 40).id,
    )
    assert before["sealed_secret"] != after["sealed_secret"]
    configure(token_secret="n" * 40)
    let_time_pass(database, tenant.user_id)
    assert login_with(tenant.email, app.code()).status == 200


def test_a_secret_whose_key_is_gone_leaves_the_recovery_codes(
    tenant: Tenant, app: App, configure: Callable[..., None]
) -> None:
    configure(token_secret="n" * 40)

    assert login_with(tenant.email, app.code()).code == "bad_second_factor"
    assert login_with(tenant.email, app.recovery_codes[0]).status == 200


def test_a_secret_copied_to_another_users_row_lets_nobody_in(
    tenant: Tenant, other: Tenant, app: App, database: Database
) -> None:
    enable(other.api, database)
    copying = """
        update second_factors as theirs set sealed_secret = mine.sealed_secret from second_factors as mine
        where mine.user_id = :mine and theirs.user_id = :theirs
    """
    records.rows(database, copying, mine=tenant.user_id, theirs=other.user_id)

    assert login_with(other.email, app.code()).code == "bad_second_factor"
