"""The counters fail while the rest of the database works: reading goes on, guessing does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chalicelib import db
from infra.local import processes
from tests import factories, records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.house import Database

LOGIN = {"email": "nobody@example.com", "password": "wrong-password"}
REGISTRATION = {
    "organization": "Acme",
    "name": "Ada",
    "email": "ada@example.com",
    "password": "correct-horse-7-staples",
}


@contextmanager
def counters_gone(database: Database) -> Iterator[None]:
    records.rows(database, "alter table rate_limits rename to rate_limits_of_old")
    try:
        yield
    finally:
        records.rows(database, "alter table rate_limits_of_old rename to rate_limits")


@contextmanager
def counters_revoked(database: Database) -> Iterator[None]:
    records.rows(database, "revoke insert, update on rate_limits from recruitpro_app")
    try:
        yield
    finally:
        records.rows(database, "grant insert, update on rate_limits to recruitpro_app")


@contextmanager
def counters_locked(database: Database) -> Iterator[None]:
    with factories.as_superuser(database) as connection:
        connection.execute(sa.text("lock table rate_limits in access exclusive mode"))
        yield


@pytest.mark.parametrize("outage", [counters_gone, counters_revoked, counters_locked])
def test_who_is_signed_in_is_served_uncounted_and_strangers_write_nothing(
    tenant: Tenant, database: Database, outage: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    program = ApiClient(factories.new_api_key(tenant.api)["key"])
    stranger = ApiClient()
    with outage(database):  # type: ignore[attr-defined]
        capsys.readouterr()
        read, by_key = tenant.api.get("/api/projects"), program.get("/api/candidates")
        nobody, forged = stranger.get("/api/projects"), ApiClient("forged").get("/api/projects")
        document = stranger.get("/api/openapi.json")
        refused = [stranger.post("/api/auth/login", LOGIN), stranger.post("/api/auth/register", REGISTRATION)]
        said = capsys.readouterr().out

    assert (read.status, by_key.status, document.status) == (200, 200, 200)
    assert (nobody.status, forged.status) == (401, 401)
    assert {(reply.status, reply.code) for reply in refused} == {(503, "limiter_unavailable")}
    assert all("ratelimit" not in reply.headers for reply in (read, by_key, nobody, *refused))
    counted = [json.loads(line) for line in said.splitlines() if '"_aws"' in line]
    assert sum(1 for line in counted if "limiter_unavailable" in line) >= 6
    assert '"limiter_unavailable"' in said
    assert "ratelimit" in tenant.api.get("/api/projects").headers


def test_an_ended_sign_in_stays_out_while_nothing_is_counted(tenant: Tenant, database: Database) -> None:
    made = factories.new_api_key(tenant.api)
    tenant.api.delete(f"/api/api-keys/{made['id']}")
    tenant.api.post("/api/auth/logout")

    with counters_gone(database):
        ended, revoked = tenant.api.get("/api/projects"), ApiClient(made["key"]).get("/api/candidates")

    assert (ended.status, revoked.status) == (401, 401)


def test_without_any_database_nobody_is_believed_and_the_document_is_read(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    closed = f"postgresql://recruitpro_app:secret-word@127.0.0.1:{processes.free_port()}/recruitpro"
    configure(database_url=closed, database_connect_timeout_seconds="1")

    assert ApiClient().get("/api/openapi.json").status == 200
    assert ApiClient().get("/api/projects").status == 401
    assert tenant.api.get("/api/projects").code == "database_unavailable"
    assert ApiClient().post("/api/auth/login", LOGIN).code == "database_unavailable"


def test_who_floods_their_own_counter_is_not_served_uncounted(tenant: Tenant, database: Database) -> None:
    """Holding up a counter is no way around it: the one who does gets 429, and everybody else is counted as ever."""
    tenant.api.get("/api/projects")
    neighbour = ApiClient(address=f"2001:db8::{uuid4().hex[:4]}")
    with factories.as_superuser(database) as connection:
        connection.execute(sa.text("select 1 from rate_limits for update"))
        flooding = tenant.api.get("/api/projects")
        other = neighbour.get("/api/projects")

    assert (flooding.status, flooding.code, flooding.headers["retry-after"]) == (429, "rate_limited", "1")
    assert other.status == 401
    assert "ratelimit" in other.headers


def test_a_request_asks_the_database_no_more_than_before(tenant: Tenant) -> None:
    """One statement admits, by a sign-in as by a key; as whom the request acts travels with the list's own."""
    program = ApiClient(factories.new_api_key(tenant.api)["key"])
    program.get("/api/candidates")
    for api in (tenant.api, program):
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)  # noqa: B023

        sa.event.listen(db.engine(), "before_cursor_execute", note)
        try:
            assert api.get("/api/candidates").status == 200
        finally:
            sa.event.remove(db.engine(), "before_cursor_execute", note)
        assert len(statements) == 2, statements
        assert sum("admit_caller" in statement for statement in statements) == 1
