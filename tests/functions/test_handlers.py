"""Each function as Lambda calls it: by its own module, with an event and a context, twice, and after a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.clock import utc_now
from chalicelib.jobs import relay
from functions.check_health import check_health
from functions.migrate_database import migrate_database
from functions.relay_jobs import relay_jobs
from infra.local import delivery
from infra.local.delivery import Source
from infra.local.pump import handler_of
from tests import records, samples
from tests.conftest import Tenant
from tests.factories import new_application, upload
from tests.house import Cloud, Database, settings_for

FUNCTIONS = (
    "scan_document",
    "run_screening",
    "run_default_jobs",
    "run_low_jobs",
    "deliver_webhooks",
    "relay_jobs",
    "check_health",
    "apply_retention",
    "rescan_documents",
    "expire_candidates",
    "verify_events",
    "reseal_secrets",
    "roll_up_metrics",
    "take_snapshot",
    "verify_restore",
    "migrate_database",
    "rotate_token_secret",
    "rotate_database_secret",
)
SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
# Each function that does jobs, with the line at which it is killed.
CRASHES = [
    (function, line)
    for function in ("scan_document", "run_default_jobs", "run_screening")
    for line in ("after the claim", "before the commit", "after the commit")
]


def schedule(name: str) -> dict[str, Any]:
    return delivery.scheduled_event(name, region="eu-central-1")


def in_fresh_interpreter(code: str, database: Database, cloud: Cloud) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | settings_for(database, cloud)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, text=True, capture_output=True, check=False
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_from_its_own_module_without_the_app(database: Database, cloud: Cloud, function: str) -> None:
    code = f"""
import sys
from functions import {function} as module
from chalice.app import EventSourceHandler, LambdaFunction
handler = module.{function}
assert "app" not in sys.modules, "the app was imported"
assert not any(name.endswith(".routes") for name in sys.modules if name.startswith("chalicelib")), sys.modules
assert "boto3" not in sys.modules, "boto3 takes longer to import than most requests to answer"
print(type(handler).__name__)
"""
    started = in_fresh_interpreter(code, database, cloud)

    assert started.returncode == 0, started.stderr
    assert started.stdout.strip()


def test_a_function_in_a_fresh_interpreter_does_its_work(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    application = new_application(tenant.api)
    job_id = tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"]
    source = cloud.source("high")
    event = delivery.sqs_event(delivery.take_batch(cloud.client("sqs"), source, wait_seconds=1), source)
    code = f"""
