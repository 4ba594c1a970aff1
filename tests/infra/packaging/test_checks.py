"""Templates that must not be deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import checks
from infra.packaging.errors import PackageRefused


def function(**event: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "functions.scan.scan",
            "Events": {"Source": {"Type": "SQS", "Properties": event}},
        },
    }


def test_a_queue_whose_failed_messages_would_be_deleted_is_refused() -> None:
    template = {"Resources": {"Scan": function(Queue="arn"), "Rate": function(FunctionResponseTypes=["Other"])}}

    with pytest.raises(PackageRefused, match=r"^Scan reads its queue without ReportBatchItemFailures"):
        checks.check_partial_batches(template)


def test_a_queue_that_takes_back_what_failed_is_fine() -> None:
    checks.check_partial_batches({"Resources": {"Scan": function(FunctionResponseTypes=["ReportBatchItemFailures"])}})


def test_a_template_for_a_function_that_is_gone_is_refused() -> None:
    with pytest.raises(PackageRefused, match=r"^infra/templates speaks of Scann, which chalice does not make$"):
        checks.check_no_leftovers({"Resources": {"Scann": {"Properties": {"Timeout": 1}}}})


def test_functions_share_one_runtime() -> None:
    other = function()
    other["Properties"]["Runtime"] = "python3.12"

    assert checks.runtime({"Resources": {"A": function()}}) == "python3.13"
    with pytest.raises(PackageRefused, match=r"python3\.12, python3\.13"):
        checks.runtime({"Resources": {"A": function(), "B": other}})


def test_what_cfn_lint_calls_an_error_is_refused_in_one_line(tmp_path: Path) -> None:
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Nothing"}}}},
    }
    (tmp_path / "sam.json").write_text(json.dumps(template))

    with pytest.raises(PackageRefused) as refusal:
        checks.lint(tmp_path / "sam.json", "eu-central-1")

    assert str(refusal.value).startswith("cfn-lint finds an error: E")
    assert "Nothing" in str(refusal.value)
    assert "\n" not in str(refusal.value)
