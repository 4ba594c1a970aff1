"""A screening from an application to a kept rating: proved by quotes, repeatable, and without any power to decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from chalicelib import clients, db
from chalicelib.db import Role
from chalicelib.screening import service
from functions.run_screening import run_screening
from infra.demo import make_resumes
from infra.local import delivery
from tests import records, samples
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import new_application, new_candidate, new_position, read_document
from tests.fakes import ForgingRater
from tests.house import Cloud, Database

POSITIONS = (
    {
        "title": "Senior Backend Engineer",
        "experience_years_min": 5,
        "requirements": [
            {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
            {"id": "cloud", "text": "AWS or Azure", "kind": "must", "weight": 3},
            {"id": "lead", "text": "Led a team of engineers", "kind": "nice", "weight": 2},
            {"id": "rust", "text": "Rust", "kind": "nice", "weight": 1},
        ],
    },
    {
        "title": "Registered Nurse",
        "requirements": [
            {"id": "licence", "text": "Registered nurse licence", "kind": "must", "weight": 5},
            {"id": "icu", "text": "3 years of intensive care", "kind": "must", "weight": 4},
            {"id": "german", "text": "Fluent German", "kind": "nice", "weight": 2},
        ],
    },
    {
        "title": "Marketing Manager",
        "requirements": [
            {"id": "degree", "text": "Bachelor's degree", "kind": "must", "weight": 3},
            {"id": "seo", "text": "SEO and content marketing", "kind": "must", "weight": 3},
        ],
    },
)


def screened(api: ApiClient, cloud: Cloud, application: Any) -> Any:
    """One more screening of an application, when it is done."""
    accepted = api.post(f"/api/applications/{application['id']}/screenings")
    assert accepted.status == 202, accepted
    cloud.drain()
    job = api.get(accepted.headers["location"]).json
    assert job["status"] == "succeeded", job
    return api.get(f"/api/screenings/{job['result']['screening_id']}").json


def applied(api: ApiClient, cloud: Cloud, resume: str = "amelia-hartley.pdf", position: Any = None) -> Any:
    """An application of somebody whose résumé was read."""
    document = read_document(api, cloud, resume, (make_resumes.FOLDER / resume).read_bytes())
    position = position or new_position(api, **POSITIONS[0])
    return new_application(api, {"id": document["candidate_id"]}, position)


def quotes_of(screening: Any) -> list[Any]:
    return [quote for verdict in screening["requirements"] for quote in verdict["evidence"]]


def test_every_quote_stands_verbatim_in_the_document_for_every_sample_and_position(
    api: ApiClient, cloud: Cloud, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    positions = [new_position(api, **position) for position in POSITIONS]
    quoted = 0
    for path in sorted(make_resumes.FOLDER.iterdir()):
        document = read_document(api, cloud, path.name, path.read_bytes())
        seen = api.get(f"/api/documents/{document['id']}/text").json
        for position in positions:
            application = new_application(api, {"id": document["candidate_id"]}, position)
            screening = screened(api, cloud, application)
            assert screening["document_id"] == document["id"]
            assert 0 <= screening["score"] <= 100
            for verdict in screening["requirements"]:
                assert (verdict["verdict"] == "not_stated") or verdict["evidence"], verdict
                assert 0 <= verdict["confidence"] <= 1
            for quote in quotes_of(screening):
                assert seen["text"][quote["start"] : quote["end"]] == quote["quote"] != ""
                [page] = [page for page in seen["pages"] if page["number"] == quote["page"]]
                assert page["start"] <= quote["start"] < quote["end"] <= page["end"]
                quoted += 1
    assert quoted > 25, "the positions ask for what the samples say"


def test_the_same_input_gives_the_same_hash_and_the_same_answer(api: ApiClient, cloud: Cloud) -> None:
    application = applied(api, cloud)

    first, second = screened(api, cloud, application), screened(api, cloud, application)

    assert first["id"] != second["id"]
    told_apart = {"id", "job_id", "created_at", "duration_ms"}
    assert {name: value for name, value in first.items() if name not in told_apart} == {
        name: value for name, value in second.items() if name not in told_apart
    }
    assert len(first["input_hash"]) == 64


def test_another_requirement_or_another_resume_gives_another_hash(api: ApiClient, cloud: Cloud) -> None:
    position = new_position(api, **POSITIONS[0])
    application = applied(api, cloud, position=position)
    first = screened(api, cloud, application)

    requirements = [*position["requirements"], {"id": "go", "text": "Go", "kind": "nice", "weight": 1}]
    assert api.patch(f"/api/positions/{position['id']}", {"requirements": requirements}).status == 200
    second = screened(api, cloud, application)
    newer = samples.pdf_of((*samples.SAMPLE_LINES, "A wholly different text about Rust and Azure."))
    read_document(api, cloud, "newer.pdf", newer, candidate_id=application["candidate_id"])
    third = screened(api, cloud, application)

    assert len({first["input_hash"], second["input_hash"], third["input_hash"]}) == 3
    assert {verdict["requirement_id"] for verdict in second["requirements"]} >= {"go", "rust"}
    assert third["document_id"] != first["document_id"]


def test_without_a_resume_a_person_is_asked(api: ApiClient, cloud: Cloud) -> None:
    application = new_application(api, position=new_position(api, **POSITIONS[0]))

    screening = screened(api, cloud, application)

    assert (screening["recommendation"], screening["document_id"], screening["score"]) == ("needs_human", None, 0)
    assert {verdict["verdict"] for verdict in screening["requirements"]} == {"not_stated"}
    assert quotes_of(screening) == []
    assert screening["gaps"]


def test_a_resume_that_was_deleted_or_not_found_clean_is_not_rated(
    api: ApiClient, cloud: Cloud, database: Database
) -> None:
    application = applied(api, cloud)
    [document] = api.get("/api/documents").json["items"]
    records.rows(database, "update documents set status = 'infected' where id = cast(:id as uuid)", id=document["id"])
    assert screened(api, cloud, application)["document_id"] is None
    records.rows(database, "update documents set status = 'clean' where id = cast(:id as uuid)", id=document["id"])
    assert screened(api, cloud, application)["document_id"] == document["id"]

    assert api.delete(f"/api/documents/{document['id']}").status == 204

    assert screened(api, cloud, application)["recommendation"] == "needs_human"


def test_a_quote_that_a_rater_made_up_is_dropped_with_all_that_it_proved(
    api: ApiClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = applied(api, cloud)
    monkeypatch.setattr(clients, "rater", ForgingRater)

    screening = screened(api, cloud, application)

    assert quotes_of(screening) == []
    assert {verdict["verdict"] for verdict in screening["requirements"]} == {"not_stated"}
    assert (screening["score"], screening["recommendation"], screening["strengths"]) == (0, "low_match", [])
    assert (screening["provider"], screening["model"]) == ("forger", "1")


def test_a_screening_leaves_its_application_as_it_was(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    application = applied(tenant.api, cloud)
    before = records.rows(database, "select * from applications where id = cast(:id as uuid)", id=application["id"])

    screened(tenant.api, cloud, application)

    after = records.rows(database, "select * from applications where id = cast(:id as uuid)", id=application["id"])
    assert after == before
    assert records.actions(database, tenant.id)[-1] == "application_screened"


@pytest.mark.parametrize(
    "statement",
    [
        "update applications set stage = 'hired'",
        "update applications set status = 'rejected'",
        "delete from applications",
        "update candidates set name = 'x'",
        "update documents set status = 'clean'",
        "update screenings set score = 100",
        "delete from screenings",
        "update screenings set review = '{}'",
        "insert into stage_changes (id, organization_id, application_id, kind, changed_at) "
        "select gen_random_uuid(), organization_id, id, 'moved', now() from applications",
    ],
)
def test_the_role_that_screens_may_change_nothing_else(tenant: Tenant, statement: str) -> None:
    new_application(tenant.api)

    with pytest.raises(ProgrammingError) as refusal, db.transaction(tenant.id, Role.SCREENER) as session:
        session.execute(sa.text(statement))

    assert db.sql_state(refusal.value) == "42501"


def test_a_job_that_is_delivered_twice_leaves_one_screening(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    application = new_application(tenant.api)
    job_id = tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"]
    source = cloud.source("high")
    messages = delivery.take_batch(cloud.client("sqs"), source, wait_seconds=1)
    event = delivery.sqs_event(messages * 2, source)

    for _ in range(2):
        assert run_screening(event, delivery.context("screening")) == {"batchItemFailures": []}

    assert records.count(database, "screenings", tenant.id) == 1
    assert records.job(database, job_id)["attempts"] == 1
    assert records.actions(database, tenant.id).count("application_screened") == 1


def test_an_application_that_is_gone_fails_its_screening_at_once(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    application = new_application(tenant.api)
    job_id = tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"]
    gone = "update candidates set deleted_at = now() where id = cast(:id as uuid)"
    records.rows(database, gone, id=application["candidate_id"])

    cloud.drain()

    job = tenant.api.get(f"/api/jobs/{job_id}").json
    assert (job["status"], job["attempts"], job["error"]["code"]) == ("failed", 1, "candidate_not_found")


def test_ten_at_once_are_ten_screenings(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    position, candidate = new_position(tenant.api, **POSITIONS[2]), new_candidate(tenant.api)
    application = new_application(tenant.api, candidate, position)
    for _ in range(10):
        assert tenant.api.post(f"/api/applications/{application['id']}/screenings").status == 202

    cloud.drain()

    assert records.count(database, "screenings", tenant.id) == 10


def test_a_case_is_prepared_from_what_the_screener_may_see(tenant: Tenant, cloud: Cloud) -> None:
    application = applied(tenant.api, cloud)

    with db.transaction(tenant.id, Role.SCREENER) as session:
        case = service.prepare(session, tenant.id, UUID(application["id"]), datetime(2026, 11, 24, 23, tzinfo=UTC))

    assert case.brief.as_of.isoformat() == "2026-11-01"
    assert case.brief.employment
    assert [asked.id for asked in case.brief.requirements] == ["python", "cloud", "lead", "rust"]
