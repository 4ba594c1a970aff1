"""Keys with which programs act for an organization: made once, shown once, ended at once, and never more than their
scopes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chalicelib.api_keys import scopes
from chalicelib.api_keys.keys import new_key
from chalicelib.api_keys.scopes import Scope
from chalicelib.clock import utc_now
from chalicelib.http.admission import Access
from chalicelib.http.routes import Route
from tests import factories, records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import Json, new_api_key, page_through
from tests.house import Database

KEYS = "/api/api-keys"


def program(api: ApiClient, *given: str, **values: object) -> ApiClient:
    """A program with a new key, somewhere else on the internet."""
    return ApiClient(new_api_key(api, *given, **values)["key"], address="198.51.100.7")


def guarded_routes() -> list[Route]:
    import app

    return [route for route in app.app.table if route.access > Access.PUBLIC]


def test_a_key_is_shown_once_and_kept_as_its_hash(tenant: Tenant, database: Database) -> None:
    made = new_api_key(tenant.api, "candidates:read", "candidates:read", "applications:write")

    key = made.pop("key")
    assert made["scopes"] == ["applications:write", "candidates:read"]
    assert (made["status"], made["created_by"]) == ("active", str(tenant.user_id))
    assert key.startswith(made["begins_with"] + "0")
    assert tenant.api.get(f"{KEYS}/{made['id']}").json == made
    assert tenant.api.get(KEYS).json["items"] == [made]
    (row,) = records.rows(database, "select * from api_keys where id = cast(:id as uuid)", id=made["id"])
    assert row["key_hash"] == hashlib.sha256(key.encode()).digest()
    everything = records.rows(
        database,
        "select to_jsonb(e) as e from events e union all "
        "select to_jsonb(k) from idempotency_keys k union all select to_jsonb(a) from api_keys a",
    )
    assert key[47:90] not in str(everything)


def test_a_retried_wish_for_a_key_stores_no_key(tenant: Tenant, database: Database) -> None:
    wish = {"name": "Board", "scopes": ["events:read"]}
    made = [tenant.api.post(KEYS, wish, {"Idempotency-Key": "again"}).json for _ in range(2)]

    assert made[0]["key"] != made[1]["key"]
    stored = "select 1 from idempotency_keys where organization_id = cast(:id as uuid)"
    assert records.rows(database, stored, id=str(tenant.id)) == []


def test_a_key_reads_and_writes_what_its_scopes_say_and_nothing_else(tenant: Tenant) -> None:
    reader = program(tenant.api, "candidates:read", "positions:read")
    writer = program(tenant.api, "candidates:write")

    made = writer.post("/api/candidates", {"name": "Grace Hopper"})

    assert made.status == 201, made
    assert reader.get(made.headers["location"]).json["name"] == "Grace Hopper"
    assert reader.get("/api/positions").status == 200
    for reply in (
        writer.get("/api/candidates"),
        reader.post("/api/candidates", {"name": "Ada"}),
        reader.get("/api/projects"),
        writer.get("/api/positions"),
    ):
        assert (reply.status, reply.code) == (403, "scope_missing"), reply


def test_events_name_the_key_that_acted(tenant: Tenant) -> None:
    made = new_api_key(tenant.api, "candidates:write", "events:read")
    board = ApiClient(made["key"])

    candidate = board.post("/api/candidates", {"name": "Grace Hopper"}).json

    events = board.get("/api/events").json["items"]
    acted = [event for event in events if event["subject_id"] == candidate["id"]]
    assert [(event["actor_kind"], event["actor_id"]) for event in acted] == [("api_key", made["id"])]
    created = next(event for event in events if event["action"] == "api_key_created")
    assert (created["actor_kind"], created["subject_id"]) == ("user", made["id"])
    assert created["after"] == {"name": "Job board", "scopes": ["candidates:write", "events:read"], "expires_at": None}


def test_a_revoked_key_is_worth_nothing_at_once(tenant: Tenant) -> None:
    made = new_api_key(tenant.api)
    board = ApiClient(made["key"])
    one = f"{KEYS}/{made['id']}"
    etag = tenant.api.get(one).headers["etag"]
    assert board.get("/api/candidates").status == 200
    assert tenant.api.delete(one, {"If-Match": '"7"'}).status == 412

    assert tenant.api.delete(one, {"If-Match": etag}).status == 204

    reply = board.get("/api/candidates")
    assert (reply.status, reply.code, reply.headers["www-authenticate"]) == (401, "bad_api_key", "Bearer")
    shown = tenant.api.get(one).json
    assert (shown["status"], shown["revoked_by"]) == ("revoked", str(tenant.user_id))
    assert tenant.api.delete(one).status == 204
    revoked = [event for event in tenant.api.get("/api/events").json["items"] if event["action"] == "api_key_revoked"]
    assert len(revoked) == 1


def test_a_key_ends_when_it_expires(tenant: Tenant, database: Database) -> None:
    made = new_api_key(tenant.api, expires_at=(utc_now() + timedelta(hours=1)).isoformat())
    board = ApiClient(made["key"])
    assert board.get("/api/candidates").status == 200

    records.rows(database, "update api_keys set expires_at = now() where id = cast(:id as uuid)", id=made["id"])

    assert board.get("/api/candidates").code == "bad_api_key"
    lists = {status: tenant.api.get(KEYS, status=status).json["total"] for status in ("active", "expired", "revoked")}
    assert lists == {"active": 0, "expired": 1, "revoked": 0}


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"scopes": ["candidates:read"]}, {"name"}),
        ({"name": "x", "scopes": []}, {"scopes"}),
        ({"name": "x", "scopes": ["users:write", "candidates:read"]}, {"scopes.0"}),
        ({"name": "x", "scopes": ["*"]}, {"scopes.0"}),
        ({"name": "x", "scopes": ["events:read"], "expires_at": "2001-01-01T00:00:00Z"}, {"expires_at"}),
        ({"name": "x", "scopes": ["events:read"], "expires_at": "2101-01-01T00:00:00"}, {"expires_at"}),
        ({"name": "x", "scopes": ["events:read"], "role": "admin"}, {"role"}),
    ],
)
def test_a_wrong_wish_says_why(api: ApiClient, wish: Json, fields: set[str]) -> None:
    reply = api.post(KEYS, wish)

    assert (reply.status, reply.wrong_fields) == (422, fields), reply


def test_an_organization_has_a_hundred_working_keys_at_most(tenant: Tenant, database: Database) -> None:
    made = new_api_key(tenant.api)
    copies = """
        insert into api_keys (id, organization_id, name, scopes, key_hash, created_by, created_at)
        select gen_random_uuid(), organization_id, name, scopes, sha256(n::text::bytea), created_by, created_at
        from api_keys, generate_series(1, 99) as n where id = cast(:id as uuid)
    """
    records.rows(database, copies, id=made["id"])

    reply = tenant.api.post(KEYS, {"name": "x", "scopes": ["events:read"]})

    assert (reply.status, reply.code) == (409, "too_many_api_keys")
    assert len({key["id"] for key in page_through(tenant.api, KEYS, 30, status="active")}) == 100
    tenant.api.delete(f"{KEYS}/{made['id']}")
    assert tenant.api.post(KEYS, {"name": "x", "scopes": ["events:read"]}).status == 201


def test_keys_are_made_and_seen_by_admins_alone(tenant: Tenant, other: Tenant, database: Database) -> None:
    made = new_api_key(tenant.api)
    one = f"{KEYS}/{made['id']}"
    recruiter = factories.new_colleague(database, tenant).api
    board = program(tenant.api, *Scope)

    for method, path in (("GET", KEYS), ("POST", KEYS), ("GET", one), ("DELETE", one)):
        assert recruiter.call(method, path).code == "role_not_sufficient"
        assert board.call(method, path).code == "not_for_api_keys"
    assert (other.api.get(one).status, other.api.delete(one).status) == (404, 404)
    assert tenant.api.get(one).json["status"] == "active"


def test_a_key_opens_its_own_organization_alone(tenant: Tenant, other: Tenant) -> None:
    candidate = factories.new_candidate(tenant.api)
    theirs = program(other.api, *Scope)

    assert theirs.get(f"/api/candidates/{candidate['id']}").status == 404
    assert theirs.get("/api/candidates").json["items"] == []


def test_a_key_that_was_made_up_opens_nothing(tenant: Tenant, other: Tenant) -> None:
    made = new_api_key(tenant.api)
    known, elsewhere = UUID(made["id"]), new_key(UUID(made["id"]), other.id)
    tries = [new_key(known, tenant.id), elsewhere, new_key(UUID(int=1), tenant.id), made["key"][:-1], "rp_", "rp_ü"]

    replies = [ApiClient(key).get("/api/candidates") for key in tries]

    assert {(reply.status, reply.code) for reply in replies} == {(401, "bad_api_key")}
    assert len({reply.json["detail"] for reply in replies}) == 1


def test_made_up_keys_are_counted_by_address_and_real_ones_by_key(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    made = new_api_key(tenant.api)
    configure(rate_limit_default="3/hour")
    real, stranger = ApiClient(made["key"], "198.51.100.9"), ApiClient(address="198.51.100.8")

    def guess() -> int:
        stranger.token = new_key(UUID(made["id"]), tenant.id)
        return stranger.get("/api/candidates").status

    assert [guess() for _ in range(4)] == [401, 401, 401, 429]
    statuses = []
    for address in ("198.51.100.8", "198.51.100.9", "198.51.100.8", "198.51.100.9"):
        real.address = address
        statuses.append(real.get("/api/candidates").status)
    assert statuses == [200, 200, 200, 429]


def test_the_last_use_is_kept_to_the_minute_and_written_once_in_it(tenant: Tenant, database: Database) -> None:
    made = new_api_key(tenant.api)
    board, one = ApiClient(made["key"]), f"{KEYS}/{made['id']}"
    place = "select xmin::text as written, last_used_at from api_keys where id = cast(:id as uuid)"
    assert tenant.api.get(one).json["last_used_at"] is None

    board.get("/api/candidates")
    (first,) = records.rows(database, place, id=made["id"])
    for _ in range(5):
        board.get("/api/candidates")
    (sixth,) = records.rows(database, place, id=made["id"])
    records.rows(
        database,
        "update api_keys set last_used_at = now() - interval '61 seconds' where id = cast(:id as uuid)",
        id=made["id"],
    )
    replies = factories.at_once(*[lambda: board.get("/api/candidates")] * 6)

    assert first == sixth
    assert {reply.status for reply in replies} == {200}
    (later,) = records.rows(database, place, id=made["id"])
    assert later["last_used_at"] > first["last_used_at"]
    assert tenant.api.get(one).json["last_used_at"] is not None


def test_every_path_says_which_scope_opens_it_or_that_none_does() -> None:
    paths = {route.path for route in guarded_routes() if route.access < Access.ADMIN}

    assert paths - scopes.OF_PATHS.keys() == set(), "say in chalicelib/api_keys/scopes.py which scope these ask for"
    assert scopes.OF_PATHS.keys() - {route.path for route in guarded_routes()} == set(), "these are no paths any more"


def test_each_scope_opens_its_own_routes_and_no_scope_what_admins_do(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    configure(rate_limit_enabled="false")
    opened: set[str] = set()
    for scope in Scope:
        board = program(tenant.api, scope)
        for route in guarded_routes():
            reply = board.call(route.method, route.path.format_map(Nowhere()), _body(route))
            is_let_in = reply.status not in {401, 403}
            assert is_let_in == (route.gate.scope is scope), (scope, route.method, route.path, reply)
            assert not (is_let_in and route.access is Access.ADMIN), route.path
            opened |= {scope} if is_let_in else set()
    assert opened == {route.gate.scope for route in guarded_routes() if route.gate.scope}


class Nowhere(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return factories.NO_ID


def _body(route: Route) -> Any:
    return None if route.body is None else {"no": "such field"}


def test_a_key_sees_no_private_project_and_makes_none(tenant: Tenant) -> None:
    private = factories.new_project(tenant.api, is_private=True)
    position = factories.new_position(tenant.api, project_id=private["id"])
    board = program(tenant.api, *Scope)

    assert board.get(f"/api/projects/{private['id']}").status == 404
    assert board.get("/api/positions").json["items"] == []
    assert board.get(f"/api/positions/{position['id']}").status == 404
    made = board.post("/api/projects", {"name": "Open"})
    assert made.status == 201, made
    for reply in (
        board.post("/api/projects", {"name": "Hidden", "is_private": True}),
        board.patch(made.headers["location"], {"is_private": True}),
    ):
        assert reply.status in {403, 422}, reply
