"""An import while it runs: delivered twice, called off, missing a piece, met by somebody else, and full of nonsense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.bulk_imports import repository
from chalicelib.clients import Bucket
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import QueueName
from chalicelib.jobs.registry import WorkOf
from infra.local.resources import BUCKETS
from tests import records
from tests.chalicelib.bulk_imports.importing import (
    actions,
    ask,
    candidates,
    codes,
    get,
    imported,
    outcomes,
    people,
    rows_of,
    upload,
)
from tests.conftest import Tenant
from tests.factories import Json, new_candidate
from tests.fakes import sqs_event
from tests.house import Cloud, Database
from tests.nasty_csv import nasty_file

Work = Callable[..., dict[str, Any]]


def deliver(tenant: Tenant, *jobs: dict[str, Any], times: int = 1) -> list[str]:
    """Hand messages of these jobs to the function of the low queue; the ids of those that come again."""
    bodies = [
        {"job_id": str(job["id"]), "organization_id": str(tenant.id), "kind": job["kind"]} for job in jobs * times
    ]
    answer = consume(sqs_event(*bodies), WorkOf(QueueName.LOW))
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def cut(tenant: Tenant, cloud: Cloud, database: Database, rows: int) -> tuple[Json, list[dict[str, Any]]]:
    """An import whose file is cut, and the jobs of its pieces, not one of which has run."""
    job = ask(tenant.api, upload(tenant.api, cloud, people(rows)))
    deliver(tenant, job)
    return job, parts_of(tenant, database, job)


def parts_of(tenant: Tenant, database: Database, job: Json) -> list[dict[str, Any]]:
    return [each for each in records.jobs_of(database, tenant.id) if str(each["parent_id"]) == job["id"]]


def test_progress_counts_rows_while_an_import_runs(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    job, parts = cut(tenant, cloud, database, 1200)
    assert get(tenant.api, job["import_id"])["status"] == "running"

    deliver(tenant, parts[1])

    shown = tenant.api.get(f"/api/jobs/{job['id']}").json
    assert (shown["status"], shown["progress"]) == ("running", {"done": 500, "total": 1200})
    assert outcomes(get(tenant.api, job["import_id"])) == {"created": 500}


def test_a_second_delivery_imports_nothing_twice(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    job = ask(tenant.api, upload(tenant.api, cloud, people(1200)))

    assert deliver(tenant, job, times=2) == []
    parts = parts_of(tenant, database, job)
    assert len(parts) == 3
    assert deliver(tenant, *parts, times=2) == []
    assert deliver(tenant, job, *parts) == []
    cloud.drain()

    assert outcomes(get(tenant.api, job["import_id"])) == {"created": 1200}
    assert len(candidates(database, tenant.id)) == 1200
    assert actions(database, tenant.id) == {"candidate_created": 1200}
    assert len(parts_of(tenant, database, job)) == 3


def test_an_undo_delivered_twice_undoes_once(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    view = imported(tenant.api, cloud, people(3))
    undo = tenant.api.post(f"/api/imports/{view['id']}/undo").json

    deliver(tenant, undo, times=2)
    cloud.drain()

    assert actions(database, tenant.id) == {"candidate_created": 3, "candidate_deleted": 3}


def test_an_export_delivered_twice_is_written_once(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    job = tenant.api.post("/api/exports", {"kind": "candidates"}).json

    deliver(tenant, job, times=2)
    cloud.drain()

    assert records.actions(database, tenant.id).count("export_written") == 1


def test_an_import_that_is_called_off_stops_and_can_be_undone(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    job, parts = cut(tenant, cloud, database, 1200)
    deliver(tenant, parts[0])

    assert tenant.api.post(f"/api/jobs/{job['id']}/cancel").status == 200
    cloud.drain()

    view = get(tenant.api, job["import_id"])
    assert (view["status"], outcomes(view)) == ("cancelled", {"created": 500})
    assert len(candidates(database, tenant.id)) == 500
    assert tenant.api.post(f"/api/imports/{view['id']}/undo").status == 202
    cloud.drain()
    assert candidates(database, tenant.id) == []


def test_a_piece_that_is_called_off_by_itself_is_accounted_for(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    job, parts = cut(tenant, cloud, database, 1200)

    assert tenant.api.post(f"/api/jobs/{parts[1]['id']}/cancel").status == 200
    deliver(tenant, *parts)
    cloud.drain()

    view = get(tenant.api, job["import_id"])
    assert (view["status"], outcomes(view)) == ("succeeded", {"created": 700, "failed": 500})
    refused = rows_of(tenant.api, job["import_id"], outcome="failed")
    assert [each["problems"][0]["code"] for each in refused] == ["job_cancelled"]


def test_an_import_that_is_called_off_before_it_is_read_does_nothing(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    job = ask(tenant.api, upload(tenant.api, cloud, people(3)))

    assert tenant.api.post(f"/api/jobs/{job['id']}/cancel").status == 200
    cloud.drain()

    assert get(tenant.api, job["import_id"])["status"] == "cancelled"
    assert records.count(database, "import_rows", tenant.id) == 0


def test_a_piece_that_cannot_be_had_is_accounted_for(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Callable[..., None]
) -> None:
    configure(job_max_attempts="2")
    job, parts = cut(tenant, cloud, database, 1200)
    key = f"imports/{tenant.id}/{job['import_id']}/1.jsonl"
    lost = parts[1]["payload"]["object_version"]
    cloud.client("s3").delete_object(Bucket=BUCKETS[Bucket.EXPORTS], Key=key, VersionId=lost)

    cloud.drain()

    view = get(tenant.api, job["import_id"])
    assert (view["status"], view["rows"]["created"], view["rows"]["failed"]) == ("succeeded", 700, 500)
    (failed,) = rows_of(tenant.api, view["id"], "failed")
    assert (failed["number"], failed["line"]) == (501, 502)
    assert failed["problems"][0]["message"].startswith("500 rows from here on were not imported: ")
    assert tenant.api.get(f"/api/jobs/{job['id']}").json["result"]["failed"] == 1


def test_somebody_who_adds_the_same_person_in_the_same_moment_is_met_again(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = upload(tenant.api, cloud, people(3))
    insert, arrived = repository.insert_candidates, list[Json]()

    def meanwhile(*given: Any) -> None:
        if not arrived:
            arrived.append(new_candidate(tenant.api, name="First", email="person.1@example.com"))
        insert(*given)

    monkeypatch.setattr(repository, "insert_candidates", meanwhile)
    job = ask(tenant.api, document_id)
    cloud.drain()

    view = get(tenant.api, job["import_id"])
    assert outcomes(view) == {"created": 2, "skipped": 1}
    (row,) = rows_of(tenant.api, view["id"], "skipped")
    assert (codes(row), row["candidate_id"]) == (["duplicate_candidate"], arrived[0]["id"])


def test_a_document_found_infected_since_is_not_read(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = upload(tenant.api, cloud, people(3))
    job = ask(tenant.api, document_id)
    statement = "update documents set status = 'infected' where id = cast(:id as uuid)"
    records.rows(database, statement, id=document_id)

    cloud.drain()

    view = get(tenant.api, job["import_id"])
    assert (view["status"], view["error"]["code"], view["rows"]["total"]) == ("failed", "infected", None)


def test_a_thousand_nasty_rows_are_each_accounted_for(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    nasty = nasty_file()
    expected = {line: row for line, row in nasty.expected if row.name or row.code}
    plain = [line for line, row in expected.items() if row.name and row.name.startswith("Plain Person")]

    view = imported(tenant.api, cloud, nasty.content)

    report: list[Json] = []
    while len(report) < len(expected):
        path = f"/api/imports/{view['id']}/rows?limit=1000&skip={len(report)}"
        report += tenant.api.get(path).json["items"]
    names = {str(row["id"]): row["name"] for row in candidates(database, tenant.id)}
    told = {}
    for row in report:
        is_in = row["outcome"] in {"created", "skipped"}
        told[row["line"]] = (is_in, codes(row)[0] if row["outcome"] == "failed" else None)
    assert told == {line: (row.code is None, row.code) for line, row in expected.items()}
    created = [row for row in report if row["outcome"] == "created"]
    assert {names[row["candidate_id"]] for row in created} == {expected[row["line"]].name for row in created}
    # One address stands in all of these, so the first is the person and the others are the same once more.
    assert [row["line"] for row in report if row["outcome"] == "skipped"] == plain[1:]
    assert view["rows"]["total"] == len(expected) == sum(outcomes(view).values())
    assert actions(database, tenant.id) == {"candidate_created": len(created)}
