"""Candidates and reports as CSV: complete, harmless to a spreadsheet, and fit to be imported again."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests import records
from tests.api import ApiClient
from tests.chalicelib.bulk_imports.importing import candidates, csv_of, imported, outcomes, people
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, new_candidate
from tests.house import Cloud, Database


def exported(api: ApiClient, cloud: Cloud, **wish: object) -> tuple[Json, bytes]:
    """The job of an export, and the file that its link gives."""
    asked = api.post("/api/exports", wish)
    assert asked.status == 202, asked
    assert asked.headers["location"] == f"/api/jobs/{asked.json['id']}"
    cloud.drain()
    job = api.get(f"/api/jobs/{asked.json['id']}").json
    assert job["status"] == "succeeded", job
    link = api.get(job["result"]["download"])
    assert link.status == 302, link
    file = httpx.get(link.headers["location"])
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"].startswith("attachment;")
    return job, file.content


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_an_export_holds_every_candidate(tenant: Tenant, cloud: Cloud, other: Tenant) -> None:
    imported(tenant.api, cloud, people(1100))
    new_candidate(other.api, name="Theirs")

    job, content = exported(tenant.api, cloud, kind="candidates")

    rows = read(content)
    assert {row["email"] for row in rows} == {f"person.{n}@example.com" for n in range(1100)}
    assert (job["result"]["rows"], job["result"]["size_bytes"]) == (1100, len(content))
    assert len(rows) == 1100


def test_a_formula_is_neutralised_and_a_number_stays(api: ApiClient, cloud: Cloud) -> None:
    new_candidate(api, name="=cmd|' /C calc'!A0", phone="+442079460958", summary="\t@SUM(1)", skills=["-2+3", "C, D"])

    _, content = exported(api, cloud, kind="candidates")

    (row,) = read(content)
    assert (row["name"], row["phone"], row["skills"]) == ("'=cmd|' /C calc'!A0", "+442079460958", "'-2+3; C, D")
    assert row["summary"][0] not in "=+-@\t"


def test_an_export_can_be_imported_again(tenant: Tenant, other: Tenant, cloud: Cloud, database: Database) -> None:
    content = csv_of(
        ("name", "email", "phone", "summary", "skills", "tags", "company", "degree", "consent", "links"),
        (
            *('Ada "The Countess"', "ada@example.com", "+44 20 7946 0958", "one\ntwo", "Maths; Logic", "vip"),
            *("Analytical Engines", "MSc", "2024-05-31", "https://example.com/ada"),
        ),
        ("Grace", "grace@example.com", "", "", "", "", "", "", "", ""),
    )
    imported(tenant.api, cloud, content)
    _, file = exported(tenant.api, cloud, kind="candidates")

    view = imported(other.api, cloud, file)

    assert outcomes(view) == {"created": 2}

    def content_of(tenant: Tenant) -> list[dict[str, Any]]:
        own = {"id", "organization_id", "created_at", "updated_at", "search"}
        rows = [{name: row[name] for name in row if name not in own} for row in candidates(database, tenant.id)]
        return sorted(rows, key=lambda row: str(row["name"]))

    assert content_of(other) == content_of(tenant)


def test_filters_choose_candidates(api: ApiClient, cloud: Cloud) -> None:
    new_candidate(api, name="Nurse", skills=["Care"], tags=["night"])
    new_candidate(api, name="Engineer", skills=["Python"])

    _, content = exported(api, cloud, kind="candidates", filters={"skill": "care", "tag": "Night"})

    assert [row["name"] for row in read(content)] == ["Nurse"]


def test_nothing_to_export_is_a_file_with_its_header(api: ApiClient, cloud: Cloud) -> None:
    job, content = exported(api, cloud, kind="candidates")

    assert job["result"]["rows"] == 0
    assert content.decode("utf-8-sig").startswith("name,email,phone,")


def test_the_report_of_an_import_has_a_line_for_each_problem(api: ApiClient, cloud: Cloud) -> None:
    content = csv_of(("name", "email", "phone"), ("Ada", "ada@example.com", ""), ("", "nobody", "call me"))
    view = imported(api, cloud, content)

    _, report = exported(api, cloud, kind="import_rows", import_id=view["id"])

    assert [(row["line"], row["outcome"], row["code"]) for row in read(report)] == [
        ("2", "created", ""),
        ("3", "failed", "name_missing"),
        ("3", "failed", "email_invalid"),
        ("3", "failed", "phone_invalid"),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"kind": "users"},
        {"kind": "import_rows"},
        {"kind": "candidates", "import_id": NO_ID},
        {"kind": "candidates", "filters": {"shoe_size": 1}},
    ],
)
def test_a_wish_that_says_nothing_is_refused(api: ApiClient, wish: dict[str, object]) -> None:
    assert api.post("/api/exports", wish).status == 422


def test_an_export_is_fetched_by_its_own_organization_when_it_is_there(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    job_id = tenant.api.post("/api/exports", {"kind": "candidates"}).json["id"]
    path = f"/api/exports/{job_id}/content"
    assert tenant.api.get(path).code == "export_not_ready"
    cloud.drain()
    assert tenant.api.get(path).status == 302
    assert other.api.get(path).code == tenant.api.get(f"/api/exports/{NO_ID}/content").code == "export_not_found"
    records.rows(
        database,
        "update jobs set finished_at = now() - interval '2 hours' where id = cast(:id as uuid)",
        id=job_id,
    )
    assert (tenant.api.get(path).status, tenant.api.get(path).code) == (410, "export_expired")
