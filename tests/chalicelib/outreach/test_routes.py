"""Messages over HTTP: asked for, written, read, edited, removed; and every refusal on the way."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import clients
from chalicelib.outreach.material import Draft, Material, Wish
from chalicelib.outreach.writer import OfflineWriter
from infra.demo import make_resumes
from tests import records
from tests.api import ApiClient
from tests.chalicelib.outreach.drafts import application_of, asked, draft_of, read, send
from tests.conftest import Tenant
from tests.factories import NO_ID, new_application, new_candidate, new_position, page_through, read_document, set_role
from tests.house import Cloud, Database

REQUIREMENTS: list[dict[str, Any]] = [
    {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
    {"id": "cloud", "text": "AWS or Azure", "kind": "must", "weight": 3},
    {"id": "cobol", "text": "COBOL", "kind": "nice", "weight": 1},
]


def screened(api: ApiClient, cloud: Cloud) -> Any:
    """An application whose screening found evidence in the candidate's résumé."""
    resume = "amelia-hartley.pdf"
    document = read_document(api, cloud, resume, (make_resumes.FOLDER / resume).read_bytes())
    details = {"department": "Platform", "location": "Leeds", "salary_min": 70000, "salary_max": 90000}
    position = new_position(api, title="Backend Engineer", currency="GBP", requirements=REQUIREMENTS, **details)
    application = new_application(api, {"id": document["candidate_id"]}, position)
    assert api.post(f"/api/applications/{application['id']}/screenings").status == 202
    cloud.drain()
    return application


def evidence_in(message: Any) -> list[Any]:
    return [fact for fact in message["facts"] if fact["kind"] == "evidence"]


def test_a_message_is_written_from_the_record_with_verified_evidence(api: ApiClient, cloud: Cloud) -> None:
    application = screened(api, cloud)

    accepted = asked(api, application, "technical", language="en", tone="warm")

    assert (accepted.status, accepted.json["kind"], accepted.json["status"]) == (202, "generate_outreach", "queued")
    [waiting] = api.get("/api/outreach").json["items"]
    assert (waiting["status"], waiting["subject"], waiting["job_id"]) == ("queued", None, accepted.json["id"])
    cloud.drain()
    result = api.get(accepted.headers["location"]).json["result"]
    message = read(api, result["outreach_id"])
    assert {name: message[name] for name in ("subject", "body", "facts")} == {
        name: result[name] for name in ("subject", "body", "facts")
    }
    assert (message["status"], message["template"], message["tone"]) == ("draft", "technical", "warm")
    for told in ("Amelia Hartley", "Backend Engineer", "Platform", "Leeds", "70,000 to 90,000 GBP", "Ada Admin"):
        assert told in message["body"]
    evidence = evidence_in(message)
    assert evidence
    for fact in evidence:
        source = fact["source"]
        text = api.get(f"/api/documents/{source['document_id']}/text").json["text"]
        assert " ".join(text[source["start"] : source["end"]].split()) == fact["value"]
        assert f"“{fact['value']}”" in message["body"]


def test_every_fact_names_its_row(tenant: Tenant, cloud: Cloud) -> None:
    application = application_of(
        tenant.api, headline="Compilers", experience=[{"title": "Admiral", "is_current": True}]
    )
    facts = {fact["kind"]: fact for fact in draft_of(tenant.api, cloud, application)["facts"]}

    rows = {
        "candidate_name": ("candidates", application["candidate_id"]),
        "current_title": ("candidates", application["candidate_id"]),
        "position_title": ("positions", application["position_id"]),
        "organization": ("organizations", str(tenant.id)),
        "sender_name": ("users", str(tenant.user_id)),
    }
    assert {kind: (fact["source"]["table"], fact["source"]["id"]) for kind, fact in facts.items()} == rows


