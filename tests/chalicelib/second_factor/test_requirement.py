"""An organization that requires a second factor: who has none may set one up, and do nothing else until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import records
from tests.api import ApiClient, Reply
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, refresh
from tests.chalicelib.second_factor.factors import MINE, App, begin, enable, login_with
from tests.conftest import Tenant
from tests.factories import at_once, new_colleague
from tests.house import Database


@pytest.fixture(autouse=True)
def many_tries(configure: Callable[..., None]) -> None:
    configure(rate_limit_login="100/minute", login_free_failures="100", rate_limit_default="1000/minute")


def require(api: ApiClient, *, is_required: bool = True) -> None:
    assert api.patch("/api/organization", {"requires_second_factor": is_required}).status == 200


def is_refused(reply: Reply) -> bool:
    return reply.status == 403 and reply.code == "second_factor_setup_required"


def test_a_requirement_restricts_who_has_no_factor_at_once_the_admin_included(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    with_factor, without = new_colleague(database, tenant), new_colleague(database, tenant)
    enable(with_factor.api, database)

    require(tenant.api)

    for member in (tenant, without):
        for reply in (member.api.get("/api/candidates"), member.api.post("/api/projects", {"name": "X"})):
            assert is_refused(reply), reply
        assert member.api.get("/api/users/me").status == 200
        assert member.api.get(MINE).json["is_required"] is True
    for free in (with_factor, other):
        assert free.api.get("/api/candidates").status == 200


def test_setting_up_a_factor_lifts_the_restriction_of_that_sign_in_at_once(tenant: Tenant, database: Database) -> None:
    require(tenant.api)
    signed_in = login(tenant.email)
    client = client_of(signed_in)
    assert is_refused(client.get("/api/candidates"))
    assert is_refused(client_of(refresh(signed_in.json["refresh_token"])).get("/api/candidates"))

    app = enable(client, database)

    assert client.get("/api/candidates").status == 200
    assert tenant.api.get("/api/users/me").status == 401, "other sign-ins began without a factor"
    assert login(tenant.email).code == "second_factor_required"
    assert client_of(login_with(tenant.email, app.code())).get("/api/candidates").status == 200


def test_a_restricted_sign_in_ends_like_any_other(tenant: Tenant) -> None:
    require(tenant.api)

    assert tenant.api.post("/api/auth/logout").status == 204
    assert tenant.api.get("/api/users/me").status == 401


def test_no_route_but_those_of_setting_up_serves_a_restricted_sign_in(tenant: Tenant) -> None:
    import app

    require(tenant.api)
    served = set()
    for route in app.app.table:
        if route.access.name == "PUBLIC":
            continue
        path = route.path.replace("{", "").replace("}", "")
        reply: Any = tenant.api.call(route.method, path, {} if route.body else None)
        if not (reply.status == 403 and reply.code in {"second_factor_setup_required"}):
            served.add(f"{route.method} {route.path}")
            tenant.api.token = login(tenant.email).json["access_token"]

    assert served == {
        "GET /api/users/me",
        "POST /api/auth/logout",
        f"GET {MINE}",
        f"POST {MINE}",
        f"POST {MINE}/confirm",
    }


def test_where_a_factor_is_required_none_is_given_up(tenant: Tenant, database: Database) -> None:
    app = enable(tenant.api, database)
    require(tenant.api)
    wish = {"current_password": PASSWORD, "code": app.code()}

    refused = tenant.api.post(f"{MINE}/disable", wish)

    assert (refused.status, refused.code) == (409, "second_factor_needed")
    assert tenant.api.get(MINE).json["is_enabled"] is True
    require(tenant.api, is_required=False)
    assert tenant.api.post(f"{MINE}/disable", wish).status == 204, "the refusal spent no code"


def test_a_reset_where_a_factor_is_required_lets_its_user_in_to_set_up_another(
    tenant: Tenant, database: Database
) -> None:
    enable(tenant.api, database)
    colleague = new_colleague(database, tenant)
    enable(colleague.api, database)
    require(tenant.api)

    assert tenant.api.post(f"/api/users/{colleague.user_id}/second-factor/reset").status == 204

    client = client_of(login(colleague.email))
    assert is_refused(client.get("/api/candidates"))
    enable(client, database)
    assert client.get("/api/candidates").status == 200


def test_a_requirement_that_is_taken_back_restricts_nobody(tenant: Tenant, database: Database) -> None:
    colleague = new_colleague(database, tenant)
    enable(tenant.api, database)
    require(tenant.api)
    assert is_refused(colleague.api.get("/api/candidates"))

    require(tenant.api, is_required=False)

    assert colleague.api.get("/api/candidates").status == 200
    assert client_of(login(colleague.email)).get("/api/candidates").status == 200


def test_whoever_signs_in_while_the_requirement_begins_is_restricted(tenant: Tenant, database: Database) -> None:
    enable(tenant.api, database)
    colleagues = [new_colleague(database, tenant) for _ in range(3)]
    change = {"requires_second_factor": True}
    acts = [lambda email=each.email: login(email) for each in colleagues]
    for _ in range(3):
        replies = at_once(*acts, lambda: tenant.api.patch("/api/organization", change), *acts)

        assert {reply.status for reply in replies} == {200}
        for reply in replies[:3] + replies[4:]:
            assert is_refused(client_of(reply).get("/api/candidates"))
        require(tenant.api, is_required=False)


def test_an_abandoned_set_up_leaves_everything_as_it_was(tenant: Tenant, database: Database) -> None:
    require(tenant.api)
    begun = begin(tenant.api)

    assert is_refused(tenant.api.get("/api/candidates"))
    assert is_refused(client_of(login(tenant.email)).get("/api/candidates"))
    assert records.count(database, "second_factors", tenant.id) == 1
    assert tenant.api.post(f"{MINE}/confirm", {"code": App(begun.json["secret"], []).code()}).status == 200
