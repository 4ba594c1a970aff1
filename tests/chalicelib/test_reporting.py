"""What leaves for Sentry says where a fault is, and nothing of whom it happened to."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import sentry_sdk
import sqlalchemy as sa

from chalicelib import db, reporting
from tests import log_watch
from tests.conftest import Tenant

# A report shows lines of our source around each frame: what it must not show stands far from them.
SOMEBODY = {"name": "Grace Hopper", "email": "grace@example.org"}


@pytest.fixture
def reports(configure: Callable[..., None]) -> Iterator[list[dict[str, Any]]]:
    """Every event that reaches a Sentry of our own on this machine."""
    taken: list[dict[str, Any]] = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            taken.append(json.loads(body.splitlines()[2]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Sentry)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    configure(sentry_dsn=f"http://public@127.0.0.1:{server.server_port}/1")
    reporting.start.cache_clear()
    yield taken
    sentry_sdk.get_client().close(timeout=2)
    sentry_sdk.init()
    reporting.start.cache_clear()
    server.shutdown()
    serving.join()
    server.server_close()


def _break(tenant: Tenant, password: str) -> None:
    """Fails in the database with somebody's data in its hands, `password` among the locals."""
    with db.transaction(tenant.id) as session:
        session.execute(sa.text("select 1 / 0 from users where name = :name or email = :email or true"), SOMEBODY)
    raise AssertionError(password)


def test_a_report_tells_where_it_broke_and_nothing_of_anybody(tenant: Tenant, reports: list[dict[str, Any]]) -> None:
    assert reporting.start()
    sentry_sdk.set_user({"email": tenant.email, "ip_address": tenant.api.address})
    sentry_sdk.set_extra("body", {"password": log_watch.PASSWORDS[0]})
    sentry_sdk.add_breadcrumb(message="signed in as ada@example.org")
    try:
        _break(tenant, log_watch.PASSWORDS[0])
    except sa.exc.DBAPIError as error:
        error.args = (f"{error.args[0]} asked for by ada@example.org, +436641234567",)
        reporting.report(error)
    sentry_sdk.flush(timeout=5)

    (event,) = reports
    written = json.dumps(event)
    fault = event["exception"]["values"][-1]
    assert fault["type"] == "ProgrammingError"
    assert "division by zero" in fault["value"]
    assert {"_break", "report"} & {frame["function"] for frame in fault["stacktrace"]["frames"]}
    assert set(event) <= set(reporting.REPORTED)
    assert not any("vars" in frame for each in event["exception"]["values"] for frame in each["stacktrace"]["frames"])
    assert "[removed]" in fault["value"]
    assert "Hopper" not in written
    assert not set(log_watch.finds(written)) - {"a refresh token or a link"}


def test_without_a_dsn_nothing_is_reported(configure: Callable[..., None]) -> None:
    reporting.start.cache_clear()
    configure(sentry_dsn="")

    assert not reporting.start()
    reporting.report(ValueError("nobody hears it"))