def test_evidence_that_stands_no_more_is_not_quoted(api: ApiClient, cloud: Cloud, database: Database) -> None:
    application = screened(api, cloud)
    assert evidence_in(draft_of(api, cloud, application))
    [document] = api.get("/api/documents").json["items"]

    position = f"/api/positions/{application['position_id']}"
    changed = [{**item, "text": item["text"] + "!"} for item in REQUIREMENTS]
    assert api.patch(position, {"requirements": changed}).status == 200
    assert evidence_in(draft_of(api, cloud, application)) == []
    assert api.patch(position, {"requirements": REQUIREMENTS}).status == 200
    assert evidence_in(draft_of(api, cloud, application))
    read_anew = "update document_texts set text = repeat('x', length(text)) where document_id = cast(:id as uuid)"
    records.rows(database, read_anew, id=document["id"])
    assert evidence_in(draft_of(api, cloud, application)) == []


def test_the_evidence_of_a_deleted_document_is_not_quoted(api: ApiClient, cloud: Cloud) -> None:
    application = screened(api, cloud)
    [document] = api.get("/api/documents").json["items"]
    assert api.delete(f"/api/documents/{document['id']}").status == 204

    assert evidence_in(draft_of(api, cloud, application)) == []


def test_a_pair_finds_its_application(api: ApiClient, cloud: Cloud) -> None:
    application = application_of(api)
    pair = {name: application[name] for name in ("candidate_id", "position_id")}
    strangers = {"candidate_id": new_candidate(api)["id"], "position_id": new_position(api)["id"]}

    assert draft_of(api, cloud, {"id": None}, **pair)["application_id"] == application["id"]
    assert draft_of(api, cloud, {"id": None}, **strangers)["application_id"] is None


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({}, {"template", "body"}),
        ({"template": "standard"}, {"body"}),
        ({"template": "standard", "candidate_id": NO_ID}, {"body"}),
        ({"template": "standard", "application_id": NO_ID, "candidate_id": NO_ID}, {"body"}),
        ({"template": "sonnet", "application_id": NO_ID}, {"template"}),
        ({"template": "standard", "application_id": NO_ID, "tone": "rude", "language": "tlh"}, {"tone", "language"}),
        ({"template": "standard", "application_id": NO_ID, "subject": "x"}, {"subject"}),
        ({"template": "standard", "application_id": NO_ID}, {"application_id"}),
        ({"template": "standard", "candidate_id": NO_ID, "position_id": NO_ID}, {"candidate_id", "position_id"}),
    ],
)
def test_a_wish_that_cannot_be_met_names_its_fields(api: ApiClient, wish: Any, fields: set[str]) -> None:
    refused = api.post("/api/outreach", wish)
    assert refused.status == 422, refused
    assert refused.wrong_fields <= fields
    assert refused.wrong_fields


def test_nothing_of_another_organization_is_written_about(api: ApiClient, other: Tenant) -> None:
    application = application_of(api)
    pair = {name: application[name] for name in ("candidate_id", "position_id")}

    for wish, fields in (({"application_id": application["id"]}, {"application_id"}), (pair, set(pair))):
        refused = other.api.post("/api/outreach", {"template": "standard", **wish})
        assert (refused.status, refused.wrong_fields) == (422, fields)
    assert other.api.get("/api/outreach").json["items"] == []


def close(api: ApiClient, application: Any, how: str) -> None:
    assert api.post(f"/api/applications/{application['id']}/{how}", {"reason": "too tall"}).status == 200


@pytest.mark.parametrize("template", ["standard", "executive", "technical", "follow_up"])
@pytest.mark.parametrize("how", ["reject", "withdraw"])
def test_who_is_out_of_the_running_is_not_won_over(api: ApiClient, template: str, how: str) -> None:
    application = application_of(api)
    close(api, application, how)

    refused = asked(api, application, template)

    assert (refused.status, refused.code) == (409, "application_closed")


def test_a_rejection_needs_an_application_that_was_not_withdrawn(api: ApiClient, cloud: Cloud) -> None:
    strangers = {"candidate_id": new_candidate(api)["id"], "position_id": new_position(api)["id"]}
    assert api.post("/api/outreach", {**strangers, "template": "rejection"}).code == "no_application"
    withdrawn = application_of(api)
    close(api, withdrawn, "withdraw")
    assert asked(api, withdrawn, "rejection").code == "application_closed"


def test_a_rejection_gives_no_reason_even_for_a_deleted_position(api: ApiClient, cloud: Cloud) -> None:
    rejected = application_of(api)
    close(api, rejected, "reject")
    assert api.delete(f"/api/positions/{rejected['position_id']}").status == 204

    message = draft_of(api, cloud, rejected, template="rejection")

    assert "too tall" not in str(message)
    assert {fact["kind"] for fact in message["facts"]} == {
        "candidate_name",
        "organization",
        "position_title",
        "sender_name",
    }


