"""What a container on Lambda serves: the same API, each area loaded by the first request that asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from chalicelib.cold_start import loads_by_request
from chalicelib.http.areas import SERVED_BY, area_of
from tests.house import Database, settings_for

ON_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "recruitpro-dev-api", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}


def on_lambda(code: str, database: Database) -> Any:
    """What `code` prints as JSON in a fresh process that takes itself for a container on Lambda."""
    environment = dict(os.environ) | settings_for(database, None) | ON_LAMBDA
    command = [sys.executable, "-W", "error", "-c", PRELUDE + code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


PRELUDE = """
import json, sys
from types import SimpleNamespace
import app

def ask(path, method="GET", resource=None, body=None):
    event = {
        "resource": resource or path, "path": path, "httpMethod": method, "headers": {"host": "x"}, "body": body,
        "multiValueHeaders": {"host": ["x"]}, "multiValueQueryStringParameters": None, "isBase64Encoded": False,
        "pathParameters": None, "stageVariables": None,
        "requestContext": {"resourcePath": resource or path, "httpMethod": method, "path": path, "requestId": "r",
                           "identity": {"sourceIp": "203.0.113.9"}},
    }
    return app.app(event, SimpleNamespace(aws_request_id="r", function_name="f", invoked_function_arn="a",
                                          memory_limit_in_mb=512, get_remaining_time_in_millis=lambda: 9000))

def rooms():
    return sorted(name for name in sys.modules if name.startswith("chalicelib.") and name.endswith(".routes"))
"""


def test_the_table_of_areas_is_what_the_modules_serve() -> None:
    import app

    served: dict[str, set[str]] = {}
    for route in app.app.table:
        served.setdefault(route.view.__module__, set()).add(area_of(route.path))
    served.pop("chalicelib.http.publishing.routes")

    assert {module: set(areas) for module, areas in SERVED_BY.items()} == served


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/api/candidates", "candidates"),
        ("/api/candidates/{candidate_id}/erase", "candidates"),
        ("/api/openapi.json", "openapi.json"),
        ("/metrics", "metrics"),
    ],
)
def test_an_area_is_the_first_name_of_a_path(path: str, area: str) -> None:
    assert area_of(path) == area


@pytest.mark.parametrize(
    ("environ", "is_by_request"),
    [
        ({}, False),
        (ON_LAMBDA, True),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, True),
        (ON_LAMBDA | {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}, False),
        (ON_LAMBDA | {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}, False),
    ],
)
def test_only_a_container_that_somebody_waits_for_loads_by_request(
    environ: dict[str, str], is_by_request: bool
) -> None:
    assert loads_by_request(environ) is is_by_request


def test_a_request_loads_its_area_and_no_other(database: Database) -> None:
    told = on_lambda(
        """
before = rooms()
live = ask("/api/health/live")
after = rooms()
refused = ask("/api/health/live", "DELETE")
asked = ask("/api/health/live", "OPTIONS")
again = ask("/api/health/live")
print(json.dumps([before, after, [each["statusCode"] for each in (live, refused, asked, again)]]))
""",
        database,
    )

    before, after, statuses = told
    assert not [room for room in before if room in SERVED_BY]
    assert [room for room in after if room in SERVED_BY] == ["chalicelib.operations.routes"]
    assert statuses == [200, 405, 204, 200]


def test_an_area_that_another_ones_module_serves_in_is_closed_when_it_is_whole(database: Database) -> None:
    """Signing in serves below /api/users too; what is served there by others comes with the first request for it."""
    statuses = on_lambda(
        """
calls = [("/api/auth/login", "GET"), ("/api/users", "GET"), ("/api/users", "PUT"), ("/api/users/me", "PUT"),
         ("/api/users/me", "GET"), ("/api/auth/login", "PUT")]
print(json.dumps([ask(path, method)["statusCode"] for path, method in calls]))
""",
        database,
    )

    assert statuses == [405, 401, 405, 405, 401, 405]


def test_the_document_is_the_same_whatever_was_asked_for_before(database: Database) -> None:
    published, routes, page = on_lambda(
        """
for path in ("/api/webhooks", "/api/users", "/api/auth/login"):
    ask(path)
document = json.loads(ask("/api/openapi.json")["body"])
routes = {path: sorted(methods) for path, methods in app.app.routes.items()}
print(json.dumps([document, routes, ask("/api/docs")["statusCode"]]))
""",
        database,
    )
    import app
    from chalicelib.http.openapi import document
    from chalicelib.settings import settings

    expected = json.loads(json.dumps(document(app.app.table, settings())))
    assert published["paths"] == expected["paths"]
    assert list(published["paths"]) == list(expected["paths"])
    assert published["components"] == expected["components"]
    assert routes == {path: sorted(methods) for path, methods in app.app.routes.items()}
    assert page == 200


def test_a_shape_is_built_by_the_first_request_that_brings_it_and_elsewhere_at_once(database: Database) -> None:
    """Only where one request is worked on at a time: pydantic builds for two threads at once and may fail both."""
    early, status, late = on_lambda(
        """
app.app.load("auth")
from chalicelib.auth.schemas import Login
early = Login.__pydantic_complete__
answer = ask("/api/auth/login", "POST", body='{"email": 5, "no_such_field": 1}')
print(json.dumps([early, answer["statusCode"], Login.__pydantic_complete__]))
""",
        database,
    )
    from chalicelib.auth.schemas import Login

    assert (early, status, late) == (False, 422, True)
    assert Login.__pydantic_complete__
