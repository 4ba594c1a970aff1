"""The smoke test passes where everything works, leaves nothing behind, and fails by name where something does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from infra.local import processes
from infra.smoke import story
from infra.smoke.__main__ import Wish, main, run, wish_of
from infra.smoke.report import Report, Wrong
from tests import house
from tests.conftest import PASSWORD, Tenant
from tests.house import Cloud, Database

ORIGIN = "https://app.recruitpro.test"


@pytest.fixture
def server(database: Database, cloud: Cloud, tmp_path: Path) -> Iterator[str]:
    port, log = processes.free_port(), tmp_path / "server.log"
    environment = {**os.environ, **house.settings_for(database, cloud)}
    command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
    child = processes.start("server", command, log=log, environment=environment)
    try:
        processes.wait_until(lambda: processes.answers(port), child, seconds=30)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()


def outcomes(report: Report) -> dict[str, str]:
    return {look.name.strip(): look.outcome for look in report.looks}


def test_everything_passes_and_nothing_is_left(
    server: str, tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned = story._scanned

    def deliver_then_look(caller: story._Caller, path: str) -> str:
        cloud.drain()  # what the pump of the local stack, and Lambda on AWS, do by themselves
        return scanned(caller, path)

    monkeypatch.setattr(story, "_scanned", deliver_then_look)

    report = run(Wish(server, "local", ORIGIN, email=tenant.email, password=PASSWORD))

    assert [(look.name, look.detail) for look in report.failed] == []
    assert {"database", "queue", "storage", "scan", "removed again", "openapi", "without a token: 401"} <= set(
        outcomes(report)
    )
    for path in ("/api/projects", "/api/candidates", "/api/documents"):
        assert tenant.api.get(path).json["items"] == [], path


def test_without_an_account_the_story_is_left_out_and_said_so(server: str) -> None:
    report = run(Wish(server))

    assert not report.failed
    assert outcomes(report)["main story"] == "skip"


def test_another_environment_a_wrong_password_and_a_foreign_frontend_fail_by_name(server: str) -> None:
    report = run(Wish(server, "production", "https://elsewhere.example", email="x@y.example", password="wrong"))

    assert {look.name for look in report.failed} == {"version", "CORS preflight of the frontend", "sign in"}
    assert "this server is local, not production" in report.failed[0].detail


def test_a_server_that_is_not_there_fails_every_look_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", f"http://127.0.0.1:{processes.free_port()}"]) == 1

    told = capsys.readouterr().out
    assert "no answer: ConnectError" in told
    assert " 0 passed" in told


def test_what_is_made_is_removed_also_when_the_upload_fails(
    server: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(form: story.Json) -> None:
        raise Wrong("the storage refused the file: 403")

    monkeypatch.setattr(story, "_send", refuse)

    report = run(Wish(server, token=tenant.api.token))

    assert {look.name for look in report.failed} >= {"upload straight to storage"}
    assert outcomes(report)["removed again"] == "pass"
    assert tenant.api.get("/api/candidates").json["items"] == []


def test_secrets_come_by_the_environment_and_stand_in_no_table(server: str) -> None:
    account = {"SMOKE_EMAIL": "x@y.example", "SMOKE_PASSWORD": "a-secret-nobody-may-read"}
    console = Console(record=True, width=200)

    run(wish_of(f"{server}/", None, None, account)).show(console)

    assert "a-secret-nobody-may-read" not in console.export_text()


def test_an_address_without_a_scheme_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--url", "api.example.com"])
    assert "https://" in capsys.readouterr().err
