"""How chalice is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.packaging import chalice
from infra.packaging.errors import PackageRefused
from tests.infra.packaging.test_interpreter import program

WARNING = """Creating deployment package.

Could not install dependencies:
uwsgi==2.0
another==1
You will have to build these yourself and vendor them in
the chalice vendor folder.

Your deployment will continue but may not work correctly
"""


def test_nothing_of_the_developer_reaches_chalice() -> None:
    own = {
        "PATH": "/bin",
        "PIP_CERT": "company.pem",
        "RECRUITPRO_ENVIRONMENT": "production",
        "AWS_PROFILE": "work",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "PYTHONPATH": "elsewhere",
    }

    told = chalice.environment(own)

    assert (told["PATH"], told["PIP_CERT"], told["AWS_DEFAULT_REGION"]) == ("/bin", "company.pem", "eu-central-1")
    assert not {"RECRUITPRO_ENVIRONMENT", "AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(told)


def test_a_region_of_the_developers_own_is_kept() -> None:
    assert chalice.environment({"AWS_DEFAULT_REGION": "us-east-1"})["AWS_DEFAULT_REGION"] == "us-east-1"


def test_a_library_that_could_not_be_installed_ends_the_packaging(tmp_path: Path) -> None:
    said = tmp_path / "said"
    said.write_text(WARNING)
    python = program(tmp_path / "python", f"cat {said}")  # chalice warns and exits with 0

    with pytest.raises(PackageRefused, match=r"^could not install dependencies: uwsgi==2\.0, another==1$"):
        chalice.package(python, tmp_path, "dev", tmp_path / "merge.json", tmp_path / "out")


def test_what_chalice_refuses_is_told_in_one_line(tmp_path: Path) -> None:
    python = program(tmp_path / "python", "echo Traceback >&2; echo 'ValueError: Route cannot be empty' >&2; exit 1")

    with pytest.raises(PackageRefused, match=r"^chalice refuses the app: ValueError: Route cannot be empty$"):
        chalice.validate(python, tmp_path, "dev")
