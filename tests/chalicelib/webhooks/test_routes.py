"""Admins decide where events are sent, and nobody reads a secret twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests import records
from tests.api import ApiClient
from tests.chalicelib.webhooks.hooks import ONE, attempt_all, deliveries, new_webhook, read, row
from tests.conftest import Tenant
from tests.factories import NO_ID, at_once, new_candidate, set_role
from tests.house import Database

URL = "https://hooks.example.com/in?token=planted-needle"


def test_a_webhook_is_added_read_listed_changed_and_removed(tenant: Tenant) -> None:
    api = tenant.api
    made = api.post("/api/webhooks", {"url": URL, "events": ["application_moved"], "description": "To the ATS"})
    webhook = made.json
    secret = webhook.pop("secret")

    assert (made.status, made.headers["location"]) == (201, ONE.format(webhook["id"]))
    assert secret.startswith("whsec_")
    assert (webhook["url"], webhook["events"], webhook["is_active"]) == (URL, ["application_moved"], True)
    assert webhook["created_by"] == str(tenant.user_id)
    assert read(api, webhook) == webhook
    assert api.get("/api/webhooks").json["items"] == [webhook]
    changed = api.patch(ONE.format(webhook["id"]), {"events": ["*"], "description": None})
    assert (changed.status, changed.json["events"], changed.json["description"]) == (200, ["*"], None)
    assert api.delete(ONE.format(webhook["id"])).status == 204
    assert api.get(ONE.format(webhook["id"])).code == "webhook_not_found"
    assert api.get(f"{ONE.format(webhook['id'])}/deliveries").code == "webhook_not_found"
    assert api.get("/api/webhooks").json["items"] == []


def test_each_write_leaves_an_event_that_tells_no_secret(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    webhook = new_webhook(api, URL)
    one = ONE.format(webhook["id"])
    assert api.patch(one, {"url": f"{URL}-too", "is_active": False}).status == 200
    assert api.patch(one, {"is_active": False}).status == 200
    secret = api.post(f"{one}/rotate-secret").json["secret"]
    assert api.delete(one).status == 204

    rows = records.rows(
        database, "select * from events where organization_id = :id and subject_kind = 'webhook'", id=tenant.id
    )
    assert [event["action"] for event in sorted(rows, key=lambda event: int(event["sequence"]))] == [
        "webhook_created",
        "webhook_changed",
        "webhook_secret_changed",
        "webhook_deleted",
    ]
    kept = str(rows) + str(records.jobs_of(database, tenant.id))
    for needle in ("planted-needle", secret, webhook["secret"]):
        assert needle not in kept


def test_where_no_webhooks_are_delivered_none_is_added_switched_on_or_sent_again(
    tenant: Tenant, configure: Any
) -> None:
    webhook = new_webhook(tenant.api, URL)
    one = ONE.format(webhook["id"])
    configure(webhooks_enabled="false")

    assert tenant.api.post("/api/webhooks", {"url": URL, "events": ["*"]}).code == "webhooks_off"
    assert tenant.api.post(f"{one}/deliveries/{NO_ID}/replay").code == "webhooks_off"
    assert tenant.api.patch(one, {"is_active": False, "description": "Later"}).status == 200
    refused = tenant.api.patch(one, {"is_active": True})
    assert (refused.status, refused.code) == (409, "webhooks_off")
    assert tenant.api.delete(one).status == 204


def test_a_secret_is_kept_sealed_shown_once_and_gone_with_its_webhook(api: ApiClient, database: Database) -> None:
    webhook = new_webhook(api)
    kept = row(database, webhook["id"])

    assert webhook["secret"].encode() not in bytes(kept["secret_sealed"])
    assert "secret" not in read(api, webhook)
    assert "secret" not in api.patch(ONE.format(webhook["id"]), {"description": "x"}).json
    assert "whsec_" not in str(api.get("/api/webhooks").json["items"])
    rotated = api.post(f"{ONE.format(webhook['id'])}/rotate-secret").json
    assert rotated["secret"] != webhook["secret"]
    assert rotated["previous_secret_until"] == read(api, webhook)["previous_secret_until"] is not None
    api.delete(ONE.format(webhook["id"]))
    gone = row(database, webhook["id"])
    assert [gone[name] for name in ("secret_sealed", "secret_key_id", "previous_sealed", "previous_key_id")] == [
        None
    ] * 4


def test_no_answer_with_a_secret_is_kept_for_a_retry(api: ApiClient, database: Database) -> None:
    key = {"Idempotency-Key": "one"}
    made = api.post("/api/webhooks", {"url": URL, "events": ["*"]}, key)
    rotated = api.post(f"{ONE.format(made.json['id'])}/rotate-secret", None, key)

    assert (made.status, rotated.status) == (201, 200)
    assert records.rows(database, "select 1 from idempotency_keys where body like '%whsec_%'") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://10.0.0.1/"),
        ("url", "http://169.254.169.254/latest/meta-data/"),
        ("url", "https://[::ffff:127.0.0.1]/"),
        ("url", "https://0x7f.1/"),
        ("url", "https://user:secret@hooks.example.com/"),
        ("url", "https://hooks.example.com/#x"),
        ("url", "ftp://hooks.example.com/"),
        ("url", ""),
        ("url", "https://hooks.example.com/" + "x" * 2000),
        ("events", []),
        ("events", ["*", "candidate_created"]),
        ("events", ["candidate created"]),
        ("events", ["x" * 65]),
        ("description", "x" * 1001),
    ],
)
def test_what_cannot_be_sent_to_is_refused(api: ApiClient, field: str, value: Any) -> None:
    wish = {"url": URL, "events": ["*"], field: value}
    webhook = new_webhook(api)

    made, changed = api.post("/api/webhooks", wish), api.patch(ONE.format(webhook["id"]), {field: value})

    for refused in (made, changed):
        assert (refused.status, {name.partition(".")[0] for name in refused.wrong_fields}) == (422, {field})


def test_outside_local_only_https_is_accepted(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.outbound.policy import Policy

    monkeypatch.setattr(Policy, "of", lambda _config: Policy())

    for url in ("http://hooks.example.com/", "https://hooks.example.com:8443/", "https://127.0.0.1/"):
        assert api.post("/api/webhooks", {"url": url, "events": ["*"]}).wrong_fields == {"url"}
    assert api.post("/api/webhooks", {"url": URL, "events": ["*"]}).status == 201


@pytest.mark.parametrize("role", ["viewer", "recruiter"])
def test_only_an_admin_comes_near_webhooks(tenant: Tenant, database: Database, role: str) -> None:
    webhook = new_webhook(tenant.api)
    set_role(database, tenant.email, role)
    one, api = ONE.format(webhook["id"]), tenant.api

    for reply in (
        api.get("/api/webhooks"),
        api.post("/api/webhooks", {"url": URL, "events": ["*"]}),
        api.get(one),
        api.patch(one, {"is_active": False}),
        api.delete(one),
        api.post(f"{one}/rotate-secret"),
        api.get(f"{one}/deliveries"),
        api.post(f"{one}/deliveries/{NO_ID}/replay"),
    ):
        assert (reply.status, reply.code) == (403, "role_not_sufficient")


def test_there_are_ten_webhooks_at_most_however_many_ask_at_once(tenant: Tenant) -> None:
    api = tenant.api
    for _ in range(8):
        new_webhook(api)

    wish = {"url": URL, "events": ["*"]}
    replies = at_once(*[lambda: api.post("/api/webhooks", wish) for _ in range(5)])

    assert sorted(reply.status for reply in replies) == [201, 201, 409, 409, 409]
    assert {reply.code for reply in replies if reply.status == 409} == {"too_many_webhooks"}


def test_another_organization_sees_no_webhook_and_no_delivery(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    webhook, theirs = new_webhook(tenant.api), new_webhook(other.api)
    new_candidate(tenant.api)
    attempt_all(database, tenant)
    [delivery] = deliveries(tenant.api, webhook)

    assert deliveries(other.api, theirs) == []
    foreign = other.api.post(f"{ONE.format(theirs['id'])}/deliveries/{delivery['id']}/replay")
    assert (foreign.status, foreign.code) == (404, "delivery_not_found")
    mine = new_webhook(tenant.api)
    wrong = tenant.api.post(f"{ONE.format(mine['id'])}/deliveries/{delivery['id']}/replay")
    assert (wrong.status, wrong.code) == (404, "delivery_not_found")
