"""Health says the truth about each dependency, in time, whatever is down or silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.operations import health
from chalicelib.settings import VERSION
from infra.local.clamav import RunningClamd
from tests import records
from tests.api import ApiClient, Reply
from tests.clamd import running_clamd
from tests.conftest import Tenant
from tests.factories import new_application
from tests.fakes import black_hole, closed_port, deaf_port, outwait_checks, stalling_proxy
from tests.house import Cloud, Database

__all__ = ["running_clamd"]

# pg8000 leaves its socket to the garbage collector when a server falls silent before it has said a word.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
Configure = Callable[..., None]
LONGEST_SECONDS = 2.0  # what api.md promises, whatever is down


@pytest.fixture(autouse=True)
def no_check_left_behind() -> Iterator[None]:
    """Checks that still wait for a silent service end before the next test."""
    yield
    outwait_checks()


@pytest.fixture
def all_up(running_clamd: RunningClamd, configure: Configure, cloud: Cloud) -> ApiClient:
    configure(scanner="clamd", clamd_port=str(running_clamd.port))
    api = ApiClient()
    api.get("/api/health/live")  # a container that starts is another matter
    return api


def ask(api: ApiClient) -> tuple[Reply, dict[str, str]]:
    """The answer, in time, and the state of each part."""
    started = time.monotonic()
    answer = api.get("/api/health")
    assert time.monotonic() - started < LONGEST_SECONDS
    return answer, {name: fields["status"] for name, fields in answer.json["checks"].items()}


@pytest.mark.own_database
def test_all_is_up(all_up: ApiClient, database: Database) -> None:
    answer, states = ask(all_up)

    assert (answer.status, answer.json["status"]) == (200, "healthy"), answer
    assert states == {"database": "up", "queue": "up", "storage": "up", "scanner": "up", "backup": "unknown"}
    assert answer.json["version"] == VERSION
    assert answer.json["environment"] == "local"
    assert answer.json["checks"]["database"]["latency_ms"] >= 0
    assert answer.json["checks"]["storage"]["latency_ms"] >= 0
    assert answer.json["checks"]["backup"]["newest_age_hours"] is None


@pytest.mark.own_database
def test_waiting_jobs_are_counted_over_all_organizations(
    all_up: ApiClient, tenant: Tenant, other: Tenant, database: Database
) -> None:
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


@contextmanager
def silent(what: str, database: Database, cloud: Cloud, clamd: RunningClamd) -> Iterator[int]:
    """A port where `what` takes connections and says nothing."""
    with black_hole() as port:
        yield port


@contextmanager
def stalling(what: str, database: Database, cloud: Cloud, clamd: RunningClamd) -> Iterator[int]:
    """A port where `what` falls silent in the middle of an answer."""
    ports = {"database": urlsplit(database.app_url).port, "aws": urlsplit(cloud.endpoint_url).port, "clamd": clamd.port}
    port = ports[what]
    assert port is not None
    with stalling_proxy(port, {"database": 500, "aws": 60, "clamd": 3}[what]) as stalled:
        yield stalled


@contextmanager
def deaf(what: str, database: Database, cloud: Cloud, clamd: RunningClamd) -> Iterator[int]:
    """A port where nobody even answers to a first packet."""
    with deaf_port() as port:
        yield port


@pytest.mark.parametrize("how", [silent, stalling, deaf])
@pytest.mark.parametrize("what", STATES)
def test_what_never_answers_is_not_waited_for(
    all_up: ApiClient,
    configure: Configure,
    database: Database,
    cloud: Cloud,
    running_clamd: RunningClamd,
    what: str,
    how: Callable[..., AbstractContextManager[int]],
) -> None:
    with how(what, database, cloud, running_clamd) as port:
        if what == "database":
            url = urlsplit(database.app_url)
            configure(database_url=url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{port}").geturl())
        else:
            down(configure, what, port)
        answer, states = ask(all_up)

    status, overall, parts = STATES[what]
    assert (answer.status, answer.json["status"]) == (status, overall), answer
    assert {name for name, state in states.items() if state == "down"} == parts
    assert str(port) not in answer.body.decode()
    assert "127.0.0.1" not in answer.body.decode()


def test_a_hundred_who_ask_while_all_hangs_leave_no_more_threads_than_there_are_checks(
    all_up: ApiClient, configure: Configure
) -> None:
    with black_hole() as port:
        for what in STATES:
            down(configure, what, port)
        with ThreadPoolExecutor(20, thread_name_prefix="caller") as callers:
            took = list(callers.map(lambda _: seconds_to_ask(), range(100)))
        # As often as one is looked for anew, and not only by those who share an answer.
        for _ in range(3):
            health.examine()
        threads = [each.name for each in threading.enumerate() if each.name.startswith("health")]

    assert max(took) < LONGEST_SECONDS
    assert len(threads) <= len(health.CHECKS), threads
    assert db.engine().pool.checkedout() == 0  # type: ignore[attr-defined]


def seconds_to_ask() -> float:
    started = time.monotonic()
    assert ApiClient().get("/api/health").status == 503
    return time.monotonic() - started


def test_an_exhausted_pool_neither_delays_the_answer_nor_is_it_a_database_that_is_down(
    all_up: ApiClient, configure: Configure
) -> None:
    configure(database_pool_size="1", database_max_overflow="0")
    with db.transaction():
        answer, states = ask(all_up)

    assert answer.status == 200
    assert states["database"] == states["queue"] == "up"


@pytest.mark.own_database
def test_what_was_found_is_told_for_five_seconds_to_all_who_ask(
    all_up: ApiClient, running_clamd: RunningClamd, database: Database
) -> None:
    first = ask(all_up)[0].json
    with without_jobs(database):
        again = ask(all_up)[0].json
        anew = health.examine()

    assert again == first
    assert anew.checks["queue"]["status"] == "down"


@contextmanager
def without_jobs(database: Database) -> Iterator[None]:
    records.rows(database, "alter table jobs rename to jobs_gone")
    yield
    records.rows(database, "alter table jobs_gone rename to jobs")


def test_after_a_silence_health_comes_back_by_itself(
    all_up: ApiClient, configure: Configure, running_clamd: RunningClamd
) -> None:
    with black_hole() as port:
        down(configure, "clamd", port)
        assert ask(all_up)[1]["scanner"] == "down"
    configure(clamd_port=str(running_clamd.port))

    assert ask(all_up)[1]["scanner"] == "up"


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
def test_that_the_process_lives_needs_nothing(all_up: ApiClient, configure: Configure, path: str) -> None:
    with black_hole() as port:
        for what in STATES:
            down(configure, what, port)
        threads = set(threading.enumerate())
        started = time.monotonic()
        answer = ApiClient().get(path)
        took = time.monotonic() - started
        started_since = set(threading.enumerate()) - threads

    assert answer.status == 200
    expected = {"status": "alive"} if "live" in path else {"version": VERSION, "environment": "local"}
    assert answer.json == expected
    assert took < 1
    assert not started_since


def test_operators_are_not_counted_against_a_rate(configure: Configure) -> None:
    configure(rate_limit_default="1/hour")

    assert [ApiClient().get("/api/health/live").status for _ in range(5)] == [200] * 5


def test_a_check_that_breaks_in_its_own_way_is_down_and_nothing_else() -> None:
    def broken(_now: datetime) -> dict[str, Any]:
        raise ZeroDivisionError("secret")

    examined = health.examine(utc_now(), {"database": lambda _now: {}, "odd": broken})

    assert examined.status == "degraded"
    assert examined.checks == {"database": {"status": "up"}, "odd": {"status": "down", "detail": "the check failed"}}


@pytest.mark.own_database
def test_the_newest_result_of_each_check_is_kept(database: Database) -> None:
    first = datetime(2026, 11, 24, 8, tzinfo=UTC)
    later = first + timedelta(minutes=5)
    health.record(health.Health("healthy", {"scanner": {"status": "up"}}), first)
    health.record(health.Health("degraded", {"scanner": {"status": "down", "detail": "silent"}}), later)

    [row] = records.rows(database, "select * from health_checks where name = 'scanner'")

    assert (row["status"], row["detail"]["detail"], row["checked_at"]) == ("down", "silent", later)