def test_nobody_is_won_for_a_position_that_is_closed_or_gone(api: ApiClient) -> None:
    closed, gone = application_of(api), application_of(api, email="b@navy.example")
    assert api.patch(f"/api/positions/{closed['position_id']}", {"status": "closed"}).status == 200
    assert api.delete(f"/api/positions/{gone['position_id']}").status == 204

    assert [asked(api, each).code for each in (closed, gone)] == ["position_not_offered"] * 2


def test_a_deleted_candidate_is_not_written_to(api: ApiClient, cloud: Cloud) -> None:
    application = application_of(api)
    accepted = asked(api, application)
    assert api.delete(f"/api/candidates/{application['candidate_id']}").status == 204

    assert asked(api, application).wrong_fields == {"application_id"}
    cloud.drain()
    job = api.get(accepted.headers["location"]).json
    [message] = api.get("/api/outreach").json["items"]
    assert (job["status"], job["error"]["code"]) == ("failed", "candidate_not_found")
    assert (message["status"], message["error_code"]) == ("failed", "candidate_not_found")
    assert send(api, message).code == "outreach_not_sendable"
    assert api.patch(f"/api/outreach/{message['id']}", {"subject": "x"}).code == "outreach_not_a_draft"
    assert api.delete(f"/api/outreach/{message['id']}").status == 204


def test_a_follow_up_needs_a_sent_message_and_names_its_day(api: ApiClient, cloud: Cloud, database: Database) -> None:
    application = application_of(api)
    first = draft_of(api, cloud, application)
    assert asked(api, application, "follow_up").code == "nothing_to_follow_up"
    assert send(api, first).status == 202
    cloud.drain()
    records.rows(
        database, "update outreach set sent_at = '2026-03-01T10:00:00Z' where id = cast(:id as uuid)", id=first["id"]
    )

    followed = draft_of(api, cloud, application, template="follow_up", language="fr")

    assert "Le 1er mars 2026, nous vous avons écrit" in followed["body"]
    source = next(fact["source"] for fact in followed["facts"] if fact["kind"] == "last_sent_on")
    assert source == {"table": "outreach", "id": first["id"]}


