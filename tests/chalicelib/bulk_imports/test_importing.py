"""Files become candidates, whatever their format; each row is accounted for, and so is each candidate's event."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import openpyxl
import pytest

from chalicelib.clients import Bucket
from infra.local.resources import BUCKETS
from tests import records
from tests.api import ApiClient
from tests.chalicelib.bulk_imports.importing import (
    actions,
    ask,
    candidates,
    codes,
    csv_of,
    get,
    imported,
    outcomes,
    people,
    resume,
    resumes,
    rows_of,
    upload,
)
from tests.chalicelib.events import chain
from tests.conftest import Tenant
from tests.factories import NO_ID, new_candidate, set_role
from tests.house import Cloud, Database


def xlsx_of(count: int) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Name", "Email", "Phone"])
    for number in range(count):
        sheet.append([f"Sheet {number}", f"sheet.{number}@example.com", f"+4930300{number:04}"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


FILES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "people.csv": ("csv", people),
    "people.xlsx": ("xlsx", xlsx_of),
    "people.json": ("json_resume", resumes),
    "people.jsonl": ("jsonl", lambda count: b"\n".join(json.dumps(resume(n)).encode() for n in range(count))),
}


@pytest.mark.parametrize("filename", FILES)
def test_each_format_becomes_candidates(tenant: Tenant, cloud: Cloud, database: Database, filename: str) -> None:
    kind, build = FILES[filename]

    view = imported(tenant.api, cloud, build(7), filename)

    assert (view["status"], view["format"]) == ("succeeded", kind)
    assert view["rows"] == {"total": 7, "created": 7, "updated": 0, "skipped": 0, "failed": 0}
    assert len({row["email"] for row in candidates(database, tenant.id)}) == 7
    assert actions(database, tenant.id) == {"candidate_created": 7}
    job = tenant.api.get(f"/api/jobs/{view['job_id']}").json
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 7, "total": 7})
    assert job["result"] == {"import_id": view["id"], "done": 7, "failed": 0}


def test_an_import_of_many_pieces_counts_rows_and_chains_an_event_for_each(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    view = imported(tenant.api, cloud, people(1203))

    assert outcomes(view) == {"created": 1203}
    children = [job for job in records.jobs_of(database, tenant.id) if str(job["parent_id"]) == view["job_id"]]
    assert sorted(job["weight"] for job in children) == [203, 500, 500]
    assert [row["line"] for row in rows_of(tenant.api, view["id"])] == list(range(2, 1002))
    assert actions(database, tenant.id) == {"candidate_created": 1203}
    assert chain.breaks(chain.rows_of(database, tenant.id), chain.head_of(database, tenant.id)) == []
    found = tenant.api.get("/api/candidates/search", q="rust engineer").json
    assert found["total"] == 1203
    assert tenant.api.get("/api/candidates", skill="rust", limit=1).json["total"] == 1203
    left = cloud.client("s3").list_objects_v2(Bucket=BUCKETS[Bucket.EXPORTS], Prefix=f"imports/{tenant.id}/")
    assert left["KeyCount"] == 0


def test_a_candidate_of_an_import_is_what_its_row_says(api: ApiClient, cloud: Cloud) -> None:
    header = ("Full Name", "Mail", "Mobile", "City", "Title", "Key Skills", "Tags", "Source", "GDPR consent", "Notes")
    row = ("Ada Lovelace", "ADA@Example.com", "+44 20 7946 0958", "London", "Analyst", "Maths; Logic", "vip")
    content = csv_of(header, (*row, "Fair", "2024-05-31", "Tall =1+1"))

    view = imported(api, cloud, content)

    candidate_id = rows_of(api, view["id"])[0]["candidate_id"]
    candidate = api.get(f"/api/candidates/{candidate_id}").json
    assert (candidate["name"], candidate["email"], candidate["phone"]) == (
        "Ada Lovelace",
        "ada@example.com",
        "+442079460958",
    )
    assert (candidate["skills"], candidate["tags"], candidate["source"]) == (["Maths", "Logic"], ["vip"], "Fair")
    assert candidate["consent"] == {"source": "import file", "given_at": "2024-05-31T00:00:00Z"}
    event = api.get("/api/events", candidate_id=candidate_id).json["items"][0]
    assert (event["action"], event["actor_kind"], event["after"]["name"]) == (
        "candidate_created",
        "job",
        "Ada Lovelace",
    )


def test_a_bad_row_is_reported_and_stops_no_other(api: ApiClient, cloud: Cloud) -> None:
    content = csv_of(
        ("name", "email", "phone"),
        ("Good", "good@example.com", ""),
        ("", "nobody@example.com", "call me"),
        ("Better", "better@example.com", ""),
    )

    view = imported(api, cloud, content)

    assert outcomes(view) == {"created": 2, "failed": 1}
    (failed,) = rows_of(api, view["id"], outcome="failed")
    assert (failed["line"], codes(failed), failed["candidate_id"]) == (3, ["name_missing", "phone_invalid"], None)


def test_a_mapping_overrules_the_guess(api: ApiClient, cloud: Cloud) -> None:
    content = csv_of(("Rufname", "Kontakt", "Email"), ("Ada", "ada@example.com", "not this one"))

    view = imported(api, cloud, content, mapping={"name": "Rufname", "email": "Kontakt"})

    assert outcomes(view) == {"created": 1}
    assert view["mapping"] == {
        "columns": {"name": "Rufname", "email": "Kontakt"},
        "unmapped": ["Email"],
        "ambiguous": {},
    }


def test_a_mapping_that_does_not_fit_fails_the_import_with_each_mistake(api: ApiClient, cloud: Cloud) -> None:
    view = imported(api, cloud, people(1), mapping={"shoe_size": "Name", "email": "Mail"})

    assert (view["status"], view["error"]["code"]) == ("failed", "mapping_wrong")
    assert "mapping.shoe_size: there is no such field" in view["error"]["message"]
    assert "mapping.email: the file has no column 'Mail'" in view["error"]["message"]
    assert view["rows"]["total"] is None


def test_a_file_without_rows_fails_the_import(api: ApiClient, cloud: Cloud) -> None:
    view = imported(api, cloud, b"name,email\r\n")

    assert (view["status"], view["error"]["code"]) == ("failed", "import_empty")
    assert api.get(f"/api/jobs/{view['job_id']}").json["error"]["code"] == "import_empty"


def test_a_document_is_imported_only_when_it_is_one_and_clean(api: ApiClient, cloud: Cloud) -> None:
    wish = {"filename": "p.csv", "content_type": "text/csv", "size_bytes": 9, "kind": "import"}
    waiting = api.post("/api/documents", wish).json["id"]
    resume_id = api.post(
        "/api/documents", {"filename": "cv.txt", "content_type": "text/plain", "size_bytes": 9, "kind": "resume"}
    ).json["id"]

    assert api.post("/api/imports", {"document_id": waiting}).code == "not_clean"
    assert api.post("/api/imports", {"document_id": resume_id}).code == "not_an_import"
    assert api.get("/api/imports").json["items"] == []


def test_a_file_of_candidates_may_be_larger_than_other_documents(
    api: ApiClient, cloud: Cloud, configure: Callable[..., None]
) -> None:
    configure(upload_max_bytes="1000", upload_import_max_bytes="5000")
    file = {"filename": "people.csv", "content_type": "text/csv", "kind": "import"}

    assert api.post("/api/documents", {**file, "size_bytes": 5000}).status == 201
    assert api.post("/api/documents", {**file, "size_bytes": 5001}).wrong_fields == {"size_bytes"}
    other = {"filename": "cv.txt", "content_type": "text/plain", "kind": "resume", "size_bytes": 1001}
    assert api.post("/api/documents", other).wrong_fields == {"size_bytes"}


def test_nobody_imports_another_organizations_document(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    document_id = upload(tenant.api, cloud, people(1))

    foreign = other.api.post("/api/imports", {"document_id": document_id})
    unknown = other.api.post("/api/imports", {"document_id": NO_ID})

    assert foreign.status == unknown.status == 422
    assert foreign.wrong_fields == unknown.wrong_fields == {"document_id"}
    assert foreign.json["errors"] == unknown.json["errors"]


def test_another_organizations_import_reads_like_none(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    view = imported(tenant.api, cloud, people(1))
    calls = [("GET", ""), ("GET", "/rows"), ("POST", "/undo")]

    for method, end in calls:
        replies = [other.api.call(method, f"/api/imports/{each}{end}") for each in (view["id"], NO_ID)]
        assert [(reply.status, reply.code) for reply in replies] == [(404, "import_not_found")] * 2
    for field in ("job_id", "document_id"):
        assert other.api.get(f"/api/imports?{field}={view[field]}").json["items"] == []
    assert other.api.post("/api/exports", {"kind": "import_rows", "import_id": view["id"]}).wrong_fields == {
        "import_id"
    }


def test_a_viewer_reads_imports_and_makes_none(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    view = imported(tenant.api, cloud, people(1))
    set_role(database, tenant.email, "viewer")

    assert tenant.api.get(f"/api/imports/{view['id']}").status == 200
    assert tenant.api.post("/api/imports", {"document_id": view["document_id"]}).status == 403
    assert tenant.api.post(f"/api/imports/{view['id']}/undo").status == 403
    assert tenant.api.post("/api/exports", {"kind": "candidates"}).status == 403


def test_imports_are_found_by_job_document_and_status(api: ApiClient, cloud: Cloud) -> None:
    first = imported(api, cloud, people(1))
    second = ask(api, first["document_id"])

    by_job = api.get("/api/imports", job_id=second["id"]).json["items"]
    assert [each["id"] for each in by_job] == [second["import_id"]]
    assert [each["status"] for each in api.get("/api/imports").json["items"]] == ["queued", "succeeded"]
    assert [each["id"] for each in api.get("/api/imports", status="succeeded").json["items"]] == [first["id"]]
    cloud.drain()
    assert outcomes(get(api, second["import_id"])) == {"skipped": 1}


@pytest.mark.parametrize("wish", [{"on_duplicate": "replace"}, {"mapping": {"name": 1}}, {"dry": True}])
def test_a_wish_that_says_nothing_is_refused(api: ApiClient, wish: dict[str, object]) -> None:
    assert api.post("/api/imports", {"document_id": NO_ID, **wish}).status == 422


def test_what_a_json_key_hides_harms_nothing(api: ApiClient, cloud: Cloud) -> None:
    lines = [{"name": "Ada", "na\x00me": "Eve", "\ud800": 1}, {"name": "Bob", "email": {"a": "\x00"}}]
    content = b"\n".join(json.dumps(line).encode() for line in lines)

    view = imported(api, cloud, content, "people.jsonl")

    assert outcomes(view) == {"created": 1, "failed": 1}


def test_an_import_leaves_others_candidates_alone(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    theirs = new_candidate(other.api, name="Theirs", email="person.0@example.com")

    view = imported(tenant.api, cloud, people(2), on_duplicate="update")

    assert outcomes(view) == {"created": 2}
    assert other.api.get(f"/api/candidates/{theirs['id']}").json == theirs
