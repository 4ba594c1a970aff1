"""A client asks for discretion: whoever does not work on the project learns nothing of it, whatever they try."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from chalicelib.http.admission import Access
from chalicelib.http.routes import Route
from tests.api import ApiClient, Reply
from tests.chalicelib.interviews.planning import planned
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    new_application,
    new_candidate,
    new_colleague,
    new_outreach,
    new_position,
    new_project,
    read_document,
    set_role,
)
from tests.house import Cloud, Database
from tests.journeys.test_other_organizations import BODIES, routes_with_ids, rows_of

REQUIREMENT = {"text": "COBOL", "kind": "must"}
DESCRIPTION = b"Position description\n\nTitle: Hushed Officer\n\nRequirements\n- COBOL\n- Ten years at sea\n"


@dataclass(frozen=True, slots=True)
class Office:
    """An admin, a recruiter who works on the project, and one who does not."""

    admin: Tenant
    member: Tenant
    stranger: Tenant


@pytest.fixture
def office(tenant: Tenant, database: Database, configure: Callable[..., None]) -> Office:
    configure(rate_limit_enabled="false")
    return Office(tenant, new_colleague(database, tenant), new_colleague(database, tenant))


def everything_in(project: Json, who: Tenant, cloud: Cloud) -> dict[str, str]:
    """One thing of every kind in a project, by the name that paths give to its id; and its candidate."""
    api = who.api
    position = new_position(api, title="Hushed Officer", project_id=project["id"], requirements=[REQUIREMENT])
    application = new_application(api, new_candidate(api, email="grace@navy.example", skills=["COBOL"]), position)
    owners = {"project_id": project["id"], "position_id": position["id"]}
    document = read_document(api, cloud, "hushed.txt", DESCRIPTION, kind="position_description", **owners)
    job = api.post(f"/api/applications/{application['id']}/screenings").json
    outreach = new_outreach(api, application)
    cloud.drain()
    return {
        **owners,
        "application_id": application["id"],
        "document_id": document["id"],
        "job_id": job["id"],
        "screening_id": api.get(f"/api/jobs/{job['id']}").json["result"]["screening_id"],
        "outreach_id": outreach["id"],
        "interview_id": planned(who, application)["id"],
        "candidate_id": application["candidate_id"],
    }


def hidden_in(ids: dict[str, str]) -> dict[str, str]:
    """All but the candidate, who belongs to the organization."""
    return {name: each for name, each in ids.items() if name != "candidate_id"}


def routes_to_hidden(hidden: dict[str, str]) -> list[Route]:
    return [route for route in routes_with_ids() if any(f"{{{name}}}" in route.path for name in hidden)]


def same(one: Reply, other: Reply) -> bool:
    """Whether two answers tell nothing apart."""
    return (one.status, {**one.json, "request_id": ""}) == (other.status, {**other.json, "request_id": ""})


@pytest.mark.timeout(180)
def test_no_id_in_a_private_project_says_anything_to_who_is_no_member(
    office: Office, cloud: Cloud, database: Database
) -> None:
    project = new_project(office.member.api, is_private=True)
    ids = everything_in(project, office.member, cloud)
    hidden = hidden_in(ids)
    before = rows_of(database, office.admin.id)
    me, read = {"user_id": str(office.stranger.user_id), "candidate_id": ids["candidate_id"]}, 0

    for route in routes_to_hidden(hidden):
        call = f"{route.method} {route.path}"
        private = office.stranger.api.call(route.method, route.path.format_map(hidden | me), BODIES.get(call))
        unknown_ids = dict.fromkeys(hidden, NO_ID) | me
        unknown = office.stranger.api.call(route.method, route.path.format_map(unknown_ids), BODIES.get(call))
        assert private.status == (403 if route.access is Access.ADMIN else 404), (call, private)
        assert same(private, unknown), call
        assert private.headers.keys() == unknown.headers.keys(), call
        if route.method == "GET" and route.access is not Access.ADMIN:
            path = route.path.format_map(hidden | me)
            assert office.member.api.get(path).status == office.admin.api.get(path).status, call
            read += office.admin.api.get(path).status in {200, 302}

    assert read >= 10, "members and admins read what is hidden from others"
    assert rows_of(database, office.admin.id) == before


def test_no_list_or_total_shows_anything_of_a_private_project(office: Office, cloud: Cloud) -> None:
    import app

    api = office.stranger.api
    new_application(api)
    lists = [route for route in app.app.table if route.method == "GET" and "limit" in route.query.model_fields]
    open_lists = [route.path for route in lists if "{" not in route.path and not route.path.endswith("/search")]
    readable = [path for path in open_lists if api.get(path).status == 200]
    totals = {path: api.get(path).json["total"] for path in readable}

    project = new_project(office.member.api, name="Operation Hush", is_private=True)
    ids = everything_in(project, office.member, cloud)
    hidden, found = hidden_in(ids), 0

    for path in readable:
        page = api.get(path, limit=1000)
        told = [each for each in [*hidden.values(), "Hush", "hush"] if each in page.body.decode()]
        assert told == [], (path, told)
        # The candidate belongs to everybody, and so does what was done to their profile.
        more = page.json["total"] - totals[path]
        assert more == {"/api/candidates": 1, "/api/events": 1}.get(path, 0), path
        for name in hidden.keys() & next(route for route in lists if route.path == path).query.model_fields.keys():
            filtered = f"{path}?{name}={hidden[name]}"
            assert (api.get(filtered).json["items"], api.get(filtered).json["total"]) == ([], 0), filtered
            shown = [who.api.get(filtered).json["total"] for who in (office.admin, office.member)]
            assert shown[0] == shown[1], (path, name)
            found += shown[0]
    assert found >= 12, "members and admins find by these filters what is there"
    assert api.get("/api/applications", candidate_id=ids["candidate_id"]).json["total"] == 0
    assert api.get("/api/candidates", stage="applied").json["total"] == 1
    assert office.member.api.get("/api/candidates", stage="applied").json["total"] == 2
    assert {each["queued"] + each["succeeded_per_hour"] for each in api.get("/api/jobs/stats").json["kinds"]} <= {0}


def test_no_id_in_a_private_project_is_taken_in_a_body(office: Office, cloud: Cloud, database: Database) -> None:
    project = new_project(office.member.api, is_private=True)
    ids = everything_in(project, office.member, cloud)
    api = office.stranger.api
    ours = {"candidate_id": new_candidate(api)["id"], "position_id": new_position(api)["id"]}
    file = {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": 9, "kind": "resume"}
    wishes: list[tuple[str, Json, str]] = [
        ("/api/positions", {"title": "Mine"}, "project_id"),
        ("/api/candidates", {"name": "Mine"}, "resume_document_id"),
        ("/api/applications", ours, "position_id"),
        ("/api/documents", file, "position_id"),
        ("/api/documents", file, "project_id"),
        ("/api/imports", {}, "document_id"),
        ("/api/outreach", {"template": "standard"}, "application_id"),
        ("/api/outreach", {"template": "standard", **ours}, "position_id"),
        ("/api/screenings/batch", {}, "position_id"),
    ]
    before = rows_of(database, office.admin.id)

    for path, wish, field in wishes:
        theirs = ids[field.removeprefix("resume_")]
        private, unknown = api.post(path, {**wish, field: theirs}), api.post(path, {**wish, field: NO_ID})
        assert (private.status, private.wrong_fields) == (422, {field}), (path, private)
        assert same(private, unknown), path
    named = {"position_id": ours["position_id"], "application_ids": [ids["application_id"]]}
    assert api.post("/api/screenings/batch", named).wrong_fields == {"application_ids.0"}
    moved = api.patch(f"/api/positions/{ours['position_id']}", {"project_id": project["id"]})
    assert (moved.status, moved.wrong_fields) == (422, {"project_id"})

    assert rows_of(database, office.admin.id) == before


def exported(api: ApiClient, cloud: Cloud, filters: Json) -> tuple[Json, list[dict[str, str]]]:
    """The job of an export, and its rows."""
    job = api.post("/api/exports", {"kind": "candidates", "filters": filters}).json
    cloud.drain()
    link = api.get(f"/api/exports/{job['id']}/content").headers["location"]
    return job, list(csv.DictReader(io.StringIO(httpx.get(link).content.decode("utf-8-sig"))))


def test_an_export_tells_of_no_application_that_its_asker_may_not_see(office: Office, cloud: Cloud) -> None:
    project = new_project(office.member.api, is_private=True)
    ids = everything_in(project, office.member, cloud)
    filters: list[Json] = [{"position_id": ids["position_id"]}, {"stage": "applied"}]

    wish = {"kind": "candidates", "filters": filters[0]}
    unknown = {"kind": "candidates", "filters": {"position_id": NO_ID}}
    assert same(office.stranger.api.post("/api/exports", wish), office.stranger.api.post("/api/exports", unknown))
    assert exported(office.stranger.api, cloud, filters[1])[1] == []
    for each in filters:
        theirs, rows = exported(office.member.api, cloud, each)
        assert [row["id"] for row in rows] == [ids["candidate_id"]]
        for path in (f"/api/exports/{theirs['id']}/content", f"/api/jobs/{theirs['id']}"):
            assert office.stranger.api.get(path).status == 404, each
            assert office.admin.api.get(path).status in {200, 302}
    assert [row["id"] for row in exported(office.stranger.api, cloud, {})[1]] == [ids["candidate_id"]]


def test_a_batch_and_all_its_parts_are_hidden_with_their_position(office: Office, cloud: Cloud) -> None:
    position = new_position(office.member.api, project_id=new_project(office.member.api, is_private=True)["id"])
    new_application(office.member.api, None, position)
    batch = office.member.api.post("/api/screenings/batch", {"position_id": position["id"]}).json
    cloud.drain()

    assert office.member.api.get("/api/jobs", parent_id=batch["id"]).json["total"] == 1
    assert office.stranger.api.get("/api/jobs", parent_id=batch["id"]).json["total"] == 0
    for act in ("cancel", "retry"):
        assert office.stranger.api.post(f"/api/jobs/{batch['id']}/{act}").status == 404


def test_making_a_project_private_holds_at_once_and_so_does_opening_it(office: Office, cloud: Cloud) -> None:
    project = new_project(office.member.api)
    ids = everything_in(project, office.member, cloud)
    paths = [f"/api/{kind}s/{ids[f'{kind}_id']}" for kind in ("project", "position", "application", "document", "job")]

    def seen_by(who: Tenant) -> set[int]:
        return {who.api.get(path).status for path in paths}

    assert seen_by(office.stranger) == {200}
    office.member.api.patch(paths[0], {"is_private": True})
    assert (seen_by(office.stranger), seen_by(office.member), seen_by(office.admin)) == ({404}, {200}, {200})
    office.admin.api.patch(paths[0], {"is_private": False})
    assert seen_by(office.stranger) == {200}


def test_who_is_added_sees_all_and_who_is_removed_nothing_from_then_on(office: Office, cloud: Cloud) -> None:
    project = new_project(office.member.api, is_private=True)
    ids = everything_in(project, office.member, cloud)
    application, mine = f"/api/applications/{ids['application_id']}", f"/api/projects/{project['id']}/members"
    stranger = f"{mine}/{office.stranger.user_id}"

    assert office.stranger.api.get(application).status == 404
    assert office.member.api.call("PUT", stranger).status == 200
    assert office.stranger.api.get(application).status == 200
    assert office.stranger.api.get("/api/events", application_id=ids["application_id"]).json["total"] > 0

    assert office.member.api.delete(stranger).status == 204
    assert office.stranger.api.get(application).status == 404
    assert office.stranger.api.get("/api/events", application_id=ids["application_id"]).json["total"] == 0


def test_who_leaves_a_private_project_does_not_see_it_any_more(office: Office) -> None:
    project = new_project(office.member.api, is_private=True)
    path = f"/api/projects/{project['id']}"

    assert office.member.api.delete(f"{path}/members/{office.member.user_id}").status == 204

    assert office.member.api.get(path).status == 404
    assert office.admin.api.get(path).json["is_private"]
    events = [event["action"] for event in office.admin.api.get("/api/events").json["items"]]
    assert events[-1] == "project_member_removed"


def test_a_role_that_changes_changes_what_is_seen(office: Office, database: Database) -> None:
    api = office.member.api
    project = f"/api/projects/{new_project(api, is_private=True)['id']}"
    stranger = f"{project}/members/{office.stranger.user_id}"

    set_role(database, office.member.email, "viewer")
    assert (api.get(project).status, api.get(f"{project}/members").status) == (200, 200)
    assert (api.patch(project, {"name": "Mine"}).status, api.call("PUT", stranger).status) == (403, 403)

    set_role(database, office.stranger.email, "admin")
    assert office.stranger.api.get(project).status == 200
    set_role(database, office.stranger.email, "recruiter")
    assert office.stranger.api.get(project).status == 404


def test_a_deleted_private_project_hides_the_positions_that_stay(office: Office) -> None:
    api = office.member.api
    project = new_project(api, is_private=True)
    application = new_application(api, None, new_position(api, project_id=project["id"]))

    assert api.delete(f"/api/projects/{project['id']}").status == 204

    for path in (f"/api/positions/{application['position_id']}", f"/api/applications/{application['id']}"):
        assert (api.get(path).status, office.stranger.api.get(path).status) == (200, 404)


def test_research_takes_nothing_from_private_projects(office: Office, cloud: Cloud) -> None:
    secret = new_project(office.member.api, is_private=True)
    for title, project in [("Submarine Pilot", None), ("Submarine Pilot of the Hush", secret)] * 5:
        values: dict[str, Any] = {"project_id": project["id"]} if project else {}
        new_position(office.member.api, title=title, **values)

    job = office.admin.api.post("/api/market-research", {"title": "Submarine Pilot"}).json
    cloud.drain()

    result = office.admin.api.get(f"/api/jobs/{job['id']}").json["result"]
    told = office.admin.api.get(f"/api/market-research/{result['research_id']}")
    assert "Submarine Pilot" in told.body.decode()
    assert "Hush" not in told.body.decode()
