"""Every five minutes the alarms are told what is known, and nothing that is not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import db
from chalicelib.backups import repository
from chalicelib.backups.models import Backup, Kind, Status
from chalicelib.clock import utc_now
from chalicelib.db import Role
from functions.check_health import TRY_SENTRY, check_health
from infra.go_live import account
from infra.local import delivery
from tests import records
from tests.conftest import Tenant
from tests.factories import new_application
from tests.fakes import black_hole, closed_port, outwait_checks
from tests.house import Cloud, Database

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
Configure = Callable[..., None]
Capture = pytest.CaptureFixture[str]
Told = dict[tuple[str, ...], float]
AGES = {
    ("backup_age_hours",),
    ("restore_test_age_hours",),
    ("export_age_hours",),
    ("export_proof_age_hours",),
}


@pytest.fixture(autouse=True)
def no_check_left_behind() -> Iterator[None]:
    """Looks that still wait for a silent service end before the next test."""
    yield
    outwait_checks()


def run(capsys: Capture) -> tuple[dict[str, Any], Told]:
    """What the function answers, and each figure by its name and dimensions."""
    capsys.readouterr()
    event = delivery.scheduled_event("check_health", region="eu-central-1")
    answer: dict[str, Any] = check_health(event, delivery.context("check_health"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return answer, dict(figure for line in lines for figure in figures(line))


def figures(line: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], float]]:
    for described in line["_aws"]["CloudWatchMetrics"]:
        (dimensions,) = described["Dimensions"]
        for metric in described["Metrics"]:
            values = sorted(line[name] for name in dimensions if name != "environment")
            yield (metric["Name"], *values), line[metric["Name"]][0]


def record(kind: Kind, hours: float, status: Status = Status.AVAILABLE) -> None:
    then = utc_now() - timedelta(hours=hours, seconds=1)
    backup = Backup(kind, f"{kind}-{hours}", "eu-central-1", status, requested_at=then, taken_at=then, finished_at=then)
    with db.transaction(role=Role.DISPATCHER) as session:
        repository.record(session, [backup])


@pytest.mark.own_database
def test_what_is_known_is_told(database: Database, cloud: Cloud, tenant: Tenant, capsys: Capture) -> None:
    for queue in ("high", "low"):
        cloud.client("sqs").purge_queue(QueueUrl=cloud.source(queue).queue.dead_letter_url)
    application = new_application(tenant.api)
    tenant.api.post(f"/api/applications/{application['id']}/screenings")
    records.rows(database, "update jobs set enqueued_at = now() - interval '90 seconds' where status = 'queued'")
    record(Kind.SNAPSHOT, 9)
    record(Kind.RESTORE_TEST, 20, Status.VERIFIED)
    record(Kind.EXPORT, 100, Status.VERIFIED)

    answer, told = run(capsys)

    assert answer["status"] == "healthy"
    assert answer["checks"]["backup"] == {"status": "up", "newest_age_hours": 9}
    assert (told["health_unhealthy",], told["scanner_down",]) == (0, 0)
    assert 9 < told["backup_age_hours",] < 9.1
    assert 20 < told["restore_test_age_hours",] < 20.1
    assert 100 < told["export_age_hours",] < 100.1
    assert 100 < told["export_proof_age_hours",] < 100.1
    assert 89 <= told["job_oldest_seconds", "high"] <= 120
    assert (told["job_oldest_seconds", "default"], told["job_oldest_seconds", "low"]) == (0, 0)
    dead = {names[1] for names in told if names[0] == "job_dead_letters"}
    assert dead >= {"scan", "high", "default", "low"}
    assert told["function_ran", "check_health"] == 1


@pytest.mark.own_database
@pytest.mark.usefixtures("cloud")
def test_what_never_was_is_not_told(capsys: Capture) -> None:
    answer, told = run(capsys)

    assert answer["checks"]["backup"] == {"status": "unknown", "newest_age_hours": None}
    assert not AGES & set(told)


@pytest.mark.own_database
@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("hours", "status"), [(25, "up"), (26, "down"), (300, "down")])
def test_a_backup_older_than_26_hours_is_down(capsys: Capture, hours: float, status: str) -> None:
    record(Kind.SNAPSHOT, hours)

    answer, told = run(capsys)

    assert answer["checks"]["backup"] == {"status": status, "newest_age_hours": hours}
    assert answer["status"] == ("healthy" if status == "up" else "degraded")
    assert hours <= told["backup_age_hours",] < hours + 0.1


@pytest.mark.parametrize("silent", [False, True], ids=["refused", "silent"])
def test_alarms_are_told_without_a_database_in_time(
    cloud: Cloud, configure: Configure, capsys: Capture, silent: bool
) -> None:
    with black_hole() as hole:
        port = hole if silent else closed_port()
        configure(database_url=f"postgresql://nobody:nothing@127.0.0.1:{port}/none")
        started = time.monotonic()
        answer, told = run(capsys)
        seconds = time.monotonic() - started

    assert answer["status"] == "unhealthy"
    assert answer["checks"]["backup"]["status"] == "unknown"
    assert (told["health_unhealthy",], told["scanner_down",]) == (1, 0)
    assert told["function_ran", "check_health"] == 1
    assert told["job_dead_letters", "high"] >= 0
    assert not {"job_oldest_seconds", *(name for (name,) in AGES)} & {names[0] for names in told}
    assert seconds < 5  # the promise is 2 s; a machine shared by many is given some air


def test_a_scanner_that_is_down_is_told(
    database: Database, cloud: Cloud, configure: Configure, capsys: Capture
) -> None:
    configure(scanner="clamd", clamd_port=str(closed_port()))

    answer, told = run(capsys)

    assert (answer["status"], told["scanner_down",]) == ("degraded", 1)
    assert ("scanner_definitions_age_hours",) not in told


def test_by_hand_it_tries_the_way_to_sentry_and_asks_nobody_else(capsys: Capture) -> None:
    capsys.readouterr()
    answer = check_health(account.TRY_SENTRY, delivery.context("check_health"))

    assert answer == {"sentry": "no DSN"}
    assert account.TRY_SENTRY["detail-type"] == TRY_SENTRY
    assert "function_ran" not in capsys.readouterr().out
