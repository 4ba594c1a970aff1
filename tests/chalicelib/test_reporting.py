"""What leaves for Sentry says where a fault is, and nothing of whom it happened to; and it leaves once, in time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sentry_sdk
import sqlalchemy as sa
from chalice.app import Blueprint, Rate

from chalicelib import clients, db, reporting
from chalicelib.errors import Unavailable
from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume
from chalicelib.jobs.models import JobRun
from chalicelib.settings import VERSION
from infra.local import delivery
from tests import log_watch, records
from tests.api import ApiClient
from tests.chalicelib.jobs import work
from tests.conftest import Tenant
from tests.factories import as_superuser
from tests.fakes import FakeQueues, black_hole, closed_port, sqs_event
from tests.house import Database
from tests.sentry_endpoint import SentryEndpoint, listening

Configure = Callable[..., None]
# A report shows lines of our source around each frame: what it must not show stands far from them.
SOMEBODY = {"name": "Grace Hopper", "email": "grace@example.org"}
OURS = {"sentry_sdk", "urllib3"}


@contextmanager
def reporting_to(configure: Configure, dsn: str, share: float = 0) -> Iterator[None]:
    configure(sentry_dsn=dsn, sentry_traces_share=str(share))
    reporting.reporter.cache_clear()
    try:
        yield
    finally:
        sentry_sdk.get_client().close(timeout=0)
        # Not `init()`: its integrations would stay in Chalice for good, and report everything a second time.
        sentry_sdk.get_global_scope().set_client(None)
        reporting.reporter.cache_clear()


@pytest.fixture
def sentry(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Iterator[SentryEndpoint]:
    """Where the faults of this test arrive before an invocation ends, as on Lambda; no traces."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "one-of-ours")
    with listening() as endpoint, reporting_to(configure, endpoint.dsn):
        yield endpoint


