"""The workflows of GitHub: who may start a deployment, what it may do, and that its commands exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import templates

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
PINNED = re.compile(r"^[\w.-]+/[\w.-]+@[0-9a-f]{40}$")
Workflow = dict[str, Any]


def read(name: str) -> Workflow:
    # YAML 1.1 reads the key `on` as true.
    return {"on" if key == "true" else key: value for key, value in templates.read(FOLDER / f"{name}.yml").items()}


def steps(workflow: Workflow) -> list[Workflow]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", ())]


def test_there_are_these_and_no_others() -> None:
    assert NAMES == ["ci", "deploy", "deploy-production", "deploy-staging"]


def test_each_starts_when_it_should() -> None:
    assert read("deploy-staging")["on"] == {"push": {"branches": ["staging"]}}
    assert read("deploy-production")["on"] == {"push": {"tags": ["v*"]}}
    assert list(read("deploy")["on"]) == ["workflow_call"], "nobody starts a deployment past ci and the reviewers"
    assert set(read("ci")["on"]) == {"push", "pull_request", "workflow_call"}


@pytest.mark.parametrize("name", ["staging", "production"])
def test_a_deployment_waits_for_ci_and_is_of_its_environment(name: str) -> None:
    jobs = read(f"deploy-{name}")["jobs"]

    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert (jobs["deploy"]["needs"], jobs["deploy"]["with"]) == ("ci", {"environment": name})
    assert jobs["deploy"]["uses"] == "./.github/workflows/deploy.yml"


def test_a_deployment_runs_alone_in_a_protected_environment_without_a_key() -> None:
    (job,) = read("deploy")["jobs"].values()

    # The environment of GitHub asks its required reviewers.
    assert job["environment"] == "${{ inputs.environment }}"
    assert job["concurrency"] == {"group": "deploy-${{ inputs.environment }}", "cancel-in-progress": False}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    (signed_in,) = [step["with"] for step in job["steps"] if "configure-aws" in step.get("uses", "")]
    assert signed_in["role-to-assume"] == "${{ vars.DEPLOY_ROLE_ARN }}"
    assert not {"aws-access-key-id", "aws-secret-access-key"} & set(signed_in)


@pytest.mark.parametrize("name", NAMES)
def test_rights_are_no_more_than_needed_and_time_is_bounded(name: str) -> None:
    workflow = read(name)

    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert set(job.get("permissions", {}).items()) <= {("contents", "read"), ("id-token", "write")}
        assert "uses" in job or job["timeout-minutes"] <= 120
    for step in steps(workflow):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_its_commit_and_tells_its_version(name: str) -> None:
    text = (FOLDER / f"{name}.yml").read_text(encoding="utf-8")

    for step in steps(read(name)):
        if "uses" in step:
            assert PINNED.match(step["uses"]), step["uses"]
            assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+$", text, re.MULTILINE), step["uses"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_from_outside_is_pasted_into_a_shell_and_no_secret_is_printed(name: str) -> None:
    for step in steps(read(name)):
        # A branch, a tag or a variable reaches the shell as a variable, which is no code.
        assert "${{" not in step.get("run", "")
        assert "secrets." not in step.get("run", "")
        assert "SMOKE_PASSWORD" not in step.get("run", "")


def test_the_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [step["run"] for name in NAMES for step in steps(read(name)) if "run" in step]

    assert "make deploy YES=1" in commands
    assert any(".ci/run" in command for command in commands)
    for target in re.findall(r"make ([a-z-]+)", "\n".join(commands)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_ci_knows_the_history_that_the_previous_release_is_taken_from() -> None:
    (checkout,) = [step for step in steps(read("ci")) if "checkout" in step.get("uses", "")]
    assert checkout["with"]["fetch-depth"] == 0
