"""What is kept of an answer: what is plotted, whoever answered."""

from __future__ import annotations

import pytest

from chalicelib.clock import utc_now
from chalicelib.counters import exposition
from infra.dashboard.samples import LONGEST_LABEL, MOST_LABELS, OTHERS, Sample, Unreadable, health_of, metrics_of
from tests.api import ApiClient
from tests.house import Cloud, Database

EVIL = "<script>alert(1)</script>"


def test_our_own_metrics_and_health_are_understood(database: Database, cloud: Cloud) -> None:
    ApiClient().post("/api/auth/login", {"email": "nobody@example.org", "password": "wrong-horse-7-staples"})

    metrics = metrics_of(exposition.exposition(utc_now()))
    health = health_of(ApiClient().get("/api/health").json)

    assert metrics["http_requests_total"]["401"] >= 1
    assert metrics["http_request_duration_seconds_bucket"]["+Inf"] == sum(metrics["http_requests_total"].values())
    assert set(metrics["job_queue_depth"]) == {"high", "default", "low"}
    assert metrics["db_connections_active"][""] >= 1
    assert set(health.parts) == {"database", "queue", "storage", "scanner", "backup"}
    assert health.oldest_job_seconds is not None


def test_a_sample_comes_back_from_its_line() -> None:
    sample = Sample(1.5, {"job_queue_depth": {"high": 2.0}}, health_of({"status": "healthy", "checks": {}}))

    assert Sample.of_json(sample.as_json()) == sample
    assert Sample.of_json(Sample(2.0, None, None).as_json()) == Sample(2.0, None, None)


def test_labels_that_somebody_made_up_are_bounded() -> None:
    lines = [f'documents_scanned_total{{verdict="{number}{EVIL * 9}"}} 1' for number in range(100)]

    kept = metrics_of("\n".join(["# TYPE documents_scanned_total counter", *lines]) + "\n")["documents_scanned_total"]

    assert len(kept) == MOST_LABELS + 1
    assert kept[OTHERS] == 100 - MOST_LABELS
    assert max(len(label) for label in kept) <= LONGEST_LABEL


def test_what_is_no_figure_is_not_kept() -> None:
    assert metrics_of("db_connections_active NaN\nbackup_age_seconds +Inf\n") == {}


@pytest.mark.parametrize("text", ["<html>", '{"status": 404}', "http_requests_total{ 1", "a b c d"])
def test_what_is_not_the_text_format_is_said_to_be_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        metrics_of(text)


@pytest.mark.parametrize("answer", [None, [], {}, {"status": "healthy"}, {"status": "x", "checks": {"queue": 7}}])
def test_what_is_no_health_is_said_to_be_unreadable(answer: object) -> None:
    with pytest.raises(Unreadable):
        health_of(answer)
