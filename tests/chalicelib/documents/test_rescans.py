"""Scanned again, on demand and every night: a clean document stays readable until a verdict says otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.clock import utc_now
from chalicelib.documents import rescans
from infra.local import clamav, delivery
from infra.local.clamav import RunningClamd
from tests import records, samples
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, announce, read_document, set_role, upload
from tests.fakes import closed_port
from tests.house import Cloud, Database

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
PLANTED = b"a sentence that no scanner minds until its signature is known"
TEXT = b"Jordan Sample\njordan.sample@example.com\n" + PLANTED + b"\n"
Configure = Callable[..., None]


@dataclass(slots=True)
class Scanner:
    """A real clamd that can be restarted with one signature more."""

    folder: Path
    configure: Configure
    running: RunningClamd | None = None
    starts: int = 0

    def start(self, *new_signatures: bytes) -> None:
        """Start clamd anew, in a folder of its own, with these signatures besides EICAR."""
        self.stop()
        self.starts += 1
        folder = self.folder / str(self.starts)
        signatures = folder / "signatures"
        signatures.mkdir(parents=True)
        lines = [f"Planted-{number}:0:*:{each.hex()}\n" for number, each in enumerate(new_signatures)]
        if lines:
            (signatures / "later.ndb").write_text("".join(lines), encoding="ascii")
        self.running = clamav.start(folder)
        self.configure(scanner="clamd", clamd_port=str(self.running.port))

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()


@pytest.fixture
def clamd(configure: Configure, cloud: Cloud, tmp_path: Path) -> Iterator[Scanner]:
    if clamav.find_clamd() is None:
        pytest.skip("clamd is not installed")
    scanner = Scanner(tmp_path, configure)
    scanner.start()
    yield scanner
    scanner.stop()


def scan_again(api: ApiClient, document: Json) -> Json:
    """The job of a scan that was asked for."""
    answer = api.post(f"/api/documents/{document['id']}/scan")
    assert answer.status == 202, answer
    assert answer.headers["location"] == f"/api/jobs/{answer.json['id']}"
    job: Json = answer.json
    return job


def one(api: ApiClient, document: Json) -> Json:
    found: Json = api.get(f"/api/documents/{document['id']}").json
    return found


def ended(api: ApiClient, job: Json) -> Json:
    found: Json = api.get(f"/api/jobs/{job['id']}").json
    return found


def scans_of(database: Database, tenant: Tenant) -> list[dict[str, Any]]:
    return [job for job in records.jobs_of(database, tenant.id) if job["kind"] == "scan_document"]


def test_a_clean_document_stays_clean_while_it_is_scanned_again_and_gets_a_fresh_verdict(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    job = scan_again(tenant.api, document)

    assert (job["kind"], job["status"], job["priority"]) == ("scan_document", "queued", "high")
    assert one(tenant.api, document) == document
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 302
    cloud.drain()
    scanned = one(tenant.api, document)
    assert scanned["scan"]["scanned_at"] > document["scan"]["scanned_at"]
    assert (scanned["status"], scanned["analysis"]) == ("clean", document["analysis"])
    assert ended(tenant.api, job)["result"]["verdict"] == "clean"
    actions = records.actions(database, tenant.id)
    assert actions.count("document_scan_requested") == 1
    assert actions.count("document_scanned") == 2
    assert actions.count("document_analyzed") == 1, "the same bytes are not read again"


def test_each_request_is_a_scan_of_its_own_and_one_key_is_one_request(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    path, key = f"/api/documents/{document['id']}/scan", {"Idempotency-Key": "once"}

    asked = [scan_again(tenant.api, document)["id"] for _ in range(2)]
    kept = [tenant.api.post(path, headers=key).json["id"] for _ in range(2)]
    cloud.drain()

    assert len({*asked, *kept}) == 3
    assert kept[0] == kept[1]
    assert {job["status"] for job in scans_of(database, tenant)} == {"succeeded"}
    assert len(scans_of(database, tenant)) == 4


def test_a_scan_that_is_delivered_twice_gives_one_verdict(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    scan_again(tenant.api, document)
    scan = cloud.source("scan")
    messages = delivery.take_batch(cloud.client("sqs"), scan, wait_seconds=1)

    for _ in range(2):
        event = delivery.sqs_event(messages * 2, scan)
        assert scan.handler(event, delivery.context("scan")) == {"batchItemFailures": []}

    assert records.actions(database, tenant.id).count("document_scanned") == 2


def test_a_new_signature_makes_a_clean_document_infected_and_nobody_fetches_it_any_more(
    clamd: Scanner, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.txt", TEXT)
    harmless = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    path = f"/api/documents/{document['id']}"
    assert (document["status"], tenant.api.get(f"{path}/content").status) == ("clean", 302)
    clamd.start(PLANTED)

    job = scan_again(tenant.api, document)
    scan_again(tenant.api, harmless)
    cloud.drain()

    found = one(tenant.api, document)
    assert (found["status"], found["status_code"]) == ("infected", "infected")
    assert "Planted-0" in found["scan"]["signature"]
    for answer in (
        tenant.api.get(f"{path}/content"),
        tenant.api.get(f"{path}/text"),
        tenant.api.post(f"{path}/analyze"),
        tenant.api.post(f"{path}/scan"),
    ):
        assert (answer.status, answer.code) == (410, "infected")
        assert "location" not in answer.headers
    assert ended(tenant.api, job)["result"]["verdict"] == "infected"
    [event] = [
        each for each in tenant.api.get("/api/events").json["items"] if each["after"].get("status") == "infected"
    ]
    assert (event["action"], event["before"]["status"], event["subject_id"]) == (
        "document_scanned",
        "clean",
        document["id"],
    )
    assert one(tenant.api, harmless)["status"] == "clean"


def test_an_older_look_that_ends_late_does_not_undo_a_find(
    clamd: Scanner, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.txt", TEXT)
    first, second = scan_again(tenant.api, document), scan_again(tenant.api, document)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    messages = delivery.take_batch(sqs, scan, wait_seconds=1)
    by_job = {job["id"]: [each for each in messages if job["id"] in each["Body"]] for job in (first, second)}
    clamd.start(PLANTED)
    delivery.deliver(sqs, scan, by_job[second["id"]])
    clamd.start()  # as it was when the first look began

    delivery.deliver(sqs, scan, by_job[first["id"]])

    assert one(tenant.api, document)["status"] == "infected"
    assert ended(tenant.api, first)["result"]["verdict"] == "infected"


def fail_to_scan(api: ApiClient, cloud: Cloud, configure: Configure, document: Json) -> Json:
    """The job of a scan during which clamd is down."""
    configure(scanner="clamd", clamd_port=str(closed_port()))
    job = scan_again(api, document)
    cloud.drain()
    return ended(api, job)


def test_without_a_verdict_a_clean_document_stays_clean_and_the_job_says_so(
    tenant: Tenant, cloud: Cloud, database: Database, configure: Configure
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    job = fail_to_scan(tenant.api, cloud, configure, document)

    assert (job["status"], job["error"]["code"], job["attempts"]) == ("failed", "scanner_unavailable", 5)
    assert one(tenant.api, document) == document
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 302
    assert "document_scan_failed" not in records.actions(database, tenant.id)


def test_a_failed_scan_stays_failed_without_a_verdict_and_is_made_good_by_one(
    tenant: Tenant, cloud: Cloud, configure: Configure
) -> None:
    configure(scanner="clamd", clamd_port=str(closed_port()))
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    assert document["status"] == "scan_failed"

    job = fail_to_scan(tenant.api, cloud, configure, document)
    assert (job["status"], one(tenant.api, document)) == ("failed", document)

    configure(scanner="eicar_only")
    scan_again(tenant.api, document)
    assert one(tenant.api, document)["status"] == "scan_failed"
    cloud.drain()
    clean = one(tenant.api, document)
    assert (clean["status"], clean["status_reason"], clean["analysis"]["status"]) == ("clean", None, "succeeded")
    assert clean["candidate_id"]


def test_a_rejected_document_is_looked_at_again_and_stays_what_it_is(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "cv.pdf", samples.docx_of(["Jordan"]))
    assert (document["status"], document["status_code"]) == ("rejected", "type_mismatch")

    job = scan_again(api, document)
    cloud.drain()

    assert (one(api, document)["status"], one(api, document)["analysis"]) == ("rejected", None)
    assert ended(api, job)["result"] == {
        "document_id": document["id"],
        "verdict": "rejected",
        "code": "type_mismatch",
        "signature": None,
    }


def test_before_its_first_verdict_a_document_is_not_scanned_again(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    awaiting = announce(tenant.api, "cv.pdf", len(SAMPLE))
    scanning = upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))  # the notification
    assert tenant.api.get(f"/api/documents/{scanning}").json["status"] == "scanning"

    for document_id in (awaiting["id"], scanning):
        answer = tenant.api.post(f"/api/documents/{document_id}/scan")
        assert (answer.status, answer.code) == (409, "not_scannable")
    assert len(scans_of(database, tenant)) == 1


def test_another_organization_and_a_viewer_cannot_ask_for_a_scan(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    path = f"/api/documents/{document['id']}/scan"

    foreign, never = other.api.post(path), other.api.post(f"/api/documents/{NO_ID}/scan")
    assert (foreign.status, foreign.json["detail"]) == (never.status, never.json["detail"])
    assert foreign.status == 404
    set_role(database, tenant.email, "viewer")
    assert tenant.api.post(path).status == 403
    assert len(scans_of(database, tenant)) == 1


def night_after(database: Database, *documents: Json) -> datetime:
    """03:00 of a night at which the verdicts of these documents are 21 hours old. It lies in the past: those of other
    documents are from later."""
    night = datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for document in documents:
        values = {"at": night - timedelta(hours=21), "id": document["id"]}
        moved = "update documents set created_at = :at, scanned_at = :at where id = cast(:id as uuid)"
        records.rows(database, moved, **values)
    return night


@pytest.mark.own_database
def test_a_night_scans_the_recent_documents_of_every_organization_once(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    ours = [read_document(tenant.api, cloud, "cv.pdf", SAMPLE) for _ in range(2)]
    theirs = read_document(other.api, cloud, "cv.pdf", SAMPLE)
    fresh = read_document(tenant.api, cloud, "fresh.pdf", SAMPLE)
    deleted = read_document(tenant.api, cloud, "deleted.pdf", SAMPLE)
    rejected = read_document(tenant.api, cloud, "cv.pdf", samples.docx_of(["Jordan"]))
    old = read_document(tenant.api, cloud, "old.pdf", SAMPLE)
    night = night_after(database, *ours, theirs, deleted, rejected, old)
    assert tenant.api.delete(f"/api/documents/{deleted['id']}").status == 204
    aged = "update documents set created_at = :at where id = cast(:id as uuid)"
    records.rows(database, aged, at=night - timedelta(days=30, seconds=1), id=old["id"])

    assert [rescans.ask_for_rescans(night + timedelta(minutes=late)) for late in (0, 1)] == [3, 0]

    cloud.drain()
    for owner, documents in ((tenant, ours), (other, [theirs])):
        for document in documents:
            scanned = one(owner.api, document)
            assert scanned["status"] == "clean"
            assert datetime.fromisoformat(scanned["scan"]["scanned_at"]) > utc_now() - timedelta(minutes=1)
    scanned_of = Counter(
        job["payload"]["document_id"] for job in [*scans_of(database, tenant), *scans_of(database, other)]
    )
    assert {scanned_of[document["id"]] for document in (*ours, theirs)} == {2}
    assert {scanned_of[document["id"]] for document in (fresh, deleted, rejected, old)} == {1}
    assert records.outbox_of(database, tenant.id) == []


@pytest.mark.own_database
def test_the_next_night_scans_again(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)
    night = night_after(database, document)

    assert rescans.ask_for_rescans(night) == 1
    assert rescans.ask_for_rescans(night + timedelta(hours=24)) == 1, "without a verdict since, it is due again"
    cloud.drain()

    assert len(scans_of(database, tenant)) == 3


@pytest.mark.own_database
def test_a_night_goes_page_by_page(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [read_document(tenant.api, cloud, "note.txt", b"Dear all", kind="cover_letter") for _ in range(5)]
    night = night_after(database, *documents)
    monkeypatch.setattr(rescans, "PAGE", 2)
    monkeypatch.setattr(rescans, "MOST_PAGES", 2)

    assert rescans.ask_for_rescans(night) == 4, "a night is bounded"
    monkeypatch.setattr(rescans, "MOST_PAGES", 9)
    assert rescans.ask_for_rescans(night + timedelta(minutes=1)) == 1, "what was asked for is passed over"
    assert rescans.ask_for_rescans(night + timedelta(minutes=2)) == 0


@pytest.mark.own_database
def test_a_night_finds_what_a_new_signature_knows(
    clamd: Scanner, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.txt", TEXT)
    night = night_after(database, document)
    clamd.start(PLANTED)

    assert rescans.ask_for_rescans(night) == 1
    cloud.drain()

    assert one(tenant.api, document)["status"] == "infected"
    assert tenant.api.get(f"/api/documents/{document['id']}/content").status == 410
