"""Metrics are lines that CloudWatch reads as numbers."""

from __future__ import annotations

import json

import pytest

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
