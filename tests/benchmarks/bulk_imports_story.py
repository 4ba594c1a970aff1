"""A file of a thousand candidates over the API, from asking for the import to its end: moto's S3 and SQS, our pump."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.api import ApiClient
from tests.benchmarks.report import Finding
from tests.chalicelib.bulk_imports import importing
from tests.house import Cloud, Database, settings_for

ROWS, ROUNDS = 1000, 5
POLL_SECONDS = 0.05
PASSWORD = "correct-horse-7-staples"


def run(database: Database, cloud: Cloud) -> Finding:
    """Seconds from POST /api/imports to a finished job, and with the upload and its scan before it."""
    api = _signed_in()
    pump = subprocess.Popen(
        [sys.executable, "-m", "infra.local.pump"],
        env=dict(os.environ) | settings_for(database, cloud),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        took = [_round(api, cloud, number) for number in range(ROUNDS)]
    finally:
        pump.kill()
        pump.wait()
    imports, wholes = sorted(each[0] for each in took), sorted(each[1] for each in took)
    rows = [
        ["POST /api/imports to succeeded", f"{imports[ROUNDS // 2]:.2f}", f"{imports[-1]:.2f}"],
        ["announce, upload, scan and import", f"{wholes[ROUNDS // 2]:.2f}", f"{wholes[-1]:.2f}"],
    ]
    data = {"import_seconds": imports, "with_upload_seconds": wholes}
    notes = (f"{ROUNDS} rounds of {ROWS:,} candidates; polled every {POLL_SECONDS * 1000:.0f} ms.",)
    return Finding(
        f"Bulk import of {ROWS:,} candidates over the API", ("part", "median s", "worst s"), rows, data, notes
    )


def _signed_in() -> ApiClient:
    anyone = ApiClient()
    who = {"email": "bench@bench.example", "password": PASSWORD}
    registered = anyone.post("/api/auth/register", {"organization": "Bench", "name": "Ben", **who})
    assert registered.status == 201, registered
    return ApiClient(anyone.post("/api/auth/login", who).json["access_token"])


def _round(api: ApiClient, cloud: Cloud, number: int) -> tuple[float, float]:
    content = importing.people(ROWS, first=number * ROWS)
    began = time.perf_counter()
    wish = {"filename": "people.csv", "content_type": "text/csv", "size_bytes": len(content), "kind": "import"}
    announced = api.post("/api/documents", wish).json
    cloud.upload(announced["upload"], content)
    _wait(api, f"/api/documents/{announced['id']}", "clean")
    asked = time.perf_counter()
    job = importing.ask(api, announced["id"])
    _wait(api, f"/api/jobs/{job['id']}", "succeeded")
    ended = time.perf_counter()
    assert importing.outcomes(importing.get(api, job["import_id"])) == {"created": ROWS}
    return ended - asked, ended - began


def _wait(api: ApiClient, path: str, status: str) -> None:
    deadline = time.perf_counter() + 60
    while (found := api.get(path).json["status"]) != status:
        assert time.perf_counter() < deadline, f"{path} is {found}"
        time.sleep(POLL_SECONDS)
