"""The same POST twice is one POST."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tests import factories, records
from tests.api import ApiClient, Reply
from tests.conftest import PASSWORD, Tenant
from tests.house import Database

PROJECT = {"name": "Search", "tags": ["a"]}


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def projects(api: ApiClient) -> int:
    total: int = api.get("/api/projects").json["total"]
    return total


def said(reply: Reply) -> tuple[object, ...]:
    """What a retry must say again."""
    return reply.status, reply.body, reply.headers.get("location"), reply.headers.get("etag")


def second_user(database: Database, tenant: Tenant) -> ApiClient:
    """Another admin of the same organization, signed in."""
    email = f"second-{uuid4().hex[:8]}@tenant.example"
    records.rows(
        database,
        "insert into users (id, organization_id, email, name, role, password_hash, created_at, updated_at)"
        " select uuidv7(), organization_id, :email, name, role, password_hash, now(), now()"
        " from users where id = :id",
        email=email,
        id=tenant.user_id,
    )
    api = ApiClient(address=f"192.0.2.{uuid4().int % 250}")
    api.token = api.post("/api/auth/login", {"email": email, "password": PASSWORD}).json["access_token"]
    return api


def test_a_retry_gets_the_stored_answer(api: ApiClient) -> None:
    first = api.post("/api/projects", PROJECT, key("one"))
    again = api.post("/api/projects", PROJECT, key("one"))

    assert first.status == 201
    assert said(again) == said(first)
    assert first.headers["etag"] == '"1"'
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert projects(api) == 1


def test_a_stored_answer_stays_as_it_was_when_the_thing_moves_on(api: ApiClient) -> None:
    first = api.post("/api/projects", PROJECT, key("one"))
    api.patch(first.headers["location"], {"name": "Renamed"})

    assert said(api.post("/api/projects", PROJECT, key("one"))) == said(first)


def test_another_body_with_the_same_key_is_refused(api: ApiClient) -> None:
    api.post("/api/projects", PROJECT, key("one"))

    reply = api.post("/api/projects", {"name": "Other"}, key("one"))

    assert (reply.status, reply.code) == (409, "idempotency_key_reused")
    assert projects(api) == 1


def test_another_path_with_the_same_key_is_refused(api: ApiClient) -> None:
    body = {"reason": "other"}
    first, second = factories.new_application(api), factories.new_application(api)
    assert api.post(f"/api/applications/{first['id']}/withdraw", body, key("one")).status == 200

    reply = api.post(f"/api/applications/{second['id']}/withdraw", body, key("one"))

    assert (reply.status, reply.code) == (409, "idempotency_key_reused")


def test_a_retry_while_the_first_is_running_is_told_so(api: ApiClient, tenant: Tenant, database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with factories.as_superuser(database) as connection:
            # A write ends with its event, which waits here for the head of the organization's chain.
            lock = sa.text("select 1 from event_heads where organization_id = :id for update")
            connection.execute(lock, {"id": tenant.id})
            first = pool.submit(api.post, "/api/projects", PROJECT, key("one"))
            wait_for_a_lock(database)

            retry = api.post("/api/projects", PROJECT, key("one"))
            independent = api.post("/api/auth/login", {"email": tenant.email, "password": "wrong-password"}, key("one"))

            assert (retry.status, retry.code) == (409, "idempotency_in_progress")
            assert independent.status == 401
            assert not first.done()
        assert first.result().status == 201
    assert said(api.post("/api/projects", PROJECT, key("one"))) == said(first.result())
    assert projects(api) == 1


def wait_for_a_lock(database: Database) -> None:
    """Returns when somebody waits for a lock."""
    for _ in range(200):
        if records.rows(database, "select 1 from pg_locks where not granted"):
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("path", ["/api/projects", "/api/candidates"])
def test_parallel_retries_leave_one_row(api: ApiClient, path: str) -> None:
    wish = {"name": "Search"}

    replies = factories.at_once(*[lambda: api.post(path, wish, key("many"))] * 12)

    made = [reply for reply in replies if reply.status == 201]
    assert made
    assert len({said(reply) for reply in made}) == 1
    assert sum("idempotency-replayed" not in reply.headers for reply in made) == 1
    rest = [reply for reply in replies if reply.status != 201]
    assert {(reply.status, reply.code) for reply in rest} <= {(409, "idempotency_in_progress")}
    assert api.get(path).json["total"] == 1
    assert said(api.post(path, wish, key("many"))) == said(made[0])


@pytest.mark.parametrize("text", ["a", "a" * 255, "ключ".encode().decode("latin-1").replace("\x8e", "e"), "with space"])
def test_a_key_has_one_to_255_characters(api: ApiClient, text: str) -> None:
    reply = api.post("/api/projects", PROJECT, key(text))

    assert reply.status == (201 if text.isprintable() else 400), reply


@pytest.mark.parametrize("text", ["", "é", "a" * 256, "a\tb", "a\x7fb", "a\x00b"])
def test_another_key_is_refused_and_nothing_is_done(api: ApiClient, text: str) -> None:
    reply = api.post("/api/projects", PROJECT, key(text))

    assert (reply.status, reply.code) == (400, "bad_idempotency_key"), reply
    assert projects(api) == 0


def test_another_user_with_the_same_key_is_somebody_else(api: ApiClient, tenant: Tenant, database: Database) -> None:
    colleague = second_user(database, tenant)

    replies = [caller.post("/api/projects", PROJECT, key("one")) for caller in (api, colleague)]

    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].json["id"] != replies[1].json["id"]
    assert projects(api) == 2


def test_another_organization_with_the_same_key_is_somebody_else(api: ApiClient, other: Tenant) -> None:
    api.post("/api/projects", PROJECT, key("one"))

    reply = other.api.post("/api/projects", PROJECT, key("one"))

    assert reply.status == 201
    assert "idempotency-replayed" not in reply.headers


def test_a_key_is_forgotten_after_24_hours(api: ApiClient, tenant: Tenant, database: Database) -> None:
    first = api.post("/api/projects", PROJECT, key("one"))
    age = "update idempotency_keys set created_at = now() - cast(:age as interval) where organization_id = :id"

    records.rows(database, age, age="23 hours 59 minutes", id=tenant.id)
    assert said(api.post("/api/projects", PROJECT, key("one"))) == said(first)

    records.rows(database, age, age="24 hours 1 second", id=tenant.id)
    again = api.post("/api/projects", {"name": "Another"}, key("one"))
    assert again.status == 201
    assert "idempotency-replayed" not in again.headers
    assert said(api.post("/api/projects", {"name": "Another"}, key("one"))) == said(again)
    assert projects(api) == 2


def test_a_refused_request_is_not_stored(api: ApiClient) -> None:
    email = {"name": "Grace", "email": "grace@example.com"}
    taken = factories.new_candidate(api, email="grace@example.com")
    assert api.post("/api/candidates", email, key("one")).code == "candidate_exists"
    assert api.post("/api/candidates", {"nome": "typo"}, key("one")).status == 422
    api.delete(f"/api/candidates/{taken['id']}")

    reply = api.post("/api/candidates", email, key("one"))

    assert reply.status == 201, reply
    assert "idempotency-replayed" not in reply.headers


def test_a_replay_needs_the_right_to_ask(api: ApiClient, tenant: Tenant, database: Database) -> None:
    api.post("/api/projects", PROJECT, key("one"))
    factories.set_role(database, tenant.email, "viewer")

    assert api.post("/api/projects", PROJECT, key("one")).code == "role_not_sufficient"


def test_registering_twice_with_a_key_founds_one_organization(tenant: Tenant, database: Database) -> None:
    anyone = ApiClient(address="198.51.100.7")
    email = f"{uuid4().hex}@example.com"
    wish = {"organization": "Acme", "name": "Grace", "email": email, "password": PASSWORD}

    replies = factories.at_once(*[lambda: anyone.post("/api/auth/register", wish, key("found"))] * 6)
    again = anyone.post("/api/auth/register", wish, key("found"))

    assert again.status == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert {reply.status for reply in replies} <= {201, 409}
    assert {said(reply) for reply in replies if reply.status == 201} == {said(again)}
    assert {reply.code for reply in replies if reply.status == 409} <= {"idempotency_in_progress"}
    assert len(records.rows(database, "select 1 from users where email = :email", email=email)) == 1
    assert PASSWORD.encode() not in again.body


def test_anonymous_keys_of_two_callers_do_not_meet(tenant: Tenant) -> None:
    """Two people who chose the same key must not be told each other's answers, nor that the key is taken."""
    replies = [
        ApiClient(address=f"198.51.100.{number}").post(
            "/api/auth/register",
            {"organization": "Acme", "name": "G", "email": f"{uuid4().hex}@example.com", "password": PASSWORD},
            key("1"),
        )
        for number in (21, 22)
    ]

    assert [reply.status for reply in replies] == [201, 201], replies


