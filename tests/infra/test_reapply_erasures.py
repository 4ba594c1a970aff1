"""Whoever was erased stays erased when the database is restored from before."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from rich.console import Console
from sqlalchemy.pool import NullPool

from chalicelib import clients, db
from chalicelib.clients import Bucket
from chalicelib.db import Role
from chalicelib.events import verification
from chalicelib.migrations import roles
from chalicelib.migrations.roles import driver_url
from chalicelib.privacy import reapplying, remembered
from chalicelib.privacy.reapplying import Found
from chalicelib.privacy.remembered import Remembered
from infra import reapply_erasures
from infra.local import postgres
from infra.local.resources import BUCKETS
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import as_superuser, new_application, new_candidate
from tests.house import APP_PASSWORD, Cloud, Database
from tests.journeys.test_a_person_is_erased import (
    NEEDLES,
    everything_about_somebody,
    found_in_buckets,
    found_in_database,
)

TODAY = datetime.now(UTC).date().isoformat()


def reapply(since: str = TODAY) -> tuple[int, str]:
    """The exit code, and what it printed."""
    console = Console(file=io.StringIO(), width=200)
    code = reapply_erasures.main(["--since", since], console)
    return code, console.file.getvalue()  # type: ignore[attr-defined]


def log_of(organization_id: UUID) -> dict[str, dict[str, Any]]:
    """The records of an organization, by key."""
    storage, records = clients.storage(Bucket.BACKUPS), {}
    for key in storage.keys("erasures/"):
        if str(organization_id) in key:
            stored, content = storage.find(key), io.BytesIO()
            assert stored is not None
            storage.fetch(key, stored.version, content)
            records[key] = json.loads(content.getvalue())
    return records


def erase(api: ApiClient, cloud: Cloud, candidate_id: str) -> dict[str, Any]:
    """The job of an erasure, once all is done that can be."""
    accepted = api.post(f"/api/candidates/{candidate_id}/erase", {"reason": "person_asked"})
    assert accepted.status == 202, accepted
    cloud.drain()
    job: dict[str, Any] = api.get(accepted.headers["location"]).json
    return job


def tool(name: str, url: str, *arguments: str) -> None:
    account = urlsplit(url)
    bare = f"postgresql://{account.username}@{account.hostname}:{account.port}{account.path}"
    environment = {**os.environ, "PGPASSWORD": unquote(account.password or "")}
    command = [str(postgres.binaries() / name), *arguments, f"--dbname={bare}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def backup_of(database: Database, configure: Callable[..., None], tmp_path: Path) -> Callable[[], Database]:
    """Takes a backup now; the function that it gives brings it back as another database, on which all then work."""
    taken = tmp_path / "backup"
    tool("pg_dump", database.superuser_url, "--format=custom", "--compress=0", f"--file={taken}")

    def bring_back() -> Database:
        name = f"restored_{os.getpid()}"
        superuser_url = database.server.url.rsplit("/", 1)[0]
        with _unbound(database) as connection:
            connection.exec_driver_sql(f"drop database if exists {name}")
            connection.exec_driver_sql(f"create database {name} owner {roles.OWNER} template template0")
        tool("pg_restore", f"{superuser_url}/{name}", "--exit-on-error", str(taken))
        app_url = roles.url_for(database.server.url, user=roles.APP, password=APP_PASSWORD, database=name)
        configure(database_url=app_url, rate_limit_enabled="false")
        return replace(database, superuser_url=f"{superuser_url}/{name}", app_url=app_url)

    return bring_back


def _unbound(database: Database) -> sa.Connection:
    engine = sa.create_engine(driver_url(database.server.url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()


@pytest.mark.own_database
@pytest.mark.timeout(180)
def test_an_erased_person_who_comes_back_with_a_restore_is_erased_again(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure(rate_limit_enabled="false")
    person = everything_about_somebody(tenant, cloud)
    bring_back = backup_of(database, configure, tmp_path)
    colleague = new_candidate(tenant.api, name="Somebody Else", email="else@tenant.example")
    assert erase(tenant.api, cloud, person["id"])["status"] == "succeeded"

    restored = bring_back()
    assert found_in_database(restored), "the person is back"
    assert tenant.api.get(f"/api/candidates/{person['id']}").status == 200
    first = reapply()
    assert tenant.api.get(f"/api/candidates/{person['id']}").status == 404, "out of sight at once"
    second = reapply()
    cloud.drain()
    third = reapply()

    assert (first[0], second[0], third[0]) == (1, 1, 0), (first, second, third)
    assert "1 asked for again, 0 under way" in first[1]
    assert "0 asked for again, 1 under way" in second[1]
    assert found_in_database(restored) == {}
    assert found_in_buckets(cloud, tenant) == []
    assert tenant.api.get(f"/api/candidates/{colleague['id']}").status == 404, "made after the backup"
    with db.transaction(tenant.id, Role.AUDITOR) as session:
        assert verification.verify(session, tenant.id).broken is None


@pytest.mark.own_database
def test_entries_that_were_merged_after_the_backup_are_both_erased_again(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Callable[..., None], tmp_path: Path
) -> None:
    one, twin = new_candidate(tenant.api), new_candidate(tenant.api, name="Grace B. Hopper")
    bring_back = backup_of(database, configure, tmp_path)
    merged = tenant.api.post(f"/api/candidates/{one['id']}/merge", {"duplicate_id": twin["id"]})
    assert merged.status == 200, merged
    erase(tenant.api, cloud, one["id"])

    bring_back()
    assert [tenant.api.get(f"/api/candidates/{each['id']}").status for each in (one, twin)] == [200, 200]
    reapply()
    cloud.drain()

    assert [tenant.api.get(f"/api/candidates/{each['id']}").status for each in (one, twin)] == [404, 404]
    assert reapply()[0] == 0


def test_an_erasure_that_was_under_way_in_the_backup_and_failed_there_is_tried_again(
    tenant: Tenant, cloud: Cloud, configure: Callable[..., None]
) -> None:
    candidate = new_candidate(tenant.api)
    configure(backup_bucket="no-such-bucket-of-anybody")
    assert erase(tenant.api, cloud, candidate["id"])["status"] == "failed"
    configure(backup_bucket=BUCKETS[Bucket.BACKUPS])
    asked = {"erasure_id": str(UUID(int=0)), "organization_id": str(tenant.id), "candidates": [candidate["id"]]}
    record = Remembered.of_bytes(
        json.dumps({**asked, "reason": "person_asked", "requested_at": "2001-02-03T04:05:06Z"}).encode()
    )

    (applied,) = reapplying.reapply([record], datetime.now(UTC))
    cloud.drain()

    assert applied.found is Found.UNDER_WAY
    (erasure,) = tenant.api.get("/api/erasures").json["items"]
    assert erasure["status"] == "done"


def test_the_log_of_erasures_holds_ids_and_nothing_about_anybody(
    tenant: Tenant, cloud: Cloud, configure: Callable[..., None]
) -> None:
    configure(rate_limit_enabled="false")
    person = everything_about_somebody(tenant, cloud)

    job = erase(tenant.api, cloud, person["id"])

    ((key, record),) = log_of(tenant.id).items()
    assert key == f"erasures/{TODAY}/{tenant.id}/{job['result']['erasure_id']}.json"
    assert set(record) == {"erasure_id", "organization_id", "candidates", "reason", "requested_at"}
    assert record["candidates"] == sorted([person["id"], person["twin_id"]])
    assert not [needle for needle in NEEDLES if needle in json.dumps(record).lower()]


def test_an_erasure_that_cannot_be_remembered_is_not_done_and_is_once_it_can(
    tenant: Tenant, cloud: Cloud, configure: Callable[..., None], database: Database
) -> None:
    candidate = new_candidate(tenant.api)
    new_application(tenant.api, candidate)
    configure(backup_bucket="no-such-bucket-of-anybody")

    job = erase(tenant.api, cloud, candidate["id"])

    assert (job["status"], job["error"]["code"]) == ("failed", "storage_unavailable")
    with as_superuser(database) as connection:
        left = connection.scalar(sa.text("select count(*) from candidates where id = :id"), {"id": candidate["id"]})
    assert left == 1
    configure(backup_bucket=BUCKETS[Bucket.BACKUPS])
    assert log_of(tenant.id) == {}
    assert tenant.api.post(f"/api/jobs/{job['id']}/retry").status == 200
    cloud.drain()
    assert tenant.api.get(f"/api/jobs/{job['id']}").json["status"] == "succeeded"
    assert len(log_of(tenant.id)) == 1


@pytest.mark.own_database
def test_only_erasures_since_the_day_are_looked_at_and_one_that_cannot_be_read_stops_nobody(
    tenant: Tenant, cloud: Cloud
) -> None:
    storage = clients.storage(Bucket.BACKUPS)
    storage.put(f"erasures/2001-01-01/{tenant.id}/broken.json", b"{", content_type="application/json")
    candidate = new_candidate(tenant.api)
    erase(tenant.api, cloud, candidate["id"])

    found = list(remembered.since(date(2001, 1, 1)))
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)

    assert UUID(candidate["id"]) in {each for record in found for each in record.candidates}
    # Other tests move the clock ahead, and storage is shared with them.
    assert [each for each in remembered.since(tomorrow) if each.organization_id == tenant.id] == []
    assert reapply(tomorrow.isoformat())[0] == 0


def test_a_storage_that_does_not_answer_is_told(
    database: Database, cloud: Cloud, configure: Callable[..., None]
) -> None:
    configure(backup_bucket="no-such-bucket-of-anybody")

    assert reapply() == (2, "the file storage does not answer now\n")