@pytest.fixture
def traced(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Iterator[SentryEndpoint]:
    """The same, with a trace of everything."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "one-of-ours")
    with listening() as endpoint, reporting_to(configure, endpoint.dsn, share=1):
        yield endpoint


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    fake = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: fake)
    return fake


def _break(tenant: Tenant, password: str) -> None:
    """Fails in the database with somebody's data in its hands, `password` among the locals."""
    with db.transaction(tenant.id) as session:
        session.execute(sa.text("select 1 / 0 from users where name = :name or email = :email or true"), SOMEBODY)
    raise AssertionError(password)


@contextmanager
def without(table: str, database: Database) -> Iterator[None]:
    """A fault of ours: the code asks for a table that is not there."""
    with as_superuser(database) as connection:
        connection.execute(sa.text(f"alter table {table} rename to {table}_gone"))
    try:
        yield
    finally:
        with as_superuser(database) as connection:
            connection.execute(sa.text(f"alter table {table}_gone rename to {table}"))


def tell_sentry_about(tenant: Tenant) -> None:
    """What some library, or a developer in a hurry, might hand over."""
    sentry_sdk.set_user({"email": tenant.email, "ip_address": tenant.api.address})
    sentry_sdk.set_extra("body", {"password": log_watch.PASSWORDS[0]})
    sentry_sdk.set_context("request", {"url": "https://x.example/api/candidates?q=Hopper"})
    sentry_sdk.add_breadcrumb(message="signed in as ada@example.org")


def broken_run(run: JobRun) -> None:
    raise ZeroDivisionError(f"attempt {run.attempt} broke")


def queue_function(run: Callable[[JobRun], None] = broken_run) -> Any:
    """A Lambda of a queue whose jobs are done by `run`, decorated as ours are."""

    def some_queue(event: Event) -> BatchAnswer:
        return consume(event, work.doing(run))

    return Blueprint(__name__).on_sqs_message(queue="some", name="some_queue")(event_handler(some_queue))


def schedule_function(error: Exception | None) -> Any:
    def some_schedule(_event: Event) -> None:
        if error is not None:
            raise error

    return Blueprint(__name__).schedule(Rate(1, unit=Rate.MINUTES), name="some_schedule")(event_handler(some_schedule))


def context() -> Any:
    return delivery.context("some")


def clean(endpoint: SentryEndpoint) -> bool:
    """Whether nothing that arrived tells of anybody. Ids of Sentry's own are not ours to judge."""
    text = "\n".join(endpoint.raw)
    return not set(log_watch.finds(text)) - {"a refresh token or a link"} and "vars" not in text


def test_a_report_tells_where_it_broke_and_nothing_of_anybody(tenant: Tenant, sentry: SentryEndpoint) -> None:
    from chalicelib.sentry import REPORTED

    assert reporting.start()
    tell_sentry_about(tenant)
    try:
        _break(tenant, log_watch.PASSWORDS[0])
    except sa.exc.DBAPIError as error:
        error.args = (f"{error.args[0]} asked for by ada@example.org, +436641234567",)
        reporting.report(error)
    sentry_sdk.flush(timeout=5)

    (event,) = sentry.faults
    fault = event["exception"]["values"][-1]
    assert fault["type"] == "ProgrammingError"
    assert "division by zero" in fault["value"]
    assert {"_break", "report"} & {frame["function"] for frame in fault["stacktrace"]["frames"]}
    assert set(event) <= REPORTED
    assert set(event["contexts"]) == {"trace"}
    assert not any("vars" in frame for each in event["exception"]["values"] for frame in each["stacktrace"]["frames"])
    assert "[removed]" in fault["value"]
    assert "Hopper" not in sentry.raw[0]
    assert clean(sentry)


def test_a_request_that_breaks_is_reported_once_before_it_is_answered(
    tenant: Tenant, database: Database, sentry: SentryEndpoint
) -> None:
    with without("candidates", database):
        answer = tenant.api.get("/api/candidates/search?q=Hopper", headers={"X-Request-Id": "the-request"})

    assert answer.status == 500
    (event,) = sentry.faults
    assert (event["release"], event["environment"]) == (VERSION, "local")
    assert event["tags"].pop("trace_id")
    assert event["tags"] == {
        "organization_id": str(tenant.id),
        "request_id": "the-request",
        "route": "GET /api/candidates/search",
    }
    assert event["fingerprint"][0] == "ProgrammingError"
    assert "Hopper" not in sentry.raw[0]
    assert clean(sentry)


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH"])
def test_a_preflight_or_a_wrong_method_that_breaks_is_reported_as_any_request(
    sentry: SentryEndpoint, database: Database, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def broken(_request: object) -> None:
        raise ZeroDivisionError("for this test")

    monkeypatch.setattr("chalicelib.http.app.https_only", broken)

    answer = ApiClient().call(method, "/api/version")

    assert (answer.status, answer.code) == (500, "internal_error")
    (event,) = sentry.faults
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"


def test_what_callers_do_wrong_is_not_reported(tenant: Tenant, sentry: SentryEndpoint) -> None:
    statuses = [
        tenant.api.get("/api/positions/01970000-0000-7000-8000-000000000000").status,
        tenant.api.post("/api/positions", {"nonsense": True}).status,
        tenant.api.call("DELETE", "/api/positions").status,
        ApiClient().get("/api/positions").status,
    ]

    sentry_sdk.flush(timeout=2)
    assert statuses == [404, 422, 405, 401]
    assert not sentry.items


def test_a_job_that_breaks_is_reported_for_each_attempt_as_one_issue(
    tenant: Tenant, queues: FakeQueues, database: Database, sentry: SentryEndpoint
) -> None:
    message, function = work.ask(tenant.id), queue_function()

    for _attempt in range(2):
        function(sqs_event(message.as_json()), context())
        _let_it_be_due(database, message.job_id)

    first, second = sentry.faults
    assert first["fingerprint"] == second["fingerprint"]
    assert first["fingerprint"][0::2] == ["ZeroDivisionError", message.kind.value]
    assert [event["tags"]["attempt"] for event in (first, second)] == ["1", "2"]
    assert first["tags"]["organization_id"] == str(tenant.id)
    assert first["tags"]["job_id"] == str(message.job_id)
    assert first["tags"]["function"] == "some_queue"
    assert "lambda_request_id" in first["tags"]
    assert clean(sentry)


def _let_it_be_due(database: Database, job_id: UUID) -> None:
    records.rows(
        database,
        "update jobs set next_attempt_at = now() - interval '1 second' where id = cast(:id as uuid)",
        id=str(job_id),
    )


def test_a_job_that_waits_for_a_service_or_is_refused_is_not_reported(
    tenant: Tenant, queues: FakeQueues, sentry: SentryEndpoint
) -> None:
    def waits(_run: JobRun) -> None:
        raise Unavailable("the scanner does not answer")

    queue_function(waits)(sqs_event(work.ask(tenant.id).as_json()), context())

    assert not sentry.items


def test_a_message_that_cannot_be_read_is_reported_once(queues: FakeQueues, sentry: SentryEndpoint) -> None:
    queue_function()(sqs_event("poison of ada@example.org"), context())

    (event,) = sentry.faults
    assert event["tags"]["function"] == "some_queue"
    assert clean(sentry)


def test_a_schedule_that_breaks_is_reported_once(sentry: SentryEndpoint) -> None:
    function = schedule_function(ZeroDivisionError("broken"))

    with pytest.raises(ZeroDivisionError):
        function(delivery.scheduled_event("some", region="eu-central-1"), context())

    (event,) = sentry.faults
    assert event["tags"]["function"] == "some_schedule"
    assert event["fingerprint"][2] == "some_schedule"


def test_an_error_that_passes_through_several_hands_is_reported_by_the_first(sentry: SentryEndpoint) -> None:
    error = ZeroDivisionError("once")

    reporting.report(error)
    reporting.report(error)

    sentry_sdk.flush(timeout=5)
    assert len(sentry.faults) == 1


def test_a_trace_names_routes_and_kinds_of_jobs_and_nothing_else(
    tenant: Tenant, queues: FakeQueues, traced: SentryEndpoint
) -> None:
    from chalicelib.sentry import OF_SPANS, TRACED

    tenant.api.get("/api/candidates/search?q=Hopper")
    tenant.api.get("/api/positions/01970000-0000-7000-8000-000000000000")
    message = work.ask(tenant.id)
    queue_function(work.finish)(sqs_event(message.as_json()), context())
    schedule_function(None)(delivery.scheduled_event("some", region="eu-central-1"), context())

    traces = {each["transaction"]: each for each in traced.traces}
    assert list(traces) == [
        "GET /api/candidates/search",
        "GET /api/positions/{position_id}",
        "some_queue",
        "some_schedule",
    ]
    assert [each["contexts"]["trace"]["op"] for each in traces.values()] == [
        reporting.HTTP,
        reporting.HTTP,
        reporting.QUEUE,
        reporting.SCHEDULE,
    ]
    assert traces["GET /api/positions/{position_id}"]["contexts"]["trace"]["status"] == "not_found"
    (job,) = traces["some_queue"]["spans"]
    assert (job["op"], job["description"]) == (reporting.JOB, message.kind.value)
    assert all(set(each) <= TRACED and set(each["contexts"]) == {"trace"} for each in traces.values())
    assert all(set(span) <= OF_SPANS for each in traces.values() for span in each["spans"])
    text = "\n".join(traced.raw)
    assert "Hopper" not in text
    assert "01970000-0000" not in text
    assert str(tenant.id) not in text
    assert clean(traced)


def test_a_tenth_is_traced_and_health_never(configure: Configure) -> None:
    with listening() as endpoint, reporting_to(configure, endpoint.dsn, share=0.1):
        for _ in range(300):
            ApiClient().get("/api/version")
        for _ in range(50):
            ApiClient().get("/api/health/live")
        sentry_sdk.flush(timeout=5)

    assert {each["transaction"] for each in endpoint.traces} == {"GET /api/version"}
    assert 5 <= len(endpoint.traces) <= 70  # 30, give or take five times its deviation


def test_a_share_that_nobody_set_is_a_tenth() -> None:
    from chalicelib.settings import read

    assert read({}).sentry_traces_share == 0.1


def test_a_sentry_that_hangs_holds_an_invocation_up_for_two_seconds_and_the_next_not_at_all(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "one-of-ours")
    with black_hole() as port, reporting_to(configure, f"http://public@127.0.0.1:{port}/1"):
        reporting.start()
        took = [_seconds_of_a_broken_schedule() for _ in range(3)]

    # A machine shared by many is given some air.
    assert 1.9 < took[0] < 3.5
    assert max(took[1:]) < 1.5


def _seconds_of_a_broken_schedule() -> float:
    function = schedule_function(ZeroDivisionError("slow"))
    event = delivery.scheduled_event("some", region="eu-central-1")
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        function(event, context())
    return time.monotonic() - started


def test_requests_that_break_wait_two_seconds_together_for_a_sentry_that_hangs(
    tenant: Tenant, database: Database, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "one-of-ours")
    with black_hole() as port, reporting_to(configure, f"http://public@127.0.0.1:{port}/1"):
        reporting.start()
        with without("candidates", database):
            started = time.monotonic()
            statuses = [tenant.api.get("/api/candidates/search?q=Hopper").status for _ in range(6)]

    assert statuses == [500] * 6
    assert 1.9 < time.monotonic() - started < 4


def test_a_sentry_that_fails_slowly_is_asked_once_a_minute_and_holds_up_that_one_call(
    sentry: SentryEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import sentry as client

    sentry.status, sentry.delay_seconds = 503, 0.8
    took = [_seconds_of_a_broken_schedule() for _ in range(4)]
    assert took[0] > 0.8
    assert max(took[1:]) < 0.7
    sentry_sdk.flush(timeout=5)
    assert len(sentry.faults) == 1

    sentry.status, sentry.delay_seconds = 200, 0
    monkeypatch.setattr(time, "monotonic", lambda: time.perf_counter() + client.PAUSE_SECONDS + 3600)
    _seconds_of_a_broken_schedule()
    assert len(sentry.faults) == 2


def test_the_way_to_sentry_is_tried_with_one_report(sentry: SentryEndpoint) -> None:
    assert reporting.try_out() == "taken"

    (event,) = sentry.faults
    assert event["exception"]["values"][-1]["type"] == "SentryTried"
    assert clean(sentry)


@pytest.mark.parametrize("status", [403, 500])
def test_a_sentry_that_refuses_a_trial_has_not_taken_it_and_the_next_trial_is_sent(
    sentry: SentryEndpoint, status: int
) -> None:
    sentry.status = status
    assert reporting.try_out() == "not taken"

    sentry.status = 200
    assert reporting.try_out() == "taken"


def test_an_unreachable_sentry_costs_one_line_of_the_log(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "one-of-ours")
    monkeypatch.setattr(log_of_ours(), "propagate", True)
    with reporting_to(configure, f"http://public@127.0.0.1:{closed_port()}/1"):
        reporting.start()
        took = [_seconds_of_a_broken_schedule() for _ in range(5)]

    lines = [each for each in caplog.records if each.getMessage() != "function_broke"]
    assert {each.getMessage() for each in lines} == {"sentry_unreachable"}
    # A client of a test before may still be giving up, in a thread of its own.
    assert len({each.thread for each in lines}) == len(lines)
    assert sorted(took)[2] < 1


def log_of_ours() -> Any:
    import logging

    return logging.getLogger(log_watch.LOGGER)


def test_nobody_waits_where_the_process_goes_on(configure: Configure) -> None:
    with black_hole() as port, reporting_to(configure, f"http://public@127.0.0.1:{port}/1"):
        reporting.start()
        assert _seconds_of_a_broken_schedule() < 1


def test_without_a_dsn_nothing_is_imported_or_reported(configure: Configure) -> None:
    code = """
import sys
import app
from chalicelib import reporting
assert not reporting.start()
reporting.report(ValueError("nobody hears it"))
assert reporting.try_out() == "no DSN"
with reporting.invocation("GET /", reporting.HTTP) as ended_with, reporting.part("x", reporting.JOB):
    ended_with(200)
print([name for name in sys.modules if name.startswith("sentry")])
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("SENTRY_DSN")}
    run = subprocess.run([sys.executable, "-c", code], env=environment, text=True, capture_output=True, check=True)

    assert run.stdout.strip() == "[]"
