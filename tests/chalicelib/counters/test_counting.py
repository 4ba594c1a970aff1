"""Counters are true for the whole system: what happened is counted with it, once, and no total ever falls."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.counters import exposition, facts, names, repository
from chalicelib.db import Role
from functions.roll_up_metrics import roll_up_metrics
from infra.local import delivery
from tests import house, records, samples
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import new_candidate, upload
from tests.house import Cloud, Database

TOKEN = "metrics-token-of-tests"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def fold() -> int:
    answer = roll_up_metrics(delivery.scheduled_event("roll_up_metrics", region="eu-central-1"), None)
    return int(answer["folded"])


def counted() -> Samples:
    """Every sample by name and labels, as a parser of Prometheus' own format reads it."""
    return parsed(exposition.exposition(utc_now()))


def parsed(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, tuple(sorted(labels.items()))), 0.0)


def grown(before: Samples, after: Samples, name: str, **labels: str) -> float:
    return value(after, name, **labels) - value(before, name, **labels)


def test_each_answer_is_counted_by_method_route_and_status(database: Database, tenant: Tenant) -> None:
    candidate = new_candidate(tenant.api)
    before = counted()

    tenant.api.get(f"/api/candidates/{candidate['id']}")
    tenant.api.get(f"/api/candidates/{candidate['id']}")
    tenant.api.get("/api/candidates/019a0000-0000-7000-8000-000000000000")
    ApiClient().get("/api/candidates")
    tenant.api.post("/api/auth/login", {"email": tenant.email, "password": "another one, not theirs"})
    after = counted()

    one = {"method": "GET", "route": "/api/candidates/{candidate_id}"}
    assert grown(before, after, "http_requests_total", **one, status="200") == 2
    assert grown(before, after, "http_requests_total", **one, status="404") == 1
    assert grown(before, after, "http_requests_total", method="GET", route="/api/candidates", status="401") == 1
    login = {"method": "POST", "route": "/api/auth/login"}
    assert grown(before, after, "http_requests_total", **login, status="401") == 1
    assert grown(before, after, "http_request_duration_seconds_count", **one, status="200") == 2
    assert 0 < grown(before, after, "http_request_duration_seconds_sum", **one, status="200") < 10


