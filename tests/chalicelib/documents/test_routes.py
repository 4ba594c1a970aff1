"""Documents as a frontend meets them: announced, uploaded by a form that allows one thing, and given out when clean."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

from chalicelib.clock import utc_now
from infra.local.resources import UPLOAD_BUCKET
from tests import records, samples
from tests.api import ApiClient
from tests.chalicelib.documents import post_policy
from tests.conftest import Tenant
from tests.factories import NO_ID, announce, new_candidate, new_position, new_project, read_document, upload
from tests.house import Cloud, Database

RESUME = {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": 1000, "kind": "resume"}
SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"size_bytes": -1}, "size_bytes"),
        ({"size_bytes": 10 * 1024 * 1024 + 1}, "size_bytes"),
        ({"size_bytes": "many"}, "size_bytes"),
        ({"kind": "poem"}, "kind"),
        ({"filename": ""}, "filename"),
        ({"filename": "   "}, "filename"),
        ({"filename": "cv"}, "filename"),
        ({"filename": "cv.exe"}, "filename"),
        ({"filename": "cv.docm"}, "filename"),
        ({"filename": "cv.xlsx"}, "filename"),
        ({"filename": "../cv.pdf"}, "filename"),
        ({"filename": "a\\cv.pdf"}, "filename"),
        ({"filename": ".."}, "filename"),
        ({"filename": "cv\n.pdf"}, "filename"),
        ({"filename": "cv\x00.pdf"}, "filename"),
        ({"filename": "cv\x7f.pdf"}, "filename"),
        ({"filename": "cv\u2028.pdf"}, "filename"),
        ({"filename": "gpj.\u202eexe.pdf"}, "filename"),
        ({"filename": "\ud800.pdf"}, "filename"),
        ({"filename": "x" * 200 + ".pdf"}, "filename"),
        ({"content_type": "text/plain"}, "content_type"),
        ({"content_type": "pdf"}, "content_type"),
        ({"content_type": "application/pdf\r\nx: y"}, "content_type"),
        ({"candidate_id": NO_ID}, "candidate_id"),
        ({"candidate_id": "me"}, "candidate_id"),
        ({"status": "clean"}, "status"),
    ],
)
def test_an_announcement_that_would_be_refused_later_is_refused_at_once(
    tenant: Tenant, database: Database, change: dict[str, Any], field: str
) -> None:
    answer = tenant.api.post("/api/documents", {**RESUME, **change})

    assert (answer.status, answer.wrong_fields) == (422, {field}), answer
    assert records.count(database, "documents", tenant.id) == 0


@pytest.mark.parametrize(
    ("kind", "filename", "content_type"),
    [
        ("resume", "Lebenslauf – Jürgen Müller.PDF", "application/pdf"),
        ("resume", "رزومه\u200cمن.pdf", "application/pdf"),
        ("cover_letter", "letter.txt", "text/plain"),
        ("import", "people.csv", "application/vnd.ms-excel"),
        ("import", "people.json", "application/json"),
        ("other", "papers.zip", "application/zip"),
        ("other", "photo.jpeg", "image/jpeg"),
    ],
)
def test_each_kind_of_document_takes_its_types(
    api: ApiClient, cloud: Cloud, kind: str, filename: str, content_type: str
) -> None:
    wish = {"filename": filename, "content_type": content_type, "size_bytes": 0, "kind": kind}

    answer = api.post("/api/documents", wish)

    assert answer.status == 201, answer
    assert (answer.json["status"], answer.json["filename"]) == ("awaiting_upload", filename)
    assert answer.headers["location"] == f"/api/documents/{answer.json['id']}"


def test_every_mistake_is_named_at_once(api: ApiClient, other: Tenant) -> None:
    strangers = {
        "candidate_id": new_candidate(other.api)["id"],
        "position_id": new_position(other.api)["id"],
        "project_id": new_project(other.api)["id"],
    }

    answer = api.post("/api/documents", {**RESUME, **strangers, "size_bytes": 10**9, "filename": "cv.exe"})

    assert answer.status == 422
    assert answer.wrong_fields == {*strangers, "size_bytes", "filename"}


def test_an_upload_form_allows_this_key_this_type_and_this_many_bytes_for_a_quarter_of_an_hour(
    tenant: Tenant, cloud: Cloud
) -> None:
    document = announce(tenant.api, "cv.pdf", 1234)
    fields = document["upload"]["fields"]
    now = utc_now()

    def refused(change: dict[str, str] | None = None, *, size: int = 1234, at: datetime = now) -> set[str]:
        return post_policy.refusals({**fields, **(change or {})}, size, at=at, bucket=UPLOAD_BUCKET)

    assert refused() == set()
    assert fields["key"] == f"organizations/{tenant.id}/documents/{document['id']}"
    assert refused({"key": fields["key"] + "x"}) == {"key"}
    assert refused({"key": fields["key"][:-1]}) == {"key"}
    assert refused({"Content-Type": "text/html"}) == {"content-type"}
    assert refused({"acl": "public-read"}) == {"acl"}
    assert refused({"x-amz-meta-note": "1"}) == {"x-amz-meta-note"}
    assert refused({"success_action_redirect": "https://evil.example"}) == {"success_action_redirect"}
    assert refused(size=1233) == refused(size=1235) == refused(size=0) == {"size"}
    assert post_policy.refusals(fields, 1234, at=now, bucket="another") == {"bucket"}
    expires_at = datetime.fromisoformat(document["upload"]["expires_at"])
    assert timedelta(seconds=880) < expires_at - now <= timedelta(seconds=901)
    assert refused(at=expires_at - timedelta(seconds=5)) == set()
    assert refused(at=expires_at + timedelta(seconds=2)) == {"expiration"}


def test_a_clean_document_is_given_out_by_a_link_that_saves_it_under_its_name(api: ApiClient, cloud: Cloud) -> None:
    name = 'Lebenslauf – Jürgen "JM" Müller; a=b.pdf'
    document = read_document(api, cloud, name, SAMPLE)

    answer = api.get(f"/api/documents/{document['id']}/content")

    assert (answer.status, answer.body) == (302, b"")
    link = answer.headers["location"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    file = httpx.get(link)
    assert (file.status_code, file.content) == (200, SAMPLE)
    assert file.headers["content-type"] == "application/pdf"
    disposition = file.headers["content-disposition"]
    assert disposition.startswith(
        "attachment; filename=\"Lebenslauf _ J_rgen _JM_ M_ller_ a_b.pdf\"; filename*=UTF-8''"
    )
    encoded = disposition.rsplit("''", 1)[1]
    assert httpx.QueryParams(f"n={encoded}")["n"] == name


def put_in_state(database: Database, document_id: str, status: str) -> None:
    statement = """
        update documents set status = :status, object_version = coalesce(object_version, 'v'),
               sha256 = coalesce(sha256, repeat('0', 64)) where id = cast(:id as uuid)
    """
    records.rows(database, statement, status=status, id=document_id)


@pytest.mark.parametrize("status", ["awaiting_upload", "scanning", "rejected", "scan_failed"])
@pytest.mark.parametrize("call", ["content", "text", "analyze"])
def test_no_byte_is_given_out_without_a_clean_verdict(
    api: ApiClient, cloud: Cloud, database: Database, status: str, call: str
) -> None:
    document = read_document(api, cloud, "cv.pdf", SAMPLE)
    put_in_state(database, document["id"], status)

    method = api.post if call == "analyze" else api.get
    answer = method(f"/api/documents/{document['id']}/{call}")

    assert (answer.status, answer.code, answer.json["document_status"]) == (409, "not_clean", status)


@pytest.mark.parametrize("call", ["content", "text", "analyze"])
def test_an_infected_document_is_gone_for_everyone(api: ApiClient, cloud: Cloud, database: Database, call: str) -> None:
    document = read_document(api, cloud, "cv.pdf", SAMPLE)
    put_in_state(database, document["id"], "infected")

    answer = (api.post if call == "analyze" else api.get)(f"/api/documents/{document['id']}/{call}")

    assert (answer.status, answer.code) == (410, "infected")


def test_a_deleted_document_reads_like_none(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.pdf", SAMPLE)
    one = f"/api/documents/{document['id']}"

    assert api.delete(one, headers={"If-Match": '"1"'}).code == "stale"
    assert api.delete(one).status == 204

    for answer in (api.get(one), api.get(f"{one}/content"), api.get(f"{one}/text"), api.delete(one)):
        assert (answer.status, answer.code) == (404, "document_not_found")
    assert api.post(f"{one}/analyze").code == "document_not_found"
    assert api.get("/api/documents").json["items"] == []


def test_another_organizations_document_reads_like_none(api: ApiClient, other: Tenant, cloud: Cloud) -> None:
    document = read_document(other.api, cloud, "cv.pdf", SAMPLE)

    for path in ("", "/content", "/text"):
        answer = api.get(f"/api/documents/{document['id']}{path}")
        assert (answer.status, answer.code) == (404, "document_not_found")
    assert api.post(f"/api/documents/{document['id']}/analyze").status == 404
    assert api.delete(f"/api/documents/{document['id']}").status == 404


def test_documents_are_filtered_by_state_kind_and_owner(api: ApiClient, cloud: Cloud) -> None:
    candidate, project = new_candidate(api), new_project(api)
    clean = read_document(api, cloud, "cv.pdf", SAMPLE, candidate_id=candidate["id"])["id"]
    letter = announce(api, "letter.txt", 5, kind="cover_letter", project_id=project["id"])["id"]

    def found(**query: Any) -> list[str]:
        return [item["id"] for item in api.get("/api/documents", **query).json["items"]]

    assert found() == [letter, clean]
    assert found(status="clean") == found(kind="resume") == found(candidate_id=candidate["id"]) == [clean]
    assert found(status="awaiting_upload") == found(project_id=project["id"]) == [letter]
    assert found(candidate_id=NO_ID) == found(kind="import") == []


def test_asking_for_another_reading_is_an_event_and_a_new_version(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    before = tenant.api.get(f"/api/documents/{document['id']}").headers["etag"]

    answer = tenant.api.post(f"/api/documents/{document['id']}/analyze")

    assert (answer.status, answer.json["kind"]) == (202, "analyze_document")
    assert answer.headers["location"] == f"/api/jobs/{answer.json['id']}"
    now = tenant.api.get(f"/api/documents/{document['id']}")
    assert now.json["analysis"]["status"] == "queued"
    assert now.headers["etag"] != before
    assert records.actions(database, tenant.id)[-1] == "document_analysis_requested"


def test_only_a_resume_is_analysed(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "letter.txt", b"Dear all", kind="cover_letter")

    assert (document["status"], document["analysis"], document["candidate_id"]) == ("clean", None, None)
    assert api.post(f"/api/documents/{document['id']}/analyze").code == "not_analysable"
    assert api.get(f"/api/documents/{document['id']}/text").code == "not_read"


def test_keys_hold_nothing_that_a_caller_chose(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = upload(tenant.api, cloud, "a b+c%20d.pdf", SAMPLE)

    key = records.rows(database, "select object_key from documents where id = cast(:id as uuid)", id=document_id)[0]

    assert key["object_key"] == f"organizations/{tenant.id}/documents/{UUID(document_id)}"
