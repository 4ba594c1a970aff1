"""A function that a schedule started tells that it ended well: the alarm of a dead man waits for that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalice.app import CloudWatchEvent

from chalicelib.handlers import event_handler
from infra.local import delivery


@event_handler
def sweep(event: dict[str, Any]) -> str:
    if event["resources"][0].endswith("broken"):
        raise ZeroDivisionError
    return "swept"


def runs(written: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in written.splitlines() if "function_ran" in line]
    return [line for line in lines if "_aws" in line]


def test_a_run_by_schedule_that_ended_well_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    answer = sweep(CloudWatchEvent(delivery.scheduled_event("sweep", region="eu-central-1"), None))

    (told,) = runs(capsys.readouterr().out)
    assert answer == "swept"
    assert (told["function_ran"], told["function"], told["environment"]) == ([1.0], "sweep", "local")
    assert [set(names) for names in told["_aws"]["CloudWatchMetrics"][0]["Dimensions"]] == [{"environment", "function"}]


def test_a_run_that_broke_or_was_asked_for_by_hand_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        sweep(CloudWatchEvent(delivery.scheduled_event("broken", region="eu-central-1"), None))
    by_hand = delivery.scheduled_event("sweep", region="eu-central-1") | {"detail-type": "By hand"}
    sweep(CloudWatchEvent(by_hand, None))

    assert runs(capsys.readouterr().out) == []
