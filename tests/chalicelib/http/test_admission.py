"""Who is let in, and as whom the database then sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.app import Api
from chalicelib.http.routes import Call, Nothing, Routes
from infra.local import gateway
from tests import factories, records
from tests.conftest import Tenant
from tests.house import Database


def restrict(database: Database, tenant: Tenant) -> None:
    records.rows(
        database, f"update sign_ins set is_restricted = true where organization_id = '{tenant.id}' returning 1"
    )


def test_a_sign_in_that_lacks_its_second_factor_is_good_for_setting_one_up(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    import app

    configure(rate_limit_enabled="false")
    restrict(database, tenant)
    routes = [route for route in app.app.table if route.access > Access.PUBLIC]
    let_in = {f"{route.method} {route.path}" for route in routes if route.gate.serves_restricted}

    for route in routes:
        if route.gate.serves_restricted:
            continue
        reply = tenant.api.call(route.method, route.path.replace("{", "").replace("}", ""))
        assert (reply.status, reply.code) == (403, "second_factor_setup_required"), (route.path, reply)

    assert let_in == {
        "POST /api/auth/logout",
        "GET /api/users/me",
        "GET /api/users/me/second-factor",
        "POST /api/users/me/second-factor",
        "POST /api/users/me/second-factor/confirm",
    }
    assert tenant.api.get("/api/users/me").status == 200
    assert tenant.api.get("/api/users/me/second-factor").status == 200
    assert tenant.api.post("/api/auth/logout").status == 204
    assert tenant.api.get("/api/users/me").status == 401


SETTINGS = "select concat_ws(' ', {})".format(
    ", ".join(f"current_setting('app.{name}')" for name in ("organization_id", "user_id", "user_role"))
)


def mirror() -> gateway.Gateway:
    """A small application that says as whom its transactions run, the route's and one of the view's own."""
    routes = Routes(__name__, tag="mirror")

    @routes.serve("GET", "/api/mirror")
    def mirror(call: Call[Nothing, Nothing]) -> Answer:
        with call.transaction() as own:
            seen = [str(session.scalar(sa.text(SETTINGS))) for session in (call.session, own)]
        return Answer("\n".join(seen))

    @routes.serve("GET", "/api/open-mirror", access=Access.PUBLIC)
    def open_mirror(call: Call[Nothing, Nothing]) -> Answer:
        return Answer(str(call.session.scalar(sa.text(SETTINGS))))

    app = Api("mirror")
    app.mount(routes)
    app.close()
    return gateway.Gateway(gateway.for_threads(app), gateway.Routes(app.routes), source_ip="203.0.113.9")


@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_a_transaction_knows_who_asks(tenant: Tenant, database: Database, role: str) -> None:
    factories.set_role(database, tenant.email, role)

    answer = mirror().answer("GET", "/api/mirror", {"Authorization": f"Bearer {tenant.api.token}"}, None)

    assert answer.body.decode().split("\n") == [f"{tenant.id} {tenant.user_id} {role}"] * 2


def test_a_stranger_is_nobody_in_a_transaction(database: Database) -> None:
    answer = mirror().answer("GET", "/api/open-mirror", {}, None)

    assert answer.body.decode() == "00000000-0000-0000-0000-000000000000  "
