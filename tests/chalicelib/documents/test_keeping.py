"""Where scanned bytes are kept: clean ones in a bucket of their own, from which alone anybody reads; malware locked."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from botocore.exceptions import ClientError

from chalicelib.clients import Bucket, StorageUnavailable
from chalicelib.clock import utc_now
from chalicelib.documents import keeping, rescans
from chalicelib.documents.scanning import WORK
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobMessage
from infra.local import delivery
from infra.local.resources import BUCKETS, UPLOAD_BUCKET
from tests import records, samples
from tests.chalicelib.documents.storages import Killed, killed_at, row_of, stored, watched
from tests.conftest import Tenant
from tests.factories import announce, read_document, upload
from tests.house import Cloud, Database

ROOT = Path(__file__).parents[3]
SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
LATER = timedelta(hours=2)
Configure = Callable[..., None]


def key_of(tenant: Tenant, document_id: str) -> str:
    return f"organizations/{tenant.id}/documents/{document_id}"


def test_a_clean_file_is_copied_and_its_upload_removed(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    row, key = row_of(database, document["id"]), key_of(tenant, document["id"])
    assert stored(cloud, Bucket.CLEAN, key) == {row["clean_version"]: SAMPLE}
    assert stored(cloud, Bucket.UPLOADS, key) == stored(cloud, Bucket.QUARANTINE, key) == {}
    assert row["clean_key"] == key
    assert row["sha256"] == hashlib.sha256(SAMPLE).hexdigest()
    head = cloud.client("s3").head_object(Bucket=BUCKETS[Bucket.CLEAN], Key=key)
    assert (head["ContentType"], head["ContentDisposition"]) == ("application/pdf", "attachment")


def test_a_file_is_served_as_what_it_was_found_to_be_and_not_as_what_was_announced(
    tenant: Tenant, cloud: Cloud
) -> None:
    wish = {"filename": "people.csv", "content_type": "application/vnd.ms-excel", "size_bytes": 9, "kind": "import"}
    announced = tenant.api.post("/api/documents", wish).json
    assert cloud.upload(announced["upload"], b"name\nAda\n") < 300
    cloud.drain()

    answer = tenant.api.get(f"/api/documents/{announced['id']}/content")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert BUCKETS[Bucket.CLEAN] in answer.headers["location"]
    file = httpx.get(answer.headers["location"])
    assert (file.content, file.headers["content-type"]) == (b"name\nAda\n", "text/csv")
    assert file.headers["content-disposition"].startswith("attachment")


def test_malware_is_locked_in_quarantine_and_nowhere_else(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Configure
) -> None:
    configure(quarantine_days="7")
    document = read_document(tenant.api, cloud, "cv.txt", samples.eicar())

    row, key = row_of(database, document["id"]), key_of(tenant, document["id"])
    version = row["quarantine_version"]
    assert (document["status"], row["clean_version"]) == ("infected", None)
    assert stored(cloud, Bucket.QUARANTINE, key) == {version: samples.eicar()}
    assert stored(cloud, Bucket.UPLOADS, key) == stored(cloud, Bucket.CLEAN, key) == {}
    s3, name = cloud.client("s3"), BUCKETS[Bucket.QUARANTINE]
    lock = s3.head_object(Bucket=name, Key=key, VersionId=version)
    assert lock["ObjectLockMode"] == "GOVERNANCE"
    assert timedelta(days=6, hours=23) < lock["ObjectLockRetainUntilDate"] - datetime.now(UTC) <= timedelta(days=7)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=name, Key=key, VersionId=version)
    assert records.actions(database, tenant.id)[-2:] == ["document_scanned", "document_quarantined"]


def test_a_refused_file_stays_where_it_was_uploaded(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", samples.docx_of(["Jordan"]))

    key = key_of(tenant, document["id"])
    assert document["status"] == "rejected"
    assert len(stored(cloud, Bucket.UPLOADS, key)) == 1
    assert stored(cloud, Bucket.CLEAN, key) == {}


def test_nothing_but_scan_and_registration_touches_what_was_uploaded(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way of a résumé, an import, salary data and an export, with every look at the storage noted."""
    seen: set[tuple[Bucket, str, str]] = set()

    def note(bucket: Bucket, name: str, call: Callable[[], Any]) -> Any:
        module = next(
            frame.frame.f_globals["__name__"]
            for frame in inspect.stack()
            if frame.frame.f_globals["__name__"].startswith("chalicelib.") and "storage" not in frame.filename
        )
        seen.add((bucket, name, module))
        return call()

    pay = b"title,source,currency,period,amount,observed_on\nEngineer,Survey,EUR,year,70000,2026-01-01\n"
    with watched(monkeypatch, note):
        document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
        files = {}
        for name, content in (("people.csv", b"name\nAda Lovelace\n"), ("pay.csv", pay)):
            wish = {"filename": name, "content_type": "text/csv", "size_bytes": len(content), "kind": "import"}
            files[name] = tenant.api.post("/api/documents", wish).json
            cloud.upload(files[name]["upload"], content)
        cloud.drain()
        tenant.api.post("/api/imports", {"document_id": files["people.csv"]["id"], "on_duplicate": "skip"})
        tenant.api.post("/api/salary-data", {"document_id": files["pay.csv"]["id"]})
        tenant.api.post("/api/exports", {"kind": "candidates"})
        assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 302
        assert tenant.api.post(f"/api/documents/{document['id']}/scan").status == 202
        cloud.drain()

    of_uploads = {(name, module) for bucket, name, module in seen if bucket is Bucket.UPLOADS}
    assert of_uploads == {
        ("upload_form", "chalicelib.documents.service"),
        ("find", "chalicelib.documents.uploads"),
        ("fetch", "chalicelib.documents.scanning"),
        ("delete", "chalicelib.documents.keeping"),
    }
    readers = {module for bucket, name, module in seen if bucket is Bucket.CLEAN and name in {"fetch", "download_link"}}
    assert readers == {
        "chalicelib.documents.keeping",
        "chalicelib.documents.scanning",
        "chalicelib.documents.service",
    }


