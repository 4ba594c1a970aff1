"""What is looked at in a finished template before anybody deploys it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.packaging.errors import PackageRefused

Template = dict[str, Any]
PARTIAL_BATCHES = "ReportBatchItemFailures"
LINTER = "import sys; from cfnlint.runner import main; sys.exit(main())"
LINTER_ERRORS = 2  # cfn-lint's exit code is a sum: 2 for errors, 4 for warnings, 8 for remarks


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of every function, by its id."""
    resources = template["Resources"].items()
    return {name: made["Properties"] for name, made in resources if made["Type"] == "AWS::Serverless::Function"}


def handlers(template: Template) -> dict[str, str]:
    """What Lambda calls, by the function's id: `functions.scan_document.scan_document`."""
    return {name: properties["Handler"] for name, properties in functions(template).items()}


def runtime(template: Template) -> str:
    """The one runtime of all functions; raises PackageRefused when they differ."""
    found = {properties["Runtime"] for properties in functions(template).values()}
    if len(found) != 1:
        raise PackageRefused(f"functions differ in their runtime: {', '.join(sorted(found))}")
    return str(found.pop())


def queue_sources(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping from a queue to a function, with the function's id."""
    for name, properties in functions(template).items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == "SQS":
                yield name, event["Properties"]


def check_partial_batches(template: Template) -> None:
    """Raises PackageRefused for a queue whose failed messages Lambda would delete."""
    for name, source in queue_sources(template):
        if PARTIAL_BATCHES not in source.get("FunctionResponseTypes", []):
            raise PackageRefused(f"{name} reads its queue without {PARTIAL_BATCHES}: failed messages would be lost")


def check_no_leftovers(template: Template) -> None:
    """Raises PackageRefused for a part of infra/templates that belongs to no resource: a function that was renamed."""
    for name, resource in template["Resources"].items():
        if "Type" not in resource:
            raise PackageRefused(f"infra/templates speaks of {name}, which chalice does not make")


def lint(path: Path, region: str) -> list[str]:
    """What cfn-lint has to say below an error, one line each; raises PackageRefused for errors."""
    command = [sys.executable, "-c", LINTER, "--format", "json", "--regions", region, "--template", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout.strip():
        raise PackageRefused(f"cfn-lint broke: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    found = [_line(finding) for finding in json.loads(done.stdout or "[]")]
    if done.returncode & LINTER_ERRORS:
        errors = [line for line in found if line.startswith("E")]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise PackageRefused(f"cfn-lint finds an error: {errors[0]}{more}")
    return found


def _line(finding: dict[str, Any]) -> str:
    path = "/".join(str(part) for part in finding["Location"]["Path"] or [])
    return f"{finding['Rule']['Id']} at {path or 'the top'}: {finding['Message']}".replace("\n", " ")
