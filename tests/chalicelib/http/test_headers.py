"""What every answer carries, whatever it is an answer to."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from chalicelib.http.answers import Answer
from chalicelib.http.routes import as_response
from tests.api import ApiClient, Reply
from tests.chalicelib.http.test_bodies import of_event
from tests.conftest import Tenant

OURS = "https://app.recruitpro.test"
# Written out: workers have to collect the same tests.
NOBODYS_ID = UUID("01a20c4e-dfdd-797b-9f34-18d848d68605")
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "1; mode=block",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
# name: method, path, body, status
ANSWERS: dict[str, tuple[str, str, object, int]] = {
    "list": ("GET", "/api/candidates", None, 200),
    "created": ("POST", "/api/projects", {"name": "Search"}, 201),
    "health": ("GET", "/api/health/live", None, 200),
    "bad json": ("POST", "/api/projects", b"{", 400),
    "unknown id": ("GET", f"/api/projects/{uuid4()}", None, 404),
    "no such path": ("GET", "/api/nothing", None, 404),
    "wrong method": ("PUT", "/api/projects", {}, 405),
    "invalid": ("POST", "/api/projects", {}, 422),
    "bad login": ("POST", "/api/auth/login", None, 401),
    "preflight": ("OPTIONS", "/api/projects", None, 204),
}
answers = pytest.mark.parametrize("name", ANSWERS)


def ask(api: ApiClient, name: str, headers: dict[str, str] | None = None) -> Reply:
    method, path, body, status = ANSWERS[name]
    if name == "bad login":  # five tries an account, and no more
        body = {"email": f"{uuid4().hex}@example.com", "password": "wrong"}
    reply = api.call(method, path, body, headers)
    assert reply.status == status, reply
    return reply


@answers
def test_every_answer_is_locked_down(api: ApiClient, name: str) -> None:
    reply = ask(api, name)

    assert {header: reply.headers.get(header) for header in SECURITY} == SECURITY
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "server" not in reply.headers


def test_a_refused_stranger_gets_the_same_headers(tenant: Tenant) -> None:
    reply = ApiClient(address=tenant.api.address).get("/api/candidates")

    assert reply.status == 401
    assert {header: reply.headers.get(header) for header in SECURITY} == SECURITY


@answers
def test_hsts_is_said_behind_https_alone(api: ApiClient, name: str) -> None:
    if name == "no such path":
        pytest.skip("answered by the gateway, which has the header in its own template")

    secure = ask(api, name, {"X-Forwarded-Proto": "https"})
    plain = ask(ApiClient(api.token, api.address), name, {"X-Forwarded-Proto": "http"})

    assert re.fullmatch(r"max-age=\d{8}; includeSubDomains", secure.headers["strict-transport-security"])
    assert "strict-transport-security" not in plain.headers
    assert "strict-transport-security" not in ask(api, name).headers


@answers
@pytest.mark.parametrize("sane", ["a1b2c3d4", "req_2026-11.24", "X" * 128])
def test_a_sane_request_id_is_taken_over(api: ApiClient, name: str, sane: str) -> None:
    reply = ask(api, name, {"X-Request-Id": sane})

    assert reply.headers["x-request-id"] == sane
    if reply.status >= 400:
        assert reply.json["request_id"] == sane


@pytest.mark.parametrize("insane", ["", "x" * 129, "with space", "<script>", "aübcdefg", "a;b;c;d;e", "a/../../b"])
@pytest.mark.parametrize("name", ["list", "invalid", "wrong method", "no such path"])
def test_an_insane_request_id_is_replaced(api: ApiClient, name: str, insane: str) -> None:
    reply = ask(api, name, {"X-Request-Id": insane})

    assert UUID(reply.headers["x-request-id"])
    if reply.status >= 400:
        assert reply.json["request_id"] == reply.headers["x-request-id"]


def test_requests_have_ids_of_their_own(api: ApiClient) -> None:
    assert len({api.get("/api/users/me").headers["x-request-id"] for _ in range(5)}) == 5


def test_a_request_id_joins_the_answer_and_the_event(api: ApiClient) -> None:
    api.post("/api/projects", {"name": "Search"}, {"X-Request-Id": "asked-for-by-name"})

    events = api.get("/api/events").json["items"]

    assert "asked-for-by-name" in str(events)


@answers
def test_a_frontend_of_ours_may_read_every_answer(api: ApiClient, name: str) -> None:
    if name == "no such path":
        pytest.skip("answered by the gateway")
    reply = ask(api, name, {"Origin": OURS})

    assert reply.headers["access-control-allow-origin"] == OURS
    assert "Origin" in reply.headers["vary"]
    exposed = reply.headers["access-control-expose-headers"]
    assert {"ETag", "Location", "Retry-After", "X-Request-Id", "RateLimit", "Idempotency-Replayed"} <= set(
        exposed.split(", ")
    )
    assert "access-control-allow-credentials" not in reply.headers


@answers
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "https://app.recruitpro.test.evil.test",
        "http://app.recruitpro.test",
        "null",
        "*",
        OURS + "/",
    ],
)
def test_any_other_page_may_read_none(api: ApiClient, name: str, origin: str) -> None:
    reply = ask(api, name, {"Origin": origin})

    assert "access-control-allow-origin" not in reply.headers


def test_without_configured_origins_nobody_is_allowed(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(cors_origins="")

    assert "access-control-allow-origin" not in ask(api, "list", {"Origin": OURS}).headers


def test_several_origins_are_told_apart(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(cors_origins=f"{OURS}, https://jobs.example.com")

    for origin in (OURS, "https://jobs.example.com"):
        assert ask(api, "list", {"Origin": origin}).headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/projects", {"GET", "POST", "OPTIONS"}),
        (f"/api/projects/{NOBODYS_ID}", {"GET", "PATCH", "DELETE", "OPTIONS"}),
        ("/api/auth/login", {"POST", "OPTIONS"}),
    ],
)
def test_a_preflight_says_what_may_be_sent(tenant: Tenant, path: str, methods: set[str]) -> None:
    asked = {
        "Origin": OURS,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match",
    }

    reply = ApiClient(address=tenant.api.address).call("OPTIONS", path, headers=asked)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == OURS
    assert set(reply.headers["access-control-allow-methods"].split(", ")) == methods
    allowed = set(reply.headers["access-control-allow-headers"].lower().split(", "))
    assert {"authorization", "content-type", "idempotency-key", "if-match", "x-request-id"} <= allowed
    assert int(reply.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("value", ["/api/x\r\nSet-Cookie: a=b", "/api/x\nSet-Cookie: a=b", "\x00/api/x", "/api\x7f/x"])
def test_no_text_of_a_callers_becomes_a_header_of_its_own(tenant: Tenant, value: str) -> None:
    answer = Answer(headers={"Location": value, "Content-Disposition": f'attachment; filename="{value}"'})

    response = as_response(answer, of_event(b"{}"))

    for name in ("Location", "Content-Disposition"):
        assert not re.search(r"[\x00-\x1f\x7f]", str(response.headers[name]))
    assert "Set-Cookie" not in response.headers


def test_a_path_cannot_write_headers_of_a_redirect(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(force_https="true", allowed_hosts="recruitpro.test")

    reply = api.get("/api/projects/a%0d%0aSet-Cookie:%20a=b?x=%0d%0aX-Evil:1")

    assert reply.status == 308
    assert not re.search(r"[\r\n]", reply.headers["location"])
    assert {"set-cookie", "x-evil"} & reply.headers.keys() == set()