def test_the_bucket_of_uploads_is_named_where_it_must_be_and_nowhere_else() -> None:
    naming = {
        str(path.relative_to(ROOT))
        for path in (*ROOT.glob("chalicelib/**/*.py"), *ROOT.glob("functions/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"UPLOADS", "upload_bucket"}
    }

    assert naming - {"chalicelib/privacy/objects.py", "chalicelib/privacy/jobs.py"} == {
        "chalicelib/clients.py",  # what it is called
        "chalicelib/documents/keeping.py",  # what a scan reads, and what it deletes
        "chalicelib/documents/routes.py",  # the form
        "chalicelib/documents/uploads.py",  # registration
        "chalicelib/operations/health.py",  # whether it is there
    }


def registered(tenant: Tenant, cloud: Cloud, filename: str, content: bytes) -> tuple[str, JobMessage]:
    """A document whose scan is asked for and not begun, and the message of that scan."""
    document_id = upload(tenant.api, cloud, filename, content)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))
    [job] = tenant.api.get("/api/jobs", kind="scan_document", status="queued").json["items"]
    cloud.purge()
    return document_id, JobMessage(UUID(job["id"]), tenant.id, JobKind.SCAN_DOCUMENT)


def revive(database: Database, message: JobMessage) -> None:
    """Let a job whose worker died be taken over."""
    lapsed = "update jobs set lease_expires_at = now() - interval '1 second' where id = :id and status = 'running'"
    records.rows(database, lapsed, id=message.job_id)


def sweep_later(database: Database, *document_ids: str) -> None:
    """The sweep of two hours later."""
    for document_id in document_ids:
        aged = "update documents set unsettled_at = unsettled_at - interval '2 hours' where id = cast(:id as uuid)"
        records.rows(database, aged, id=document_id)
    keeping.sweep(utc_now() + LATER)


# A clean file takes fetch, copy and delete; malware takes fetch, copy and delete.
LINES = [(number, is_after) for number in (1, 2, 3) for is_after in (False, True)]


