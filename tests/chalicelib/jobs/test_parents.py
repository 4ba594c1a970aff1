"""A job that is split: it counts its children as they end, and ends with the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.errors import Invalid, Unavailable
from chalicelib.jobs import running, service
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import JobKind, JobMessage, JobRun
from chalicelib.jobs.service import Wanted
from tests import records
from tests.api import ApiClient
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.factories import Json, page_through
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def split(tenant: Tenant, weights: Sequence[int]) -> tuple[UUID, list[JobMessage]]:
    """A parent with a child for each weight; its id, and the children's messages."""
    with db.transaction(tenant.id) as session:
        now = utc_now()
        parent_id = service.start_parent(
            session, JobKind.SCREENING_BATCH, {}, total=sum(weights), actor=work.SYSTEM, now=now
        )
        wanted = [Wanted({"number": number}, weight=weight) for number, weight in enumerate(weights)]
        ids = service.enqueue_many(session, work.KIND, wanted, actor=work.SYSTEM, now=now, parent_id=parent_id)
    by_number = {records_payload: job_id for job_id, records_payload in _numbers(tenant, ids).items()}
    return parent_id, [JobMessage(by_number[number], tenant.id, work.KIND) for number in range(len(weights))]


def _numbers(tenant: Tenant, ids: Sequence[UUID]) -> dict[UUID, int]:
    with db.transaction(tenant.id) as session:
        return {job_id: service.get(session, tenant.id, job_id).payload["number"] for job_id in ids}


def run(message: JobMessage, works: Any = None) -> None:
    consume(sqs_event(message.as_json()), works or work.doing())


def parent_of(api: ApiClient, parent_id: UUID) -> Json:
    parent: Json = api.get(f"/api/jobs/{parent_id}").json
    return parent


def test_the_weight_of_what_has_ended_is_the_progress(tenant: Tenant, database: Database) -> None:
    parent_id, (first, second, third) = split(tenant, [5, 2, 3])
    progress = []

    for message in (first, second, third):
        run(message)
        progress.append(
            (parent_of(tenant.api, parent_id)["progress"]["done"], parent_of(tenant.api, parent_id)["status"])
        )

    assert progress == [(5, "running"), (7, "running"), (10, "succeeded")]
    done = parent_of(tenant.api, parent_id)
    assert (done["result"], done["error"]) == ({"done": 10, "failed": 0}, None)
    assert done["finished_at"] >= done["started_at"]


def test_children_that_fail_are_counted_and_the_parent_ends_all_the_same(tenant: Tenant) -> None:
    parent_id, (first, second, third) = split(tenant, [1, 1, 1])

    run(first, work.raising(Invalid("no")))
    run(second)
    for _ in range(5):
        run(third, work.raising(Unavailable("down")))

    parent = parent_of(tenant.api, parent_id)
    assert (parent["status"], parent["result"]) == ("succeeded", {"done": 3, "failed": 2})


def test_an_attempt_that_will_be_repeated_counts_nothing(tenant: Tenant) -> None:
    parent_id, [only] = split(tenant, [4])

    run(only, work.raising(Unavailable("for a moment")))
    assert parent_of(tenant.api, parent_id)["progress"] == {"done": 0, "total": 4}
    run(only)

    assert parent_of(tenant.api, parent_id)["result"] == {"done": 4, "failed": 0}


def test_a_child_that_is_delivered_twice_counts_once(tenant: Tenant) -> None:
    parent_id, (first, second) = split(tenant, [1, 1])

    for _ in range(3):
        run(first)
    assert parent_of(tenant.api, parent_id)["progress"]["done"] == 1
    run(second)

    assert parent_of(tenant.api, parent_id)["status"] == "succeeded"


def test_children_that_end_at_the_same_moment_are_all_counted(tenant: Tenant, database: Database) -> None:
    parent_id, messages = split(tenant, [1] * 24)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, messages))

    parent = parent_of(tenant.api, parent_id)
    assert (parent["status"], parent["result"]) == ("succeeded", {"done": 24, "failed": 0})
    assert records.count(database, "candidates", tenant.id) == 24


