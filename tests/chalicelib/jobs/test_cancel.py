"""Calling a job off: at once while it waits, at its next checkpoint while it runs, and with no trace of its work."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

import pytest

from chalicelib.errors import Unavailable
from chalicelib.jobs import running
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import JobRun
from infra.local import delivery
from tests import records, samples
from tests.api import ApiClient, Reply
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, read_document, set_role, upload
from tests.fakes import sqs_event
from tests.house import Cloud, Database

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)

pytestmark = pytest.mark.usefixtures("cloud")


def cancel(api: ApiClient, job_id: UUID | str) -> Reply:
    return api.post(f"/api/jobs/{job_id}/cancel")


def job_of(api: ApiClient, job_id: UUID | str) -> Json:
    job: Json = api.get(f"/api/jobs/{job_id}").json
    return job


def effects(database: Database, tenant: Tenant) -> int:
    """How many pieces of work were done: each leaves a candidate."""
    return records.count(database, "candidates", tenant.id)


def test_a_waiting_job_is_cancelled_at_once_and_its_message_starts_nothing(tenant: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)

    answer = cancel(tenant.api, message.job_id)

    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert answer.json["error"] == {"code": "job_cancelled", "message": "the job was called off"}
    assert answer.json["finished_at"] >= answer.json["cancel_requested_at"] >= answer.json["enqueued_at"]
    assert (answer.json["next_attempt_at"], answer.json["queue_position"], answer.json["started_at"]) == (None,) * 3
    assert consume(sqs_event(message.as_json()), work.doing()) == {"batchItemFailures": []}
    assert effects(database, tenant) == 0
    assert job_of(tenant.api, message.job_id) == answer.json


def test_calling_off_leaves_an_event(tenant: Tenant) -> None:
    message = work.ask(tenant.id)

    cancel(tenant.api, message.job_id)

    [event] = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "job_cancelled"]
    assert (event["subject_kind"], event["subject_id"]) == ("job", str(message.job_id))
    assert (event["actor_kind"], event["actor_id"]) == ("user", str(tenant.user_id))
    assert event["after"] == {"kind": "screen_candidate", "was": "queued"}


def test_a_message_that_was_never_sent_is_not_sent_any_more(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    message = work.ask(tenant.id)
    owed = "insert into outbox select id, organization_id, 'high', kind, now() from jobs where id = cast(:id as uuid)"
    records.rows(database, owed, id=str(message.job_id))

    cancel(tenant.api, message.job_id)

    assert records.outbox_of(database, tenant.id) == []


def test_an_analysis_called_off_while_it_waits_says_so_in_its_document(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document_id = upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    for _ in range(2):
        delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))
    [job] = tenant.api.get("/api/jobs", kind="analyze_document").json["items"]
    assert tenant.api.get(f"/api/documents/{document_id}").json["analysis"]["status"] == "queued"

    assert cancel(tenant.api, job["id"]).json["status"] == "cancelled"

    analysis = tenant.api.get(f"/api/documents/{document_id}").json["analysis"]
    assert (analysis["status"], analysis["code"]) == ("failed", "job_cancelled")
    assert "document_analysis_failed" in records.actions(database, tenant.id)
    cloud.drain()
    assert effects(database, tenant) == 0
    assert tenant.api.get(f"/api/documents/{document_id}").json["analysis"] == analysis


def test_a_job_that_waits_for_its_next_attempt_is_cancelled_at_once(tenant: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)
    consume(sqs_event(message.as_json()), work.raising(Unavailable("not now")))

    assert cancel(tenant.api, message.job_id).json["status"] == "cancelled"

    job = records.job(database, message.job_id)
    assert (job["attempts"], job["error_code"]) == (1, "job_cancelled")
    assert [each["code"] for each in job["history"]] == ["unavailable", "job_cancelled"]


def test_a_running_job_stops_at_its_next_checkpoint(tenant: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)
    reached: list[str] = []

    def run(run: JobRun) -> None:
        running.checkpoint(run, done=1, total=3)
        answer = cancel(tenant.api, run.id)
        assert (answer.status, answer.json["status"]) == (200, "running")
        assert answer.json["cancel_requested_at"] is not None
        reached.append("asked")
        running.checkpoint(run, done=2, total=3)
        reached.append("past the checkpoint")
        work.finish(run)

    assert consume(sqs_event(message.as_json()), work.doing(run)) == {"batchItemFailures": []}

    job = job_of(tenant.api, message.job_id)
    assert reached == ["asked"]
    assert (job["status"], job["error"]["code"]) == ("cancelled", "job_cancelled")
    assert job["progress"] == {"done": 1, "total": 3}
    assert effects(database, tenant) == 0


def test_a_running_job_without_a_checkpoint_is_cancelled_when_it_would_finish(
    tenant: Tenant, database: Database
) -> None:
    message = work.ask(tenant.id)

    def run(run: JobRun) -> None:
        assert cancel(tenant.api, run.id).status == 200
        work.finish(run)

    consume(sqs_event(message.as_json()), work.doing(run))

    assert job_of(tenant.api, message.job_id)["status"] == "cancelled"
    assert (job_of(tenant.api, message.job_id)["result"], effects(database, tenant)) == (None, 0)


def test_a_running_job_that_is_called_off_and_fails_for_a_while_is_not_tried_again(
    tenant: Tenant, database: Database
) -> None:
    message = work.ask(tenant.id)

    def run(run: JobRun) -> None:
        cancel(tenant.api, run.id)
        raise Unavailable("and down it goes")

    consume(sqs_event(message.as_json()), work.doing(run))
    consume(sqs_event(message.as_json()), work.doing())

    assert job_of(tenant.api, message.job_id)["status"] == "cancelled"
    assert effects(database, tenant) == 0


def test_calling_a_running_job_off_twice_is_one_wish(tenant: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)
    asked: list[Any] = []

    def run(run: JobRun) -> None:
        asked.extend(cancel(tenant.api, run.id).json["cancel_requested_at"] for _ in range(2))
        work.finish(run)

    consume(sqs_event(message.as_json()), work.doing(run))

    assert asked[0] == asked[1]
    assert records.actions(database, tenant.id).count("job_cancelled") == 1


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
def test_a_job_that_has_ended_is_not_called_off(tenant: Tenant, database: Database, end: str) -> None:
    message = work.ask(tenant.id)
    if end == "cancelled":
        cancel(tenant.api, message.job_id)
    works = work.raising(ValueError("no")) if end == "failed" else work.doing()
    for _ in range(5):
        consume(sqs_event(message.as_json()), works)
    before = records.job(database, message.job_id)
    assert before["status"] == end

    answer = cancel(tenant.api, message.job_id)

    assert (answer.status, answer.code) == (409, "job_ended")
    assert end in answer.json["detail"]
    assert records.job(database, message.job_id) == before


def test_a_scan_runs_to_its_end(tenant: Tenant, cloud: Cloud) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    job = tenant.api.post(f"/api/documents/{document['id']}/scan").json

    answer = cancel(tenant.api, job["id"])

    assert (answer.status, answer.code) == (409, "job_not_cancellable")
    cloud.drain()
    assert job_of(tenant.api, job["id"])["status"] == "succeeded"


def test_a_viewer_and_another_organization_call_nothing_off(tenant: Tenant, other: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)

    foreign, never = cancel(other.api, message.job_id), cancel(other.api, NO_ID)
    assert (foreign.status, foreign.code) == (never.status, never.code) == (404, "job_not_found")
    assert foreign.json["detail"] == never.json["detail"]
    set_role(database, tenant.email, "viewer")
    assert cancel(tenant.api, message.job_id).status == 403
    assert records.job(database, message.job_id)["status"] == "queued"


def test_calling_off_and_running_at_the_same_moment_end_in_one_of_the_two(
    tenant: Tenant, database: Database, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    messages = [work.ask(tenant.id) for _ in range(12)]
    answers: list[Reply] = []

    for message in messages:
        together = threading.Barrier(2)

        def run(message: Any = message, together: Any = together) -> None:
            together.wait(10)
            consume(sqs_event(message.as_json()), work.doing())

        thread = threading.Thread(target=run)
        thread.start()
        together.wait(10)
        answers.append(cancel(tenant.api, message.job_id))
        thread.join(20)

    ends = [records.job(database, message.job_id)["status"] for message in messages]
    assert set(ends) <= {"succeeded", "cancelled"}
    assert {answer.status for answer in answers} <= {200, 409}
    assert effects(database, tenant) == ends.count("succeeded")
