"""What a cold start may load: a library that few calls need is loaded by those, and not by whoever waits first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.http.areas import SERVED_BY
from tests.house import SETTINGS

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.stem for path in (ROOT / "functions").glob("[!_]*.py"))
AREAS = sorted({area for areas in SERVED_BY.values() for area in areas})
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "recruitpro-dev-function", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
# Each takes from 5 to 400 ms. Powertools imports `botocore` itself, which is little without its session, and its own
# tracing and metrics, which are little without aws_xray_sdk.
OFFENDERS = (
    "alembic",
    "argon2",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
    "aws_xray_sdk",
    "bcrypt",
    "boto3",
    "botocore.session",
    "clamd",
    "dns",
    "docx",
    "email_validator",
    "icalendar",
    "lxml",
    "mako",
    "nacl",
    "openpyxl",
    "passlib",
    "phonenumbers",
    "prometheus_client",
    "pypdfium2",
    "rich",
    "s3transfer",
    "sentry_sdk",
    "sqlalchemy.ext.asyncio",
    "urllib3",
)
# It looks into every file and shows it to clamd.
NEEDED: dict[str, set[str]] = {"functions.scan_document": {"lxml", "clamd"}}
# They come by rooms that speak HTTP too, and run at night or once an hour.
SHAPED = {"apply_retention", "expire_candidates"}
# Libraries ask for these where they are. The package holds neither, and a development environment does.
NOT_PACKAGED = ("cryptography", "pkg_resources")
# One process for all: each import happens in a child that starts with nothing.
CODE = """
import json, os, sys
codes = json.loads(sys.argv[1])
sys.modules.update(dict.fromkeys(codes["not packaged"]))

def told(code):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            exec(code, {})
            modules = sorted(sys.modules)
        except BaseException as error:
            modules = [f"{type(error).__name__}: {error}"]
        with os.fdopen(writer, "w") as pipe:
            json.dump(modules, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        modules = json.load(pipe)
    os.waitpid(child, 0)
    return modules

loaded = {name: told(code) for name, code in codes["alone"].items()}
import app
loaded["app"] = sorted(sys.modules)
loaded |= {name: told(code) for name, code in codes["after the app"].items()}
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """The modules of a fresh process after each handler's import, and after each area's first request."""
    codes = {
        "not packaged": NOT_PACKAGED,
        "alone": {f"functions.{name}": f"import functions.{name}" for name in FUNCTIONS},
        "after the app": {f"/api/{area}": f"import app; app.app.load({area!r})" for area in AREAS},
    }
    environment = dict(os.environ) | SETTINGS | LAMBDA
    command = [sys.executable, "-c", CODE, json.dumps(codes)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: set(modules) for name, modules in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", ["app", *(f"functions.{name}" for name in FUNCTIONS), *(f"/api/{a}" for a in AREAS)])
def test_nothing_is_loaded_that_only_some_calls_need(loaded: dict[str, set[str]], name: str) -> None:
    assert "chalicelib.settings" in loaded[name], loaded[name]
    assert loaded[name] & set(OFFENDERS) == NEEDED.get(name, set())


def test_the_app_waits_with_every_area_until_it_is_asked(loaded: dict[str, set[str]]) -> None:
    assert not loaded["app"] & set(SERVED_BY)
    assert not {name for name in loaded["app"] if name.startswith("functions.")}


def test_a_secret_is_rotated_without_the_database(loaded: dict[str, set[str]]) -> None:
    assert not loaded["functions.rotate_token_secret"] & {"sqlalchemy", "pg8000"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_reads_its_settings_without_what_bodies_of_requests_need(
    loaded: dict[str, set[str]], name: str
) -> None:
    needs = {"pydantic"} if name in SHAPED else set()
    assert loaded[f"functions.{name}"] & {"pydantic"} == needs


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_loads_no_route_and_builds_no_shape_of_the_api(loaded: dict[str, set[str]], name: str) -> None:
    modules = loaded[f"functions.{name}"]

    assert not {module for module in modules if module.endswith((".routes", ".schemas"))}
