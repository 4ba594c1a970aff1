"""What is answered is what is published: each answer of a small story is held to the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from chalicelib.http.publishing.calls import resolved
from chalicelib.ids import new_id
from tests.api import ApiClient, Reply
from tests.chalicelib.users import people
from tests.factories import new_application, new_candidate
from tests.house import Cloud

Json = dict[str, Any]
UNKNOWN = str(new_id())


@dataclass(slots=True)
class HeldToTheDocument:
    """An ApiClient whose every answer is checked."""

    api: ApiClient
    document: Json

    def call(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None, **ids: str
    ) -> Reply:
        """Call the published `path` with `ids` filled in, and hold the answer to what is published for it."""
        real_path = path.partition("?")[0].format(**ids) + path[len(path.partition("?")[0]) :]
        reply = self.api.call(method, real_path, body, headers)
        operation = self.document["paths"][path.partition("?")[0]][method.lower()]
        assert str(reply.status) in operation["responses"], reply
        self._check(reply, resolved(operation["responses"][str(reply.status)], self.document))
        return reply

    def _check(self, reply: Reply, published: Json) -> None:
        for name in ("ETag", "Location", "RateLimit", "Retry-After", "WWW-Authenticate"):
            assert (name.lower() in reply.headers) == (name in published["headers"]), (name, reply)
        if "content" not in published:
            assert reply.body == b""
            return
        schema = published["content"][reply.headers["content-type"].partition(";")[0]]["schema"]
        whole = {**schema, "components": self.document["components"]}
        OAS31Validator(whole, format_checker=oas31_format_checker).validate(reply.json)


@pytest.fixture
def held(api: ApiClient) -> HeldToTheDocument:
    return HeldToTheDocument(api, api.get("/api/openapi.json").json)


def test_projects_answer_as_published(held: HeldToTheDocument) -> None:
    project = held.call("POST", "/api/projects", {"name": "Compilers", "tags": ["a"]})
    one = {"project_id": project.json["id"]}
    held.call("GET", "/api/projects")
    read = held.call("GET", "/api/projects/{project_id}", **one)
    held.call("PATCH", "/api/projects/{project_id}", {"client": "Navy"}, **one)
    stale = held.call(
        "PATCH", "/api/projects/{project_id}", {"client": "Army"}, headers={"If-Match": read.headers["etag"]}, **one
    )
    refused = held.call("PATCH", "/api/projects/{project_id}", {"name": None}, **one)
    members = held.call("GET", "/api/projects/{project_id}/members", **one)
    member = {**one, "user_id": members.json["items"][0]["user_id"]}
    held.call("PUT", "/api/projects/{project_id}/members/{user_id}", **member)
    held.call("PUT", "/api/projects/{project_id}/members/{user_id}", **{**one, "user_id": UNKNOWN})
    held.call("DELETE", "/api/projects/{project_id}/members/{user_id}", **member)
    held.call("DELETE", "/api/projects/{project_id}", **one)
    gone = held.call("GET", "/api/projects/{project_id}", **one)

    assert [reply.status for reply in (project, read, stale, refused, gone)] == [201, 200, 412, 422, 404]


def test_duplicates_and_merges_answer_as_published(held: HeldToTheDocument) -> None:
    people = [new_candidate(held.api, name="Ada Byron", phone="+12025550142")["id"] for _ in range(2)]
    one, other = {"candidate_id": people[0]}, {"candidate_id": people[1]}
    wish = {"duplicate_id": people[1]}
    found = held.call("GET", "/api/candidates/duplicates")
    merged = held.call("POST", "/api/candidates/{candidate_id}/merge", wish, **one)
    moved = held.call("GET", "/api/candidates/{candidate_id}", **other)
    again = held.call("POST", "/api/candidates/{candidate_id}/merge", wish, **one)
    itself = held.call("POST", "/api/candidates/{candidate_id}/merge", {"duplicate_id": people[0]}, **one)
    parted = held.call("POST", "/api/candidates/{candidate_id}/unmerge", wish, **one)
    twice = held.call("POST", "/api/candidates/{candidate_id}/unmerge", wish, **one)

    assert found.json["total"] == 1
    answers = (merged, moved, again, itself, parted, twice)
    assert [reply.status for reply in answers] == [200, 308, 409, 422, 200, 404]


def test_an_application_answers_as_published_from_both_its_sides(held: HeldToTheDocument) -> None:
    wish = {"title": "Engineer", "salary_min": 10.5, "requirements": [{"text": "COBOL", "kind": "must"}]}
    position = held.call("POST", "/api/positions", wish)
    person = {
        "name": "Grace Hopper",
        "email": "grace@navy.example",
        "consent": {"source": "form", "given_at": "2026-01-01T00:00:00Z"},
    }
    candidate = held.call("POST", "/api/candidates", person)
    pair = {"candidate_id": candidate.json["id"], "position_id": position.json["id"]}
    application = held.call("POST", "/api/applications", pair)
    again = held.call("POST", "/api/applications", pair)
    move = {"from_stage": "applied", "to_stage": "screen", "note": "well met"}
    one = {"application_id": application.json["id"]}
    moved = held.call("POST", "/api/applications/{application_id}/move", move, **one)
    late = held.call("POST", "/api/applications/{application_id}/move", move, **one)
    held.call("POST", "/api/applications/{application_id}/reject", {"reason": "no COBOL after all"}, **one)
    held.call("GET", "/api/applications/{application_id}", **one)

    assert [reply.status for reply in (application, again, moved, late)] == [201, 409, 200, 409]
    for path in (
        "/api/positions",
        "/api/candidates",
        "/api/applications",
        "/api/events",
        "/api/jobs",
        "/api/documents",
    ):
        assert held.call("GET", path).status == 200
    held.call("GET", "/api/positions/{position_id}", position_id=pair["position_id"])
    held.call("GET", "/api/candidates/{candidate_id}", candidate_id=pair["candidate_id"])
    found = held.call("GET", "/api/candidates/search?q=hopper")
    assert found.json["total"] == 1


def test_a_message_answers_as_published(held: HeldToTheDocument, cloud: Cloud) -> None:
    application = new_application(held.api, new_candidate(held.api, email="grace@navy.example"))
    asked = held.call("POST", "/api/outreach", {"application_id": application["id"], "template": "standard"})
    unsent = {"application_id": application["id"], "template": "follow_up"}
    assert held.call("POST", "/api/outreach", unsent).code == "nothing_to_follow_up"
    cloud.drain()
    job = held.call("GET", "/api/jobs/{job_id}", job_id=asked.json["id"]).json
    one = {"outreach_id": job["result"]["outreach_id"]}
    held.call("GET", "/api/outreach/{outreach_id}", **one)
    held.call("PATCH", "/api/outreach/{outreach_id}", {"subject": "Ahoy"}, **one)
    sent = [held.call("POST", "/api/outreach/{outreach_id}/send", **one) for _ in range(2)]
    kept = held.call("DELETE", "/api/outreach/{outreach_id}", **one)
    cloud.drain()
    listed = held.call("GET", "/api/outreach?status=sent")

    assert [reply.status for reply in (asked, *sent, kept)] == [202, 202, 409, 409]
    assert [item["id"] for item in listed.json["items"]] == [one["outreach_id"]]


def test_users_and_invitations_answer_as_published(held: HeldToTheDocument, cloud: Cloud) -> None:
    email = f"{UNKNOWN}@example.com"
    wish = {"email": email, "name": "Grace Hopper", "role": "viewer"}
    invited = [held.call("POST", "/api/users", wish) for _ in range(2)]
    one = {"invitation_id": invited[0].json["id"]}
    held.call("GET", "/api/invitations")
    held.call("GET", "/api/invitations/{invitation_id}", **one)
    held.call("POST", "/api/invitations/{invitation_id}/resend", **one)
    accepted = people.accept(people.mailed_token(cloud, email))
    gone = held.call("DELETE", "/api/invitations/{invitation_id}", **one)
    bad = held.call("POST", "/api/auth/accept-invitation", {"token": "x", "password": "some-horse-9-staples"})
    asked = held.call("POST", "/api/auth/forgot-password", {"email": email})
    link = {"token": people.mailed_token(cloud, email), "new_password": "another-horse-8-staples"}
    resets = [held.call("POST", "/api/auth/reset-password", link) for _ in range(2)]
    user = {"user_id": accepted.json["id"]}
    held.call("GET", "/api/users?q=grace&is_active=true")
    held.call("GET", "/api/users/{user_id}", **user)
    changed = held.call("PATCH", "/api/users/{user_id}", {"role": "admin"}, **user)
    me = held.call("GET", "/api/users/me").json["id"]
    held.call("PATCH", "/api/users/{user_id}", {"is_active": False}, **user)
    last = held.call("PATCH", "/api/users/{user_id}", {"role": "viewer"}, user_id=me)
    held.call("GET", "/api/organization")
    held.call("PATCH", "/api/organization", {"name": "Harbour & Lane"})

    assert [reply.status for reply in (*invited, accepted, gone, bad, asked)] == [201, 409, 201, 404, 400, 202]
    assert [reply.status for reply in (*resets, changed, last)] == [204, 400, 200, 409]


@pytest.mark.parametrize(
    ("method", "path", "ids", "status"),
    [
        ("GET", "/api/candidates/{candidate_id}", {"candidate_id": UNKNOWN}, 404),
        ("GET", "/api/candidates/{candidate_id}", {"candidate_id": "no-id"}, 404),
        ("GET", "/api/documents/{document_id}/content", {"document_id": UNKNOWN}, 404),
        ("POST", "/api/documents/{document_id}/analyze", {"document_id": UNKNOWN}, 404),
        ("GET", "/api/screenings/{screening_id}", {"screening_id": UNKNOWN}, 404),
        ("POST", "/api/applications/{application_id}/screenings", {"application_id": UNKNOWN}, 404),
        ("GET", "/api/candidates?limit=0", {}, 422),
        ("GET", "/api/candidates?colour=red", {}, 422),
        ("GET", "/api/candidates?cursor=forged", {}, 400),
        ("POST", "/api/candidates", {}, 400),
        ("POST", "/api/auth/logout", {}, 204),
        ("POST", "/api/auth/change-password", {}, 400),
        ("GET", "/api/users/me", {}, 200),
        ("GET", "/api/users/me/sign-ins", {}, 200),
        ("DELETE", "/api/users/me/sign-ins/{sign_in_id}", {"sign_in_id": UNKNOWN}, 404),
        ("GET", "/api/version", {}, 200),
        ("GET", "/api/health/live", {}, 200),
    ],
)
def test_refusals_and_small_answers_are_as_published(
    held: HeldToTheDocument, method: str, path: str, ids: dict[str, str], status: int
) -> None:
    assert held.call(method, path, None, headers=None, **ids).status == status


def test_who_is_not_signed_in_is_answered_as_published(held: HeldToTheDocument) -> None:
    held.api.token = None
    assert held.call("GET", "/api/candidates").status == 401

    held.api.token = "forged"
    assert held.call("GET", "/api/candidates").code == "bad_token"

    wrong = {"email": "nobody@tenant.example", "password": "not-this-one"}
    assert held.call("POST", "/api/auth/login", wrong).status == 401
    assert held.call("POST", "/api/auth/refresh", {"refresh_token": "spent"}).status == 401


def test_webhooks_answer_as_published(held: HeldToTheDocument) -> None:
    wish = {"url": "https://hooks.example.com/in", "events": ["webhook_created"]}
    made = held.call("POST", "/api/webhooks", wish)
    one = {"webhook_id": made.json["id"]}
    held.call("GET", "/api/webhooks")
    held.call("GET", "/api/webhooks/{webhook_id}", **one)
    held.call("PATCH", "/api/webhooks/{webhook_id}", {"description": "x"}, **one)
    held.call("POST", "/api/webhooks/{webhook_id}/rotate-secret", **one)
    told = held.call("GET", "/api/webhooks/{webhook_id}/deliveries", **one)
    replay = "/api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"
    waits = held.call("POST", replay, **one, delivery_id=told.json["items"][0]["id"])
    unknown = held.call("POST", replay, **one, delivery_id=UNKNOWN)
    refused = held.call("POST", "/api/webhooks", {**wish, "url": "https://127.0.0.2/"})
    held.call("DELETE", "/api/webhooks/{webhook_id}", **one)

    assert [reply.status for reply in (made, waits, unknown, refused)] == [201, 409, 404, 422]


def test_api_keys_answer_as_published(held: HeldToTheDocument) -> None:
    made = held.call("POST", "/api/api-keys", {"name": "Board", "scopes": ["candidates:read"]})
    one = {"api_key_id": made.json["id"]}
    listed = held.call("GET", "/api/api-keys")
    held.call("GET", "/api/api-keys/{api_key_id}", **one)
    held.call("DELETE", "/api/api-keys/{api_key_id}", **one)
    unknown = held.call("GET", "/api/api-keys/{api_key_id}", api_key_id=UNKNOWN)
    refused = held.call("POST", "/api/api-keys", {"name": "Board", "scopes": ["all"]})

    assert [reply.status for reply in (made, listed, unknown, refused)] == [201, 200, 404, 422]


def test_an_interview_answers_as_published(held: HeldToTheDocument) -> None:
    me = held.api.get("/api/users/me").json["id"]
    wish = {
        "application_id": new_application(held.api)["id"],
        "starts_at": "2026-01-02T09:00:00",
        "time_zone": "Europe/Berlin",
        "kind": "phone",
        "interviewer_ids": [me],
    }
    made = held.call("POST", "/api/interviews", wish)
    busy = held.call("POST", "/api/interviews", wish)
    one = {"interview_id": made.json["id"]}
    held.call("GET", "/api/interviews")
    held.call("GET", "/api/interviews/{interview_id}", **one)
    held.call("PATCH", "/api/interviews/{interview_id}", {"notes": "x"}, **one)
    marked = held.call("PUT", "/api/interviews/{interview_id}/scorecard", {"recommendation": "yes"}, **one)
    kept = held.call("DELETE", "/api/interviews/{interview_id}", **one)

    assert [reply.status for reply in (made, busy, marked, kept)] == [201, 409, 200, 409]


def test_reports_answer_as_published(held: HeldToTheDocument) -> None:
    application = new_application(held.api)
    paths = [path for path in held.document["paths"] if path.startswith("/api/reports/")]
    assert len(paths) == 5
    for path in paths:
        narrowed = f"?position_id={application['position_id']}&from=2026-01-01&to=2026-01-31&time_zone=Asia/Tokyo"
        statuses = [held.call("GET", path + query).status for query in ("", narrowed, "?from=2200-01-01")]
        assert statuses == [200, 200, 422], path
