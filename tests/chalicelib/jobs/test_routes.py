"""Jobs as a frontend follows them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import clients
from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs.consume import consume
from tests import records
from tests.api import ApiClient
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def job_of(api: ApiClient, message: Any) -> Any:
    return api.get(f"/api/jobs/{message.job_id}").json


def test_queued_jobs_know_their_place(tenant: Tenant, other: Tenant) -> None:
    work.ask(other.id)  # is in nobody's way here
    first, second, third = (work.ask(tenant.id) for _ in range(3))

    assert [job_of(tenant.api, message)["queue_position"] for message in (first, second, third)] == [1, 2, 3]
    consume(sqs_event(first.as_json()), work.doing())

    assert [job_of(tenant.api, message)["queue_position"] for message in (first, second, third)] == [None, 1, 2]


def test_a_job_shows_how_far_it_is_and_what_came_of_it(tenant: Tenant) -> None:
    message = work.ask(tenant.id)
    assert job_of(tenant.api, message)["progress"] == {"done": 0, "total": None}
    seen = []

    def run(run: Any) -> None:
        seen.append(job_of(tenant.api, message))
        work.finish(run)

    consume(sqs_event(message.as_json()), work.doing(run))

    assert (seen[0]["status"], seen[0]["attempts"], seen[0]["queue_position"]) == ("running", 1, None)
    done = job_of(tenant.api, message)
    assert (done["status"], done["progress"], done["result"]) == ("succeeded", {"done": 1, "total": 1}, {"attempt": 1})
    assert (done["error"], done["next_attempt_at"], done["kind"]) == (None, None, "screen_candidate")
    assert done["enqueued_at"] <= done["started_at"] <= done["finished_at"]
    assert done["finished_at"].endswith("Z")


def test_a_failed_job_says_why(tenant: Tenant) -> None:
    message = work.ask(tenant.id)
    consume(sqs_event(message.as_json()), work.raising(Invalid("the file is empty")))

    job = job_of(tenant.api, message)

    assert (job["status"], job["error"]) == ("failed", {"code": "invalid", "message": "the file is empty"})
    assert job["result"] is None


def test_a_job_that_will_be_tried_again_says_when_and_why(tenant: Tenant) -> None:
    message = work.ask(tenant.id)
    consume(sqs_event(message.as_json()), work.raising(Unavailable("clamd is down")))

    job = job_of(tenant.api, message)

    assert (job["status"], job["error"]["message"]) == ("queued", "clamd is down")
    assert (job["attempts"], job["max_attempts"]) == (1, 5)
    assert job["next_attempt_at"] is not None


def test_jobs_are_listed_newest_first_and_filtered(tenant: Tenant, other: Tenant, database: Database) -> None:
    work.ask(other.id)
    messages = [work.ask(tenant.id) for _ in range(3)]
    ids = [str(message.job_id) for message in messages]
    consume(sqs_event(messages[0].as_json()), work.doing())
    consume(sqs_event(messages[1].as_json()), work.raising(Invalid("no")))

    def listed(**query: Any) -> list[str]:
        return [item["id"] for item in tenant.api.get("/api/jobs", **query).json["items"]]

    assert listed() == ids[::-1]
    assert listed(status="succeeded") == [ids[0]]
    assert listed(status="failed") == [ids[1]]
    assert listed(status="queued", kind="screen_candidate") == [ids[2]]
    assert listed(kind="scan_document") == []
    assert tenant.api.get("/api/jobs", status="asleep").wrong_fields == {"status"}
    assert len(records.jobs_of(database, tenant.id)) == 3


def test_another_organizations_job_reads_like_none(tenant: Tenant, other: Tenant) -> None:
    message = work.ask(other.id)

    answer = tenant.api.get(f"/api/jobs/{message.job_id}")
    never = tenant.api.get("/api/jobs/01970000-0000-7000-8000-000000000000")

    assert (answer.status, answer.code) == (never.status, never.code) == (404, "job_not_found")
    assert answer.json["detail"] == never.json["detail"]
