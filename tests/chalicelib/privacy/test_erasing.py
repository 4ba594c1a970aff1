"""An erasure comes to its end whatever happens meanwhile, and happens once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chalicelib import clients, db
from chalicelib.bulk_imports import exports
from chalicelib.clients import Bucket, StorageUnavailable
from chalicelib.db import GoneMeanwhile
from chalicelib.documents import keeping, scanning, uploads
from chalicelib.jobs import running
from chalicelib.jobs.consume import consume
from chalicelib.jobs.models import JobKind, JobMessage
from chalicelib.privacy import jobs as work
from chalicelib.privacy import objects, places, rows
from tests import records
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    announce,
    at_once,
    insert_document,
    new_application,
    new_candidate,
    new_colleague,
    new_position,
    upload,
)
from tests.fakes import sqs_event
from tests.house import Cloud, Database
from tests.samples import eicar, pdf_of

LOW = "arn:aws:sqs:eu-central-1:123456789012:recruitpro-local-low"


def erase(tenant: Tenant, candidate: Json) -> Json:
    """Ask for an erasure; its job."""
    accepted = tenant.api.post(f"/api/candidates/{candidate['id']}/erase")
    assert accepted.status == 202, accepted
    job: Json = accepted.json
    return job


def certificates(tenant: Tenant) -> list[Json]:
    items: list[Json] = tenant.api.get("/api/erasures").json["items"]
    return items


def deliver(tenant: Tenant, job: Json) -> Any:
    """The message of a job, once more."""
    body = {"job_id": job["id"], "organization_id": str(tenant.id), "kind": "erase_candidate"}
    return consume(sqs_event(body, arn=LOW), work.WORK)


def left(database: Database, candidate: Json) -> int:
    found = records.rows(database, "select count(*) from candidates where id = cast(:id as uuid)", id=candidate["id"])
    return int(found[0]["count"])


def test_a_second_delivery_changes_nothing(tenant: Tenant, cloud: Cloud) -> None:
    candidate = new_candidate(tenant.api)
    job = erase(tenant, candidate)
    cloud.drain()
    before, events = certificates(tenant), tenant.api.get("/api/events").json["total"]

    assert deliver(tenant, job) == {"batchItemFailures": []}

    assert certificates(tenant) == before
    assert tenant.api.get("/api/events").json["total"] == events


@pytest.mark.parametrize("step", ["_erase_objects", "_erase_history", "_finish"])
def test_an_attempt_that_dies_is_followed_by_one_that_goes_on(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    candidate = new_candidate(tenant.api)
    upload(tenant.api, cloud, "cv.pdf", pdf_of(["Grace Hopper"]), candidate_id=candidate["id"])
    new_application(tenant.api, candidate)
    cloud.drain()
    whole, died = getattr(work, step), threading.Event()

    def dies_once(*arguments: Any) -> Any:
        answer = whole(*arguments)
        if not died.is_set():
            died.set()
            raise RuntimeError("killed")
        return answer

    monkeypatch.setattr(work, step, dies_once)

    erase(tenant, candidate)
    cloud.drain()

    assert died.is_set()
    assert left(database, candidate) == 0
    [certificate] = certificates(tenant)
    assert certificate["status"] == "done"
    assert certificate["objects_erased"]["documents"] == 1, "what an earlier attempt deleted counts"
    assert certificate["rows_erased"]["applications"] == 1
    erased = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "candidate_erased"]
    assert len(erased) == 1


def test_nothing_is_gone_from_the_database_while_the_storage_is_down(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = new_candidate(tenant.api)

    def down(*_arguments: Any) -> Any:
        raise StorageUnavailable("the file storage does not answer now")

    monkeypatch.setattr(objects, "erase", down)
    job = erase(tenant, candidate)
    cloud.drain()

    failed = tenant.api.get(f"/api/jobs/{job['id']}").json
    assert (failed["status"], failed["error"]["code"]) == ("failed", "storage_unavailable")
    assert left(database, candidate) == 1
    assert tenant.api.get(f"/api/candidates/{candidate['id']}").status == 404, "out of sight all the same"
    assert [each["status"] for each in certificates(tenant)] == ["running"]
    monkeypatch.undo()
    assert tenant.api.post(f"/api/jobs/{job['id']}/retry").status in {200, 202}
    cloud.drain()
    assert left(database, candidate) == 0


def test_a_file_that_comes_in_meanwhile_is_taken_along(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = new_candidate(tenant.api)
    hold, came = rows.hold, list[str]()

    def late(session: Any, parameters: Any) -> None:
        if not came:
            came.append(insert_document(database, tenant.id))
            values = {"document": came[0], "candidate": candidate["id"]}
            statement = (
                "update documents set candidate_id = cast(:candidate as uuid) where id = cast(:document as uuid)"
            )
            records.rows(database, statement, **values)
        hold(session, parameters)

    monkeypatch.setattr(rows, "hold", late)
    erase(tenant, candidate)

    cloud.drain()

    assert left(database, candidate) == 0
    assert records.rows(database, "select id from documents where id = cast(:id as uuid)", id=came[0]) == []


def test_who_adds_an_application_in_this_very_moment_is_told_that_nobody_is_there(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    """The application's transaction found the candidate, then waited until the erasure had committed."""
    candidate, position = new_candidate(tenant.api), new_position(tenant.api)
    statement = sa.text("""
        insert into applications (id, organization_id, candidate_id, position_id, stage, applied_at, stage_entered_at,
            updated_at)
        values (gen_random_uuid(), :organization, cast(:candidate as uuid), cast(:position as uuid), 'applied', now(),
            now(), now())
    """)
    values = {"organization": tenant.id, "candidate": candidate["id"], "position": position["id"]}

    with pytest.raises(GoneMeanwhile), db.transaction(tenant.id) as session:  # noqa: PT012 - one transaction
        assert session.scalar(sa.text("select count(*) from candidates")) == 1
        erase(tenant, candidate)
        cloud.drain()
        session.execute(statement, values)

    assert left(database, candidate) == 0


