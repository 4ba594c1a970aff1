"""Trying again what failed or was called off: afresh, with all its attempts before it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs.consume import consume
from tests import records, samples
from tests.api import ApiClient, Reply
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.factories import NO_ID, new_application, new_candidate, read_document, set_role
from tests.fakes import closed_port, sqs_event
from tests.house import Cloud, Database

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)


def retry(api: ApiClient, job_id: UUID | str) -> Reply:
    return api.post(f"/api/jobs/{job_id}/retry")


def failed_job(tenant: Tenant, error: Exception | None = None) -> Any:
    """The message of a job that has used up its attempts."""
    message = work.ask(tenant.id)
    for _ in range(5):
        consume(sqs_event(message.as_json()), work.raising(error or Unavailable("down")))
    return message


def test_a_failed_job_is_queued_afresh_and_done(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    message = failed_job(tenant)
    assert records.job(database, message.job_id)["status"] == "failed"
    cloud.purge()

    answer = retry(tenant.api, message.job_id)

    assert (answer.status, answer.json["status"], answer.json["attempts"]) == (200, "queued", 0)
    assert (answer.json["error"], answer.json["finished_at"], answer.json["result"]) == (None, None, None)
    assert answer.json["queue_position"] == 1
    assert cloud.waiting(cloud.queues["high"].url) == 1, "a new message leaves for it"
    assert consume(sqs_event(message.as_json()), work.doing()) == {"batchItemFailures": []}
    job = records.job(database, message.job_id)
    assert (job["status"], job["attempts"], len(job["history"])) == ("succeeded", 1, 5)
    [event] = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "job_retried"]
    assert (event["subject_id"], event["after"]) == (
        str(message.job_id),
        {"kind": "screen_candidate", "was": "failed"},
    )


def test_a_retried_job_has_all_its_attempts_again(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    message = failed_job(tenant)
    assert retry(tenant.api, message.job_id).status == 200

    for attempt in (1, 2, 3, 4):
        consume(sqs_event(message.as_json()), work.raising(Unavailable("still down")))
        job = records.job(database, message.job_id)
        assert (job["status"], job["attempts"]) == ("queued", attempt)
    consume(sqs_event(message.as_json()), work.raising(Unavailable("still down")))

    assert records.job(database, message.job_id)["status"] == "failed"


def test_a_cancelled_job_is_tried_again_and_no_longer_called_off(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    application = new_application(tenant.api)
    job = tenant.api.post(f"/api/applications/{application['id']}/screenings").json
    tenant.api.post(f"/api/jobs/{job['id']}/cancel")

    assert retry(tenant.api, job["id"]).json["cancel_requested_at"] is None
    cloud.drain()

    done = tenant.api.get(f"/api/jobs/{job['id']}").json
    assert (done["status"], done["error"]) == ("succeeded", None)
    assert records.count(database, "screenings", tenant.id) == 1


def test_a_scan_that_failed_is_tried_again_and_gives_its_verdict(api: ApiClient, cloud: Cloud, configure: Any) -> None:
    configure(scanner="clamd", clamd_port=str(closed_port()))
    document = read_document(api, cloud, "cv.pdf", SAMPLE)
    assert document["status"] == "scan_failed"
    [job] = api.get("/api/jobs", kind="scan_document").json["items"]
    configure(scanner="eicar_only")

    assert retry(api, job["id"]).status == 200
    cloud.drain()

    assert api.get(f"/api/documents/{document['id']}").json["status"] == "clean"


def test_an_analysis_that_failed_is_tried_again_once_its_cause_is_gone(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.txt", b"we sell apples\n")
    assert document["analysis"]["code"] == "no_name_found"
    [job] = api.get("/api/jobs", kind="analyze_document").json["items"]

    retry(api, job["id"])
    cloud.drain()

    again = api.get(f"/api/jobs/{job['id']}").json
    assert (again["status"], again["error"]["code"], again["attempts"]) == ("failed", "no_name_found", 1)


@pytest.mark.parametrize("status", ["queued", "running", "succeeded"])
def test_only_what_failed_or_was_called_off_is_tried_again(
    tenant: Tenant, database: Database, cloud: Cloud, status: str
) -> None:
    message = work.ask(tenant.id)
    answers: list[Reply] = []

    def run(run: Any) -> None:
        if status == "running":
            answers.append(retry(tenant.api, run.id))
        work.finish(run)

    if status == "queued":
        answers.append(retry(tenant.api, message.job_id))
    else:
        consume(sqs_event(message.as_json()), work.doing(run))
    if status == "succeeded":
        answers.append(retry(tenant.api, message.job_id))

    assert [(answer.status, answer.code) for answer in answers] == [(409, "job_not_retryable")]
    assert status in answers[0].json["detail"]
    assert "job_retried" not in records.actions(database, tenant.id)


def test_a_child_and_its_parent_are_not_tried_again_by_themselves(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    api = tenant.api
    candidate = new_candidate(api)
    application = new_application(api, candidate)
    parent = api.post("/api/screenings/batch", {"position_id": application["position_id"]}).json
    api.delete(f"/api/candidates/{candidate['id']}")
    cloud.drain()
    [child] = api.get("/api/jobs", parent_id=parent["id"]).json["items"]
    assert child["status"] == "failed"
    before = records.jobs_of(database, tenant.id)

    for job_id in (child["id"], parent["id"]):
        answer = retry(api, job_id)
        assert (answer.status, answer.code) == (409, "job_not_retryable")

    assert records.jobs_of(database, tenant.id) == before


def test_trying_again_twice_queues_once(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    message = failed_job(tenant, Invalid("no"))

    answers = [retry(tenant.api, message.job_id) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 409]
    assert records.actions(database, tenant.id).count("job_retried") == 1


def test_a_viewer_and_another_organization_try_nothing_again(
    tenant: Tenant, other: Tenant, database: Database, cloud: Cloud
) -> None:
    message = failed_job(tenant, Invalid("no"))

    foreign, never = retry(other.api, message.job_id), retry(other.api, NO_ID)
    assert (foreign.status, foreign.code) == (never.status, never.code) == (404, "job_not_found")
    set_role(database, tenant.email, "viewer")
    assert retry(tenant.api, message.job_id).status == 403
    assert records.job(database, message.job_id)["status"] == "failed"