def test_what_was_rolled_back_is_counted_as_what_was_answered(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that fails takes its count along, and the refusal is counted instead."""
    before = counted()
    real = db.add_to_commit
    with monkeypatch.context() as patched:
        patched.setattr(db, "add_to_commit", lambda session, _statement: real(session, "select 1 / 0"))
        assert tenant.api.post("/api/candidates", {"name": "Ada Lovelace"}).status == 500
    after = counted()

    create = {"method": "POST", "route": "/api/candidates"}
    assert grown(before, after, "http_requests_total", **create, status="201") == 0
    assert grown(before, after, "http_requests_total", **create, status="500") == 1
    assert grown(before, after, "candidates_created_total") == 0
    assert tenant.api.post("/api/candidates", {"name": "Ada Lovelace"}).status == 201


def test_a_replayed_answer_counts_as_an_answer_and_makes_no_second_candidate(
    database: Database, tenant: Tenant
) -> None:
    before = counted()
    for _ in range(2):
        reply = tenant.api.post("/api/candidates", {"name": "Ada Lovelace"}, {"Idempotency-Key": "k-1"})
        assert reply.status == 201
    after = counted()

    assert grown(before, after, "http_requests_total", method="POST", route="/api/candidates", status="201") == 2
    assert grown(before, after, "candidates_created_total") == 1


def test_jobs_and_verdicts_are_counted_when_they_come_to_be(database: Database, cloud: Cloud, tenant: Tenant) -> None:
    before = counted()
    upload(tenant.api, cloud, "cv.pdf", samples.pdf_of(samples.SAMPLE_LINES))
    upload(tenant.api, cloud, "cv.docx", samples.eicar_docx())
    cloud.drain()
    after = counted()

    assert grown(before, after, "documents_scanned_total", verdict="clean") == 1
    assert grown(before, after, "documents_scanned_total", verdict="infected") == 1
    truth: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for row in records.rows(database, "select kind, status from jobs where organization_id = :id", id=tenant.id):
        truth[row["kind"]] += 1
        ended[row["kind"]] += row["status"] == "succeeded"
    for kind in truth:
        asked = sum(
            grown(before, after, "jobs_enqueued_total", kind=kind, priority=p) for p in ("high", "default", "low")
        )
        assert asked == truth[kind], kind
        assert grown(before, after, "jobs_completed_total", kind=kind) == ended[kind], kind
        assert grown(before, after, "job_duration_seconds_count", kind=kind) == ended[kind], kind


def test_folding_changes_no_figure_and_a_second_fold_finds_nothing(database: Database, tenant: Tenant) -> None:
    for _ in range(5):
        tenant.api.get("/api/projects")
    before = counted()

    assert fold() >= 5
    assert {key: each for key, each in counted().items() if "connections" not in key[0]} == {
        key: each for key, each in before.items() if "connections" not in key[0]
    }
    assert fold() == 0


def test_a_second_fold_at_the_same_time_has_nothing_to_do(database: Database, tenant: Tenant) -> None:
    tenant.api.get("/api/projects")
    with db.transaction(role=Role.DISPATCHER) as first:
        assert repository.fold(first, limit=1000) >= 1
        with db.transaction(role=Role.DISPATCHER) as second:
            assert repository.fold(second, limit=1000) == 0


def test_a_fold_that_is_killed_has_folded_nothing(database: Database, tenant: Tenant) -> None:
    tenant.api.get("/api/projects")
    before = counted()
    with suppress(KeyboardInterrupt), db.transaction(role=Role.DISPATCHER) as session:
        repository.fold(session, limit=1000)
        raise KeyboardInterrupt
    after = counted()

    name = ("http_requests_total", (("method", "GET"), ("route", "/api/projects"), ("status", "200")))
    assert after[name] == before[name]


@pytest.mark.parametrize(
    ("name", "bounds"), [("http_requests", names.HTTP_BOUNDS), ("jobs_completed", names.JOB_BOUNDS)]
)
def test_a_bucket_holds_what_is_at_most_its_bound(database: Database, name: str, bounds: tuple[float, ...]) -> None:
    with db.transaction() as session:
        for number, bound in enumerate(bounds):
            for observed, bucket in ((bound, number), (bound * 1.0001, number + 1)):
                found = session.scalar(
                    sa.text("select metric_bucket(:name, :observed)"), {"name": name, "observed": observed}
                )
                assert found == bucket, (name, observed)
        assert session.scalar(sa.text("select metric_bucket('jobs_failed', null)")) == -1


WRITER = """
import os, random, sys, time
from chalicelib import db
from chalicelib.counters import facts
while True:
    with db.transaction() as session:
        db.add_to_commit(session, facts.served("GET", "/truth/" + sys.argv[1], 200, random.random()))
    os.write(1, b".")
    time.sleep(0.005)  # eight at once leave the machine to others too
"""


def test_eight_processes_and_kills_leave_exact_counts_that_never_fall(
    database: Database, cloud: Cloud, tmp_path: Path
) -> None:
    """A writer says "." after each commit. A killed one may have committed one more, untold."""
    environment = {
        **os.environ,
        **house.settings_for(database, cloud),
        "PYTHONPATH": str(Path(facts.__file__).parents[2]),
    }
    writers = []
    for number in range(8):
        command = [sys.executable, "-c", WRITER, str(number)]
        with (tmp_path / str(number)).open("wb") as said:
            writers.append(subprocess.Popen(command, stdout=said, env=environment, cwd=tmp_path))
    try:
        deadline = time.monotonic() + 30
        while not all((tmp_path / str(number)).stat().st_size > 20 for number in range(8)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        seen: Samples = {}
        draw = random.Random(7)
        for scrape in range(40):
            if scrape % 5 == 4 and (alive := [writer for writer in writers if writer.poll() is None]):
                draw.choice(alive).send_signal(signal.SIGKILL)
            if scrape % 3 == 0:
                fold()
            now = counted()
            for key, before in seen.items():
                if key[0].endswith(("_total", "_count", "_sum", "_bucket")):
                    assert now[key] >= before - 1e-9, key
            seen = now
            time.sleep(0.02)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    fold()
    final = counted()
    for number in range(8):
        told = (tmp_path / str(number)).read_bytes().count(b".")
        exact = value(final, "http_requests_total", method="GET", route=f"/truth/{number}", status="200")
        assert told <= exact <= told + 1, number
        buckets = value(
            final,
            "http_request_duration_seconds_bucket",
            le="+Inf",
            method="GET",
            route=f"/truth/{number}",
            status="200",
        )
        assert buckets == exact


def test_metrics_are_for_who_has_their_token(database: Database, configure: Callable[..., None]) -> None:
    assert ApiClient().get("/metrics").code == "metrics_off"

    configure(metrics_token=TOKEN)
    assert ApiClient().get("/metrics").code == "bad_metrics_token"
    assert ApiClient(token="another").get("/metrics").code == "bad_metrics_token"
    reply = ApiClient(token=TOKEN).get("/metrics")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name in (
        *("http_requests_total", "http_request_duration_seconds", "jobs_enqueued_total", "jobs_completed_total"),
        *("jobs_failed_total", "job_duration_seconds", "job_queue_depth", "db_connections_active"),
        *("candidates_created_total", "documents_scanned_total", "backup_age_seconds"),
    ):
        assert f"# TYPE {name} " in reply.body.decode(), name


def test_the_token_of_metrics_may_stand_in_secrets_manager(
    database: Database, cloud: Cloud, configure: Callable[..., None]
) -> None:
    arn = cloud.client("secretsmanager").create_secret(Name="metrics-token", SecretString=TOKEN)["ARN"]
    configure(metrics_token_secret_arn=arn)

    assert ApiClient(token=TOKEN).get("/metrics").status == 200
    assert ApiClient(token="another").get("/metrics").status == 401


def test_no_person_and_no_id_stands_in_metrics(
    database: Database, cloud: Cloud, tenant: Tenant, configure: Callable[..., None]
) -> None:
    candidate = new_candidate(tenant.api, name="Berta Zuckerkandl", email="berta@example.org")
    tenant.api.get(f"/api/candidates/{candidate['id']}?q=zuckerkandl")
    configure(metrics_token=TOKEN)
    text = ApiClient(token=TOKEN).get("/metrics").body.decode()

    for needle in ("Zuckerkandl", "zuckerkandl", "berta@", candidate["id"], str(tenant.id)):
        assert needle not in text


@pytest.mark.skipif(
    shutil.which("promtool") is None and not os.environ.get("REQUIRE_PROMTOOL"),
    reason="promtool is not installed (Debian: apt-get install prometheus)",
)
def test_prometheus_own_tool_reads_it_and_finds_nothing_to_say(database: Database, tenant: Tenant) -> None:
    tenant.api.get("/api/projects")
    text = exposition.exposition(utc_now())

    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False, timeout=30
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_the_age_of_a_backup_that_never_was_is_not_made_up() -> None:
    families = list(exposition.standing(repository.Gauges({"high": 3}, 2), None))

    samples_now = parsed(exposition.text(families))
    assert value(samples_now, "job_queue_depth", priority="high") == 3
    assert "backup_age_seconds" not in {name for name, _ in samples_now}
    assert (
        parsed(exposition.text(list(exposition.standing(repository.Gauges({}, 2), 9.0))))[("backup_age_seconds", ())]
        == 32400
    )
