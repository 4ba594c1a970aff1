"""Somebody asks to be forgotten: whatever told of them is gone, wherever it stood, and the rest still works."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.db import Role
from chalicelib.events import verification
from tests.api import ApiClient
from tests.chalicelib.bulk_imports import importing
from tests.conftest import Tenant
from tests.factories import Json, as_superuser, new_application, new_candidate, new_outreach, new_position, upload
from tests.house import Cloud, Database
from tests.samples import pdf_of

NAME, EMAIL, PHONE = "Zephyrine Quillfeather", "zephyrine@quillfeather.example", "+493055508842"
RESUME = [
    NAME,
    "Backend engineer in Berlin",
    f"{EMAIL} | {PHONE}",
    "Experience",
    "Engineer, Quillometer Works, 2015 - 2024",
    "Built the quillometer, which measures quills in Python.",
    "Skills",
    "Python, quillometry",
]
# Each stands somewhere of its own: in what was typed, in the file, in a note, in a search.
NEEDLES = ("zephyrine", "quillfeather", "5550884", "quillomet", "quillometry", "needle-in-a-note")


class _Listening(logging.Handler):
    """Keeps every line as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.dumps(record.__dict__, default=str))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Every line of ours that is logged meanwhile, the most talkative ones included."""
    logger, listening = logging.getLogger("recruitpro"), _Listening()
    level = logger.level
    logger.setLevel("DEBUG")
    logger.addHandler(listening)
    yield listening.lines
    logger.removeHandler(listening)
    logger.setLevel(level)


def everything_about_somebody(tenant: Tenant, cloud: Cloud) -> Json:
    """A candidate who has left a trace in every room."""
    api = tenant.api
    document_id = upload(api, cloud, "Zephyrine Quillfeather.pdf", pdf_of(RESUME))
    cloud.drain()
    document = api.get(f"/api/documents/{document_id}").json
    assert document["candidate_id"], document
    one = f"/api/candidates/{document['candidate_id']}"
    consent = {"source": "needle-in-a-note form", "given_at": "2026-01-01T00:00:00Z"}
    assert api.patch(one, {"summary": "needle-in-a-note", "consent": consent, "phone": PHONE}).status == 200
    candidate: Json = api.get(one).json
    position = new_position(api, requirements=[{"text": "Python", "kind": "must"}])
    application = new_application(api, candidate, position)
    wish = {"from_stage": "applied", "to_stage": "screen", "note": "needle-in-a-note"}
    assert api.post(f"/api/applications/{application['id']}/move", wish).status == 200
    api.post(f"/api/applications/{application['id']}/screenings")
    new_outreach(api, application)
    api.post(f"/api/applications/{application['id']}/reject", {"reason": "needle-in-a-note"})
    api.post("/api/exports", {"kind": "candidates", "filters": {"q": "Quillfeather"}})
    api.get("/api/candidates/search?q=Quillfeather")
    cloud.drain()
    rows = importing.csv_of(["Name", "E-Mail", "City"], [NAME, EMAIL, "Quillometer City"])
    importing.imported(api, cloud, rows, on_duplicate="update")
    importing.imported(api, cloud, rows, on_duplicate="skip", dry_run=True)
    headers = {"Idempotency-Key": "zephyr"}
    again = {"name": NAME, "email": "another@quillfeather.example"}
    twin = api.post("/api/candidates", again, headers=headers).json
    assert api.post(f"{one}/merge", {"duplicate_id": twin["id"]}).status == 200
    return {**candidate, "document_id": document_id, "application_id": application["id"], "twin_id": twin["id"]}


def found_in_database(database: Database) -> dict[str, list[str]]:
    """The needles that each table holds, as text of whole rows."""
    tables = "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
    with as_superuser(database) as connection:
        texts = {
            table: " ".join(connection.scalars(sa.text(f'select lower(to_jsonb(t)::text) from "{table}" t')))
            for table in connection.scalars(sa.text(tables)).all()
        }
    return {table: hits for table, text in texts.items() if (hits := [each for each in NEEDLES if each in text])}


def found_in_buckets(cloud: Cloud, tenant: Tenant) -> list[str]:
    """The object versions of an organization in which a needle stands, in every bucket."""
    s3, hits = cloud.client("s3"), []
    for bucket in [each["Name"] for each in s3.list_buckets()["Buckets"]]:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in [each for each in page.get("Versions", []) if str(tenant.id) in each["Key"]]:
                stored = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
                if _is_about(stored["Body"].read(), str(stored["Metadata"]), each["Key"]):
                    hits.append(f"{bucket}/{each['Key']}")
    return hits


def _is_about(content: bytes, *texts: str) -> bool:
    # A PDF is compressed: what gives it away is that reportlab made it for this test, and nothing else did.
    text = (content.decode("utf-8", "ignore") + " ".join(texts)).lower()
    return content.startswith(b"%PDF") or any(each in text for each in NEEDLES)


def found_in_queues(cloud: Cloud) -> list[str]:
    """The messages that wait anywhere, as text."""
    sqs, texts = cloud.client("sqs"), []
    for queue in cloud.queues.values():
        for url in (queue.url, queue.dead_letter_url):
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            texts += [each["Body"].lower() for each in messages]
    return [text for text in texts if any(each in text for each in NEEDLES)]


def rights_of(api: ApiClient, candidate_id: str) -> Json:
    answer = api.get(f"/api/candidates/{candidate_id}/export")
    assert answer.status == 200, answer
    exported: Json = answer.json
    return exported


@pytest.mark.timeout(180)
def test_nothing_is_left_of_an_erased_person(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Any, logged: list[str]
) -> None:
    configure(rate_limit_enabled="false")
    person = everything_about_somebody(tenant, cloud)
    colleague = new_candidate(tenant.api, name="Somebody Else", email="else@tenant.example")
    bystander = new_application(tenant.api, colleague)
    before = found_in_database(database)
    assert {
        "candidates",
        "documents",
        "document_texts",
        "screenings",
        "outreach",
        "stage_changes",
        "events",
        "jobs",
    } <= {*before}, before
    assert found_in_buckets(cloud, tenant)

    accepted = tenant.api.post(f"/api/candidates/{person['id']}/erase", {"reason": "person_asked"})

    assert accepted.status == 202, accepted
    assert tenant.api.get(f"/api/candidates/{person['id']}").status == 404
    cloud.drain()
    job = tenant.api.get(accepted.headers["location"]).json
    assert job["status"] == "succeeded", job
    certificate = tenant.api.get(f"/api/erasures/{job['result']['erasure_id']}").json
    assert found_in_database(database) == {}
    assert found_in_buckets(cloud, tenant) == []
    assert found_in_queues(cloud) == []
    assert [line for line in logged if any(each in line.lower() for each in NEEDLES)] == []
    assert len(logged) > 10
    assert certificate["status"] == "done"
    counted = certificate["rows_erased"]
    assert {name for name, count in counted.items() if count} >= {"candidates", "applications", "documents", "events"}
    assert counted["candidates"] == 2
    assert certificate["objects_erased"]["documents"] >= 1
    assert certificate["objects_kept"] == []
    assert tenant.api.get(f"/api/applications/{bystander['id']}").status == 200
    for old in (person["id"], person["twin_id"]):
        assert tenant.api.get(f"/api/candidates/{old}").status == 404
        assert tenant.api.post(f"/api/candidates/{old}/restore").status == 404
    assert tenant.api.get(f"/api/documents/{person['document_id']}/content").status == 404


def test_the_chain_of_events_still_verifies_after_an_erasure(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    candidate = new_candidate(tenant.api, name=NAME, email=EMAIL)
    new_application(tenant.api, candidate)

    tenant.api.post(f"/api/candidates/{candidate['id']}/erase")
    cloud.drain()

    with db.transaction(tenant.id, Role.AUDITOR) as session:
        verdict = verification.verify(session, tenant.id)
    assert verdict.broken is None, verdict
    assert verdict.verified > 3
    told = tenant.api.get(f"/api/events?candidate_id={candidate['id']}").json["items"]
    assert [each["action"] for each in told][-2:] == ["candidate_erasure_requested", "candidate_erased"]
    assert told[0]["after"] is None


def test_a_person_is_given_everything_that_is_held_about_them(tenant: Tenant, cloud: Cloud, configure: Any) -> None:
    import httpx

    configure(rate_limit_enabled="false")
    person = everything_about_somebody(tenant, cloud)

    exported = rights_of(tenant.api, person["id"])

    records = exported["records"]
    assert {name for name, rows in records.items() if rows} >= {
        "candidates",
        "applications",
        "stage_changes",
        "screenings",
        "outreach",
        "documents",
        "document_texts",
        "import_rows",
        "events",
        "candidate_merges",
    }
    assert {row["name"] for row in records["candidates"]} == {NAME}
    assert "quillometer" in records["document_texts"][0]["text"]
    assert str(tenant.id) not in json.dumps(records["candidates"])
    [file] = exported["files"]
    assert file["filename"] == "Zephyrine Quillfeather.pdf"
    assert httpx.get(file["url"], timeout=20).content.startswith(b"%PDF")
    assert UUID(exported["candidate_id"]) == UUID(person["id"])
