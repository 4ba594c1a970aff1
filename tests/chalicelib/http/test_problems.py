"""Every refusal is a problem document: who may not, what is not there, what has moved on, what is out of order."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.app import Api
from chalicelib.http.routes import Call, Nothing, Routes
from infra.local import gateway, processes
from tests import factories, records
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.house import Database

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
CANDIDATE = {"name": "Grace Hopper", "email": "grace@example.com"}
SINGLE = ["projects", "positions", "candidates", "applications", "documents", "screenings", "jobs"]
NO_ID = [
    "1",
    "none",
    "0190",
    "%00",
    "..%2f",
    "'; drop table users; --",
    "x" * 36,
    "ü",
    "0190a0a0_a0a0_7a0a_8a0a_a0a0a0a0a0a0",
]


def assert_problem(reply: Reply, status: int, code: str) -> None:
    """`reply` is a whole problem document of this status and code."""
    assert (reply.status, reply.code) == (status, code), reply
    assert set(reply.json) >= MEMBERS, reply.json
    assert reply.json["status"] == status
    assert reply.json["title"]
    assert reply.json["detail"]
    assert reply.json["request_id"] == reply.headers["x-request-id"]


def without_request_id(reply: Reply) -> bytes:
    return reply.body.replace(reply.json["request_id"].encode(), b"")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token", "token"])
def test_nobody_is_let_in_without_a_good_token(tenant: Tenant, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    reply = ApiClient(address=tenant.api.address).get("/api/projects", headers)

    assert reply.status == 401, reply
    assert_problem(reply, 401, "bad_token" if header == "Bearer not.a.token" else "unauthenticated")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_viewer_may_not_write(tenant: Tenant, database: Database) -> None:
    factories.set_role(database, tenant.email, "viewer")

    assert_problem(tenant.api.post("/api/candidates", CANDIDATE), 403, "role_not_sufficient")


@pytest.mark.parametrize("kind", SINGLE)
def test_what_never_was_and_what_is_no_id_read_the_same(api: ApiClient, kind: str) -> None:
    never = api.get(f"/api/{kind}/{uuid4()}")
    assert_problem(never, 404, never.code)

    for text in NO_ID:
        reply = api.get(f"/api/{kind}/{text}")
        if text == "..%2f" and reply.code == "not_found":
            continue  # two segments for a gateway that decodes first
        assert reply.status == 404, reply
        assert without_request_id(reply) == without_request_id(never), text


def test_an_id_is_written_in_one_way_only(api: ApiClient) -> None:
    project_id = api.post("/api/projects", {"name": "Search"}).json["id"]
    shifted = project_id.replace("-", "") + "----"

    assert api.get(f"/api/projects/{project_id.upper()}").status == 200
    assert api.get(f"/api/projects/{shifted}").status == 404


def test_another_organizations_things_read_like_things_that_never_were(api: ApiClient, other: Tenant) -> None:
    project = other.api.post("/api/projects", {"name": "Secret search"}).json["id"]
    position = other.api.post("/api/positions", {"title": "Engineer"}).json["id"]
    candidate = other.api.post("/api/candidates", CANDIDATE).json["id"]
    wish = {"candidate_id": candidate, "position_id": position}
    application = other.api.post("/api/applications", wish).json["id"]
    theirs = {"projects": project, "positions": position, "candidates": candidate, "applications": application}

    for kind, theirs_id in theirs.items():
        for method in ("GET", "PATCH", "DELETE") if kind != "applications" else ("GET",):
            body: object = {} if method == "PATCH" else None
            found = api.call(method, f"/api/{kind}/{theirs_id}", body)
            never = api.call(method, f"/api/{kind}/{uuid4()}", body)
            assert (found.status, never.status) == (404, 404), (kind, method, found)
            assert without_request_id(found) == without_request_id(never)
            assert set(found.headers) == set(never.headers)
    assert other.api.get(f"/api/candidates/{candidate}").status == 200


def test_an_unknown_path_is_a_problem_document(api: ApiClient) -> None:
    assert_problem(api.get("/api/nothing/here"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/projects", "GET, POST, OPTIONS"),
        ("DELETE", "/api/auth/login", "POST, OPTIONS"),
        ("POST", "/api/candidates/01a20c4e-dfdd-797b-9f34-18d848d68605", "GET, PATCH, DELETE, OPTIONS"),
        ("PATCH", "/api/health", "GET, OPTIONS"),
    ],
)
def test_a_wrong_method_says_which_are_right(api: ApiClient, method: str, path: str, allowed: str) -> None:
    reply = api.call(method, path, {})

    assert_problem(reply, 405, "method_not_allowed")
    assert reply.headers["allow"] == allowed


def test_a_conflict_names_what_is_there(api: ApiClient) -> None:
    first = api.post("/api/candidates", CANDIDATE).json["id"]

    reply = api.post("/api/candidates", CANDIDATE)

    assert_problem(reply, 409, "candidate_exists")
    assert reply.json["candidate_id"] == first


def broken_app() -> Api:
    """A small application with a view that breaks, and one that says things it should not."""
    routes = Routes(__name__, tag="broken")

    @routes.serve("GET", "/api/broken", access=Access.PUBLIC, opens_transaction=False)
    def broken(call: Call[Nothing, Nothing]) -> Answer:
        raise KeyError("select password_hash from users -- /var/task/chalicelib/secret.py")

    @routes.serve("GET", "/api/wrong-sql", access=Access.PUBLIC)
    def wrong_sql(call: Call[Nothing, Nothing]) -> Answer:
        call.session.execute(sa.text("select hidden_column from users"))
        return Answer()

    app = Api("broken")
    app.mount(routes)
    app.close()
    return app


@pytest.mark.parametrize("path", ["/api/broken", "/api/wrong-sql"])
def test_a_fault_of_ours_tells_nothing_of_what_is_inside(database: Database, path: str) -> None:
    app = broken_app()
    inside = gateway.Gateway(gateway.for_threads(app), gateway.Routes(app.routes), source_ip="203.0.113.9")

    answer = inside.answer("GET", path, {"Host": "recruitpro.test", "X-Request-Id": "find-me-again"}, None)

    document = json.loads(answer.body)
    assert (answer.status, document["code"], document["request_id"]) == (500, "internal_error", "find-me-again")
    assert set(document) == MEMBERS
    for secret in (b"select", b"password", b"hidden", b"/var", b"KeyError", b"Traceback", b".py"):
        assert secret not in answer.body
    assert dict(answer.headers)["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/projects", None),
        ("POST", "/api/projects", {"name": "Search"}),
        ("POST", "/api/auth/login", {"email": "ada@example.com", "password": "correct-horse-7"}),
    ],
)
@pytest.mark.parametrize("limits", ["true", "false"])
def test_a_database_out_of_reach_is_said_as_503(
    tenant: Tenant, configure: Callable[..., None], method: str, path: str, body: object, limits: str
) -> None:
    closed = f"postgresql://recruitpro_app:secret-word@127.0.0.1:{processes.free_port()}/recruitpro"
    configure(database_url=closed, database_connect_timeout_seconds="1", rate_limit_enabled=limits)

    reply = tenant.api.call(method, path, body)

    assert_problem(reply, 503, "database_unavailable")
    assert b"secret-word" not in reply.body
    assert b"127.0.0.1" not in reply.body


def test_a_database_without_free_connections_is_said_as_503(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    records.rows(database, "alter role recruitpro_app connection limit 0")
    try:
        configure(database_connect_timeout_seconds="1")
        reply = tenant.api.get("/api/projects")
    finally:
        records.rows(database, "alter role recruitpro_app connection limit -1")

    assert_problem(reply, 503, "database_unavailable")
    assert tenant.api.get("/api/projects").status == 200


def test_connections_that_the_server_ended_are_replaced_without_a_word(tenant: Tenant, database: Database) -> None:
    assert tenant.api.get("/api/projects").status == 200
    # The second figure waits until the process is gone: it lives on for a moment when it was only told to end.
    records.rows(
        database,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'recruitpro_app'",
    )

    assert tenant.api.get("/api/projects").status == 200
