"""A false alarm is released by two admins, for exactly the bytes and the signature that they saw; by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID

import httpx
import pytest

from chalicelib import clients
from chalicelib.clients import Bucket
from chalicelib.documents.scanner import ScannerStatus, ScannerUnavailable, ScanVerdict
from chalicelib.documents.scanning import WORK
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobMessage
from infra.local.resources import BUCKETS
from tests import records
from tests.api import Reply
from tests.chalicelib.documents.storages import Killed, killed_at, row_of, stored, watched
from tests.chalicelib.documents.test_keeping import revive, sweep_later
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, at_once, new_colleague, read_document, set_role
from tests.house import Cloud, Database

TEXT = b"Jordan Sample\njordan.sample@example.com\nA harmless sentence.\n"
WHY = {"reason": "the vendor confirmed a false positive"}


@dataclass(slots=True)
class Alarmed:
    """A scanner that finds this signature in everything, or nothing."""

    signature: str | None = "Doc.Dropper.Agent-1"
    failure: ScannerUnavailable | None = None
    looked_at: list[bytes] = field(default_factory=list)

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        if self.failure:
            raise self.failure
        self.looked_at.append(stream.read())
        return ScanVerdict(self.signature is not None, self.signature, "ClamAV 1.4.6/27500", None)

    def status(self) -> ScannerStatus:
        return ScannerStatus(True, "ClamAV", None, "up")


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> Alarmed:
    alarmed = Alarmed()
    monkeypatch.setattr(clients, "scanner", lambda: alarmed)
    return alarmed


@pytest.fixture
def second(tenant: Tenant, database: Database) -> Tenant:
    """Another admin of the same organization."""
    return new_colleague(database, tenant, "admin")


@pytest.fixture
def document(scanner: Alarmed, tenant: Tenant, cloud: Cloud) -> Json:
    """An infected document."""
    found = read_document(tenant.api, cloud, "cv.txt", TEXT)
    assert found["status"] == "infected"
    return found


def path_of(document: Json) -> str:
    return f"/api/documents/{document['id']}/release"


def one(tenant: Tenant, document: Json) -> Json:
    found: Json = tenant.api.get(f"/api/documents/{document['id']}").json
    return found


def released(tenant: Tenant, second: Tenant, cloud: Cloud, document: Json) -> Json:
    """How the release that both admins wanted ended."""
    assert tenant.api.post(path_of(document), WHY).status == 202
    assert second.api.post(path_of(document), {"reason": "checked by hand"}).status == 202
    cloud.drain()
    release: Json = tenant.api.get(path_of(document)).json
    return release


def test_two_admins_release_a_file_and_everybody_reads_it(
    tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    asked = tenant.api.post(path_of(document), WHY)
    assert (asked.status, asked.json["status"], asked.json["approved_by"]) == (202, "requested", None)
    assert one(tenant, document)["status"] == "infected"

    approved = second.api.post(path_of(document), {"reason": "checked by hand"})
    assert (approved.status, approved.json["status"]) == (202, "approved")
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 410
    cloud.drain()

    found, release = one(tenant, document), second.api.get(path_of(document)).json
    assert (found["status"], found["status_code"]) == ("clean", "released")
    assert found["scan"]["signature"] == "Doc.Dropper.Agent-1"
    assert found["analysis"]["status"] == "succeeded"
    assert (release["status"], release["requested_by"], release["approved_by"]) == (
        "released",
        str(tenant.user_id),
        str(second.user_id),
    )
    link = tenant.api.get(f"/api/documents/{document['id']}/content").headers["location"]
    assert httpx.get(link).content == TEXT
    [event] = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "document_released"]
    told = event["after"]
    assert {told["requested_by"], told["approved_by"]} == {str(tenant.user_id), str(second.user_id)}
    assert (told["signature"], told["reason"], told["approval_reason"]) == (
        "Doc.Dropper.Agent-1",
        WHY["reason"],
        "checked by hand",
    )
    actions = records.actions(database, tenant.id)
    assert [each for each in actions if "release" in each] == [
        "document_release_requested",
        "document_release_approved",
        "document_released",
    ]


def test_a_later_scan_lets_the_released_find_pass_and_no_other(
    scanner: Alarmed, tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    released(tenant, second, cloud, document)

    assert tenant.api.post(f"/api/documents/{document['id']}/scan").status == 202
    cloud.drain()
    assert (one(tenant, document)["status"], one(tenant, document)["status_code"]) == ("clean", "released")

    scanner.signature = "Doc.Dropper.Agent-2"
    tenant.api.post(f"/api/documents/{document['id']}/scan")
    cloud.drain()
    assert (one(tenant, document)["status"], one(tenant, document)["scan"]["signature"]) == (
        "infected",
        "Doc.Dropper.Agent-2",
    )
    row = row_of(database, document["id"])
    assert stored(cloud, Bucket.CLEAN, row["object_key"]) == {}
    # The same bytes in another document are another decision.
    scanner.signature = "Doc.Dropper.Agent-1"
    assert read_document(tenant.api, cloud, "cv.txt", TEXT)["status"] == "infected"


def test_whoever_asked_cannot_approve_and_two_approvals_at_once_are_one(
    scanner: Alarmed, tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    third = new_colleague(database, tenant, "admin")
    tenant.api.post(path_of(document), WHY)

    own = tenant.api.post(path_of(document), WHY)
    assert (own.status, own.code) == (403, "second_admin_needed")

    def approve(admin: Tenant) -> Callable[[], Reply]:
        return lambda: admin.api.post(path_of(document), WHY)

    answers = at_once(approve(second), approve(third), approve(second))
    assert sorted(answer.status for answer in answers) == [202, 409, 409]
    assert {answer.code for answer in answers if answer.status == 409} == {"release_not_open"}
    cloud.drain()
    assert one(tenant, document)["status"] == "clean"
    assert records.actions(database, tenant.id).count("document_released") == 1


def test_another_find_than_the_one_that_was_released_refuses_the_release(
    scanner: Alarmed, tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    tenant.api.post(path_of(document), WHY)
    scanner.signature = "Win.Trojan.Real-7"

    second.api.post(path_of(document), WHY)
    cloud.drain()

    release = tenant.api.get(path_of(document)).json
    assert (release["status"], release["ended_because"]) == ("refused", "the scan found Win.Trojan.Real-7")
    assert (one(tenant, document)["status"], one(tenant, document)["scan"]["signature"]) == (
        "infected",
        "Win.Trojan.Real-7",
    )
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 410
    # Both begin anew, about what was found now.
    assert released(tenant, second, cloud, document)["signature"] == "Win.Trojan.Real-7"
    assert one(tenant, document)["status"] == "clean"


def test_a_scanner_that_is_down_refuses_the_release_and_releases_nothing(
    scanner: Alarmed, tenant: Tenant, second: Tenant, cloud: Cloud, document: Json
) -> None:
    scanner.failure = ScannerUnavailable("the connection was refused")

    release = released(tenant, second, cloud, document)

    assert (release["status"], one(tenant, document)["status"]) == ("refused", "infected")
    assert "connection was refused" in release["ended_because"]


def test_bytes_in_quarantine_that_are_not_those_that_were_found_are_not_released(
    tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    key = row_of(database, document["id"])["object_key"]
    swapped = cloud.client("s3").put_object(
        Bucket=BUCKETS[Bucket.QUARANTINE], Key=key, Body=b"x" * len(TEXT), ChecksumAlgorithm="SHA256"
    )
    moved = "update documents set quarantine_version = :version where id = cast(:id as uuid)"
    records.rows(database, moved, version=swapped["VersionId"], id=document["id"])

    release = released(tenant, second, cloud, document)

    assert (release["status"], one(tenant, document)["status"]) == ("refused", "infected")
    assert "not the one that was scanned" in release["ended_because"]


def let_expire(database: Database, document: Json) -> None:
    """Let the 24 hours of a request pass."""
    aged = "update document_releases set expires_at = expires_at - interval '24 hours' where document_id = :id"
    records.rows(database, aged, id=document["id"])


def test_a_request_ends_when_it_is_withdrawn_too_old_or_its_asker_no_admin_any_more(
    tenant: Tenant, second: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    path = path_of(document)
    assert tenant.api.get(path).code == tenant.api.delete(path).code == "release_not_found"
    tenant.api.post(path, WHY)
    tag = second.api.get(path).headers["etag"]
    assert second.api.delete(path, headers={"If-Match": '"999"'}).code == "stale"
    assert second.api.delete(path, headers={"If-Match": tag}).status == 204, "the second admin may decline"
    assert tenant.api.get(path).json["status"] == "withdrawn"
    assert tenant.api.delete(path).code == "release_not_open"

    tenant.api.post(path, WHY)
    let_expire(database, document)
    assert tenant.api.get(path).json["status"] == "expired"
    assert tenant.api.delete(path).code == "release_not_open"
    anew = second.api.post(path, WHY).json
    assert (anew["status"], anew["requested_by"]) == ("requested", str(second.user_id)), "nobody approves what is over"

    set_role(database, second.email, "recruiter")
    assert second.api.post(path, WHY).status == 403
    mine = tenant.api.post(path, WHY).json
    assert (mine["status"], mine["requested_by"]) == ("requested", str(tenant.user_id))
    cloud.drain()
    assert one(tenant, document)["status"] == "infected"
    assert records.actions(database, tenant.id).count("document_release_expired") == 2


def test_only_infected_documents_of_ones_own_and_only_by_admins(
    scanner: Alarmed, tenant: Tenant, other: Tenant, cloud: Cloud, database: Database, document: Json
) -> None:
    recruiter = new_colleague(database, tenant, "recruiter")
    for call in ("get", "delete"):
        assert getattr(recruiter.api, call)(path_of(document)).status == 403
        assert getattr(other.api, call)(path_of(document)).status == 404
    assert recruiter.api.post(path_of(document), WHY).status == 403
    foreign, never = other.api.post(path_of(document), WHY), other.api.post(path_of({"id": NO_ID}), WHY)
    assert (foreign.status, foreign.json["detail"]) == (never.status, never.json["detail"])
    for body in ({}, {"reason": " "}, {"reason": "x" * 1001}, {**WHY, "force": True}):
        assert tenant.api.post(path_of(document), body).status == 422
    scanner.signature = None
    clean = read_document(tenant.api, cloud, "cv.txt", TEXT)
    answer = tenant.api.post(path_of(clean), WHY)
    assert (answer.status, answer.code) == (409, "not_releasable")
    assert records.count(database, "document_releases", tenant.id) == 0


def test_a_release_whose_scan_dies_anywhere_is_carried_out_once(
    tenant: Tenant,
    second: Tenant,
    cloud: Cloud,
    database: Database,
    document: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tenant.api.post(path_of(document), WHY)
    second.api.post(path_of(document), WHY)
    cloud.purge()
    [job] = tenant.api.get("/api/jobs", status="queued").json["items"]
    message = JobMessage(UUID(job["id"]), tenant.id, JobKind.SCAN_DOCUMENT)
    for number, is_after in ((1, True), (2, False), (2, True)):
        with watched(monkeypatch, killed_at(number, is_after=is_after)), pytest.raises(Killed):
            running.attempt(message, WORK)
        assert one(tenant, document)["status"] == "infected"
        revive(database, message)
    running.attempt(message, WORK)
    running.attempt(message, WORK)
    sweep_later(database, document["id"])

    row: dict[str, Any] = row_of(database, document["id"])
    assert (row["status"], row["status_code"]) == ("clean", "released")
    assert stored(cloud, Bucket.CLEAN, row["clean_key"]) == {row["clean_version"]: TEXT}
    assert records.actions(database, tenant.id).count("document_released") == 1
