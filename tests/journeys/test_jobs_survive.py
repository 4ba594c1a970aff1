"""The pump is killed in the middle of ten screenings and started again: ten results, each once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from infra.demo import make_resumes
from infra.local import resources
from infra.local.resources import VISIBILITY_SECONDS
from tests import records
from tests.conftest import Tenant
from tests.factories import new_application, new_position, read_document
from tests.house import Cloud, Database, settings_for

REQUIREMENTS = [
    {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
    {"id": "aws", "text": "AWS or Azure", "kind": "must", "weight": 3},
]
SOON = {
    "RECRUITPRO_JOB_LEASE_SECONDS": "2",
    "RECRUITPRO_JOB_LOST_AFTER_SECONDS": "5",
    "RECRUITPRO_OUTBOX_GRACE_SECONDS": "1",
    "RECRUITPRO_LOG_LEVEL": "INFO",
}
# A rater that takes its time, so that a kill finds it at work.
SLOW_PUMP = """
import time
from chalicelib import clients
from chalicelib.screening.engine import OfflineRater

class SlowRater(OfflineRater):
    def rate(self, brief):
        time.sleep(0.3)
        return OfflineRater().rate(brief)

clients.rater = SlowRater
from infra.local.pump import main
main()
"""
StartPump = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start_pump(database: Database, cloud: Cloud, tmp_path: Path) -> Iterator[StartPump]:
    """Starts a pump in a process of its own; every one of them ends with the test."""
    with ExitStack() as ending:

        def start(*command: str) -> subprocess.Popen[bytes]:
            environment = dict(os.environ) | settings_for(database, cloud) | SOON
            log = ending.enter_context((tmp_path / f"pump-{time.monotonic_ns()}.log").open("wb"))
            pump = subprocess.Popen([sys.executable, *command], env=environment, stdout=log, stderr=log)
            ending.callback(pump.wait)
            ending.callback(pump.kill)
            return pump

        yield start
    # A pump that was killed leaves its long polls with moto, where they would take the messages of later tests.
    sqs = cloud.client("sqs")
    for queue in cloud.queues.values():
        for url in (queue.url, queue.dead_letter_url):
            sqs.delete_queue(QueueUrl=url)
    resources.ensure_queues(sqs)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def ten_screenings(tenant: Tenant, cloud: Cloud) -> list[str]:
    """The job ids of ten screenings of one candidate, for ten positions."""
    resume = (make_resumes.FOLDER / "amelia-hartley.pdf").read_bytes()
    candidate = {"id": read_document(tenant.api, cloud, "cv.pdf", resume)["candidate_id"]}
    ids = []
    for number in range(10):
        position = new_position(tenant.api, title=f"Engineer {number}", requirements=REQUIREMENTS)
        application = new_application(tenant.api, candidate, position)
        ids.append(tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"])
    return ids


def test_a_pump_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    tenant: Tenant, cloud: Cloud, database: Database, start_pump: StartPump
) -> None:
    job_ids = ten_screenings(tenant, cloud)

    def finished() -> int:
        return records.count(database, "screenings", tenant.id)

    first = start_pump("-c", SLOW_PUMP)
    wait_until(lambda: finished() >= 3, 30, "the first pump did nothing")
    os.kill(first.pid, signal.SIGKILL)
    assert first.wait(10) == -signal.SIGKILL
    assert finished() < 10, "the kill came too late to prove anything"
    states = {records.job(database, job_id)["status"] for job_id in job_ids}
    assert "succeeded" in states
    assert len(states) > 1

    start_pump("-m", "infra.local.pump")

    def has_ended() -> bool:
        return all(records.job(database, job_id)["status"] == "succeeded" for job_id in job_ids)

    # The messages in the dead pump's hands stay invisible for longer than this: the sweep has to do it.
    wait_until(has_ended, min(40, VISIBILITY_SECONDS - 5), "not every screening ended")
    statement = "select job_id, count(*) as n from screenings where organization_id = cast(:id as uuid) group by job_id"
    kept: dict[str, Any] = {
        str(row["job_id"]): row["n"] for row in records.rows(database, statement, id=str(tenant.id))
    }
    assert kept == dict.fromkeys(job_ids, 1)
    assert records.actions(database, tenant.id).count("application_screened") == 10
    assert records.outbox_of(database, tenant.id) == []


def test_jobs_survive_queues_that_lost_everything(
    tenant: Tenant, cloud: Cloud, database: Database, start_pump: StartPump
) -> None:
    job_ids = ten_screenings(tenant, cloud)
    sqs = cloud.client("sqs")
    sqs.delete_queue(QueueUrl=cloud.queues["high"].url)
    resources.ensure_queues(sqs)
    assert cloud.waiting(cloud.queues["high"].url) == 0

    start_pump("-m", "infra.local.pump")

    wait_until(lambda: records.count(database, "screenings", tenant.id) == 10, 40, "not every job was found again")
    assert {records.job(database, job_id)["status"] for job_id in job_ids} == {"succeeded"}
