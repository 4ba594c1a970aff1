"""The story of the product: a résumé arrives, is scanned, becomes a candidate, is rated, and a person decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api import ApiClient
from tests.house import Cloud

RESUMES = Path(__file__).parents[2] / "infra" / "demo" / "resumes"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
POSITION = {
    "title": "Senior Backend Engineer",
    "experience_years_min": 5,
    "requirements": [
        {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
        {"id": "aws", "text": "AWS or Azure", "kind": "must", "weight": 3},
        {"id": "rust", "text": "Rust", "kind": "nice", "weight": 1},
    ],
}


def upload(api: ApiClient, cloud: Cloud, name: str, content: bytes, content_type: str) -> str:
    """Announce and upload a résumé; its document id."""
    wish = {"filename": name, "content_type": content_type, "size_bytes": len(content), "kind": "resume"}
    announced = api.post("/api/documents", wish)
    assert announced.status == 201, announced
    assert cloud.upload(announced.json["upload"], content) in {200, 201, 204}
    document_id: str = announced.json["id"]
    return document_id


@pytest.mark.parametrize(
    ("filename", "content_type", "name"),
    [("amelia-hartley.pdf", "application/pdf", "Amelia Hartley"), ("grace-lindqvist.docx", DOCX, "Grace Lindqvist")],
)
def test_a_resume_becomes_a_screened_candidate(
    api: ApiClient, cloud: Cloud, filename: str, content_type: str, name: str
) -> None:
    position = api.post("/api/positions", POSITION).json
    document_id = upload(api, cloud, filename, (RESUMES / filename).read_bytes(), content_type)
    assert api.get(f"/api/documents/{document_id}").json["status"] in {"awaiting_upload", "scanning"}
    assert api.get(f"/api/documents/{document_id}/content").code == "not_clean"

    cloud.drain()

    document = api.get(f"/api/documents/{document_id}").json
    assert (document["status"], document["analysis"]["status"]) == ("clean", "succeeded"), document
    candidate = api.get(f"/api/candidates/{document['candidate_id']}").json
    assert candidate["name"] == name
    text = api.get(f"/api/documents/{document_id}/text").json["text"]
    found: dict[str, Any] = document["analysis"]["profile"]["email"]
    assert text[found["start"] : found["end"]].lower() == candidate["email"]

    wish = {"candidate_id": candidate["id"], "position_id": position["id"]}
    application = api.post("/api/applications", wish).json
    accepted = api.post(f"/api/applications/{application['id']}/screenings")
    assert accepted.status == 202, accepted
    assert accepted.headers["location"] == f"/api/jobs/{accepted.json['id']}"
    cloud.drain()
    job = api.get(accepted.headers["location"]).json
    assert job["status"] == "succeeded", job
    screening = api.get(f"/api/screenings/{job['result']['screening_id']}").json
    assert 0 <= screening["score"] <= 100
    quotes = [quote for verdict in screening["requirements"] for quote in verdict["evidence"]]
    assert quotes
    assert all(text[quote["start"] : quote["end"]] == quote["quote"] for quote in quotes)

    move = {"from_stage": "applied", "to_stage": "screen"}
    assert api.post(f"/api/applications/{application['id']}/move", move).status == 200
    assert api.post(f"/api/applications/{application['id']}/move", move).code == "stage_moved_on"

    actions = [event["action"] for event in api.get("/api/events").json["items"]]
    expected = [
        "document_announced",
        "document_uploaded",
        "document_scanned",
        "candidate_created",
        "document_analyzed",
        "application_created",
        "application_screened",
        "application_moved",
    ]
    assert [action for action in actions if action in expected] == expected


def test_a_candidate_is_found_by_a_word_that_stands_only_in_the_resume(api: ApiClient, cloud: Cloud) -> None:
    filename = "jonas-gruenwald-lebenslauf.pdf"
    upload(api, cloud, filename, (RESUMES / filename).read_bytes(), "application/pdf")
    cloud.drain()

    found = api.get("/api/candidates/search", q="zugspitze").json

    assert [item["name"] for item in found["items"]] == ["Jonas Grünwald"]
    assert "<mark>Zugspitze</mark>" in found["items"][0]["highlight"]
