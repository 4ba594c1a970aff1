"""What the pages of docs/ say of settings and of the API is so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.http import idempotency, paging
from chalicelib.http.publishing.routes import CACHED
from chalicelib.settings import Settings
from infra import docs
from infra.api_reference import reference_page
from infra.local import processes
from tests import house
from tests.conftest import PASSWORD, Tenant
from tests.house import Database

API_PAGE = docs.SETTINGS_PAGE.with_name("api.md").read_text(encoding="utf-8")


def test_the_page_of_settings_is_up_to_date() -> None:
    page = docs.SETTINGS_PAGE.read_text(encoding="utf-8")
    assert page == docs.settings_page(), "run `python -m infra.docs`"


def test_the_reference_of_calls_is_up_to_date_and_names_every_one() -> None:
    page = docs.REFERENCE_PAGE.read_text(encoding="utf-8")
    document = docs.published()

    assert page == reference_page(document), "run `python -m infra.docs`"
    calls = [
        (method.upper(), path) for path, item in document["paths"].items() for method in item if method != "parameters"
    ]
    assert len(calls) >= 100
    assert all(f"| `{method} {path}` |" in page for method, path in calls)


def test_the_page_of_settings_names_every_variable_once_in_rows_of_four() -> None:
    rows = [line for line in docs.settings_page().splitlines() if line.startswith("| `")]

    assert [row.split("`")[1] for row in rows] == [f"RECRUITPRO_{name.upper()}" for name in Settings.fields]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_no_secret_stands_on_the_page_of_settings() -> None:
    secrets = [
        line for line in docs.settings_page().splitlines() if re.search(r"_(URL|SECRET|DSN|TOKEN)` \| secret", line)
    ]

    assert len(secrets) == 6
    assert all(line.split(" | ")[2] == "" for line in secrets)


def test_every_call_on_the_page_of_the_api_is_served() -> None:
    import app

    served = {(route.method, route.path) for route in app.app.table}
    named = {tuple(call.split(" ")) for call in re.findall(r"`((?:GET|POST|PATCH|DELETE) /[^`]+)`", API_PAGE)}

    assert len(named) >= 4
    assert named <= served


def test_the_numbers_on_the_page_of_the_api_are_those_of_the_code() -> None:
    defaults = Settings()
    limit = paging.PageQuery.model_json_schema()["properties"]["limit"]
    hours = int(idempotency.KEPT_FOR.total_seconds() // 3600)

    assert f"`limit` {limit['minimum']} to {limit['maximum']} (default {limit['default']})" in API_PAGE
    assert f"exact up to {paging.COUNTED_UP_TO}" in API_PAGE
    assert f"1 to {idempotency.LONGEST_KEY} characters: for {hours} hours" in API_PAGE
    assert f"above {defaults.rate_limit_default}, or {defaults.rate_limit_login} for signing in" in API_PAGE
    assert f"a body may hold {defaults.body_max_bytes} bytes" in API_PAGE
    assert f"cached for {CACHED.rpartition('=')[2]} seconds" in API_PAGE


@pytest.mark.skipif(shutil.which("curl") is None, reason="the example is written for curl")
def test_the_example_on_the_page_of_the_api_works_and_repeated_adds_nobody(
    database: Database, new_tenant: Callable[[], Tenant], tmp_path: Path
) -> None:
    tenant = new_tenant()
    script = "set -eo pipefail\n" + re.findall(r"```sh\n(.*?)```", API_PAGE, re.DOTALL)[1]
    port = processes.free_port()
    environment = {**os.environ, **house.settings_for(database, None)}
    command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
    server = processes.start("server", command, log=tmp_path / "server.log", environment=environment)
    try:
        processes.wait_until(lambda: processes.answers(port), server, seconds=30)
        login = {"API": f"http://127.0.0.1:{port}", "EMAIL": tenant.email, "PASSWORD": PASSWORD}
        first, second = (
            subprocess.run(
                ["bash", "-c", script],
                env={**os.environ, **login},
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout
            for _ in range(2)
        )
    finally:
        server.stop()

    assert "201 Created" in first
    assert "Idempotency-Replayed: true" not in first
    assert "Idempotency-Replayed: true" in second
    assert tenant.api.get("/api/candidates").json["total"] == 1