@pytest.mark.parametrize("content", [b"Dear all", samples.eicar()], ids=["clean", "infected"])
def test_a_scan_that_dies_at_any_call_to_the_storage_ends_as_if_it_had_not(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    bucket = Bucket.CLEAN if content == b"Dear all" else Bucket.QUARANTINE
    for number, is_after in LINES:
        document_id, message = registered(tenant, cloud, "cv.txt", content)
        with watched(monkeypatch, killed_at(number, is_after=is_after)), pytest.raises(Killed):
            running.attempt(message, WORK)
        row = row_of(database, document_id)
        assert row["status"] != "clean" or len(stored(cloud, Bucket.CLEAN, row["clean_key"])) == 1

        revive(database, message)
        running.attempt(message, WORK)
        running.attempt(message, WORK)
        sweep_later(database, document_id)

        row, key = row_of(database, document_id), key_of(tenant, document_id)
        version = row["clean_version"] or row["quarantine_version"]
        assert row["status"] == ("clean" if bucket is Bucket.CLEAN else "infected"), (number, is_after)
        assert stored(cloud, bucket, key) == {version: content}, (number, is_after)
        assert stored(cloud, Bucket.UPLOADS, key) == {}, (number, is_after)
        assert row["unsettled_at"] is None
    actions = records.actions(database, tenant.id)
    assert actions.count("document_scanned") == len(LINES)
    assert actions.count("document_quarantined") == (0 if bucket is Bucket.CLEAN else len(LINES))


def test_without_a_copy_there_is_no_clean_verdict(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_bucket: Bucket, name: str, call: Callable[[], Any]) -> Any:
        if name == "copy":
            raise StorageUnavailable("the file storage does not answer now")
        return call()

    with watched(monkeypatch, refuse):
        document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    assert (document["status"], document["status_code"]) == ("scan_failed", "storage_unavailable")
    assert tenant.api.get(f"/api/documents/{document['id']}/content").code == "not_clean"
    assert tenant.api.post(f"/api/documents/{document['id']}/scan").status == 202
    cloud.drain()
    assert tenant.api.get(f"/api/documents/{document['id']}").json["status"] == "clean"


def test_malware_is_closed_to_everyone_before_quarantine_takes_it(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(bucket: Bucket, _name: str, call: Callable[[], Any]) -> Any:
        if bucket is Bucket.QUARANTINE:
            raise StorageUnavailable("the file storage does not answer now")
        return call()

    with watched(monkeypatch, refuse):
        document = read_document(tenant.api, cloud, "cv.txt", samples.eicar())
        sweep_later(database, document["id"])
    key = key_of(tenant, document["id"])
    assert document["status"] == "infected"
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 410
    assert len(stored(cloud, Bucket.UPLOADS, key)) == 1, "the only copy is kept until there is another"

    sweep_later(database, document["id"])

    assert stored(cloud, Bucket.UPLOADS, key) == {}
    assert list(stored(cloud, Bucket.QUARANTINE, key)) == [row_of(database, document["id"])["quarantine_version"]]


@pytest.mark.own_database
def test_the_sweep_removes_late_uploads_and_stray_copies_and_never_what_a_row_names(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    announced = announce(tenant.api, "letter.txt", 8, kind="cover_letter")
    cloud.upload(announced["upload"], b"Dear all")
    cloud.drain()
    cloud.upload(announced["upload"], b"DEAR ALL")
    cloud.drain()
    key, row = key_of(tenant, announced["id"]), row_of(database, announced["id"])
    cloud.client("s3").put_object(Bucket=BUCKETS[Bucket.CLEAN], Key=key, Body=b"stray")
    before = records.rows(database, "select unsettled_at from documents where id = :id", id=announced["id"])

    assert keeping.sweep(utc_now()) == 0, "a scan of a moment ago may still be at work"
    assert before[0]["unsettled_at"] is not None
    sweep_later(database, announced["id"])

    assert stored(cloud, Bucket.UPLOADS, key) == {}
    assert stored(cloud, Bucket.CLEAN, key) == {row["clean_version"]: b"Dear all"}


def test_a_clean_row_from_before_there_were_copies_is_scanned_before_anybody_reads_it(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    put = cloud.client("s3").put_object(Bucket=UPLOAD_BUCKET, Key=key_of(tenant, document["id"]), Body=SAMPLE)
    cloud.purge()
    old = """
        update documents set clean_key = null, clean_version = null, object_version = :version, unsettled_at = null,
            created_at = now() - interval '2 years' where id = cast(:id as uuid)
    """
    records.rows(database, old, version=put["VersionId"], id=document["id"])
    path = f"/api/documents/{document['id']}"
    for answer in (
        tenant.api.get(f"{path}/content"),
        tenant.api.get(f"{path}/text"),
        tenant.api.post(f"{path}/analyze"),
    ):
        assert (answer.status, answer.code) == (409, "not_clean")

    assert rescans.ask_for_rescans(utc_now() - timedelta(days=3)) >= 1
    cloud.drain()

    assert httpx.get(tenant.api.get(f"{path}/content").headers["location"]).content == SAMPLE


def test_other_bytes_than_were_scanned_close_a_document_for_good(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "letter.txt", b"Dear all", kind="cover_letter")
    key = key_of(tenant, document["id"])
    swapped = cloud.client("s3").put_object(Bucket=BUCKETS[Bucket.CLEAN], Key=key, Body=b"DEAR ALL")
    moved = "update documents set clean_version = :version where id = cast(:id as uuid)"
    records.rows(database, moved, version=swapped["VersionId"], id=document["id"])

    for _ in range(2):
        tenant.api.post(f"/api/documents/{document['id']}/scan")
        cloud.drain()
        found = tenant.api.get(f"/api/documents/{document['id']}").json
        assert (found["status"], found["status_code"]) == ("rejected", "bytes_changed")
    assert tenant.api.get(f"/api/documents/{document['id']}/content").code == "not_clean"
    with suppress(ClientError):
        cloud.client("s3").delete_object(Bucket=BUCKETS[Bucket.CLEAN], Key=key, VersionId=swapped["VersionId"])
