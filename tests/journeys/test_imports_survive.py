"""Whatever is killed while a file is imported: every row is there once, with one event, and counted once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests import records
from tests.chalicelib.bulk_imports import importing
from tests.chalicelib.events import chain
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Cloud, Database
from tests.journeys.test_jobs_survive import StartPump, start_pump, wait_until

__all__ = ["start_pump"]
# Cutting remembers its pieces by the twenty, so that test needs more than twenty; for the others a few will do.
ROWS = {"cutting": 12_000, "candidates": 3000, "rows": 3000, "counting": 3000}
DYING = "tests.chalicelib.bulk_imports.dying"


def has_ended(database: Database, job: Json) -> Callable[[], bool]:
    return lambda: records.job(database, job["id"])["status"] not in {"queued", "running"}


def assert_exactly_once(tenant: Tenant, database: Database, view: Json, rows: int) -> None:
    """Each row of `importing.people(rows)` became one candidate, with one event and one entry in the report."""
    assert view["rows"] == {"total": rows, "created": rows, "updated": 0, "skipped": 0, "failed": 0}
    emails = [row["email"] for row in importing.candidates(database, tenant.id)]
    assert len(emails) == len(set(emails)) == rows
    assert importing.actions(database, tenant.id) == {"candidate_created": rows}
    assert records.count(database, "import_rows", tenant.id) == rows
    assert chain.breaks(chain.rows_of(database, tenant.id), chain.head_of(database, tenant.id)) == []
    parts = [job for job in records.jobs_of(database, tenant.id) if str(job["parent_id"]) == view["job_id"]]
    assert (len(parts), {part["status"] for part in parts}) == (rows // 500, {"succeeded"})
    assert records.outbox_of(database, tenant.id) == []


@pytest.mark.timeout(180)
@pytest.mark.parametrize("step", ROWS)
def test_an_import_survives_a_kill(
    tenant: Tenant, cloud: Cloud, database: Database, start_pump: StartPump, step: str
) -> None:
    document_id = importing.upload(tenant.api, cloud, importing.people(ROWS[step]))
    dying = start_pump("-m", DYING, step)
    job = importing.ask(tenant.api, document_id)
    assert dying.wait(60) == -signal.SIGKILL
    view = importing.get(tenant.api, job["import_id"])
    assert view["rows"]["created"] < ROWS[step], "the kill came too late to prove anything"

    start_pump("-m", "infra.local.pump")

    wait_until(has_ended(database, job), 100, "the import did not end")
    assert_exactly_once(tenant, database, importing.get(tenant.api, job["import_id"]), ROWS[step])


@pytest.mark.timeout(180)
def test_an_undo_survives_a_kill(tenant: Tenant, cloud: Cloud, database: Database, start_pump: StartPump) -> None:
    view = importing.imported(tenant.api, cloud, importing.people(3000))
    undo = tenant.api.post(f"/api/imports/{view['id']}/undo").json
    pump = start_pump("-m", "infra.local.pump")

    def deleted() -> int:
        return 3000 - len(importing.candidates(database, tenant.id))

    wait_until(lambda: deleted() >= 500, 60, "the undo did not begin")
    os.kill(pump.pid, signal.SIGKILL)
    assert pump.wait(10) == -signal.SIGKILL

    start_pump("-m", "infra.local.pump")

    wait_until(has_ended(database, undo), 100, "the undo did not end")
    assert importing.candidates(database, tenant.id) == []
    assert importing.actions(database, tenant.id) == {"candidate_created": 3000, "candidate_deleted": 3000}
    assert importing.get(tenant.api, view["id"])["status"] == "undone"
