"""A second chance for what was given up: good ones are done, poison comes back with its cause."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.resources import UPLOAD_BUCKET
from tests import records, samples
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import Json, read_document, set_role
from tests.fakes import closed_port
from tests.house import Cloud, Database

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)


def redrive(api: ApiClient, queue: str = "scan") -> Reply:
    return api.post("/api/jobs/redrive", {"queue": queue})


@pytest.fixture
def clamd_down(configure: Any, cloud: Cloud) -> Any:
    """Every scan ends in the dead-letter queue; call it to bring a scanner back."""
    configure(scanner="clamd", clamd_port=str(closed_port()))
    return lambda: configure(scanner="eicar_only")


def failed_scan(tenant: Tenant, cloud: Cloud) -> Json:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    assert document["status"] == "scan_failed"
    return document


def dead_letters(cloud: Cloud, queue: str = "scan") -> int:
    return cloud.waiting(cloud.queues[queue].dead_letter_url)


def status_of(tenant: Tenant, document: Json) -> str:
    status: str = tenant.api.get(f"/api/documents/{document['id']}").json["status"]
    return status


def test_good_jobs_are_done_and_poison_comes_back_with_its_cause(
    tenant: Tenant, cloud: Cloud, database: Database, clamd_down: Any
) -> None:
    good = [failed_scan(tenant, cloud) for _ in range(2)]
    poison = failed_scan(tenant, cloud)
    [stored] = records.rows(
        database,
        "select object_key, object_version from documents where id = cast(:id as uuid)",
        id=poison["id"],
    )
    cloud.client("s3").delete_object(Bucket=UPLOAD_BUCKET, Key=stored["object_key"], VersionId=stored["object_version"])
    assert dead_letters(cloud) == 3
    clamd_down()

    answer = redrive(tenant.api)

    assert (answer.status, answer.json) == (200, {"queued": 3, "settled": 0, "unreadable": 0})
    assert (dead_letters(cloud), cloud.waiting(cloud.queues["scan"].url)) == (0, 3)
    cloud.drain()
    assert [status_of(tenant, document) for document in good] == ["clean", "clean"]
    assert status_of(tenant, poison) == "scan_failed"
    assert dead_letters(cloud) == 1
    jobs = tenant.api.get("/api/jobs", kind="scan_document").json["items"]
    assert [(job["status"], job["error"] and job["error"]["code"]) for job in jobs] == [
        ("failed", "storage_unavailable"),
        ("succeeded", None),
        ("succeeded", None),
    ]
    failed = records.job(database, jobs[0]["id"])
    causes = [each["code"] for each in failed["history"]]
    assert causes == ["scanner_unavailable"] * 5 + ["storage_unavailable"] * 5
    actions = records.actions(database, tenant.id)
    assert actions.count("job_retried") == 3
    assert actions.count("document_scanned") == 2


def test_the_messages_of_others_are_left_for_them(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database, clamd_down: Any
) -> None:
    mine, theirs = failed_scan(tenant, cloud), failed_scan(other, cloud)
    before = records.jobs_of(database, other.id)
    clamd_down()

    assert redrive(tenant.api).json == {"queued": 1, "settled": 0, "unreadable": 0}
    cloud.drain()

    assert (status_of(tenant, mine), status_of(other, theirs)) == ("clean", "scan_failed")
    assert (dead_letters(cloud), records.jobs_of(database, other.id)) == (1, before)


def test_who_comes_right_after_another_organization_finds_their_own(
    tenant: Tenant, other: Tenant, cloud: Cloud, clamd_down: Any
) -> None:
    failed_scan(tenant, cloud)
    theirs = failed_scan(other, cloud)
    clamd_down()

    answers = [redrive(each.api).json["queued"] for each in (tenant, other)]
    cloud.drain()

    assert answers == [1, 1]
    assert (status_of(other, theirs), dead_letters(cloud)) == ("clean", 0)


def test_a_message_that_nobody_can_read_stays_and_is_counted(tenant: Tenant, cloud: Cloud, clamd_down: Any) -> None:
    failed_scan(tenant, cloud)
    dead = cloud.queues["scan"].dead_letter_url
    for body in ("not json", "[]", json.dumps({"job_id": "7"})):
        cloud.client("sqs").send_message(QueueUrl=dead, MessageBody=body)
    clamd_down()

    assert redrive(tenant.api).json == {"queued": 1, "settled": 0, "unreadable": 3}

    assert dead_letters(cloud) == 3


def test_a_message_whose_job_needs_nothing_is_taken_away(
    tenant: Tenant, cloud: Cloud, database: Database, clamd_down: Any
) -> None:
    document = failed_scan(tenant, cloud)
    [job] = tenant.api.get("/api/jobs", kind="scan_document").json["items"]
    clamd_down()
    assert tenant.api.post(f"/api/jobs/{job['id']}/retry").status == 200
    cloud.drain()
    assert status_of(tenant, document) == "clean"

    assert redrive(tenant.api).json == {"queued": 0, "settled": 1, "unreadable": 0}

    assert dead_letters(cloud) == 0
    assert records.actions(database, tenant.id).count("job_retried") == 1


def test_many_messages_are_gone_through_and_the_same_one_twice_queues_once(
    tenant: Tenant, cloud: Cloud, database: Database, clamd_down: Any
) -> None:
    failed_scan(tenant, cloud)
    [job] = records.jobs_of(database, tenant.id)
    dead = cloud.queues["scan"].dead_letter_url
    message = {"job_id": str(job["id"]), "organization_id": str(tenant.id), "kind": "scan_document"}
    for _ in range(24):
        cloud.client("sqs").send_message(QueueUrl=dead, MessageBody=json.dumps(message))
    clamd_down()

    answer = redrive(tenant.api)

    assert answer.json == {"queued": 1, "settled": 24, "unreadable": 0}
    assert dead_letters(cloud) == 0
    cloud.drain()
    assert records.job(database, job["id"])["status"] == "succeeded"


def test_an_empty_queue_has_nothing_to_give(api: ApiClient, cloud: Cloud) -> None:
    assert redrive(api, "low").json == {"queued": 0, "settled": 0, "unreadable": 0}


def test_a_queue_that_does_not_answer_is_said(api: ApiClient, cloud: Cloud, configure: Any) -> None:
    configure(low_dead_letter_queue_url=cloud.queues["low"].dead_letter_url + "-gone")

    answer = redrive(api, "low")

    assert (answer.status, answer.code) == (503, "queue_unavailable")


def test_only_an_admin_redrives_and_only_a_queue_there_is(
    tenant: Tenant, cloud: Cloud, database: Database, clamd_down: Any
) -> None:
    failed_scan(tenant, cloud)
    assert redrive(tenant.api, "medium").wrong_fields == {"queue"}
    assert tenant.api.post("/api/jobs/redrive", {}).wrong_fields == {"queue"}
    clamd_down()

    for role in ("recruiter", "viewer"):
        set_role(database, tenant.email, role)
        assert redrive(tenant.api).status == 403
    assert ApiClient().post("/api/jobs/redrive", {"queue": "scan"}).status == 401

    assert dead_letters(cloud) == 1
    assert "job_retried" not in records.actions(database, tenant.id)
