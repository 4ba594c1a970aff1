"""Files that were deleted come back when a row names them; those of the erased and malware do not."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from rich.console import Console

from chalicelib import clients
from chalicelib.clients import Bucket
from chalicelib.documents.eicar import EICAR
from chalicelib.documents.models import object_key
from chalicelib.privacy.models import ErasureReason
from chalicelib.privacy.remembered import Remembered
from infra import restore_objects
from infra.local.resources import BUCKETS
from tests.conftest import Tenant
from tests.factories import as_superuser, read_document
from tests.house import Cloud, Database
from tests.samples import pdf_of

RESUME = pdf_of(["Grace Hopper", "grace@navy.example", "Compilers"])
CLEAN = BUCKETS[Bucket.CLEAN]


def restore(tenant: Tenant, *arguments: str, bucket: str = "clean") -> tuple[int, str]:
    """The exit code, and what it printed."""
    console = Console(file=io.StringIO(), width=200)
    code = restore_objects.main(["--bucket", bucket, "--organization", str(tenant.id), *arguments], console)
    return code, console.file.getvalue().lstrip()  # type: ignore[attr-defined]


def key_of(tenant: Tenant, document: dict[str, Any]) -> str:
    return object_key(tenant.id, UUID(document["id"]))


def versions(key: str, bucket: Bucket = Bucket.CLEAN) -> list[str]:
    return [each.version for each in clients.storage(bucket).versions(key) if not each.is_marker]


def marked(key: str) -> bool:
    return any(each.is_marker for each in clients.storage(Bucket.CLEAN).versions(key))


def fetched(tenant: Tenant, document: dict[str, Any]) -> bytes:
    answer = tenant.api.get(f"/api/documents/{document['id']}/content")
    assert answer.status == 302, answer
    return httpx.get(answer.headers["location"], timeout=20).content


@pytest.fixture
def document(tenant: Tenant, cloud: Cloud) -> dict[str, Any]:
    return read_document(tenant.api, cloud, "Grace Hopper.pdf", RESUME)


def test_an_emptied_bucket_has_its_files_again(tenant: Tenant, cloud: Cloud, document: dict[str, Any]) -> None:
    key = key_of(tenant, document)
    cloud.client("s3").delete_object(Bucket=CLEAN, Key=key)
    assert marked(key)

    dry = restore(tenant, "--dry-run")
    assert marked(key)
    done, again = restore(tenant), restore(tenant)

    assert "1 × was marked as deleted, and is no more" in dry[1]
    assert (dry[0], done[0], again[0]) == (0, 0, 0)
    assert not marked(key)
    assert "1 × is there" in again[1]
    assert fetched(tenant, document) == RESUME


def test_a_version_deleted_for_good_is_found_by_its_hash_under_another(
    tenant: Tenant, cloud: Cloud, document: dict[str, Any]
) -> None:
    key, s3 = key_of(tenant, document), cloud.client("s3")
    (named,) = versions(key)
    s3.put_object(Bucket=CLEAN, Key=key, Body=RESUME, ContentType="application/pdf")
    s3.put_object(Bucket=CLEAN, Key=key, Body=b"of whoever did it", ContentType="application/pdf")
    s3.delete_object(Bucket=CLEAN, Key=key, VersionId=named)

    code, printed = restore(tenant)

    assert (code, "as another version, which the row names now" in printed) == (0, True)
    assert fetched(tenant, document) == RESUME
    events = tenant.api.get(f"/api/events?candidate_id={document['candidate_id']}").json["items"]
    assert "document_file_restored" in {each["action"] for each in events}


def test_a_file_that_was_uploaded_and_is_there_still_is_copied_once_more(
    tenant: Tenant, cloud: Cloud, document: dict[str, Any]
) -> None:
    key, s3 = key_of(tenant, document), cloud.client("s3")
    s3.put_object(Bucket=BUCKETS[Bucket.UPLOADS], Key=key, Body=RESUME)
    for version in versions(key):
        s3.delete_object(Bucket=CLEAN, Key=key, VersionId=version)

    code, printed = restore(tenant)

    assert (code, "was copied from the uploads once more" in printed) == (0, True)
    assert fetched(tenant, document) == RESUME


def test_what_is_missing_for_good_is_named(tenant: Tenant, cloud: Cloud, document: dict[str, Any]) -> None:
    key = key_of(tenant, document)
    for version in versions(key):
        cloud.client("s3").delete_object(Bucket=CLEAN, Key=key, VersionId=version)

    code, printed = restore(tenant)

    assert code == 1
    assert f"missing: organization {tenant.id}, document {document['id']}" in printed


def test_versions_stored_after_the_moment_are_not_looked_at(
    tenant: Tenant, cloud: Cloud, document: dict[str, Any], database: Database
) -> None:
    key, s3 = key_of(tenant, document), cloud.client("s3")
    with as_superuser(database) as connection:
        older = "update documents set created_at = created_at - interval '1 day' where id = :id"
        connection.execute(sa.text(older), {"id": document["id"]})
    (named,) = versions(key)
    s3.delete_object(Bucket=CLEAN, Key=key, VersionId=named)
    s3.put_object(Bucket=CLEAN, Key=key, Body=RESUME, ContentType="application/pdf")
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    assert restore(tenant, "--at", an_hour_ago)[0] == 1
    assert restore(tenant, "--at", "2001-01-01") == (0, "0 files of the bucket clean\n")
    assert restore(tenant)[0] == 0


def test_malware_and_the_files_of_the_erased_stay_away(tenant: Tenant, cloud: Cloud, document: dict[str, Any]) -> None:
    infected = read_document(tenant.api, cloud, "cv.txt", EICAR)
    assert infected["status"] == "infected"
    key = key_of(tenant, document)
    cloud.client("s3").delete_object(Bucket=CLEAN, Key=key)
    record = Remembered(
        uuid4(), tenant.id, (UUID(document["candidate_id"]),), ErasureReason.PERSON_ASKED, datetime.now(UTC)
    )
    clients.storage(Bucket.BACKUPS).put(record.key, record.as_bytes(), content_type="application/json")

    assert restore(tenant) == (0, "0 files of the bucket clean\n")
    assert marked(key)
    assert versions(key_of(tenant, infected)) == []


def test_a_storage_that_does_not_answer_is_told(tenant: Tenant, cloud: Cloud, configure: Any) -> None:
    configure(backup_bucket="no-such-bucket-of-anybody")

    assert restore(tenant) == (2, "the file storage does not answer now\n")
