"""A clean résumé becomes text, profile and candidate; whatever cannot be read says why and makes no candidate."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.clients import Bucket
from functions.run_default_jobs import run_default_jobs
from infra.demo import make_resumes
from infra.local import delivery
from infra.local.clamav import RunningClamd
from infra.local.resources import BUCKETS
from tests import records, samples
from tests.api import ApiClient
from tests.clamd import running_clamd
from tests.conftest import Tenant
from tests.factories import announce, new_candidate, read_document, upload
from tests.fakes import sqs_event
from tests.house import Cloud, Database

__all__ = ["running_clamd"]

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
HUGE = b"a line of a very long text without any name in it\n" * 200_000


BAD = {
    "zero bytes": ("cv.pdf", b"", "rejected", "file_empty", "empty"),
    "encrypted pdf": ("cv.pdf", samples.encrypted_pdf(), "rejected", "scan_incomplete", "password"),
    "encrypted docx": ("cv.docx", samples.encrypted_docx(), "rejected", "file_encrypted", "password"),
    "truncated docx": ("cv.docx", samples.docx_of(["Jordan"])[:4000], "rejected", "archive_damaged", "damaged"),
    "mislabelled": ("cv.pdf", samples.docx_of(["Jordan"]), "rejected", "type_mismatch", "something else"),
    "old word": ("cv.docx", samples.old_doc(), "rejected", "type_mismatch", "something else"),
    "zip bomb": ("cv.docx", samples.zip_bomb_docx(), "rejected", "archive_ratio", "trap"),
    "lying zip bomb": ("cv.docx", samples.lying_docx(), "rejected", "archive_ratio", "trap"),
    "thousands of parts": ("cv.docx", samples.crowded_docx(), "rejected", "archive_too_many_entries", "more than"),
    "truncated pdf": ("cv.pdf", samples.truncated_pdf(), "clean", "file_damaged", "damaged"),
    "pictures only": ("cv.pdf", samples.image_only_pdf(), "clean", "no_text_layer", "scan"),
    "2,000 pages": ("cv.pdf", samples.pdf_with_pages(2000), "clean", "too_many_pages", "2000 pages"),
    "xml that grows": ("cv.docx", samples.entity_docx(), "rejected", "archive_damaged", "document type"),
    "no name": ("cv.txt", b"we sell apples and pears\nask for our prices\n", "clean", "no_name_found", "by hand"),
    "no words": ("cv.docx", samples.docx_of([]), "clean", "no_text", "no words"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_says_why_and_makes_no_candidate(
    running_clamd: RunningClamd, tenant: Tenant, cloud: Cloud, database: Database, configure: Any, name: str
) -> None:
    configure(scanner="clamd", clamd_port=str(running_clamd.port))
    filename, content, status, code, words = BAD[name]

    document = read_document(tenant.api, cloud, filename, content)

    assert document["status"] == status, document
    said = (document["status_code"], document["status_reason"])
    if status == "clean":
        assert document["analysis"]["status"] == "failed", document
        said = (document["analysis"]["code"], document["analysis"]["message"])
    assert said[0] == code, said
    assert words in said[1].lower(), said
    assert document["candidate_id"] is None
    assert records.count(database, "candidates", tenant.id) == 0
    assert records.count(database, "document_texts", tenant.id) == 0
    assert {job["attempts"] for job in records.jobs_of(database, tenant.id)} == {1}, "trying again would not help"
    assert read_document(tenant.api, cloud, "good.pdf", SAMPLE)["candidate_id"], "the functions live on"


def test_a_huge_text_ends_with_a_reason_or_a_candidate_within_its_time(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.txt", HUGE)

    assert (document["status"], document["analysis"]["status"]) == ("clean", "failed"), document["analysis"]
    assert document["analysis"]["code"] in {"file_too_complex", "no_name_found"}
    assert document["candidate_id"] is None


def candidate_of(api: ApiClient, document: Any) -> Any:
    return api.get(f"/api/candidates/{document['candidate_id']}").json


def test_a_resume_makes_a_candidate_with_all_that_stands_in_it(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.pdf", (make_resumes.FOLDER / "amelia-hartley.pdf").read_bytes())

    candidate = candidate_of(api, document)
    assert (candidate["name"], candidate["source"]) == ("Amelia Hartley", "resume")
    assert candidate["email"]
    assert candidate["skills"]
    assert candidate["experience"]
    assert candidate["resume_document_id"] == document["id"]


def test_the_same_email_finds_the_same_candidate_and_overwrites_nothing_a_person_entered(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    entered = {"name": "J. Sample (met in Berlin)", "phone": "+49 30 1234567", "skills": ["Negotiation", "python"]}
    known = new_candidate(tenant.api, email="Jordan.Sample@example.com", **entered)

    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    assert document["candidate_id"] == known["id"]
    candidate = candidate_of(tenant.api, document)
    assert (candidate["name"], candidate["phone"]) == (entered["name"], known["phone"])
    assert candidate["skills"][:2] == ["Negotiation", "python"]
    assert {skill.lower() for skill in candidate["skills"]} >= {"negotiation", "python", "postgresql"}
    assert len({skill.lower() for skill in candidate["skills"]}) == len(candidate["skills"])
    assert records.count(database, "candidates", tenant.id) == 1
    actions = records.actions(database, tenant.id)
    assert actions.count("candidate_created") == actions.count("candidate_changed") == 1


def test_a_resume_uploaded_for_a_candidate_stays_theirs(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    known = new_candidate(tenant.api, name="Jordan S.")

    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE, candidate_id=known["id"])

    assert document["candidate_id"] == known["id"]
    candidate = candidate_of(tenant.api, document)
    assert (candidate["name"], candidate["email"]) == ("Jordan S.", "jordan.sample@example.com")
    assert records.count(database, "candidates", tenant.id) == 1


def test_an_email_that_belongs_to_somebody_else_is_not_taken_over(api: ApiClient, cloud: Cloud) -> None:
    somebody = new_candidate(api, name="Somebody Else", email="jordan.sample@example.com")
    mine = new_candidate(api, name="Jordan S.")

    document = read_document(api, cloud, "cv.pdf", SAMPLE, candidate_id=mine["id"])

    assert (document["candidate_id"], document["analysis"]["status"]) == (mine["id"], "succeeded")
    assert candidate_of(api, document)["email"] is None
    assert api.get(f"/api/candidates/{somebody['id']}").json == somebody


def test_a_resume_of_no_name_still_helps_a_candidate_it_was_uploaded_for(api: ApiClient, cloud: Cloud) -> None:
    known = new_candidate(api)

    document = read_document(api, cloud, "cv.txt", b"we sell apples and pears\n", candidate_id=known["id"])

    assert document["analysis"]["status"] == "succeeded"
    assert api.get(f"/api/documents/{document['id']}/text").json["text"].startswith("we sell apples")


def test_the_same_email_in_two_organizations_is_two_people(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    first = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    second = read_document(other.api, cloud, "cv.pdf", SAMPLE)

    assert first["candidate_id"] != second["candidate_id"]
    assert other.api.get(f"/api/candidates/{first['candidate_id']}").status == 404


def analyses_of(cloud: Cloud) -> list[dict[str, Any]]:
    """Scan everything; the messages of the analyses that follow, taken."""
    sqs, scan, default = cloud.client("sqs"), cloud.source("scan"), cloud.source("default")
    taken: list[dict[str, Any]] = []
    for _ in range(10):
        if messages := delivery.take_batch(sqs, scan, wait_seconds=0):
            delivery.deliver(sqs, scan, messages, retry_seconds=0)
        taken += delivery.take_batch(sqs, default, wait_seconds=0)
    return taken


def test_resumes_of_one_person_that_are_read_at_once_make_one_candidate(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    skills = ("Kotlin and Terraform", "Python and Docker", "Java and Kubernetes", "Rust and Redis")
    for number, line in enumerate(skills):
        upload(tenant.api, cloud, f"cv-{number}.pdf", samples.pdf_of((*samples.SAMPLE_LINES, "Skills: " + line)))
    messages = analyses_of(cloud)
    assert len(messages) == len(skills)
    source = cloud.source("default")
    answers: list[Any] = []

    def run(message: dict[str, Any]) -> None:
        answers.append(run_default_jobs(delivery.sqs_event([message], source), delivery.context("analyze")))

    threads = [threading.Thread(target=run, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert answers == [{"batchItemFailures": []}] * len(skills)
    assert records.count(database, "candidates", tenant.id) == 1
    documents = tenant.api.get("/api/documents").json["items"]
    assert [document["analysis"]["status"] for document in documents] == ["succeeded"] * len(skills)
    [candidate] = tenant.api.get("/api/candidates").json["items"]
    assert {document["candidate_id"] for document in documents} == {candidate["id"]}
    known = {skill.lower() for skill in tenant.api.get(f"/api/candidates/{candidate['id']}").json["skills"]}
    assert known >= {"kotlin", "terraform", "docker", "java", "kubernetes", "rust", "redis"}
    assert records.actions(database, tenant.id).count("candidate_created") == 1


def test_an_analysis_that_is_delivered_twice_makes_one_candidate(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    source = cloud.source("default")
    event = delivery.sqs_event(analyses_of(cloud) * 2, source)

    for _ in range(2):
        assert run_default_jobs(event, delivery.context("analyze")) == {"batchItemFailures": []}

    assert records.count(database, "candidates", tenant.id) == 1
    actions = records.actions(database, tenant.id)
    assert actions.count("document_analyzed") == actions.count("candidate_created") == 1


def test_reading_again_keeps_candidate_and_profile(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    before = candidate_of(tenant.api, document)

    job = tenant.api.post(f"/api/documents/{document['id']}/analyze").json
    cloud.drain()

    again = tenant.api.get(f"/api/documents/{document['id']}").json
    assert (again["analysis"], again["candidate_id"]) == (document["analysis"], document["candidate_id"])
    assert candidate_of(tenant.api, document) == before
    result = tenant.api.get(f"/api/jobs/{job['id']}").json["result"]
    assert (result["candidate_id"], result["document_type"]) == (document["candidate_id"], "resume")
    assert result["fields"] == again["analysis"]["profile"]
    assert records.actions(database, tenant.id).count("document_analyzed") == 2


def test_reading_again_after_the_candidate_was_deleted_says_so(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.pdf", SAMPLE)
    assert api.delete(f"/api/candidates/{document['candidate_id']}").status == 204

    api.post(f"/api/documents/{document['id']}/analyze")
    cloud.drain()

    analysis = api.get(f"/api/documents/{document['id']}").json["analysis"]
    assert (analysis["status"], analysis["message"]) == ("failed", "there is no such candidate")


def test_a_document_deleted_before_its_analysis_makes_no_candidate(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document_id = upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    messages = analyses_of(cloud)
    assert tenant.api.delete(f"/api/documents/{document_id}").status == 204
    source = cloud.source("default")

    assert run_default_jobs(delivery.sqs_event(messages, source), None) == {"batchItemFailures": []}

    assert records.count(database, "candidates", tenant.id) == 0
    assert records.jobs_of(database, tenant.id)[-1]["error_code"] == "document_not_found"


def test_bytes_that_are_not_those_that_were_scanned_are_not_read(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "letter.txt", b"Dear all", kind="cover_letter")
    key = f"organizations/{tenant.id}/documents/{document['id']}"
    swapped = cloud.client("s3").put_object(Bucket=BUCKETS[Bucket.CLEAN], Key=key, Body=SAMPLE)
    statement = "update documents set kind = 'resume', clean_version = :version where id = cast(:id as uuid)"
    records.rows(database, statement, version=swapped["VersionId"], id=document["id"])

    tenant.api.post(f"/api/documents/{document['id']}/analyze")
    cloud.drain()

    analysis = tenant.api.get(f"/api/documents/{document['id']}").json["analysis"]
    assert (analysis["status"], analysis["code"]) == ("failed", "bytes_changed")
    assert records.count(database, "candidates", tenant.id) == 0


def test_an_analysis_message_for_a_document_that_is_not_clean_reads_no_byte(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib import db
    from chalicelib.clock import utc_now
    from chalicelib.events.models import Actor
    from chalicelib.jobs import service
    from chalicelib.jobs.models import JobKind, JobMessage

    document = announce(tenant.api, "cv.pdf", len(SAMPLE))
    with db.transaction(tenant.id) as session:
        payload = {"document_id": document["id"]}
        actor = Actor("system")
        job_id = service.enqueue(session, JobKind.ANALYZE_DOCUMENT, payload, actor=actor, now=utc_now())
    monkeypatch.setattr(clients, "storage", lambda: pytest.fail("no byte may be read"))

    message = JobMessage(job_id, tenant.id, JobKind.ANALYZE_DOCUMENT)
    assert run_default_jobs(sqs_event(message.as_json()), None) == {"batchItemFailures": []}

    assert records.job(database, job_id)["error_code"] == "not_clean"


def test_a_newer_resume_takes_the_place_of_an_older_one_and_not_the_other_way(api: ApiClient, cloud: Cloud) -> None:
    older = read_document(api, cloud, "older.pdf", SAMPLE)
    newer = read_document(api, cloud, "newer.pdf", samples.pdf_of((*samples.SAMPLE_LINES, "More of late.")))
    assert candidate_of(api, newer)["resume_document_id"] == newer["id"]

    api.post(f"/api/documents/{older['id']}/analyze")
    cloud.drain()

    assert candidate_of(api, older)["resume_document_id"] == newer["id"]


def test_a_resume_that_was_chosen_before_it_was_read_is_searched_all_the_same(api: ApiClient, cloud: Cloud) -> None:
    content = b"Jordan Sample\njordan.sample@example.com\nOnce kept lighthouses on Helgoland.\n"
    first = read_document(api, cloud, "first.txt", b"Jordan Sample\njordan.sample@example.com\n")
    document_id = upload(api, cloud, "cv.txt", content)
    path = f"/api/candidates/{first['candidate_id']}"
    assert api.patch(path, {"resume_document_id": document_id}).status == 200

    cloud.drain()

    assert api.get(f"/api/documents/{document_id}").json["candidate_id"] == first["candidate_id"]
    found = api.get("/api/candidates/search", q="helgoland").json["items"]
    assert [item["id"] for item in found] == [first["candidate_id"]]
