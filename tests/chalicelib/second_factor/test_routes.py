"""Setting up a second factor, living with it and giving it up, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests import records
from tests.api import ApiClient
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login
from tests.chalicelib.second_factor.factors import MINE, App, begin, enable, let_time_pass
from tests.conftest import Tenant
from tests.factories import NO_ID, new_colleague, set_role
from tests.house import Database


@pytest.fixture(autouse=True)
def many_tries(configure: Callable[..., None]) -> None:
    configure(rate_limit_login="100/minute", login_free_failures="100")


def test_a_factor_counts_once_a_code_of_the_app_has_confirmed_it(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    nothing = {"is_enabled": False, "is_required": False, "confirmed_at": None, "recovery_codes_left": 0}
    assert api.get(MINE).json == nothing

    begun = begin(api)
    assert (begun.status, set(begun.json)) == (201, {"secret", "otpauth_uri"})
    assert begun.json["secret"] in begun.json["otpauth_uri"]
    assert begun.headers["cache-control"] == "no-store"
    assert api.get(MINE).json == nothing
    assert login(tenant.email).status == 200

    again = begin(api)
    assert again.json["secret"] != begun.json["secret"]
    old, new = App(begun.json["secret"], []), App(again.json["secret"], [])
    refused = api.post(f"{MINE}/confirm", {"code": old.code()})
    assert (refused.status, refused.code, refused.wrong_fields) == (422, "wrong_code", {"code"})
    confirmed = api.post(f"{MINE}/confirm", {"code": new.code()})

    assert (confirmed.status, len(confirmed.json["recovery_codes"])) == (200, 10)
    state = api.get(MINE).json
    assert (state["is_enabled"], state["recovery_codes_left"]) == (True, 10)
    assert state["confirmed_at"].endswith("Z")
    assert begin(api).code == "second_factor_enabled"
    assert api.post(f"{MINE}/confirm", {"code": new.code()}).code == "second_factor_enabled"


def test_nothing_in_the_database_gives_a_code(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)

    for table in ("second_factors", "recovery_codes", "events", "idempotency_keys"):
        held = str(records.rows(database, f"select to_jsonb(t)::text as row from {table} t"))
        assert app.secret not in held
        assert app.secret.encode().hex() not in held
        for code in app.recovery_codes:
            assert code not in held
            assert code.replace("-", "").encode().hex() not in held


def test_setting_up_asks_for_the_password(tenant: Tenant) -> None:
    refused = begin(tenant.api, "wrong-password-7")

    assert (refused.status, refused.code, refused.wrong_fields) == (422, "wrong_password", {"current_password"})
    assert tenant.api.post(f"{MINE}/confirm", {"code": "123456"}).code == "second_factor_not_enabled"


def test_confirming_ends_the_sign_ins_that_began_without_a_factor(tenant: Tenant, database: Database) -> None:
    elsewhere = client_of(login(tenant.email))

    enable(tenant.api, database)

    assert elsewhere.get("/api/users/me").status == 401
    assert tenant.api.get("/api/users/me").status == 200


def test_a_factor_is_given_up_by_password_and_code(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)

    def disable(**changes: str) -> str:
        wish = {"current_password": PASSWORD, "code": app.code(), **changes}
        reply = tenant.api.post(f"{MINE}/disable", wish)
        return "" if reply.status == 204 else reply.code

    assert disable(current_password="wrong-password-7") == "wrong_password"
    assert disable(code="000000" if app.code() != "000000" else "111111") == "wrong_code"
    assert disable(code=App(app.secret, []).code(steps=9)) == "wrong_code"
    assert disable() == ""

    assert disable() == "second_factor_not_enabled"
    assert tenant.api.get(MINE).json["is_enabled"] is False
    assert login(tenant.email).status == 200
    assert records.count(database, "recovery_codes", tenant.id) == 0


def test_a_recovery_code_gives_a_factor_up_too(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)

    wish = {"current_password": PASSWORD, "code": app.recovery_codes[3].lower()}

    assert tenant.api.post(f"{MINE}/disable", wish).status == 204


def test_new_recovery_codes_take_the_place_of_all_older_ones(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)
    path = f"{MINE}/recovery-codes"

    assert tenant.api.post(path, {"code": "AAAA-AAAA"}).code == "wrong_code"
    renewed = tenant.api.post(path, {"code": app.recovery_codes[0]})

    assert renewed.status == 200
    assert not set(renewed.json["recovery_codes"]) & set(app.recovery_codes)
    assert tenant.api.get(MINE).json["recovery_codes_left"] == 10
    assert tenant.api.post(path, {"code": app.recovery_codes[1]}).code == "wrong_code"
    assert tenant.api.post(path, {"code": renewed.json["recovery_codes"][0]}).status == 200


def test_an_admin_resets_somebody_elses_factor(tenant: Tenant, other: Tenant, database: Database) -> None:
    colleague = new_colleague(database, tenant)
    path = f"/api/users/{colleague.user_id}/second-factor/reset"
    nothing = tenant.api.post(path)
    assert (nothing.status, nothing.code) == (409, "second_factor_not_enabled")
    enable(colleague.api, database)

    assert other.api.post(path).status == tenant.api.post(path.replace(str(colleague.user_id), NO_ID)).status == 404
    assert colleague.api.get(MINE).json["is_enabled"] is True
    assert tenant.api.post(f"/api/users/{tenant.user_id}/second-factor/reset").code == "own_second_factor"
    assert tenant.api.post(path).status == 204

    assert colleague.api.get("/api/users/me").status == 401
    assert client_of(login(colleague.email)).get(MINE).json["is_enabled"] is False
    event = tenant.api.get("/api/events").json["items"][-2]
    assert (event["action"], event["actor_id"]) == ("second_factor_reset", str(tenant.user_id))
    assert event["subject_id"] == str(colleague.user_id)


def test_only_an_admin_resets(tenant: Tenant, database: Database) -> None:
    for role in ("viewer", "recruiter"):
        set_role(database, tenant.email, role)
        refused = tenant.api.post(f"/api/users/{tenant.user_id}/second-factor/reset")
        assert (refused.status, refused.code) == (403, "role_not_sufficient")


def test_each_change_leaves_an_event_that_holds_no_secret(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)
    tenant.api.post(f"{MINE}/recovery-codes", {"code": app.recovery_codes[0]})
    let_time_pass(database, tenant.user_id)
    tenant.api.post(f"{MINE}/disable", {"current_password": PASSWORD, "code": app.code()})

    said = tenant.api.get("/api/events").json["items"]

    actions = [event["action"] for event in said if "second_factor" in event["action"] or "recovery" in event["action"]]
    assert actions == [
        "second_factor_begun",
        "second_factor_enabled",
        "recovery_code_used",
        "recovery_codes_renewed",
        "second_factor_disabled",
    ]
    assert {UUID(event["actor_id"]) for event in said} == {tenant.user_id}


def test_wrong_codes_use_up_the_tries_of_a_sign_in(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    enable(tenant.api, database)
    configure(rate_limit_login="100/minute", login_free_failures="2", login_delay_seconds="60")

    replies = [tenant.api.post(f"{MINE}/recovery-codes", {"code": "000000"}) for _ in range(4)]

    assert [reply.status for reply in replies] == [422, 422, 422, 429]
    signing_in = ApiClient(address=tenant.api.address).post(
        "/api/auth/login", {"email": tenant.email, "password": PASSWORD}
    )
    assert signing_in.status == 429
