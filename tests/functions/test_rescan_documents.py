"""The nightly re-scan as Lambda calls it, and as the schedule names it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from functions.rescan_documents import rescan_documents
from infra.local import delivery
from infra.local.pump import SCHEDULES
from tests import records, samples
from tests.conftest import Tenant
from tests.factories import read_document
from tests.house import Cloud, Database, settings_for

EVENT = delivery.scheduled_event("rescan_documents", region="eu-central-1")


def a_day_passes(database: Database, document_id: str) -> None:
    aged = "update documents set scanned_at = now() - interval '21 hours' where id = cast(:id as uuid)"
    records.rows(database, aged, id=document_id)


def scans_of(database: Database, tenant: Tenant) -> list[str]:
    return [job["status"] for job in records.jobs_of(database, tenant.id) if job["kind"] == "scan_document"]


@pytest.mark.own_database
def test_a_night_that_is_called_twice_scans_each_document_once(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", samples.pdf_of(samples.SAMPLE_LINES))
    a_day_passes(database, document["id"])

    answers = [rescan_documents(EVENT, delivery.context("rescan_documents")) for _ in range(2)]
    cloud.drain()

    assert answers == [{"asked": 1}, {"asked": 0}]
    assert scans_of(database, tenant) == ["succeeded"] * 2


@pytest.mark.own_database
def test_a_night_that_is_killed_before_anything_was_sent_is_made_good(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", samples.pdf_of(samples.SAMPLE_LINES))
    a_day_passes(database, document["id"])
    code = f"""
import json, os, signal
from chalicelib.jobs import relay
from infra.local.delivery import context
from functions.rescan_documents import rescan_documents
relay.send_now = lambda messages: os.kill(os.getpid(), signal.SIGKILL)
rescan_documents(json.loads({json.dumps(EVENT)!r}), context("rescan_documents"))
"""
    killed = subprocess.run(
        [sys.executable, "-c", code], env=dict(os.environ) | settings_for(database, cloud), check=False
    )
    assert killed.returncode == -9
    assert len(records.outbox_of(database, tenant.id)) == 1, "the job was committed and its message not sent"

    assert rescan_documents(EVENT, None) == {"asked": 0}
    records.rows(database, "update outbox set written_at = now() - interval '1 minute'")
    import_module("functions.relay_jobs").relay_jobs(EVENT, None)
    cloud.drain()

    assert scans_of(database, tenant) == ["succeeded"] * 2


def test_the_schedule_is_three_in_the_morning_and_a_laptop_looks_once_a_day() -> None:
    import app

    schedule: Any = next(each for each in app.app.event_sources if each.name == "rescan_documents")

    assert schedule.schedule_expression.to_string() == "cron(0 3 * * ? *)"
    assert SCHEDULES["functions.rescan_documents"] == 24 * 3600
