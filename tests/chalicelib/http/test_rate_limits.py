"""Who asks too often is told when to come back; counted exactly, per user or address, across all callers."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests import factories, records
from tests.api import ApiClient, Reply
from tests.conftest import PASSWORD, Tenant
from tests.house import Database

Configure = Callable[..., None]


def remaining(reply: Reply, name: str = "default") -> tuple[int, int]:
    """What `RateLimit` says: requests left, seconds until the window ends."""
    found = re.fullmatch(rf'"{name}";r=(\d+);t=(\d+)', reply.headers["ratelimit"])
    assert found, reply.headers["ratelimit"]
    return int(found[1]), int(found[2])


def assert_over(reply: Reply, window_seconds: int, name: str = "default") -> None:
    assert (reply.status, reply.code) == (429, "rate_limited"), reply
    left, seconds = remaining(reply, name)
    assert left == 0
    assert 1 <= seconds <= window_seconds
    assert reply.headers["retry-after"] == str(seconds)


def fresh_address() -> ApiClient:
    number = uuid4().int
    return ApiClient(address=f"172.{16 + number % 16}.{number >> 8 & 255}.{number >> 16 & 255}")


def test_every_answer_tells_the_policy_and_what_is_left(api: ApiClient) -> None:
    reply = api.get("/api/projects")

    assert reply.headers["ratelimit-policy"] == '"default";q=100;w=60'
    left, seconds = remaining(reply)
    assert 0 <= left < 100
    assert 1 <= seconds <= 60
    assert "retry-after" not in reply.headers


def test_errors_and_writes_count_and_tell_as_well(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="50/hour")
    replies = [
        api.get("/api/projects"),
        api.get(f"/api/projects/{uuid4()}"),
        api.post("/api/projects", {}),
        api.post("/api/projects", b"{"),
        api.post("/api/projects", {"name": "Search"}),
    ]

    lefts = [remaining(reply)[0] for reply in replies]

    assert [reply.status for reply in replies] == [200, 404, 422, 400, 201]
    assert lefts == list(range(lefts[0], lefts[0] - 5, -1))
    assert {reply.headers["ratelimit-policy"] for reply in replies} == {'"default";q=50;w=3600'}


def test_the_request_after_the_last_is_refused_and_does_nothing(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="3/hour")
    statuses = [api.post("/api/projects", {"name": "Search"}).status for _ in range(3)]

    reply = api.post("/api/projects", {"name": "One too many"})

    assert statuses == [201] * 3
    assert_over(reply, 3600)
    configure(rate_limit_default="1000/hour")
    assert api.get("/api/projects").json["total"] == 3


def test_a_new_window_begins_anew(api: ApiClient, configure: Configure) -> None:
    import time

    configure(rate_limit_default="1/second")
    replies = [api.get("/api/projects") for _ in range(12)]
    assert {reply.status for reply in replies} == {200, 429}

    time.sleep(1.05)

    assert api.get("/api/projects").status == 200


def test_users_are_counted_apart(api: ApiClient, other: Tenant, configure: Configure) -> None:
    configure(rate_limit_default="2/hour")
    for _ in range(2):
        api.get("/api/projects")

    assert_over(api.get("/api/projects"), 3600)
    assert other.api.get("/api/projects").status == 200


def test_a_user_is_one_user_from_every_address_and_sign_in(tenant: Tenant, configure: Configure) -> None:
    second = fresh_address()
    second.token = second.post("/api/auth/login", {"email": tenant.email, "password": PASSWORD}).json["access_token"]
    configure(rate_limit_default="2/hour")

    statuses = [client.get("/api/projects").status for client in (tenant.api, second, second, tenant.api)]

    assert statuses == [200, 200, 429, 429]


def test_strangers_are_counted_by_address(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_default="2/hour")
    stranger, neighbour = fresh_address(), fresh_address()

    assert [stranger.get("/api/projects").status for _ in range(3)] == [401, 401, 429]
    assert neighbour.get("/api/projects").status == 401
    tenant.api.address = stranger.address
    assert tenant.api.get("/api/projects").status == 200


def test_forged_tokens_and_headers_open_no_new_count(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_default="2/hour")
    stranger = fresh_address()
    tries = [
        {"Authorization": "Bearer forged-1"},
        {"Authorization": "Bearer forged-2"},
        {"X-Forwarded-For": "198.51.100.77"},
        {"X-Real-Ip": "198.51.100.78", "Forwarded": "for=198.51.100.79"},
    ]

    assert [stranger.get("/api/projects", headers).status for headers in tries] == [401, 401, 429, 429]


def test_behind_a_proxy_of_ours_its_word_is_believed_and_no_further(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_default="1/hour", trusted_proxy_hops="1")
    proxy = fresh_address()

    def asked(forwarded: str) -> int:
        return proxy.get("/api/projects", {"X-Forwarded-For": forwarded}).status

    one, two = fresh_address().address, fresh_address().address
    assert asked(f"{one}, 10.9.9.9") == 401
    assert asked(f"{two}, 10.9.9.9") == 401
    # What stands before the address that our proxy saw was written by the caller.
    assert asked(f"8.8.8.8, {one}, 10.9.9.9") == 429


def test_of_forty_at_once_exactly_twenty_get_in(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="20/hour", database_pool_timeout_seconds="30")

    replies = factories.at_once(*[lambda: api.get("/api/users/me")] * 40)

    statuses = [reply.status for reply in replies]
    assert (statuses.count(200), statuses.count(429)) == (20, 20)
    lefts = sorted(remaining(reply)[0] for reply in replies if reply.status == 200)
    assert lefts == list(range(20))


def test_of_two_hundred_at_once_exactly_fifty_get_in(tenant: Tenant, configure: Configure) -> None:
    """Whatever they weigh: five searches, and what one page each takes of the rest."""
    configure(rate_limit_default="75/hour", database_pool_timeout_seconds="60")
    assert [tenant.api.get("/api/candidates/search?q=grace").status for _ in range(5)] == [200] * 5

    replies = factories.at_once(*[lambda: tenant.api.get("/api/users/me")] * 200)

    statuses = [reply.status for reply in replies]
    assert (statuses.count(200), statuses.count(429)) == (50, 150)
    lefts = sorted(remaining(reply)[0] for reply in replies if reply.status == 200)
    assert lefts == list(range(50))


def test_heavy_calls_take_more_and_what_is_refused_takes_nothing(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="8/hour")

    def left(path: str) -> tuple[int, int]:
        reply = api.get(path)
        return reply.status, remaining(reply)[0]

    asked = ["/api/candidates/search?q=grace", "/api/candidates/search?q=grace", "/api/users/me"]
    assert [left(path) for path in asked] == [(200, 3), (429, 3), (200, 2)]
    assert [left("/api/candidates/search?q=x") for _ in range(3)] == [(429, 2)] * 3
    assert [left("/api/users/me") for _ in range(3)] == [(200, 1), (200, 0), (429, 0)]


def test_what_weighs_more_than_the_whole_limit_takes_the_whole_limit(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="3/hour")

    assert remaining(api.get("/api/candidates/search?q=grace"))[0] == 0
    assert_over(api.get("/api/users/me"), 3600)


def test_a_limit_of_nothing_lets_nobody_in(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="0/hour")

    assert_over(api.get("/api/users/me"), 3600)


def test_who_keeps_asking_is_let_in_when_the_window_ends(
    tenant: Tenant, database: Database, configure: Configure
) -> None:
    configure(rate_limit_default="2/hour")
    for _ in range(30):
        tenant.api.get("/api/users/me")

    used = records.rows(database, "select max(used) as most from rate_limits")

    assert used[0]["most"] <= 100
    records.rows(database, "update rate_limits set window_start = window_start - 3600")
    assert tenant.api.get("/api/users/me").status == 200


@pytest.mark.parametrize(
    ("one", "two", "is_one"),
    [
        ("2001:db8:7:1::1", "2001:db8:7:1:ffff::9", True),
        ("2001:db8:7:2::1", "2001:db8:7:3::1", False),
        ("::ffff:203.0.113.77", "203.0.113.77", True),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_stranger(
    database: Database, configure: Configure, one: str, two: str, is_one: bool
) -> None:
    configure(rate_limit_default="1/hour")
    first, second = (ApiClient(address=address).get("/api/projects").status for address in (one, two))

    assert (first, second) == (401, 429 if is_one else 401)


def test_health_is_not_counted(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_default="1/hour")
    stranger = fresh_address()

    replies = [stranger.get("/api/health/live") for _ in range(4)]

    assert {reply.status for reply in replies} == {200}
    assert all("ratelimit" not in reply.headers for reply in replies)


def test_limits_can_be_switched_off(api: ApiClient, configure: Configure) -> None:
    configure(rate_limit_default="1/hour", rate_limit_login="1/hour", rate_limit_enabled="false")

    replies = [api.get("/api/projects") for _ in range(4)]
    logins = [api.post("/api/auth/login", {"email": "a@example.com", "password": "wrong"}).status for _ in range(4)]

    assert {reply.status for reply in replies} == {200}
    assert all("ratelimit" not in reply.headers and "ratelimit-policy" not in reply.headers for reply in replies)
    assert logins == [401] * 4


def login(client: ApiClient, email: str, password: str = "wrong-password") -> Reply:
    return client.post("/api/auth/login", {"email": email, "password": password})


def test_five_sign_ins_an_address_and_then_none(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_login="5/hour")
    client = fresh_address()

    statuses = [login(client, f"{uuid4().hex}@example.com").status for _ in range(5)]
    refused = login(client, tenant.email, PASSWORD)

    assert statuses == [401] * 5
    assert_over(refused, 3600, "login")
    assert refused.headers["ratelimit-policy"] == '"login";q=5;w=3600'
    assert login(fresh_address(), tenant.email, PASSWORD).status == 200


@pytest.mark.parametrize("is_known", [True, False])
def test_five_sign_ins_an_account_from_all_addresses_together(
    tenant: Tenant, configure: Configure, is_known: bool
) -> None:
    configure(rate_limit_login="5/hour")
    email = tenant.email if is_known else f"{uuid4().hex}@example.com"
    spellings = [email, email.upper(), f" {email}", email.title(), email]
    # The tenant's own sign-in was within another window.

    statuses = [login(fresh_address(), spelling).status for spelling in spellings]

    assert statuses == [401] * 5
    assert_over(login(fresh_address(), email, PASSWORD), 3600, "login")


def test_the_limit_of_sign_ins_is_exact_for_many_at_once(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_login="5/hour", database_pool_timeout_seconds="30")
    email = f"{uuid4().hex}@example.com"
    clients = [fresh_address() for _ in range(12)]

    replies = factories.at_once(*[lambda client=client: login(client, email) for client in clients])

    statuses = [reply.status for reply in replies]
    assert (statuses.count(401), statuses.count(429)) == (5, 7)
