"""Whoever runs a job is killed, wherever it stands: the job still ends, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from chalicelib.clock import utc_now
from chalicelib.jobs import relay
from infra.local import delivery
from tests import records
from tests.conftest import Tenant
from tests.factories import new_application, new_position
from tests.house import Cloud, Database, settings_for

LINES = ("after the claim", "before the commit", "after the commit")


@pytest.mark.parametrize("line", LINES)
def test_a_screening_that_is_killed_is_finished_once(
    tenant: Tenant, database: Database, cloud: Cloud, line: str
) -> None:
    requirements = [{"id": "python", "text": "Python", "kind": "must", "weight": 3}]
    application = new_application(tenant.api, position=new_position(tenant.api, requirements=requirements))
    job_id = tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"]
    source = next(each for each in cloud.sources() if each.queue == cloud.queues["high"])
    sqs = cloud.client("sqs")
    messages = delivery.take_batch(sqs, source, wait_seconds=0)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.run_screening", line],
        input=json.dumps(delivery.sqs_event(messages, source)),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = 1 if line == "after the commit" else 0
    assert records.count(database, "screenings", tenant.id) == done

    # The queue brings the message back while the dead attempt's lease still stands, and the sweep comes after it.
    delivery.deliver(sqs, source, messages)
    assert records.job(database, job_id)["status"] == ("succeeded" if done else "running")
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()

    assert records.count(database, "screenings", tenant.id) == 1
    assert records.actions(database, tenant.id).count("application_screened") == 1
    job = records.job(database, job_id)
    assert (job["status"], job["attempts"]) == ("succeeded", 1 if done else 2)
