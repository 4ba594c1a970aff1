"""An admin imports published pay from a scanned file; what it brought can be read, replaced and deleted."""

from __future__ import annotations

import hashlib

import pytest

from functions.run_low_jobs import run_low_jobs
from infra.local import delivery
from tests import records
from tests.api import ApiClient
from tests.chalicelib.market_research.market import Json, come_back, kill_low_function, low_event, uploaded
from tests.conftest import Tenant
from tests.factories import NO_ID, set_role
from tests.house import Cloud, Database

HEADER = "title,location,currency,amount,period,observed_on\n"
PAY = (HEADER + "Cook,Berlin,EUR,30000,year,2026-01-31\nNurse,Paris,EUR,?,year,2026-01-31\n").encode()


def imported(api: ApiClient, cloud: Cloud, document_id: str, source: str = "Pay survey") -> Json:
    """The job of an import, when it is done."""
    accepted = api.post("/api/salary-data", {"document_id": document_id, "source": source})
    assert accepted.status == 202, accepted
    cloud.drain()
    job: Json = api.get(accepted.headers["location"]).json
    return job


def test_good_rows_are_kept_and_bad_ones_reported_by_line(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = uploaded(tenant.api, cloud, PAY)

    job = imported(tenant.api, cloud, document_id)

    assert (job["kind"], job["priority"], job["status"]) == ("import_salary_data", "low", "succeeded")
    assert job["result"]["rows"] == {"imported": 1, "refused": 1, "replaced": 0}
    assert [(each["line"], each["field"], each["code"]) for each in job["result"]["problems"]] == [
        (3, "amount", "amount_unclear")
    ]
    assert job["result"]["columns"]["texts"]["title"] == "title"
    [row] = tenant.api.get("/api/salary-data").json["items"]
    told_apart = ("id", "created_at")
    assert {name: value for name, value in row.items() if name not in told_apart} == {
        "document_id": document_id,
        "line": 2,
        "source": "Pay survey",
        "title": "Cook",
        "location": "Berlin",
        "sector": None,
        "seniority": None,
        "currency": "EUR",
        "period": "year",
        "amount": 30000.0,
        "amount_min": None,
        "amount_max": None,
        "observed_on": "2026-01-31",
    }
    assert records.actions(database, tenant.id)[-2:] == ["salary_data_import_requested", "salary_data_imported"]


def test_importing_again_replaces_and_bad_files_leave_what_was_there(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document_id = uploaded(tenant.api, cloud, PAY)
    imported(tenant.api, cloud, document_id)

    again = imported(tenant.api, cloud, document_id, "Better name")

    assert again["result"]["rows"] == {"imported": 1, "refused": 1, "replaced": 1}
    assert [row["source"] for row in tenant.api.get("/api/salary-data").json["items"]] == ["Better name"]
    empty = imported(tenant.api, cloud, uploaded(tenant.api, cloud, (HEADER + "Cook\n").encode()))
    assert empty["result"]["rows"] == {"imported": 0, "refused": 1, "replaced": 0}
    failed = imported(tenant.api, cloud, uploaded(tenant.api, cloud, b"title,amount\nCook,5\n"))
    assert (failed["status"], failed["error"]["code"]) == ("failed", "salary_columns_missing")
    assert records.count(database, "salary_data", tenant.id) == 1


def test_the_list_is_narrowed_and_deleted_by_document(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    api = tenant.api
    documents = [uploaded(api, cloud, PAY.replace(b"EUR", currency)) for currency in (b"EUR", b"CHF")]
    for document_id in documents:
        imported(api, cloud, document_id)

    assert [row["document_id"] for row in api.get("/api/salary-data").json["items"]] == documents[::-1]
    assert [row["currency"] for row in api.get("/api/salary-data", document_id=documents[0]).json["items"]] == ["EUR"]
    assert [row["currency"] for row in api.get("/api/salary-data", currency="chf").json["items"]] == ["CHF"]
    assert api.delete(f"/api/salary-data?document_id={documents[0]}").status == 204
    again = api.delete(f"/api/salary-data?document_id={documents[0]}")
    assert (again.status, again.code) == (404, "salary_data_not_found")
    assert records.actions(database, tenant.id).count("salary_data_deleted") == 1
    assert [row["currency"] for row in api.get("/api/salary-data").json["items"]] == ["CHF"]
    assert api.delete("/api/salary-data").wrong_fields == {"document_id"}


def test_what_cannot_be_imported_is_refused_before_there_is_a_job(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = tenant.api
    theirs = uploaded(other.api, cloud, PAY)
    resume = uploaded(api, cloud, b"Grace Hopper\nEngineer", filename="cv.txt", kind="resume")
    mine = uploaded(api, cloud, PAY)
    jobs_before = len(records.jobs_of(database, tenant.id))

    def refusal(document_id: str) -> tuple[int, str]:
        reply = api.post("/api/salary-data", {"document_id": document_id, "source": "S"})
        return reply.status, reply.code

    for document_id in (theirs, NO_ID, resume):
        reply = api.post("/api/salary-data", {"document_id": document_id, "source": "S"})
        assert (reply.status, reply.wrong_fields) == (422, {"document_id"}), reply
    assert api.post("/api/salary-data", {"source": " "}).wrong_fields == {"document_id", "source"}
    monkeypatch.setattr("chalicelib.market_research.salary_data.FILE_MAX_BYTES", len(PAY) - 1)
    assert refusal(mine) == (422, "salary_file_too_big")
    for status, expected in {"scanning": (409, "not_clean"), "infected": (410, "infected")}.items():
        statement = "update documents set status = :status where id = cast(:id as uuid)"
        records.rows(database, statement, status=status, id=mine)
        assert refusal(mine) == expected
    assert len(records.jobs_of(database, tenant.id)) == jobs_before
    assert other.api.get("/api/salary-data").json["items"] == []


@pytest.mark.parametrize("role", ["viewer", "recruiter"])
def test_who_is_no_admin_reads_and_imports_nothing(tenant: Tenant, cloud: Cloud, database: Database, role: str) -> None:
    document_id = uploaded(tenant.api, cloud, PAY)
    imported(tenant.api, cloud, document_id)
    set_role(database, tenant.email, role)

    wish = {"document_id": document_id, "source": "S"}
    assert tenant.api.post("/api/salary-data", wish).status == 403
    assert tenant.api.delete(f"/api/salary-data?document_id={document_id}").status == 403
    assert len(tenant.api.get("/api/salary-data").json["items"]) == 1


def test_nothing_is_deleted_or_seen_across_organizations(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    document_id = uploaded(tenant.api, cloud, PAY)
    imported(tenant.api, cloud, document_id)

    assert other.api.delete(f"/api/salary-data?document_id={document_id}").status == 404
    assert other.api.get("/api/salary-data", document_id=document_id).json["items"] == []
    assert len(tenant.api.get("/api/salary-data").json["items"]) == 1


def ask_for_import(tenant: Tenant, cloud: Cloud) -> None:
    document_id = uploaded(tenant.api, cloud, PAY)
    assert tenant.api.post("/api/salary-data", {"document_id": document_id, "source": "S"}).status == 202


def test_a_second_delivery_imports_nothing_more(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    ask_for_import(tenant, cloud)
    event = low_event(cloud)

    for _ in range(2):
        assert run_low_jobs(event, delivery.context("run_low_jobs")) == {"batchItemFailures": []}

    assert records.count(database, "salary_data", tenant.id) == 1
    assert records.actions(database, tenant.id).count("salary_data_imported") == 1


@pytest.mark.parametrize("line", ["after the claim", "before the commit", "after the commit"])
def test_an_import_that_is_killed_comes_to_its_end_once(
    tenant: Tenant, cloud: Cloud, database: Database, line: str
) -> None:
    ask_for_import(tenant, cloud)
    messages = kill_low_function(cloud, database, line)

    assert records.count(database, "salary_data", tenant.id) == (1 if line == "after the commit" else 0)

    come_back(cloud, messages)

    assert records.count(database, "salary_data", tenant.id) == 1
    assert records.actions(database, tenant.id).count("salary_data_imported") == 1
    assert {job["status"] for job in records.jobs_of(database, tenant.id)} == {"succeeded"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("deleted_at = now()", "document_not_found"),
        ("status = 'infected'", "infected"),
        (f"sha256 = '{hashlib.sha256(b'other').hexdigest()}'", "bytes_changed"),
    ],
)
def test_a_document_that_changed_while_its_import_waited_is_not_read(
    tenant: Tenant, cloud: Cloud, database: Database, change: str, code: str
) -> None:
    ask_for_import(tenant, cloud)
    event = low_event(cloud)
    records.rows(database, f"update documents set {change} where organization_id = :id", id=tenant.id)

    run_low_jobs(event, delivery.context("run_low_jobs"))

    [job] = [job for job in records.jobs_of(database, tenant.id) if job["kind"] == "import_salary_data"]
    assert (job["status"], job["error_code"]) == ("failed", code)
    assert records.count(database, "salary_data", tenant.id) == 0
