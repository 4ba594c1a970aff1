"""Position descriptions become draft positions, project briefs fill their project, and nobody guesses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.clock import utc_now
from chalicelib.jobs import relay
from functions.run_default_jobs import run_default_jobs
from infra.demo import make_resumes
from infra.demo.descriptions import make
from infra.local import delivery
from tests import records, samples
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, new_candidate, new_project, read_document, set_role, upload
from tests.house import Cloud, Database, settings_for

SITE_MANAGER = (make.FOLDER / "site-manager-leeds.pdf").read_bytes()
NURSE = (make.FOLDER / "pflegefachkraft-hamburg.docx").read_bytes()
BRIEF = (make.FOLDER / "project-brief-riverside.docx").read_bytes()
RESUME = (make_resumes.FOLDER / "amelia-hartley.pdf").read_bytes()
NEITHER = (
    b"Dear neighbours, the summer party takes place on the meadow behind the old mill on Saturday. Bring chairs, "
    b"salads and good weather. The band plays from six, and the children may stay up as long as they like.\n"
)


def positions_of(api: ApiClient) -> list[Json]:
    """The organization's positions, oldest first."""
    items: list[Json] = api.get("/api/positions").json["items"]
    return items[::-1]


def describe(
    api: ApiClient, cloud: Cloud, content: bytes = SITE_MANAGER, filename: str = "job.pdf", **owners: str
) -> Json:
    """A position description after everything that follows from its upload."""
    return read_document(api, cloud, filename, content, kind="position_description", **owners)


def read_again(api: ApiClient, cloud: Cloud, document: Json) -> Json:
    """The job that read a document once more, ended."""
    job = api.post(f"/api/documents/{document['id']}/analyze")
    assert job.status == 202, job
    cloud.drain()
    ended: Json = api.get(f"/api/jobs/{job.json['id']}").json
    return ended