def test_the_key_of_a_get_or_a_patch_means_nothing(api: ApiClient) -> None:
    location = api.post("/api/projects", PROJECT).headers["location"]

    assert api.get(location, key("")).status == 200
    assert api.patch(location, {"name": "A"}, key("one")).json["name"] == "A"
    assert api.patch(location, {"name": "B"}, key("one")).json["name"] == "B"


def test_a_login_is_never_stored(tenant: Tenant, database: Database) -> None:
    anyone = ApiClient(address=tenant.api.address)
    wish = {"email": tenant.email, "password": PASSWORD}

    tokens = {anyone.post("/api/auth/login", wish, key("one")).json["refresh_token"] for _ in range(2)}

    assert len(tokens) == 2
    stored = records.rows(database, "select 1 from idempotency_keys where body like '%refresh_token%'")
    assert stored == []


def test_every_post_keeps_its_answer_but_those_that_hand_out_or_end_tokens_or_empty_a_queue() -> None:
    import app

    forgetful = {
        route.path
        for route in app.app.table
        if route.method == "POST" and not (route.keeps_answer and route.opens_transaction)
    }

    # A redrive that is asked for again finds the queue as the first one left it; its waits allow no open transaction.
    tokens = {"/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/api/auth/change-password"}
    # Secrets of authenticator apps and recovery codes are shown once; a code is not taken twice.
    mine = "/api/users/me/second-factor"
    tokens |= {mine, f"{mine}/confirm", f"{mine}/disable", f"{mine}/recovery-codes"}
    # An invitation's answer may show its link; who follows a link sends a password, of which not even a hash of ours
    # is to be kept beside it.
    links = {"/api/users", "/api/invitations/{invitation_id}/resend", "/api/auth/accept-invitation"}
    links |= {"/api/auth/forgot-password", "/api/auth/reset-password"}
    secrets = {"/api/webhooks", "/api/webhooks/{webhook_id}/rotate-secret", "/api/api-keys"}
    # Trying a policy changes nothing; asked again it tells what holds then.
    assert forgetful == tokens | links | secrets | {"/api/jobs/redrive", "/api/retention/try"}
