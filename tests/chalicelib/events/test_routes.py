"""What happened, over HTTP: each write leaves one event that says who did what."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    move,
    new_application,
    new_candidate,
    new_position,
    new_project,
    page_through,
    set_role,
)
from tests.house import Database

PATH = "/api/events"


def events(api: ApiClient, **query: object) -> list[Json]:
    return page_through(api, PATH, 50, **query)


def events_of(api: ApiClient, act: Callable[[dict[str, str]], Reply]) -> list[Json]:
    """The events that a request leaves; its id and its sender's address stand in each."""
    before = events(api)
    reply = act({"X-Request-Id": "the-request-1"})
    assert reply.status < 300, reply
    new = events(api)[len(before) :]
    assert reply.headers["x-request-id"] == "the-request-1"
    assert {(event["request_id"], event["address"]) for event in new} == {("the-request-1", api.address)}
    return new


def one_event_of(api: ApiClient, act: Callable[[dict[str, str]], Reply]) -> Json:
    """The single event that a request leaves."""
    (event,) = events_of(api, act)
    return event


def said(event: Json) -> tuple[str, str, object, object]:
    return event["action"], event["subject_kind"], event["before"], event["after"]


def test_a_project_leaves_an_event_for_each_write(tenant: Tenant) -> None:
    api = tenant.api
    made, joined = events_of(api, lambda h: api.post("/api/projects", {"name": "North", "tags": ["a"]}, headers=h))
    assert said(joined) == ("project_member_added", "project", None, {"member_id": str(tenant.user_id)})
    path = f"/api/projects/{made['subject_id']}"
    assert (made["action"], made["before"]) == ("project_created", None)
    assert made["after"] == made["after"] | {"name": "North", "tags": ["a"], "priority": "medium", "status": "active"}
    assert (made["actor_kind"], made["actor_id"]) == ("user", str(tenant.user_id))
    assert made["occurred_at"] == api.get(path).json["created_at"]

    changed = one_event_of(api, lambda h: api.patch(path, {"name": "South", "tags": ["a"], "client": "X"}, headers=h))
    before, after = {"name": "North", "client": None}, {"name": "South", "client": "X"}
    assert said(changed) == ("project_changed", "project", before, after)

    deleted = one_event_of(api, lambda h: api.delete(path, headers=h))
    assert said(deleted) == ("project_deleted", "project", {"deleted_at": None}, {"deleted_at": deleted["occurred_at"]})


def test_a_position_leaves_an_event_for_each_write(api: ApiClient) -> None:
    made = one_event_of(api, lambda h: api.post("/api/positions", {"title": "Clerk", "salary_min": 10.5}, headers=h))
    assert (made["action"], made["position_id"]) == ("position_created", made["subject_id"])
    path = f"/api/positions/{made['subject_id']}"

    changed = one_event_of(api, lambda h: api.patch(path, {"openings": 2, "title": "Clerk"}, headers=h))
    assert said(changed) == ("position_changed", "position", {"openings": 1}, {"openings": 2})
    deleted = one_event_of(api, lambda h: api.delete(path, headers=h))
    assert (deleted["action"], list(deleted["after"])) == ("position_deleted", ["deleted_at"])


def test_a_candidate_leaves_an_event_for_each_write(api: ApiClient) -> None:
    wish = {"name": "Ada", "skills": ["Python"]}
    made = one_event_of(api, lambda h: api.post("/api/candidates", wish, headers=h))
    assert said(made) == ("candidate_created", "candidate", None, wish)
    assert made["candidate_id"] == made["subject_id"]
    path = f"/api/candidates/{made['subject_id']}"

    changed = one_event_of(api, lambda h: api.patch(path, {"skills": ["Go"], "name": "Ada"}, headers=h))
    assert said(changed) == ("candidate_changed", "candidate", {"skills": ["Python"]}, {"skills": ["Go"]})
    deleted = one_event_of(api, lambda h: api.delete(path, headers=h))
    restored = one_event_of(api, lambda h: api.post(f"{path}/restore", headers=h))
    moment = {"deleted_at": deleted["occurred_at"]}
    assert said(deleted) == ("candidate_deleted", "candidate", {"deleted_at": None}, moment)
    assert said(restored) == ("candidate_restored", "candidate", moment, {"deleted_at": None})


