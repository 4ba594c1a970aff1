"""The figures of the queues, against rows counted by hand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from infra.local.resources import Queue
from tests import records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import Json, set_role
from tests.house import Cloud, Database

SCREEN, SCAN, OUTREACH = ("screen_candidate", "high"), ("scan_document", "high"), ("generate_outreach", "default")
ROW = """
    insert into jobs (id, organization_id, kind, priority, status, max_attempts, payload, enqueued_at, started_at,
        finished_at)
    values (gen_random_uuid(), cast(:organization as uuid), :kind, :priority, :status, 5, '{}',
        now() - make_interval(secs => :enqueued), now() - make_interval(secs => :started),
        now() - make_interval(secs => :finished))
"""
NOTHING = None


def row(
    database: Database,
    tenant: Tenant,
    kind: tuple[str, str],
    status: str,
    *,
    enqueued: float,
    started: float | None = NOTHING,
    finished: float | None = NOTHING,
) -> None:
    """A job that was enqueued, started and finished so many seconds ago."""
    ages = {"enqueued": enqueued, "started": started, "finished": finished}
    values = {"organization": str(tenant.id), "kind": kind[0], "priority": kind[1], "status": status}
    records.rows(database, ROW, **values, **ages)


def ended(database: Database, tenant: Tenant, status: str, *, waited: float, ran: float, ago: float) -> None:
    """A screening that waited and ran so many seconds and ended so many seconds ago."""
    row(
        database,
        tenant,
        SCREEN,
        status,
        enqueued=ago + ran + waited,
        started=ago + ran,
        finished=ago,
    )


def stats(api: ApiClient) -> Json:
    answer = api.get("/api/jobs/stats")
    assert answer.status == 200, answer
    figures: Json = answer.json
    return figures


def of_kind(figures: Json, kind: str) -> Json:
    [found] = [each for each in figures["kinds"] if each["kind"] == kind]
    return dict(found)


def of_queue(figures: Json, queue: str) -> Json:
    [found] = [each for each in figures["queues"] if each["queue"] == queue]
    return dict(found)


def test_an_organization_without_jobs_has_five_empty_queues(api: ApiClient, cloud: Cloud) -> None:
    figures = stats(api)

    assert figures["kinds"] == []
    assert [queue["queue"] for queue in figures["queues"]] == ["scan", "high", "default", "low", "webhook"]
    for queue in figures["queues"]:
        assert (queue["queued"], queue["running"], queue["oldest_queued_seconds"]) == (0, 0, None)
        assert queue["dead_letters"] == 0


def test_what_waits_and_runs_is_counted_per_kind_and_queue(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    for seconds in (10, 300, 20):
        row(database, tenant, SCREEN, "queued", enqueued=seconds)
    row(database, tenant, SCREEN, "running", enqueued=50, started=40)
    row(database, tenant, SCAN, "queued", enqueued=5)
    row(database, tenant, OUTREACH, "running", enqueued=9, started=2)
    for _ in range(4):
        row(database, other, SCREEN, "queued", enqueued=9000)

    figures = stats(tenant.api)

    screening = of_kind(figures, "screen_candidate")
    assert (screening["queued"], screening["running"]) == (3, 1)
    assert (screening["priority"], screening["queue"]) == ("high", "high")
    assert screening["oldest_queued_seconds"] == pytest.approx(300, abs=20)
    assert (screening["wait_seconds"], screening["run_seconds"]) == (None, None)
    assert of_kind(figures, "scan_document")["queue"] == "scan"
    assert (of_kind(figures, "generate_outreach")["running"], len(figures["kinds"])) == (1, 3)
    counted = {each["queue"]: (each["queued"], each["running"]) for each in figures["queues"]}
    assert counted == {"scan": (1, 0), "high": (3, 1), "default": (0, 1), "low": (0, 0), "webhook": (0, 0)}
    assert of_queue(figures, "high")["oldest_queued_seconds"] == screening["oldest_queued_seconds"]
    assert of_queue(figures, "default")["oldest_queued_seconds"] is None


def test_what_ended_is_counted_by_minute_and_hour(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    for ago in (1, 20, 120, 3000, 3700):
        ended(database, tenant, "succeeded", waited=1, ran=1, ago=ago)
    for ago in (5, 700, 90_000):
        ended(database, tenant, "failed", waited=1, ran=1, ago=ago)
    ended(database, tenant, "cancelled", waited=1, ran=1, ago=3)

    screening = of_kind(stats(tenant.api), "screen_candidate")

    assert (screening["succeeded_per_minute"], screening["succeeded_per_hour"]) == (2, 4)
    assert (screening["failed_per_minute"], screening["failed_per_hour"]) == (1, 2)
    assert (screening["queued"], screening["running"]) == (0, 0)


def test_waits_and_runs_are_shown_by_median_and_95th_percentile(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    for number in range(1, 101):
        ended(database, tenant, "succeeded", waited=number, ran=number / 10, ago=60)
    ended(database, tenant, "succeeded", waited=100_000, ran=100_000, ago=4000)  # too long ago to count

    screening = of_kind(stats(tenant.api), "screen_candidate")

    # Between the 50th and 51st of 100, and a twentieth of the way from the 95th to the 96th.
    assert screening["wait_seconds"] == pytest.approx({"p50": 50.5, "p95": 95.05}, abs=0.01)
    assert screening["run_seconds"] == pytest.approx({"p50": 5.05, "p95": 9.505}, abs=0.01)


def test_one_of_a_kind_is_its_own_median(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    ended(database, tenant, "failed", waited=7, ran=3, ago=60)

    screening = of_kind(stats(tenant.api), "screen_candidate")

    assert screening["wait_seconds"] == pytest.approx({"p50": 7, "p95": 7}, abs=0.01)
    assert screening["run_seconds"] == pytest.approx({"p50": 3, "p95": 3}, abs=0.01)


def test_a_job_cancelled_before_it_started_has_neither_waited_nor_run(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    row(database, tenant, SCREEN, "cancelled", enqueued=500, finished=10)

    assert stats(tenant.api)["kinds"] == []


def test_letters_of_dead_queues_are_counted_and_a_silent_queue_is_said(
    api: ApiClient, cloud: Cloud, configure: Any
) -> None:
    def bury(queue: Queue, count: int) -> None:
        for _ in range(count):
            cloud.client("sqs").send_message(QueueUrl=queue.dead_letter_url, MessageBody=str(uuid4()))

    bury(cloud.queues["high"], 3)
    bury(cloud.queues["low"], 1)

    figures = stats(api)
    assert {each["queue"]: each["dead_letters"] for each in figures["queues"]} == {
        "scan": 0,
        "high": 3,
        "default": 0,
        "low": 1,
        "webhook": 0,
    }

    configure(low_dead_letter_queue_url=cloud.queues["low"].dead_letter_url + "-gone")
    figures = stats(api)
    assert (of_queue(figures, "low")["dead_letters"], of_queue(figures, "high")["dead_letters"]) == (None, 3)


def test_a_viewer_sees_the_figures_and_nobody_without_a_sign_in_does(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    set_role(database, tenant.email, "viewer")

    assert tenant.api.get("/api/jobs/stats").status == 200
    assert ApiClient().get("/api/jobs/stats").status == 401
    assert tenant.api.get("/api/jobs/stats", since="today").status == 422
