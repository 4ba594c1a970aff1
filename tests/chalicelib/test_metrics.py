"""Metrics are lines that CloudWatch reads as numbers."""

from __future__ import annotations

import json

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib import metrics


def test_a_count_is_one_line_in_the_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count("limiter_unavailable", limiter="sign_in")

    (line,) = capsys.readouterr().out.splitlines()
    written = json.loads(line)
    (described,) = written["_aws"]["CloudWatchMetrics"]
    assert described["Namespace"] == "RecruitPro"
    assert [set(names) for names in described["Dimensions"]] == [{"environment", "limiter"}]
    assert described["Metrics"] == [{"Name": "limiter_unavailable", "Unit": "Count"}]
    assert (written["environment"], written["limiter"]) == ("local", "sign_in")
    assert written["limiter_unavailable"] == [1.0]


def test_counts_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.count("first", kind="a")
    metrics.count("second")

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "second" not in first
    assert not {"first", "kind"} & set(second)


def test_a_gauge_tells_a_figure_with_its_unit(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.gauge("backup_age_hours", 9.25)
    metrics.gauge("job_oldest_seconds", 3, MetricUnit.Seconds, priority="high")

    age, oldest = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert age["backup_age_hours"] == [9.25]
    assert age["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["environment"]]
    assert oldest["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "job_oldest_seconds", "Unit": "Seconds"}]
    assert (oldest["job_oldest_seconds"], oldest["priority"]) == ([3.0], "high")