def test_an_application_leaves_an_event_for_each_step(api: ApiClient) -> None:
    candidate, position = new_candidate(api), new_position(api)
    wish = {"candidate_id": candidate["id"], "position_id": position["id"]}
    made = one_event_of(api, lambda h: api.post("/api/applications", wish, headers=h))
    assert said(made) == ("application_created", "application", None, {"stage": "applied", "source": None})
    ids = {"application_id": made["subject_id"], "candidate_id": candidate["id"], "position_id": position["id"]}
    path = f"/api/applications/{made['subject_id']}"

    wish = {"from_stage": "applied", "to_stage": "offer"}
    moved = one_event_of(api, lambda h: api.post(f"{path}/move", wish, headers=h))
    assert (moved["before"]["stage"], moved["after"]["stage"]) == ("applied", "offer")
    rejected = one_event_of(api, lambda h: api.post(f"{path}/reject", {"reason": "no"}, headers=h))
    reopened = one_event_of(api, lambda h: api.post(f"{path}/reopen", {"reason": "yes"}, headers=h))
    withdrawn = one_event_of(api, lambda h: api.post(f"{path}/withdraw", {"reason": "bye"}, headers=h))
    active, closed = {"status": "active", "status_reason": None}, {"status": "rejected", "status_reason": "no"}
    assert said(rejected) == ("application_rejected", "application", active, closed)
    assert said(reopened) == ("application_reopened", "application", closed, active)
    assert withdrawn["after"] == {"status": "withdrawn", "status_reason": "bye"}
    for event in (made, moved, rejected, reopened, withdrawn):
        assert event == event | ids


def test_what_fails_or_changes_nothing_leaves_no_event(api: ApiClient) -> None:
    candidate = new_candidate(api, email="ada@x.example")
    second, application = new_candidate(api), new_application(api)
    path = f"/api/candidates/{candidate['id']}"
    before = events(api)

    statuses = [
        api.patch(path, {"name": candidate["name"]}).status,
        api.patch(path, {}).status,
        api.post("/api/candidates", {"name": "B", "email": "ada@x.example"}).status,
        api.patch(f"/api/candidates/{second['id']}", {"name": "C", "email": "ada@x.example"}).status,
        api.patch(path, {"name": "X"}, headers={"If-Match": '"7"'}).status,
        move(api, application, "applied", "limbo").status,
        api.post("/api/positions", {"title": "X", "project_id": NO_ID}).status,
        api.delete(f"/api/projects/{NO_ID}").status,
    ]

    assert statuses == [200, 200, 409, 409, 412, 409, 422, 404]
    assert events(api) == before


def test_events_are_read_on_from_the_last_one_known(api: ApiClient) -> None:
    for number in range(4):
        new_candidate(api, name=f"N{number}")
    every = events(api)
    assert [event["sequence"] for event in every] == list(range(1, len(every) + 1))

    for number, event in enumerate(every, start=1):
        assert events(api, after=event["sequence"]) == events(api, after=event["id"]) == every[number:]
    assert events(api, after=0) == page_through(api, PATH, 1) == every
    assert events(api, after=len(every) + 100) == []
    assert page_through(api, PATH, 1, after=1) == every[1:]


@pytest.mark.parametrize("after", [NO_ID, "x", "-1", "1.5", "", "9" * 30, "²"])
def test_reading_on_from_no_event_is_refused(api: ApiClient, after: str) -> None:
    refused = api.get(PATH, after=after)

    assert (refused.status, refused.wrong_fields) == (422, {"after"})


def test_another_organizations_event_is_none(api: ApiClient, other: Tenant) -> None:
    new_candidate(other.api)
    theirs = events(other.api)[-1]

    foreign, unknown = api.get(PATH, after=theirs["id"]), api.get(PATH, after=NO_ID)

    assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert theirs["id"] not in {event["id"] for event in events(api)}
    assert events(api, candidate_id=theirs["candidate_id"]) == []


def test_events_are_narrowed_to_one_history(api: ApiClient) -> None:
    new_project(api)
    candidate, position = new_candidate(api), new_position(api)
    application = new_application(api, candidate, position)
    move(api, application, "applied", "screen")
    new_application(api, position=position)

    def actions(**query: object) -> list[str]:
        return [event["action"] for event in events(api, **query)]

    steps = ["application_created", "application_moved"]
    assert actions(candidate_id=candidate["id"]) == ["candidate_created", *steps]
    assert actions(position_id=position["id"]) == ["position_created", *steps, "application_created"]
    assert actions(application_id=application["id"]) == steps
    assert actions(candidate_id=candidate["id"], position_id=position["id"]) == steps
    assert actions(candidate_id=candidate["id"], application_id=NO_ID) == []
    first = events(api, application_id=application["id"])[0]
    assert actions(application_id=application["id"], after=first["id"]) == ["application_moved"]
    wrong = api.get(f"{PATH}?candidate_id=1&application_id=2&position_id=3&subject=4")
    assert wrong.wrong_fields == {"candidate_id", "application_id", "position_id", "subject"}


def test_a_viewer_reads_events(tenant: Tenant, database: Database) -> None:
    new_candidate(tenant.api)
    set_role(database, tenant.email, "viewer")

    assert events(tenant.api)[-1]["action"] == "candidate_created"


def test_nothing_secret_is_shown_of_an_event(api: ApiClient) -> None:
    new_candidate(api)
    for event in events(api):
        assert {"salt", "digests", "body_hash", "organization_id"}.isdisjoint(event)