def test_a_writer_that_invents_something_is_not_believed(
    api: ApiClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Boaster:
        def write(self, material: Material, wish: Wish) -> Draft:
            honest = OfflineWriter().write(material, wish)
            return Draft(honest.subject, honest.body + "\n\nWe pay 200,000 GBP.", honest.facts)

    monkeypatch.setattr(clients, "writer", Boaster)
    accepted = asked(api, application_of(api))
    cloud.drain()

    job = api.get(accepted.headers["location"]).json
    [message] = api.get("/api/outreach").json["items"]
    assert (job["status"], job["error"]["code"]) == ("failed", "invented_claim")
    assert (message["status"], message["error_code"], message["subject"]) == ("failed", "invented_claim", None)
    monkeypatch.undo()
    assert api.post(f"/api/jobs/{job['id']}/retry").status == 200
    cloud.drain()
    assert read(api, message["id"])["status"] == "draft"


def test_a_draft_is_edited_by_who_saw_its_latest_version(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    api = tenant.api
    path = f"/api/outreach/{draft_of(api, cloud)['id']}"
    seen = api.get(path).headers["etag"]

    edited = api.patch(path, {"subject": " Ahoy ", "body": "Come aboard.\n\nAda"}, {"If-Match": seen})

    assert (edited.status, edited.json["subject"], edited.json["status"]) == (200, "Ahoy", "draft")
    assert edited.headers["etag"] == api.get(path).headers["etag"] != seen
    assert api.patch(path, {"subject": "Again"}, {"If-Match": seen}).code == "stale"
    assert api.delete(path, {"If-Match": seen}).code == "stale"
    assert api.post(f"{path}/send", headers={"If-Match": seen}).code == "stale"
    assert api.delete(path).status == 204
    assert api.get(path).code == "outreach_not_found"
    assert [name for name in records.actions(database, tenant.id) if name.startswith("outreach")] == [
        "outreach_created",
        "outreach_written",
        "outreach_changed",
        "outreach_deleted",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Hello\r\nBcc: all@example.org"},
        {"subject": "Hello\nall"},
        {"subject": "Hello\u2028all"},
        {"subject": "Hello\x85all"},
        {"subject": "Hello\x00all"},
        {"subject": ""},
        {"subject": None},
        {"subject": "x" * 501},
        {"body": ""},
        {"body": None},
        {"body": "x" * 20_001},
        {"status": "sent"},
        {"sent_to": "all@example.org"},
    ],
)
def test_what_fits_no_mail_is_refused(api: ApiClient, cloud: Cloud, change: Any) -> None:
    message = draft_of(api, cloud)

    refused = api.patch(f"/api/outreach/{message['id']}", change)

    assert (refused.status, refused.wrong_fields) == (422, set(change))
    assert read(api, message["id"]) == message


def test_messages_are_listed_by_filter_without_their_text(api: ApiClient, cloud: Cloud) -> None:
    applications = [application_of(api, email=f"{number}@navy.example") for number in range(3)]
    messages = [draft_of(api, cloud, each) for each in applications]

    def found(**query: Any) -> list[str]:
        return [item["id"] for item in api.get("/api/outreach", **query).json["items"]]

    newest_first = [each["id"] for each in reversed(messages)]
    assert found() == [each["id"] for each in page_through(api, "/api/outreach", 2)] == newest_first
    for name in ("candidate_id", "application_id", "position_id"):
        assert found(**{name: messages[0][name]}) == [messages[0]["id"]]
    assert send(api, messages[1]).status == 202
    assert found(status="draft") == [newest_first[0], newest_first[2]]
    assert found(status="sending") == [messages[1]["id"]]
    assert api.get("/api/outreach?status=lost").status == 422
    [item] = api.get("/api/outreach", limit=1).json["items"]
    assert not {"body", "facts"} & set(item)


def test_who_only_reads_writes_nothing(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    api = tenant.api
    application = application_of(api)
    message = draft_of(api, cloud, application)
    set_role(database, tenant.email, "viewer")

    path = f"/api/outreach/{message['id']}"
    refused = [asked(api, application), api.patch(path, {"subject": "x"}), api.delete(path), send(api, message)]

    assert [(reply.status, reply.code) for reply in refused] == [(403, "role_not_sufficient")] * 4
    assert read(api, message["id"]) == message
    assert api.get("/api/outreach").json["total"] == 1


def test_nothing_of_another_organization_is_read_or_touched(api: ApiClient, cloud: Cloud, other: Tenant) -> None:
    message = draft_of(api, cloud)
    path = f"/api/outreach/{message['id']}"
    theirs = other.api

    refused = [theirs.get(path), theirs.patch(path, {"subject": "x"}), theirs.delete(path), send(theirs, message)]

    assert [(reply.status, reply.code) for reply in refused] == [(404, "outreach_not_found")] * 4
    assert read(api, message["id"]) == message


def test_a_message_is_written_once_however_often_its_job_comes(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    from functions.run_default_jobs import run_default_jobs
    from infra.local import delivery

    assert asked(tenant.api, application_of(tenant.api)).status == 202
    source = cloud.source("default")
    event = delivery.sqs_event(delivery.take_batch(cloud.client("sqs"), source, wait_seconds=1), source)

    for _ in range(2):
        assert run_default_jobs(event, delivery.context("run_default_jobs")) == {"batchItemFailures": []}

    assert records.actions(database, tenant.id).count("outreach_written") == 1


def test_a_wish_called_off_leaves_a_message_that_can_be_deleted(api: ApiClient) -> None:
    job = asked(api, application_of(api)).json
    assert api.delete(f"/api/outreach/{api.get('/api/outreach').json['items'][0]['id']}").code == "outreach_not_a_draft"
    assert api.post(f"/api/jobs/{job['id']}/cancel").status == 200

    [message] = api.get("/api/outreach").json["items"]
    assert (message["status"], message["error_code"]) == ("failed", "job_cancelled")
    assert api.delete(f"/api/outreach/{message['id']}").status == 204