def test_an_application_and_an_erasure_at_once_leave_no_half_of_either(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    position = new_position(tenant.api)
    for _ in range(5):
        candidate = new_candidate(tenant.api)
        wish = {"candidate_id": candidate["id"], "position_id": position["id"]}
        acts: list[Callable[[], Any]] = [
            lambda wish=wish: tenant.api.post("/api/applications", wish),  # type: ignore[misc]
            lambda one=candidate["id"]: tenant.api.post(f"/api/candidates/{one}/erase"),  # type: ignore[misc]
        ]
        applied, erased = at_once(*acts)
        assert applied.status in {201, 422}, applied
        assert erased.status == 202, erased
        cloud.drain()
        assert left(database, candidate) == 0
    assert tenant.api.get("/api/applications").json["total"] == 0


def test_asked_twice_at_once_somebody_is_erased_once(tenant: Tenant, cloud: Cloud) -> None:
    candidate = new_candidate(tenant.api)
    path = f"/api/candidates/{candidate['id']}/erase"

    answers = at_once(*[lambda: tenant.api.post(path)] * 4)

    assert {each.status for each in answers} == {202}
    assert len({each.json["id"] for each in answers}) == 1
    cloud.drain()
    assert len(certificates(tenant)) == 1
    assert tenant.api.post(path).json["id"] == answers[0].json["id"]


def test_a_file_sent_by_an_old_form_after_the_erasure_is_deleted(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    candidate = new_candidate(tenant.api)
    content = pdf_of(["Grace Hopper"])
    announced = announce(tenant.api, "cv.pdf", len(content), candidate_id=candidate["id"])
    erase(tenant, candidate)
    cloud.drain()

    assert cloud.upload(announced["upload"], content) in {200, 201, 204}
    cloud.drain()

    key = announced["upload"]["fields"]["key"]
    assert clients.storage(Bucket.UPLOADS).versions(key) == []


def test_the_same_person_may_apply_anew(tenant: Tenant, cloud: Cloud) -> None:
    candidate = new_candidate(tenant.api, email="again@person.example")
    erase(tenant, candidate)
    cloud.drain()

    anew = new_candidate(tenant.api, email="again@person.example")

    assert anew["id"] != candidate["id"]
    assert tenant.api.get(f"/api/candidates/{anew['id']}").status == 200


def test_only_admins_export_and_erase_and_only_their_own(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    candidate = new_candidate(tenant.api)
    recruiter = new_colleague(database, tenant, "recruiter").api
    one = f"/api/candidates/{candidate['id']}"

    assert recruiter.get(f"{one}/export").code == "role_not_sufficient"
    assert recruiter.post(f"{one}/erase").code == "role_not_sufficient"
    assert other.api.get(f"{one}/export").code == "candidate_not_found"
    assert other.api.post(f"{one}/erase").code == "candidate_not_found"
    assert tenant.api.post(f"/api/candidates/{NO_ID}/erase").status == 404
    assert tenant.api.post(f"{one}/erase", {"reason": "because"}).wrong_fields == {"reason"}
    erase(tenant, candidate)
    cloud.drain()
    [certificate] = certificates(tenant)
    assert other.api.get(f"/api/erasures/{certificate['id']}").code == "erasure_not_found"
    assert recruiter.get(f"/api/erasures/{certificate['id']}").code == "role_not_sufficient"


def test_a_footprint_of_nobody_is_empty(tenant: Tenant) -> None:
    with db.transaction(tenant.id) as session:
        found = places.footprint_of(session, tenant.id, UUID(NO_ID))

    assert (found.candidates, found.documents, found.names) == ((), (), ())


def test_malware_that_a_lock_keeps_stands_in_the_certificate(tenant: Tenant, cloud: Cloud) -> None:
    candidate = new_candidate(tenant.api)
    document_id = upload(tenant.api, cloud, "cv.txt", eicar(), candidate_id=candidate["id"])
    cloud.drain()
    assert tenant.api.get(f"/api/documents/{document_id}").json["status"] == "infected"

    erase(tenant, candidate)
    cloud.drain()

    [certificate] = certificates(tenant)
    [kept] = certificate["objects_kept"]
    assert (certificate["status"], kept["bucket"], kept["versions"]) == ("done", "quarantine", 1)
    assert datetime.fromisoformat(kept["until"]) > datetime.now(UTC) + timedelta(days=60)


def screen(tenant: Tenant, application: Json) -> Json:
    asked = tenant.api.post(f"/api/applications/{application['id']}/screenings")
    assert asked.status == 202, asked
    job: Json = asked.json
    return job


def test_a_screening_that_comes_too_late_fails_at_once_with_what_is_gone(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    candidate = new_candidate(tenant.api)
    late = screen(tenant, new_application(tenant.api, candidate))
    assert deliver(tenant, erase(tenant, candidate)) == {"batchItemFailures": []}

    cloud.drain()

    job = records.job(database, late["id"])
    assert (job["status"], job["error_code"], job["attempts"]) == ("failed", "application_not_found", 1)


def test_what_was_to_be_done_about_the_erased_is_not_tried_again(tenant: Tenant, database: Database) -> None:
    candidate = new_candidate(tenant.api)
    called_off = screen(tenant, new_application(tenant.api, candidate))
    assert tenant.api.post(f"/api/jobs/{called_off['id']}/cancel").status == 200
    assert deliver(tenant, erase(tenant, candidate)) == {"batchItemFailures": []}

    again = tenant.api.post(f"/api/jobs/{called_off['id']}/retry")

    assert (again.status, again.code) == (409, "job_not_retryable")
    assert "erased" in again.json["detail"]
    assert records.job(database, called_off["id"])["status"] == "cancelled"


def test_a_file_that_is_stored_and_found_clean_meanwhile_leaves_no_copy(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate, content = new_candidate(tenant.api), pdf_of(["Grace Hopper"])
    announced = announce(tenant.api, "cv.pdf", len(content), candidate_id=candidate["id"])
    key, look, came = announced["upload"]["fields"]["key"], work._erase_history, threading.Event()

    def late(*arguments: Any) -> int:
        """The file comes after the person's objects were deleted, and is scanned before their rows are."""
        if not came.is_set():
            came.set()
            assert cloud.upload(announced["upload"], content) in {200, 201, 204}
            assert uploads.receive(key)
            [scan] = [each for each in records.jobs_of(database, tenant.id) if each["kind"] == "scan_document"]
            running.attempt(JobMessage(scan["id"], tenant.id, JobKind.SCAN_DOCUMENT), scanning.WORK)
        return look(*arguments)

    monkeypatch.setattr(work, "_erase_history", late)
    erase(tenant, candidate)

    cloud.drain()

    assert came.is_set()
    assert left(database, candidate) == 0
    assert [clients.storage(bucket).versions(key) for bucket in objects.DOCUMENTS_LIE_IN] == [[], [], []]


def test_a_scan_of_a_file_whose_person_is_gone_ends_when_nothing_of_it_is_left(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate, content = new_candidate(tenant.api), pdf_of(["Grace Hopper"])
    announced = announce(tenant.api, "cv.pdf", len(content), candidate_id=candidate["id"])
    key, forget, look = announced["upload"]["fields"]["key"], keeping.forget, scanning.look
    assert cloud.upload(announced["upload"], content) in {200, 201, 204}
    assert uploads.receive(key)
    [scan] = [each for each in records.jobs_of(database, tenant.id) if each["kind"] == "scan_document"]
    message = JobMessage(scan["id"], tenant.id, JobKind.SCAN_DOCUMENT)

    def erased_meanwhile(*arguments: Any) -> Any:
        records.rows(database, "delete from documents where id = cast(:id as uuid)", id=announced["id"])
        return look(*arguments)

    def dies(*_: Any) -> None:
        raise StorageUnavailable("killed")

    monkeypatch.setattr(scanning, "look", erased_meanwhile)
    monkeypatch.setattr(keeping, "forget", dies)
    assert running.attempt(message, scanning.WORK) is not None, "it comes again"
    assert clients.storage(Bucket.CLEAN).versions(key) != []

    monkeypatch.setattr(keeping, "forget", forget)
    records.rows(database, "update jobs set next_attempt_at = now() where id = :id", id=scan["id"])
    assert running.attempt(message, scanning.WORK) is None

    assert records.job(database, scan["id"])["result"]["verdict"] == "deleted"
    assert [clients.storage(bucket).versions(key) for bucket in objects.DOCUMENTS_LIE_IN] == [[], [], []]


def test_an_export_that_was_being_written_is_written_anew_without_the_person(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = new_candidate(tenant.api, name="Zephyrine Quillfeather")
    lines, meanwhile = exports._lines, list[Json]()

    def erased_meanwhile(run: Any, kind: Any) -> Any:
        pages = list(lines(run, kind))
        if not meanwhile:
            meanwhile.append(erase(tenant, candidate))
            deliver(tenant, meanwhile[0])
        yield from pages

    monkeypatch.setattr(exports, "_lines", erased_meanwhile)
    job = tenant.api.post("/api/exports", {"kind": "candidates"}).json

    cloud.drain()

    export = tenant.api.get(f"/api/jobs/{job['id']}").json
    assert (export["status"], export["attempts"], export["result"]["rows"]) == ("succeeded", 2, 0)
    kept = clients.storage(Bucket.EXPORTS).versions(f"exports/{tenant.id}/{job['id']}.csv")
    assert [each.version for each in kept] == [export["result"]["object_version"]]
