"""What jobs, answers, tokens and counters leave behind is kept for its time and no longer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.clock import utc_now
from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs.consume import consume
from chalicelib.operations import retention
from functions.apply_retention import apply_retention
from infra.local import delivery
from tests import records
from tests.api import ApiClient
from tests.chalicelib.jobs import work
from tests.conftest import PASSWORD, Tenant
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def ended_job(tenant: Tenant, end: str) -> Any:
    """The id of a job that ended so, after a first attempt that failed."""
    message = work.ask(tenant.id)
    event = sqs_event(message.as_json())
    consume(event, work.raising(Unavailable("personal words about a person")))
    if end == "cancelled":
        assert tenant.api.post(f"/api/jobs/{message.job_id}/cancel").status == 200
    else:
        consume(event, work.doing() if end == "succeeded" else work.raising(Invalid("more personal words")))
    return message.job_id


def age(database: Database, job_id: Any, minutes: float) -> None:
    """Let a job have ended so many minutes ago."""
    statement = "update jobs set finished_at = now() - make_interval(secs => :seconds) where id = cast(:id as uuid)"
    records.rows(database, statement, seconds=minutes * 60, id=str(job_id))


def shown(api: ApiClient, job_id: Any) -> Any:
    return api.get(f"/api/jobs/{job_id}").json


KEPT_MINUTES = {"succeeded": 60, "cancelled": 60, "failed": 24 * 60}


@pytest.mark.parametrize("end", KEPT_MINUTES)
def test_within_its_time_nothing_of_a_job_is_blanked(tenant: Tenant, database: Database, end: str) -> None:
    job_id = ended_job(tenant, end)
    age(database, job_id, KEPT_MINUTES[end] - 1)
    before = records.job(database, job_id)

    retention.apply(utc_now())

    assert records.job(database, job_id) == before
    assert len(before["history"]) == (1 if end == "succeeded" else 2)
    job = shown(tenant.api, job_id)
    assert job["result"] == ({"attempt": 2} if end == "succeeded" else None)
    if end != "succeeded":
        assert job["error"]["message"] == before["error_message"] is not None


@pytest.mark.parametrize("end", KEPT_MINUTES)
def test_after_its_time_a_job_keeps_its_row_and_loses_its_content(tenant: Tenant, database: Database, end: str) -> None:
    job_id = ended_job(tenant, end)
    age(database, job_id, KEPT_MINUTES[end] + 1)
    before = shown(tenant.api, job_id)
    assert before["result"] is None, "nobody sees it from the moment on, whenever the schedule runs"
    assert (before["error"] or {"message": None})["message"] is None

    retention.apply(utc_now())

    assert shown(tenant.api, job_id) == before
    row = records.job(database, job_id)
    assert (row["result"], row["error_message"], row["history"]) == (None, None, [])
    assert (row["status"], row["attempts"] > 0, row["finished_at"] is not None) == (end, True, True)
    codes = {"succeeded": None, "cancelled": "job_cancelled", "failed": "invalid"}
    assert row["error_code"] == codes[end]
    assert "personal" not in json.dumps(row, default=str)


def test_the_times_are_settings(tenant: Tenant, database: Database, configure: Any) -> None:
    configure(job_result_hours="3", job_failure_hours="2")
    succeeded, failed = ended_job(tenant, "succeeded"), ended_job(tenant, "failed")
    for job_id in (succeeded, failed):
        age(database, job_id, 150)

    retention.apply(utc_now())

    assert records.job(database, succeeded)["result"] == {"attempt": 2}
    assert records.job(database, failed)["error_message"] is None
    assert shown(tenant.api, succeeded)["result"] == {"attempt": 2}


def test_a_job_that_waits_or_runs_loses_nothing(tenant: Tenant, database: Database) -> None:
    message = work.ask(tenant.id)
    consume(sqs_event(message.as_json()), work.raising(Unavailable("down for now")))
    aged = (
        "update jobs set enqueued_at = now() - interval '9 days', started_at = enqueued_at where id = cast(:id as uuid)"
    )
    records.rows(database, aged, id=str(message.job_id))
    before = records.job(database, message.job_id)

    retention.apply(utc_now())

    assert records.job(database, message.job_id) == before
    assert shown(tenant.api, message.job_id)["error"]["message"] == "down for now"


def test_a_blanked_failure_can_still_be_tried_again(tenant: Tenant, database: Database) -> None:
    job_id = ended_job(tenant, "failed")
    age(database, job_id, 25 * 60)
    retention.apply(utc_now())

    assert tenant.api.post(f"/api/jobs/{job_id}/retry").json["status"] == "queued"


@pytest.mark.own_database
def test_more_than_one_run_takes_is_worked_off_by_the_next(
    tenant: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for job_id in [ended_job(tenant, "succeeded") for _ in range(3)]:
        age(database, job_id, 61)
    monkeypatch.setattr(retention, "LIMIT", 2)

    assert [retention.apply(utc_now())["job_results"] for _ in range(3)] == [2, 1, 0]


def test_kept_answers_are_forgotten_after_a_day(tenant: Tenant, database: Database) -> None:
    wish, count = {"name": "Compilers"}, "select count(*) as n from idempotency_keys where key = :key"
    for key, hours in (("old", 24.1), ("young", 23.9)):
        assert tenant.api.post("/api/projects", wish, {"Idempotency-Key": key + str(tenant.id)}).status == 201
        aged = "update idempotency_keys set created_at = now() - make_interval(secs => :seconds) where key = :key"
        records.rows(database, aged, seconds=hours * 3600, key=key + str(tenant.id))

    retention.apply(utc_now())

    left = [records.rows(database, count, key=key + str(tenant.id))[0]["n"] for key in ("old", "young")]
    assert left == [0, 1]
    replayed = tenant.api.post("/api/projects", wish, {"Idempotency-Key": f"young{tenant.id}"})
    assert replayed.headers["idempotency-replayed"] == "true"


def test_refresh_tokens_past_their_end_are_deleted_and_a_living_one_still_works(
    tenant: Tenant, database: Database
) -> None:
    anyone = ApiClient(address=tenant.api.address)
    signed_in = anyone.post("/api/auth/login", {"email": tenant.email, "password": PASSWORD}).json
    count = "select count(*) as n from refresh_tokens where organization_id = cast(:id as uuid)"
    mine = {"id": str(tenant.id)}
    assert records.rows(database, count, **mine)[0]["n"] == 2
    expired = """
        update refresh_tokens set expires_at = now() - interval '1 second' where id = (
            select id from refresh_tokens where organization_id = cast(:id as uuid) order by expires_at limit 1)
    """
    records.rows(database, expired, **mine)

    retention.apply(utc_now())

    assert records.rows(database, count, **mine)[0]["n"] == 1
    renewed = anyone.post("/api/auth/refresh", {"refresh_token": signed_in["refresh_token"]})
    assert renewed.status == 200, renewed


def test_counters_of_requests_are_forgotten_after_two_hours(tenant: Tenant, database: Database) -> None:
    now = int(utc_now().timestamp())
    for bucket, ago in (("old", 7300), ("young", 7100)):
        values = {"bucket": f"{bucket}-{tenant.id}", "start": now - ago}
        records.rows(database, "insert into rate_limits values (:bucket, :start, 7)", **values)

    retention.apply(utc_now())

    left = "select bucket from rate_limits where bucket like :like"
    assert [row["bucket"] for row in records.rows(database, left, like=f"%-{tenant.id}")] == [f"young-{tenant.id}"]


@pytest.mark.own_database
def test_the_schedule_says_how_much_it_forgot_and_nothing_the_second_time(tenant: Tenant, database: Database) -> None:
    event = delivery.scheduled_event("apply_retention", region="eu-central-1")
    age(database, ended_job(tenant, "failed"), 25 * 60)

    first, second = (apply_retention(event, delivery.context("apply_retention")) for _ in range(2))

    assert first["job_results"] == 1
    assert set(second.values()) == {0}
    assert set(second) >= {"job_results", "idempotency_keys", "refresh_tokens", "rate_limits"}