def test_a_message_that_names_the_parent_runs_nothing(tenant: Tenant, database: Database) -> None:
    parent_id, _ = split(tenant, [1])

    run(JobMessage(parent_id, tenant.id, JobKind.SCREENING_BATCH), {JobKind.SCREENING_BATCH: running.Work(work.finish)})

    assert records.job(database, parent_id)["status"] == "running"
    assert records.count(database, "candidates", tenant.id) == 0


def test_the_children_of_a_parent_are_listed_and_filtered(tenant: Tenant, other: Tenant) -> None:
    parent_id, messages = split(tenant, [1, 1, 1])
    split(tenant, [1])
    run(messages[0])

    listed = page_through(tenant.api, "/api/jobs", 2, parent_id=parent_id)

    assert [child["id"] for child in listed] == sorted((str(each.job_id) for each in messages), reverse=True)
    assert {child["parent_id"] for child in listed} == {str(parent_id)}
    succeeded = tenant.api.get("/api/jobs", parent_id=parent_id, status="succeeded").json
    assert ([child["id"] for child in succeeded["items"]], succeeded["total"]) == ([str(messages[0].job_id)], 1)
    assert tenant.api.get("/api/jobs", parent_id="x").wrong_fields == {"parent_id"}
    assert other.api.get("/api/jobs", parent_id=parent_id).json["items"] == []


def test_calling_off_a_parent_cancels_what_waits_stops_what_runs_and_ends_with_it(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    parent_id, (first, second, third, fourth) = split(tenant, [1, 2, 3, 4])
    run(first)

    def work_on(run_: JobRun) -> None:
        answer = tenant.api.post(f"/api/jobs/{parent_id}/cancel")
        assert (answer.status, answer.json["status"]) == (200, "running"), "one child still runs"
        assert answer.json["progress"] == {"done": 8, "total": 10}
        running.checkpoint(run_)
        work.finish(run_)

    run(second, work.doing(work_on))

    parent = parent_of(tenant.api, parent_id)
    assert (parent["status"], parent["progress"]["done"]) == ("cancelled", 10)
    ends = [tenant.api.get(f"/api/jobs/{each.job_id}").json for each in (first, second, third, fourth)]
    assert [end["status"] for end in ends] == ["succeeded", "cancelled", "cancelled", "cancelled"]
    assert {end["error"]["code"] for end in ends[1:]} == {"job_cancelled"}
    for message in (second, third, fourth):
        run(message)
    assert records.count(database, "candidates", tenant.id) == 1
    assert parent_of(tenant.api, parent_id) == parent


def test_messages_of_cancelled_children_that_were_never_sent_stay_unsent(
    tenant: Tenant, database: Database, queues: FakeQueues
) -> None:
    queues.down.add("high")
    parent_id, _ = split(tenant, [1, 1])
    assert len(records.outbox_of(database, tenant.id)) == 2

    assert tenant.api.post(f"/api/jobs/{parent_id}/cancel").json["status"] == "cancelled"

    assert records.outbox_of(database, tenant.id) == []


def test_calling_off_a_parent_while_its_children_end_leaves_nothing_running(
    tenant: Tenant, database: Database, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    for _ in range(4):
        parent_id, messages = split(tenant, [1] * 16)

        with ThreadPoolExecutor(5) as pool:
            pending = [pool.submit(run, message) for message in messages[:8]]
            answer = pool.submit(tenant.api.post, f"/api/jobs/{parent_id}/cancel")
            pending += [pool.submit(run, message) for message in messages[8:]]
            for each in pending:
                each.result()
        assert answer.result().status in {200, 409}, answer.result()
        for message in messages:
            run(message)  # what was to come again does

        children = page_through(tenant.api, "/api/jobs", 100, parent_id=parent_id)
        ends = [child["status"] for child in children]
        assert set(ends) <= {"succeeded", "cancelled"}, ends
        parent = parent_of(tenant.api, parent_id)
        assert parent["status"] == ("cancelled" if answer.result().status == 200 else "succeeded")
        assert parent["progress"] == {"done": 16, "total": 16}
    statement = "select count(*) as n from jobs where organization_id = cast(:id as uuid) and status = 'succeeded'"
    succeeded = records.rows(database, statement + " and not is_split", id=str(tenant.id))[0]["n"]
    assert records.count(database, "candidates", tenant.id) == succeeded
