"""A scan by a real clamd: verdicts belong to exact bytes, malware reaches nobody, and no answer is ever clean."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chalicelib.clients import Bucket
from infra.local import clamav, delivery
from infra.local.clamav import RunningClamd
from infra.local.resources import UPLOAD_BUCKET
from tests import records, samples
from tests.api import ApiClient
from tests.chalicelib.documents.storages import stored
from tests.clamd import running_clamd
from tests.conftest import Tenant
from tests.factories import announce, new_candidate, read_document, upload
from tests.fakes import black_hole, closed_port
from tests.house import Cloud, Database

__all__ = ["running_clamd"]

SAMPLE = samples.pdf_of(samples.SAMPLE_LINES)
Configure = Callable[..., None]


@pytest.fixture
def clamd(running_clamd: RunningClamd, configure: Configure, cloud: Cloud) -> RunningClamd:
    """Scans go to a real clamd."""
    configure(scanner="clamd", clamd_port=str(running_clamd.port))
    return running_clamd


def test_a_clean_verdict_names_engine_version_and_hash(
    clamd: RunningClamd, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", SAMPLE)

    assert (document["status"], document["status_code"]) == ("clean", None)
    assert document["scan"]["engine"].startswith("ClamAV ")
    assert document["scan"]["sha256"] == hashlib.sha256(SAMPLE).hexdigest()
    assert document["scan"]["signature"] is None
    [job, _analysis] = records.jobs_of(database, tenant.id)
    assert (job["result"]["verdict"], job["attempts"]) == ("clean", 1)


@pytest.mark.parametrize(
    ("filename", "content", "kind"),
    [
        ("cv.txt", samples.eicar(), "resume"),
        ("papers.zip", samples.eicar_zip(), "other"),
        ("cv.docx", samples.eicar_docx(), "resume"),
    ],
)
def test_malware_is_kept_from_everyone_and_never_read(
    clamd: RunningClamd, tenant: Tenant, cloud: Cloud, database: Database, filename: str, content: bytes, kind: str
) -> None:
    document = read_document(tenant.api, cloud, filename, content, kind=kind)

    assert (document["status"], document["status_code"], document["analysis"]) == ("infected", "infected", None)
    assert "Eicar-Test-Signature" in document["scan"]["signature"]
    one = f"/api/documents/{document['id']}"
    for answer in (tenant.api.get(f"{one}/content"), tenant.api.get(f"{one}/text"), tenant.api.post(f"{one}/analyze")):
        assert (answer.status, answer.code) == (410, "infected")
    assert [job["kind"] for job in records.jobs_of(database, tenant.id)] == ["scan_document"]
    assert records.count(database, "candidates", tenant.id) == 0
    assert records.count(database, "document_texts", tenant.id) == 0


@pytest.mark.parametrize("stored", [SAMPLE[:-1], SAMPLE + b"\n", b""])
def test_other_bytes_than_announced_are_rejected(
    clamd: RunningClamd, api: ApiClient, cloud: Cloud, stored: bytes
) -> None:
    announced = announce(api, "cv.pdf", len(SAMPLE))
    assert cloud.upload(announced["upload"], stored) < 300

    cloud.drain()

    document = api.get(f"/api/documents/{announced['id']}").json
    assert document["status"] == "rejected"
    if stored:
        assert document["status_code"] == "size_mismatch"
        assert f"announced with {len(SAMPLE)} bytes, but {len(stored)} arrived" in document["status_reason"]
    else:
        assert document["status_code"] == "file_empty"
    assert document["analysis"] is None


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("cv.pdf", samples.docx_of(["Jordan Sample"])),
        ("cv.docx", SAMPLE),
        ("cv.docx", samples.zip_of({"a.txt": b"a"})),
        ("cv.pdf", b"MZ\x90\x00" + bytes(500)),
        ("cv.txt", samples.png()),
    ],
)
def test_content_that_is_something_else_is_rejected_in_plain_words(
    clamd: RunningClamd, api: ApiClient, cloud: Cloud, filename: str, content: bytes
) -> None:
    document = read_document(api, cloud, filename, content)

    assert (document["status"], document["status_code"]) == ("rejected", "type_mismatch")
    assert "content is something else" in document["status_reason"]
    answer = api.get(f"/api/documents/{document['id']}/content")
    assert (answer.status, answer.code) == (409, "not_clean")
    assert document["status_reason"] in answer.json["detail"]


def scan_failed(api: ApiClient, document_id: str) -> dict[str, Any]:
    """The document, which must be readable by nobody."""
    document: dict[str, Any] = api.get(f"/api/documents/{document_id}").json
    assert (document["status"], document["analysis"], document["candidate_id"]) == ("scan_failed", None, None)
    assert "no verdict could be had" in document["status_reason"]
    assert api.get(f"/api/documents/{document_id}/content").code == "not_clean"
    return document


@pytest.mark.parametrize(("filename", "content"), [("cv.pdf", SAMPLE), ("cv.txt", samples.eicar())])
def test_with_clamd_stopped_a_document_waits_is_tried_again_and_is_never_clean(
    tenant: Tenant,
    cloud: Cloud,
    database: Database,
    configure: Configure,
    tmp_path: Path,
    filename: str,
    content: bytes,
) -> None:
    if clamav.find_clamd() is None:
        pytest.skip("clamd is not installed")
    own = clamav.start(tmp_path)
    configure(scanner="clamd", clamd_port=str(own.port))
    own.stop()
    document_id = upload(tenant.api, cloud, filename, content)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    for attempt in range(6):  # the notification, then five attempts
        assert tenant.api.get(f"/api/documents/{document_id}").json["status"] != "clean"
        if 1 <= attempt < 5:
            assert tenant.api.get(f"/api/documents/{document_id}").json["status"] == "scanning"
        delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1), retry_seconds=0)

    assert scan_failed(tenant.api, document_id)["status_code"] == "scanner_unavailable"
    [job] = records.jobs_of(database, tenant.id)
    assert (job["status"], job["attempts"], job["error_code"]) == ("failed", 5, "scanner_unavailable")
    assert records.actions(database, tenant.id)[-1] == "document_scan_failed"
    answer = tenant.api.get(f"/api/documents/{document_id}/content")
    assert (answer.status, answer.code) == (409, "not_clean")
    assert stored(cloud, Bucket.CLEAN, f"organizations/{tenant.id}/documents/{document_id}") == {}
    cloud.drain()
    assert cloud.waiting(cloud.queues["scan"].dead_letter_url) == 1


def test_a_clamd_that_comes_back_gives_its_verdict(
    running_clamd: RunningClamd, api: ApiClient, cloud: Cloud, configure: Configure
) -> None:
    configure(scanner="clamd", clamd_port=str(closed_port()))
    document_id = upload(api, cloud, "cv.pdf", SAMPLE)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    for _ in range(3):
        delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1), retry_seconds=0)
    assert api.get(f"/api/documents/{document_id}").json["status"] == "scanning"

    configure(scanner="clamd", clamd_port=str(running_clamd.port))
    cloud.drain()

    document = api.get(f"/api/documents/{document_id}").json
    assert (document["status"], document["analysis"]["status"]) == ("clean", "succeeded")


@contextmanager
def clamd_that_answers(reply: bytes) -> Iterator[int]:
    """A port that answers VERSION as clamd does and every stream with `reply`."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                command = connection.recv(10)
                if command == b"zVERSION\0":
                    connection.sendall(b"ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025\0")
                elif command:
                    received = command
                    while not received.endswith(b"\0\0\0\0"):
                        received += connection.recv(65_536)
                    connection.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(10)
        server.close()


