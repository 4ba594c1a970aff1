"""Runs chalice on a staged copy, with no credentials and nothing of the developer's own settings."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.packaging.errors import PackageRefused

REGION = "eu-central-1"
VALIDATE = """
import sys
from chalice.cli.factory import CLIFactory
from chalice.deploy.validate import validate_configuration
validate_configuration(CLIFactory(".").create_config_obj(sys.argv[1]))
"""
MAIN = "import sys; from chalice.cli import main; sys.exit(main())"
NOT_INSTALLED = re.compile(r"Could not install dependencies:\s*(.*?)(?=You will have to build|\Z)", re.DOTALL)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables for chalice: a region, and no settings, credentials or import paths of whoever packages."""
    refused = ("RECRUITPRO_", "AWS_", "PYTHON")
    kept = {name: value for name, value in inherited.items() if not name.startswith(refused)}
    return {
        **kept,
        "AWS_DEFAULT_REGION": inherited.get("AWS_DEFAULT_REGION", REGION),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Importing the app would leave __pycache__ in the copy, and chalice would ship it.
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def validate(python: Path, staged: Path, stage: str) -> None:
    """Chalice's own checks of the app, which `chalice package` leaves out; raises PackageRefused."""
    _run([python, "-c", VALIDATE, stage], staged, "chalice refuses the app")


def package(python: Path, staged: Path, stage: str, merge_template: Path, out: Path) -> None:
    """`chalice package` into `out`: sam.json and deployment.zip. Raises PackageRefused."""
    arguments: list[str | Path] = ["package", "--stage", stage, "--merge-template", merge_template, out]
    said = _run([python, "-c", MAIN, *arguments], staged, "chalice cannot package")
    missing = NOT_INSTALLED.search(said)
    if missing is not None:
        # Chalice warns and goes on, to a package that breaks at its first import.
        names = ", ".join(missing[1].split())
        raise PackageRefused(f"could not install dependencies: {names or 'none is named'}")


def _run(command: Sequence[str | Path], staged: Path, what: str) -> str:
    done = subprocess.run(command, cwd=staged, env=environment(os.environ), capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise PackageRefused(f"{what}: {lines[-1] if lines else 'no message'}")
    return said