def test_a_position_description_becomes_a_draft_position(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    project = new_project(tenant.api)

    document = describe(tenant.api, cloud, project_id=project["id"])

    analysis = document["analysis"]
    assert (analysis["status"], analysis["document_type"]) == ("succeeded", "position_description"), analysis
    assert (analysis["profile"], analysis["project"], document["candidate_id"]) == (None, None, None)
    [position] = positions_of(tenant.api)
    assert (position["title"], position["department"]) == ("Site Manager – Residential", "Building North")
    assert position["location"] == "Leeds, United Kingdom"
    assert (position["status"], position["openings"], position["experience_years_min"]) == ("draft", 2, 7)
    assert (position["salary_min"], position["salary_max"], position["currency"]) == (52_000, 60_000, "GBP")
    assert (position["project_id"], position["created_by"]) == (project["id"], str(tenant.user_id))
    assert "Keep the site safe" in position["description"]
    kinds = {item["text"]: (item["kind"], item["weight"]) for item in position["requirements"]}
    assert kinds["First Aid at Work"] == ("must", 3)
    assert kinds["Experience of timber frame"][0] == "nice"
    assert [kind for text, kind in kinds.items() if text.startswith("SMSTS")] == [("must", 5)]
    [drafted] = analysis["positions"]
    assert (drafted["position_id"], drafted["problem"]) == (position["id"], None)
    assert records.actions(database, tenant.id).count("position_created") == 1
    sourced = "select source_document_id from positions where id = cast(:id as uuid)"
    assert str(records.rows(database, sourced, id=position["id"])[0]["source_document_id"]) == document["id"]


def test_everything_read_stands_in_the_text_at_its_offsets(api: ApiClient, cloud: Cloud) -> None:
    document = describe(api, cloud, NURSE, "stelle.docx")

    text = api.get(f"/api/documents/{document['id']}/text").json
    [drafted] = document["analysis"]["positions"]
    for found in (drafted["title"], drafted["location"], drafted["department"], *drafted["responsibilities"]):
        assert " ".join(text["text"][found["start"] : found["end"]].split()) == found["value"]
        page = text["pages"][found["page"] - 1]
        assert page["start"] <= found["start"] < found["end"] <= page["end"]
    for requirement in drafted["requirements"]:
        found = requirement["text"]
        assert " ".join(text["text"][found["start"] : found["end"]].split()) == found["value"]


def test_the_job_says_what_the_document_is_and_what_was_made_of_it(api: ApiClient, cloud: Cloud) -> None:
    document = describe(api, cloud)

    [job] = api.get("/api/jobs", kind="analyze_document").json["items"]

    [position] = positions_of(api)
    assert (job["status"], job["result"]["document_type"]) == ("succeeded", "position_description")
    assert job["result"]["position_ids"] == [position["id"]]
    assert (job["result"]["positions_created"], job["result"]["problems"]) == (1, [])
    [fields] = job["result"]["fields"]["positions"]
    assert fields["title"] == document["analysis"]["positions"][0]["title"]


def test_a_description_without_a_title_makes_no_position_and_says_so(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from chalicelib.descriptions.positions import read_positions
    from chalicelib.documents import readings

    def without_titles(text: Any) -> Any:
        return tuple(replace(draft, title=None) for draft in read_positions(text))

    monkeypatch.setattr(readings, "read_positions", without_titles)

    document = describe(tenant.api, cloud)

    [drafted] = document["analysis"]["positions"]
    assert (document["analysis"]["status"], drafted["position_id"]) == ("succeeded", None)
    assert "no title" in drafted["problem"]
    assert positions_of(tenant.api) == []
    [job] = tenant.api.get("/api/jobs", kind="analyze_document").json["items"]
    assert job["result"]["problems"] == [drafted["problem"]]
    monkeypatch.undo()
    assert read_again(tenant.api, cloud, document)["result"]["positions_created"] == 1


HOURLY = (
    "Forklift Driver\n\nLocation: Leeds\nSalary: £14.50 per hour\n\nAbout the role\n"
    "We are looking for a forklift driver to join the team of our warehouse in Leeds.\n\n"
    "Key responsibilities\n- Load and unload trucks\n- Keep the yard safe\n\n"
    "Requirements\n- At least 2 years of experience as a driver\n- A forklift licence (essential)\n\n"
    "How to apply\nSend your CV by Friday. We are an equal opportunity employer.\n"
)


def test_pay_by_the_hour_is_read_and_not_taken_for_a_yearly_salary(api: ApiClient, cloud: Cloud) -> None:
    document = describe(api, cloud, HOURLY.encode(), "job.txt")

    [drafted] = document["analysis"]["positions"]
    assert (drafted["salary_min"]["value"], drafted["salary_period"]["value"]) == (14.5, "hour")
    [position] = positions_of(api)
    assert (position["salary_min"], position["salary_max"], position["currency"]) == (None, None, None)


def test_reading_again_doubles_no_draft_and_overwrites_nothing_a_person_changed(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = describe(tenant.api, cloud)
    [position] = positions_of(tenant.api)
    change = {"title": "Senior Site Manager", "status": "open", "openings": 3, "requirements": []}
    changed = tenant.api.patch(f"/api/positions/{position['id']}", change).json

    job = read_again(tenant.api, cloud, document)

    assert positions_of(tenant.api) == [changed]
    assert (job["result"]["position_ids"], job["result"]["positions_created"]) == ([position["id"]], 0)
    again = tenant.api.get(f"/api/documents/{document['id']}").json
    assert again["analysis"] == document["analysis"]
    assert records.actions(database, tenant.id).count("position_created") == 1


def test_a_draft_that_a_person_deleted_does_not_come_back(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    document = describe(tenant.api, cloud)
    [position] = positions_of(tenant.api)
    assert tenant.api.delete(f"/api/positions/{position['id']}").status == 204

    assert read_again(tenant.api, cloud, document)["status"] == "succeeded"

    assert positions_of(tenant.api) == []
    assert records.count(database, "positions", tenant.id) == 1


def test_the_same_description_uploaded_twice_is_two_documents_with_a_draft_each(api: ApiClient, cloud: Cloud) -> None:
    describe(api, cloud)
    describe(api, cloud)

    assert len(positions_of(api)) == 2


def test_two_positions_of_one_title_in_one_document_are_two_drafts_and_stay_two(api: ApiClient, cloud: Cloud) -> None:
    one = (
        "Forklift Driver\nLocation: {place}\n\nKey responsibilities\n- Load and unload trucks at {place}\n"
        "- Keep the yard safe\n\nRequirements\n- At least 2 years of experience as a driver\n- A forklift licence\n\n"
    )
    content = one.format(place="Leeds") + one.format(place="York")

    document = describe(api, cloud, content.encode(), "jobs.txt")

    assert document["analysis"]["status"] == "succeeded", document["analysis"]
    before = [(item["id"], item["title"], item["location"]) for item in positions_of(api)]
    assert [place for _, _, place in before] == ["Leeds", "York"]
    read_again(api, cloud, document)
    assert [(item["id"], item["title"], item["location"]) for item in positions_of(api)] == before


def test_a_description_for_a_project_deleted_meanwhile_still_becomes_a_draft(api: ApiClient, cloud: Cloud) -> None:
    project = new_project(api)
    document_id = upload(api, cloud, "job.pdf", SITE_MANAGER, kind="position_description", project_id=project["id"])
    assert api.delete(f"/api/projects/{project['id']}").status == 204

    cloud.drain()

    assert api.get(f"/api/documents/{document_id}").json["analysis"]["status"] == "succeeded"
    assert [position["project_id"] for position in positions_of(api)] == [None]


def test_a_brief_fills_what_is_empty_in_its_project_and_overwrites_nothing(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    project = new_project(tenant.api, client="Riverside (as we call them)")

    document = read_document(tenant.api, cloud, "brief.docx", BRIEF, kind="other", project_id=project["id"])

    analysis = document["analysis"]
    assert (analysis["status"], analysis["document_type"]) == ("succeeded", "project_brief"), analysis
    assert (analysis["profile"], analysis["positions"]) == (None, None)
    filled = tenant.api.get(f"/api/projects/{project['id']}").json
    assert (filled["name"], filled["client"]) == (project["name"], project["client"])
    for name in ("sector", "location", "summary", "target_hires"):
        assert filled[name] == analysis["project"][name]["value"], name
        assert filled[name], name
    assert filled["priority"] == project["priority"]
    [job] = tenant.api.get("/api/jobs", kind="analyze_document").json["items"]
    assert job["result"]["project_id"] == project["id"]
    assert job["result"]["fields_filled"] == ["sector", "location", "summary", "target_hires"]
    assert records.actions(database, tenant.id).count("project_changed") == 1
    assert positions_of(tenant.api) == []

    tenant.api.patch(f"/api/projects/{project['id']}", {"location": "Elsewhere", "target_hires": 0})
    assert read_again(tenant.api, cloud, document)["result"]["fields_filled"] == []
    kept = tenant.api.get(f"/api/projects/{project['id']}").json
    assert (kept["location"], kept["target_hires"]) == ("Elsewhere", 0)
    assert records.actions(database, tenant.id).count("project_changed") == 2


def test_a_brief_of_no_project_shows_its_fields_and_changes_nothing(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    document = read_document(tenant.api, cloud, "brief.docx", BRIEF, kind="position_description")

    assert document["analysis"]["document_type"] == "project_brief"
    assert document["analysis"]["project"]["client"]["value"]
    [job] = tenant.api.get("/api/jobs", kind="analyze_document").json["items"]
    assert (job["result"]["project_id"], job["result"]["fields_filled"]) == (None, [])
    assert records.count(database, "projects", tenant.id) == records.count(database, "positions", tenant.id) == 0


def test_an_other_document_that_is_a_resume_makes_its_candidate_and_is_screened(api: ApiClient, cloud: Cloud) -> None:
    document = read_document(api, cloud, "found.pdf", RESUME, kind="other")

    assert document["analysis"]["document_type"] == "resume"
    candidate = api.get(f"/api/candidates/{document['candidate_id']}").json
    assert (candidate["name"], candidate["resume_document_id"]) == ("Amelia Hartley", document["id"])


REFUSED = {
    "a description as a résumé": ("cv.pdf", SITE_MANAGER, "resume", "not_a_resume", "position description"),
    "a brief as a résumé": ("cv.docx", BRIEF, "resume", "not_a_resume", "project brief"),
    "a résumé as a description": (
        "job.pdf",
        RESUME,
        "position_description",
        "not_a_position_description",
        "looks like a résumé",
    ),
    "nothing as a description": ("job.txt", NEITHER, "position_description", "document_type_unknown", "not clearly"),
    "nothing as something": ("note.txt", NEITHER, "other", "document_type_unknown", "by hand"),
    "no words as something": ("note.docx", samples.docx_of([]), "other", "no_text", "no words"),
    "a scan as a description": (
        "job.pdf",
        samples.image_only_pdf(),
        "position_description",
        "no_text_layer",
        "looks like a scan",
    ),
}
LOOKS_LIKE = {
    "a description as a résumé": "position_description",
    "a brief as a résumé": "project_brief",
    "a résumé as a description": "resume",
    "nothing as a description": "unknown",
    "nothing as something": "unknown",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_clearly_what_it_was_uploaded_as_is_refused_in_plain_words(
    tenant: Tenant, cloud: Cloud, database: Database, name: str
) -> None:
    filename, content, kind, code, words = REFUSED[name]

    document = read_document(tenant.api, cloud, filename, content, kind=kind)

    analysis = document["analysis"]
    assert (document["status"], analysis["status"], analysis["code"]) == ("clean", "failed", code), analysis
    assert words in analysis["message"]
    assert analysis["document_type"] == LOOKS_LIKE.get(name)
    assert (analysis["profile"], analysis["positions"], analysis["project"]) == (None, None, None)
    for table in ("candidates", "positions", "projects", "document_texts"):
        assert records.count(database, table, tenant.id) == 0, table
    [job] = tenant.api.get("/api/jobs", kind="analyze_document").json["items"]
    assert (job["status"], job["attempts"], job["error"]["code"]) == ("failed", 1, code)
    assert tenant.api.get(f"/api/documents/{document['id']}/text").code == "not_read"


def test_a_description_uploaded_for_a_candidate_is_still_no_resume(api: ApiClient, cloud: Cloud) -> None:
    candidate = new_candidate(api)

    document = read_document(api, cloud, "cv.pdf", SITE_MANAGER, candidate_id=candidate["id"])

    assert document["analysis"]["code"] == "not_a_resume"
    assert api.get(f"/api/candidates/{candidate['id']}").json == candidate


@pytest.mark.parametrize(
    ("filename", "content", "kind"),
    [
        ("letter.pdf", samples.pdf_of(samples.SAMPLE_LINES), "cover_letter"),
        ("papers.zip", samples.zip_of({"a.txt": b"a"}), "other"),
    ],
)
def test_what_is_not_analysed_is_not_read_and_says_so_when_asked(
    tenant: Tenant, cloud: Cloud, database: Database, filename: str, content: bytes, kind: str
) -> None:
    document = read_document(tenant.api, cloud, filename, content, kind=kind)

    assert (document["status"], document["analysis"]) == ("clean", None)
    answer = tenant.api.post(f"/api/documents/{document['id']}/analyze")
    assert (answer.status, answer.code) == (409, "not_analysable")
    assert [job["kind"] for job in records.jobs_of(database, tenant.id)] == ["scan_document"]


def test_another_organization_and_a_viewer_cannot_have_a_description_read(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    document = describe(tenant.api, cloud)
    path = f"/api/documents/{document['id']}"

    foreign, never = other.api.post(f"{path}/analyze"), other.api.post(f"/api/documents/{NO_ID}/analyze")
    assert (foreign.status, foreign.json["detail"]) == (never.status, never.json["detail"])
    assert other.api.get(path).status == other.api.get(f"{path}/text").status == 404
    assert positions_of(other.api) == []

    set_role(database, tenant.email, "viewer")
    assert tenant.api.post(f"{path}/analyze").status == 403
    assert tenant.api.get(path).json["analysis"]["positions"] == document["analysis"]["positions"]
    assert len(records.jobs_of(database, tenant.id)) == 2


def waiting_analysis(tenant: Tenant, cloud: Cloud) -> list[dict[str, Any]]:
    """The message of a description's analysis, taken."""
    upload(tenant.api, cloud, "job.pdf", SITE_MANAGER, kind="position_description")
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    for _ in range(2):
        delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1))
    messages = delivery.take_batch(sqs, cloud.source("default"), wait_seconds=1)
    assert len(messages) == 1
    return messages


def test_an_analysis_that_is_delivered_twice_makes_its_drafts_once(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    messages = waiting_analysis(tenant, cloud)

    for _ in range(2):
        event = delivery.sqs_event(messages * 2, cloud.source("default"))
        assert run_default_jobs(event, delivery.context("analyze")) == {"batchItemFailures": []}

    assert len(positions_of(tenant.api)) == 1
    actions = records.actions(database, tenant.id)
    assert actions.count("document_analyzed") == actions.count("position_created") == 1


@pytest.mark.parametrize("line", ["after the claim", "before the commit", "after the commit"])
def test_an_analysis_that_is_killed_makes_its_drafts_once(
    tenant: Tenant, cloud: Cloud, database: Database, line: str
) -> None:
    messages, default = waiting_analysis(tenant, cloud), cloud.source("default")
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.run_default_jobs", line],
        input=json.dumps(delivery.sqs_event(messages, default)),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(positions_of(tenant.api)) == (1 if line == "after the commit" else 0)

    delivery.deliver(cloud.client("sqs"), default, messages)
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()

    assert len(positions_of(tenant.api)) == 1
    actions = records.actions(database, tenant.id)
    assert actions.count("document_analyzed") == actions.count("position_created") == 1
    assert {job["status"] for job in records.jobs_of(database, tenant.id)} == {"succeeded"}