@pytest.mark.parametrize("reply", [b"yes\0", b"stream: OK", b"", b"\0", b"OK\0", b"stream: OK\nstream: X FOUND\0"])
def test_an_answer_that_clamd_never_gives_is_no_verdict(
    api: ApiClient, cloud: Cloud, configure: Configure, reply: bytes
) -> None:
    with clamd_that_answers(reply) as port:
        configure(scanner="clamd", clamd_port=str(port), clamd_timeout_seconds="2")
        document = read_document(api, cloud, "cv.pdf", SAMPLE)

    scan_failed(api, document["id"])


def test_a_clamd_that_never_answers_is_no_verdict(api: ApiClient, cloud: Cloud, configure: Configure) -> None:
    with black_hole() as port:
        configure(scanner="clamd", clamd_port=str(port), clamd_timeout_seconds="0.2")
        document = read_document(api, cloud, "cv.pdf", SAMPLE)

    scan_failed(api, document["id"])


def test_a_file_that_clamd_could_not_look_through_is_rejected(
    api: ApiClient, cloud: Cloud, configure: Configure
) -> None:
    with clamd_that_answers(b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0") as port:
        configure(scanner="clamd", clamd_port=str(port))
        document = read_document(api, cloud, "cv.pdf", SAMPLE)

    assert (document["status"], document["status_code"]) == ("rejected", "scan_incomplete")


def test_a_scan_that_is_delivered_twice_gives_one_verdict(
    clamd: RunningClamd, tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))
    messages = delivery.take_batch(sqs, scan, wait_seconds=1)
    event = delivery.sqs_event(messages * 2, scan)

    for _ in range(2):
        assert scan.handler(event, delivery.context("scan")) == {"batchItemFailures": []}

    assert records.actions(database, tenant.id).count("document_scanned") == 1
    assert [job["kind"] for job in records.jobs_of(database, tenant.id)] == ["scan_document", "analyze_document"]


def test_an_infected_file_for_a_candidate_leaves_the_candidate_as_it_was(
    clamd: RunningClamd, api: ApiClient, cloud: Cloud
) -> None:
    candidate = new_candidate(api)

    document = read_document(api, cloud, "cv.txt", samples.eicar(), candidate_id=candidate["id"])

    assert (document["status"], document["candidate_id"]) == ("infected", candidate["id"])
    assert api.get(f"/api/candidates/{candidate['id']}").json == candidate


def test_a_stored_version_that_vanished_is_no_verdict(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document_id = upload(tenant.api, cloud, "cv.pdf", SAMPLE)
    sqs, [scan, *_] = cloud.client("sqs"), cloud.sources()
    delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))
    statement = "select object_key, object_version from documents where id = cast(:id as uuid)"
    [stored] = records.rows(database, statement, id=document_id)
    cloud.client("s3").delete_object(Bucket=UPLOAD_BUCKET, Key=stored["object_key"], VersionId=stored["object_version"])

    cloud.drain()

    assert scan_failed(tenant.api, document_id)["status_code"] == "storage_unavailable"
