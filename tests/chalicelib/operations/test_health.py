"""Health says the truth about each dependency, in time, whatever is down or silent."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.clock import utc_now
from chalicelib.operations import health
from chalicelib.settings import VERSION
from infra.local.clamav import RunningClamd
from tests import records
from tests.api import ApiClient, Reply
from tests.clamd import running_clamd
from tests.conftest import Tenant
from tests.factories import new_application
from tests.fakes import black_hole, closed_port
from tests.house import Cloud, Database

__all__ = ["running_clamd"]

# pg8000 leaves its socket to the garbage collector when a server falls silent before it has said a word.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
Configure = Callable[..., None]
LONGEST_SECONDS = 5  # the promise is 2 s; a machine shared by many is given some air


@pytest.fixture(autouse=True)
def no_check_left_behind() -> Iterator[None]:
    """Checks that still wait for a silent service end before the next test."""
    yield
    deadline = time.monotonic() + 30
    while any(thread.name.startswith("health") for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a health check never ended"
        time.sleep(0.05)
    gc.collect()


@pytest.fixture
def all_up(running_clamd: RunningClamd, configure: Configure, cloud: Cloud) -> ApiClient:
    configure(scanner="clamd", clamd_port=str(running_clamd.port))
    return ApiClient()


def ask(api: ApiClient) -> tuple[Reply, dict[str, str]]:
    """The answer, in time, and the state of each part."""
    started = time.monotonic()
    answer = api.get("/api/health")
    assert time.monotonic() - started < LONGEST_SECONDS
    return answer, {name: fields["status"] for name, fields in answer.json["checks"].items()}


def test_all_is_up(all_up: ApiClient, database: Database) -> None:
    answer, states = ask(all_up)

    assert (answer.status, answer.json["status"]) == (200, "healthy"), answer
    assert states == {"database": "up", "queue": "up", "storage": "up", "scanner": "up", "backup": "unknown"}
    assert answer.json["version"] == VERSION
    assert answer.json["environment"] == "local"
    assert answer.json["checks"]["database"]["latency_ms"] >= 0
    assert answer.json["checks"]["storage"]["latency_ms"] >= 0
    assert answer.json["checks"]["backup"]["newest_age_hours"] is None


def test_waiting_jobs_are_counted_over_all_organizations(
    all_up: ApiClient, tenant: Tenant, other: Tenant, database: Database
) -> None:
    records.rows(database, "update jobs set status = 'cancelled' where status = 'queued'")
    for someone in (tenant, other):
        application = new_application(someone.api)
        someone.api.post(f"/api/applications/{application['id']}/screenings")
    records.rows(database, "update jobs set enqueued_at = now() - interval '90 seconds' where status = 'queued'")

    queue = ask(all_up)[0].json["checks"]["queue"]

    assert queue["pending_jobs"] == 2
    assert 89 <= queue["oldest_seconds"] <= 95


def down(configure: Configure, what: str, port: int) -> None:
    """Let `what` be looked for on `port`."""
    if what == "database":
        configure(database_url=f"postgresql://nobody:nothing@127.0.0.1:{port}/none")
    elif what == "aws":
        configure(aws_endpoint_url=f"http://127.0.0.1:{port}")
    else:
        configure(clamd_port=str(port))


STATES = {
    # The jobs that wait are counted in the database, so without it nothing is known of the queue.
    "database": (503, "unhealthy", {"database", "queue"}),
    "aws": (200, "degraded", {"queue", "storage"}),
    "clamd": (200, "degraded", {"scanner"}),
}


@pytest.mark.parametrize("what", STATES)
def test_what_is_down_is_said_to_be_down(all_up: ApiClient, configure: Configure, what: str) -> None:
    down(configure, what, closed_port())

    answer, states = ask(all_up)

    status, overall, parts = STATES[what]
    assert (answer.status, answer.json["status"]) == (status, overall), answer
    assert {name for name, state in states.items() if state == "down"} == parts
    for name in parts:
        assert answer.json["checks"][name]["detail"]


@pytest.mark.parametrize("what", STATES)
def test_what_never_answers_is_not_waited_for(all_up: ApiClient, configure: Configure, what: str) -> None:
    with black_hole() as port:
        down(configure, what, port)
        answer, states = ask(all_up)

    status, overall, parts = STATES[what]
    assert (answer.status, answer.json["status"]) == (status, overall), answer
    assert {name for name, state in states.items() if state == "down"} == parts


def test_nothing_internal_is_told_to_the_world(all_up: ApiClient, configure: Configure) -> None:
    port = closed_port()
    down(configure, "database", port)

    told = ask(all_up)[0].body.decode()

    assert str(port) not in told
    assert "nobody" not in told
    assert "pg8000" not in told


def test_everything_silent_at_once_takes_no_longer(all_up: ApiClient, configure: Configure) -> None:
    with black_hole() as port:
        for what in STATES:
            down(configure, what, port)
        answer, states = ask(all_up)

    assert answer.json["status"] == "unhealthy"
    assert states == {"database": "down", "queue": "down", "storage": "down", "scanner": "down", "backup": "unknown"}


@pytest.mark.parametrize("path", ["/api/health/live", "/api/version"])
def test_that_the_process_lives_needs_nothing(configure: Configure, path: str) -> None:
    for what in STATES:
        down(configure, what, closed_port())

    answer = ApiClient().get(path)

    assert answer.status == 200
    expected = {"status": "alive"} if "live" in path else {"version": VERSION, "environment": "local"}
    assert answer.json == expected


def test_operators_are_not_counted_against_a_rate(configure: Configure) -> None:
    configure(rate_limit_default="1/hour")

    assert [ApiClient().get("/api/health/live").status for _ in range(5)] == [200] * 5


def test_a_check_that_breaks_in_its_own_way_is_down_and_nothing_else() -> None:
    def broken(_now: datetime) -> dict[str, Any]:
        raise ZeroDivisionError("secret")

    examined = health.examine(utc_now(), {"database": lambda _now: {}, "odd": broken})

    assert examined.status == "degraded"
    assert examined.checks == {"database": {"status": "up"}, "odd": {"status": "down", "detail": "the check failed"}}


def test_the_newest_result_of_each_check_is_kept(database: Database) -> None:
    first = datetime(2026, 11, 24, 8, tzinfo=UTC)
    later = first + timedelta(minutes=5)
    health.record(health.Health("healthy", {"scanner": {"status": "up"}}), first)
    health.record(health.Health("degraded", {"scanner": {"status": "down", "detail": "silent"}}), later)

    [row] = records.rows(database, "select * from health_checks where name = 'scanner'")

    assert (row["status"], row["detail"]["detail"], row["checked_at"]) == ("down", "silent", later)
