"""From an S3 notification to a scan: every form that a notification may take, and every one that may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from chalicelib.clock import utc_now
from chalicelib.documents import uploads
from functions.scan_document import scan_document
from infra.local import delivery
from infra.local.resources import UPLOAD_BUCKET
from tests import records, samples
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import announce, read_document, upload
from tests.fakes import closed_port, sqs_event
from tests.house import Cloud, Database

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
OTHER = samples.pdf_of(("Someone Else", "someone.else@example.com"))


def record(key: str) -> dict[str, Any]:
    """One record of an S3 notification; keys arrive URL-encoded."""
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Post",
        "s3": {"bucket": {"name": UPLOAD_BUCKET}, "object": {"key": quote_plus(key, safe="/"), "size": 1}},
    }


def notify(*bodies: object) -> list[str]:
    """Deliver bodies to the function; the ids of those that come again."""
    answer = scan_document(sqs_event(*bodies), delivery.context("scan"))
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def key_of(tenant: Tenant, document_id: str) -> str:
    return f"organizations/{tenant.id}/documents/{document_id}"


def status_of(api: ApiClient, document_id: str) -> str:
    status: str = api.get(f"/api/documents/{document_id}").json["status"]
    return status


def uploaded_unnoticed(tenant: Tenant, cloud: Cloud, filename: str = "cv.pdf", content: bytes = SAMPLE) -> str:
    """A document whose file is stored and whose notification was lost."""
    document_id = upload(tenant.api, cloud, filename, content)
    cloud.purge()
    return document_id


def test_several_records_in_one_notification_are_all_registered(tenant: Tenant, cloud: Cloud) -> None:
    ids = [uploaded_unnoticed(tenant, cloud, f"cv-{number}.pdf") for number in range(3)]

    assert notify({"Records": [record(key_of(tenant, document_id)) for document_id in ids]}) == []

    assert [status_of(tenant.api, document_id) for document_id in ids] == ["scanning"] * 3


def test_an_encoded_key_names_the_same_document(tenant: Tenant, cloud: Cloud) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    encoded = record(key_of(tenant, document_id))
    encoded["s3"]["object"]["key"] = encoded["s3"]["object"]["key"].replace("-", "%2D").replace("/", "%2F")

    assert notify({"Records": [encoded]}) == []

    assert status_of(tenant.api, document_id) == "scanning"


@pytest.mark.parametrize(
    "key",
    [
        "elsewhere/my cv.pdf",
        "organizations/x/documents/y",
        "organizations/../documents/..",
        "organizations/4fce3559-6f24-4c78-bbbe-910141570499/documents/897cb5d5-b9e5-4b9f-92ca-924b91808b44",
    ],
)
def test_a_notification_of_something_else_is_done_with(cloud: Cloud, key: str) -> None:
    cloud.client("s3").put_object(Bucket=UPLOAD_BUCKET, Key=key, Body=b"x")

    assert notify({"Records": [record(key)]}, {"Service": "Amazon S3", "Event": "s3:TestEvent"}) == []


def test_a_key_with_a_strangers_organization_moves_no_document(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    document = announce(tenant.api, "cv.pdf", len(SAMPLE))
    forged = f"organizations/{other.id}/documents/{document['id']}"
    cloud.client("s3").put_object(Bucket=UPLOAD_BUCKET, Key=forged, Body=SAMPLE)

    assert notify({"Records": [record(forged)]}) == []

    assert status_of(tenant.api, document["id"]) == "awaiting_upload"


def test_a_notification_that_is_none_comes_again(cloud: Cloud, tenant: Tenant) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    good = {"Records": [record(key_of(tenant, document_id))]}

    assert notify({"Records": [{"s3": {}}]}, good, {"Records": None}, {}) == ["message-0", "message-2", "message-3"]

    assert status_of(tenant.api, document_id) == "scanning"


def test_an_object_that_was_deleted_meanwhile_is_left_waiting(tenant: Tenant, cloud: Cloud) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    cloud.client("s3").delete_object(Bucket=UPLOAD_BUCKET, Key=key_of(tenant, document_id))

    assert notify({"Records": [record(key_of(tenant, document_id))]}) == []

    assert status_of(tenant.api, document_id) == "awaiting_upload"


def test_a_document_that_was_deleted_meanwhile_is_not_scanned(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    assert tenant.api.delete(f"/api/documents/{document_id}").status == 204

    assert notify({"Records": [record(key_of(tenant, document_id))]}) == []

    assert records.jobs_of(database, tenant.id) == []


def test_a_document_deleted_between_notification_and_scan_gets_no_verdict(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    notify({"Records": [record(key_of(tenant, document_id))]})
    assert tenant.api.delete(f"/api/documents/{document_id}").status == 204

    cloud.drain()

    [job] = records.jobs_of(database, tenant.id)
    assert (job["status"], job["result"]["verdict"]) == ("succeeded", "deleted")
    assert "document_scanned" not in records.actions(database, tenant.id)


def test_a_duplicate_notification_asks_for_one_scan(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    twice = {"Records": [record(key_of(tenant, document_id))] * 2}

    assert notify(twice, twice) == []
    cloud.drain()
    assert notify(twice) == []  # and one that comes late
    cloud.drain()

    assert [job["kind"] for job in records.jobs_of(database, tenant.id)] == ["scan_document", "analyze_document"]
    actions = records.actions(database, tenant.id)
    assert [actions.count(action) for action in ("document_uploaded", "document_scanned")] == [1, 1]
    assert status_of(tenant.api, document_id) == "clean"


def test_a_second_upload_by_the_same_form_changes_nothing(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = announce(tenant.api, "cv.pdf", len(SAMPLE))
    assert cloud.upload(document["upload"], SAMPLE) < 300
    cloud.drain()
    before = tenant.api.get(f"/api/documents/{document['id']}").json
    jobs = len(records.jobs_of(database, tenant.id))

    assert cloud.upload(document["upload"], samples.eicar()) < 300
    cloud.drain()

    assert tenant.api.get(f"/api/documents/{document['id']}").json == before
    assert len(records.jobs_of(database, tenant.id)) == jobs
    link = tenant.api.get(f"/api/documents/{document['id']}/content").headers["location"]
    assert httpx.get(link).content == SAMPLE


def test_a_second_upload_before_the_scan_cannot_borrow_the_first_ones_verdict(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = announce(tenant.api, "cv.pdf", len(SAMPLE))
    assert cloud.upload(document["upload"], SAMPLE) < 300
    assert notify({"Records": [record(key_of(tenant, document["id"]))]}) == []
    assert cloud.upload(document["upload"], OTHER) < 300

    cloud.drain()

    link = tenant.api.get(f"/api/documents/{document['id']}/content").headers["location"]
    assert httpx.get(link).content == SAMPLE
    text = tenant.api.get(f"/api/documents/{document['id']}/text").json["text"]
    assert "Someone Else" not in text


def test_a_storage_that_is_down_brings_the_notification_back(tenant: Tenant, cloud: Cloud, configure: Any) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)
    configure(aws_endpoint_url=f"http://127.0.0.1:{closed_port()}")

    assert notify({"Records": [record(key_of(tenant, document_id))]}) == ["message-0"]

    assert status_of(tenant.api, document_id) == "awaiting_upload"


def test_the_sweep_finds_an_upload_whose_notification_was_lost(tenant: Tenant, cloud: Cloud) -> None:
    document_id = uploaded_unnoticed(tenant, cloud)

    uploads.sweep(utc_now())
    assert status_of(tenant.api, document_id) == "awaiting_upload", "its notification may still be under way"
    uploads.sweep(utc_now() + timedelta(minutes=3))
    assert status_of(tenant.api, document_id) == "scanning"

    cloud.drain()
    assert status_of(tenant.api, document_id) == "clean"


@pytest.mark.own_database
def test_forms_that_were_never_used_do_not_hide_a_lost_upload(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SWEEP_LIMIT", 2)
    for number in range(6):
        announce(tenant.api, f"unused-{number}.pdf", 10)
    document_id = uploaded_unnoticed(tenant, cloud)

    for _ in range(8):
        uploads.sweep(utc_now() + timedelta(minutes=3))
        if records.jobs_of(database, tenant.id):
            break

    assert status_of(tenant.api, document_id) == "scanning"


def test_what_was_announced_and_what_arrived_are_both_known(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    statement = (
        "select stored_size_bytes, size_bytes, sha256, object_version from documents where id = cast(:id as uuid)"
    )
    [row] = records.rows(database, statement, id=document["id"])

    assert row["stored_size_bytes"] == row["size_bytes"] == len(SAMPLE)
    assert document["scan"]["version_id"] == row["object_version"]