import json
from infra.local.delivery import context
from functions.run_screening import run_screening
print(json.dumps(run_screening(json.loads({json.dumps(event)!r}), context("run_screening"))))
"""
    done = in_fresh_interpreter(code, database, cloud)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"batchItemFailures": []}
    assert records.job(database, job_id)["status"] == "succeeded"


def waiting_job(tenant: Tenant, cloud: Cloud, function: str) -> tuple[Source, list[dict[str, Any]], str]:
    """A job of the function with its message taken; the table that it writes to."""
    sqs = cloud.client("sqs")
    scan, screening, analysis = (cloud.source(name) for name in ("scan", "high", "default"))
    if function == "run_screening":
        application = new_application(tenant.api)
        assert tenant.api.post(f"/api/applications/{application['id']}/screenings").status == 202
        return screening, delivery.take_batch(sqs, screening, wait_seconds=1), "screenings"
    upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))  # the notification
    messages = delivery.take_batch(sqs, scan, wait_seconds=1)
    if function == "scan_document":
        return scan, messages, "documents"
    delivery.deliver(sqs, scan, messages)
    return analysis, delivery.take_batch(sqs, analysis, wait_seconds=1), "candidates"


DONE = {
    "scan_document": "document_scanned",
    "run_default_jobs": "document_analyzed",
    "run_screening": "application_screened",
}


@pytest.mark.parametrize("function", DONE)
def test_a_function_that_is_called_twice_does_its_work_once(
    tenant: Tenant, database: Database, cloud: Cloud, function: str
) -> None:
    source, messages, table = waiting_job(tenant, cloud, function)
    assert len(messages) == 1

    for _ in range(2):
        answer = source.handler(delivery.sqs_event(messages, source), delivery.context(function))
        assert answer == {"batchItemFailures": []}

    assert records.actions(database, tenant.id).count(DONE[function]) == 1
    assert records.count(database, table, tenant.id) == 1


@pytest.mark.parametrize(("function", "line"), CRASHES)
def test_a_function_that_is_killed_does_its_work_once(
    tenant: Tenant, database: Database, cloud: Cloud, function: str, line: str
) -> None:
    source, messages, table = waiting_job(tenant, cloud, function)
    event = delivery.sqs_event(messages, source)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", f"functions.{function}", line],
        input=json.dumps(event),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert records.actions(database, tenant.id).count(DONE[function]) == (1 if line == "after the commit" else 0)

    delivery.deliver(cloud.client("sqs"), source, messages)  # comes back while the dead attempt's lease still stands
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()

    assert records.actions(database, tenant.id).count(DONE[function]) == 1
    assert records.count(database, table, tenant.id) == 1
    assert {job["status"] for job in records.jobs_of(database, tenant.id)} == {"succeeded"}


@pytest.mark.own_database
def test_the_relay_sends_revives_and_finds(tenant: Tenant, database: Database, cloud: Cloud) -> None:
    first, second = (new_application(tenant.api)["id"] for _ in range(2))
    unsent = tenant.api.post(f"/api/applications/{first}/screenings").json["id"]
    stalled = tenant.api.post(f"/api/applications/{second}/screenings").json["id"]
    document_id = upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    cloud.purge()
    owed = (
        "insert into outbox select id, organization_id, 'high', kind, now() - interval '1 minute' from jobs where id = "
    )
    records.rows(database, owed + "cast(:id as uuid)", id=unsent)
    late = "lease_expires_at = now() - interval '1 second', status = 'running', attempts = 1"
    records.rows(database, f"update jobs set {late} where id = cast(:id as uuid)", id=stalled)
    aged = "update documents set created_at = now() - interval '3 minutes' where id = cast(:id as uuid)"
    records.rows(database, aged, id=document_id)

    assert relay_jobs(schedule("relay_jobs"), delivery.context("relay_jobs")) == {
        "unsent": 1,
        "revived": 1,
        "uploads": 1,
        "deliveries": 0,
    }
    assert relay_jobs(schedule("relay_jobs"), None) == {"unsent": 0, "revived": 0, "uploads": 0, "deliveries": 0}
    cloud.drain()

    assert records.count(database, "screenings", tenant.id) == 2
    assert tenant.api.get(f"/api/documents/{document_id}").json["status"] == "clean"


@pytest.mark.own_database
def test_health_is_checked_and_kept(database: Database, cloud: Cloud) -> None:
    answers = [check_health(schedule("check_health"), delivery.context("check_health")) for _ in range(2)]

    assert [answer["status"] for answer in answers] == ["healthy", "healthy"]
    kept = {row["name"]: row["status"] for row in records.rows(database, "select name, status from health_checks")}
    assert kept == {"database": "up", "queue": "up", "storage": "up", "scanner": "up", "backup": "unknown"}


def test_health_without_a_database_is_answered_all_the_same(database: Database, configure: Any) -> None:
    configure(database_url="postgresql://nobody:nothing@127.0.0.1:9/none")

    assert check_health(schedule("check_health"), None)["status"] == "unhealthy"


def test_the_schema_is_brought_up_to_date_by_its_owner(database: Database, configure: Any) -> None:
    configure(migration_database_url=database.owner_url)

    answers = [migrate_database({}, delivery.context("migrate_database")) for _ in range(2)]

    [row] = records.rows(database, "select version_num from alembic_version")
    assert answers == [{"prepared": [], "applied": [], "current": row["version_num"]}] * 2


def test_without_an_owner_nothing_is_migrated(database: Database) -> None:
    with pytest.raises(RuntimeError, match="RECRUITPRO_MIGRATION_DATABASE_URL"):
        migrate_database({}, None)


def test_a_handler_that_breaks_tells_lambda(cloud: Cloud) -> None:
    [source, *_] = cloud.sources()
    with pytest.raises(KeyError):
        source.handler({"Records": [{}]}, delivery.context("scan"))


def test_every_function_has_one_handler() -> None:
    from importlib import import_module

    for function in FUNCTIONS:
        module = import_module(f"functions.{function}")
        if function in {"migrate_database", "rotate_token_secret", "rotate_database_secret"}:
            assert callable(getattr(module, function))
        else:
            assert handler_of(module) is getattr(module, function)
