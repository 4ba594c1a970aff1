"""Two agencies know the same person, and neither learns from the other that it does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chalicelib.http.routes import Route
from tests.api import ApiClient
from tests.chalicelib.bulk_imports import importing
from tests.chalicelib.interviews.planning import planned
from tests.chalicelib.users import people
from tests.chalicelib.webhooks.hooks import deliveries, new_webhook
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    as_superuser,
    new_api_key,
    new_application,
    new_candidate,
    new_outreach,
    new_position,
    new_project,
)
from tests.house import Cloud, Database
from tests.journeys.test_from_upload_to_rating import RESUMES, upload

# What a route wants in its body, so that an id is what decides.
BODIES: dict[str, Json] = {
    "PATCH /api/users/{user_id}": {"role": "viewer"},
    "PATCH /api/projects/{project_id}": {"name": "Mine"},
    "PATCH /api/positions/{position_id}": {"title": "Mine"},
    "PATCH /api/candidates/{candidate_id}": {"name": "Mine"},
    "POST /api/candidates/{candidate_id}/merge": {"duplicate_id": str(UUID(int=1))},
    "POST /api/candidates/{candidate_id}/unmerge": {"duplicate_id": str(UUID(int=1))},
    "POST /api/candidates/{candidate_id}/erase": {"reason": "other"},
    "POST /api/applications/{application_id}/move": {"from_stage": "applied", "to_stage": "hired"},
    "POST /api/applications/{application_id}/reject": {"reason": "mine"},
    "POST /api/applications/{application_id}/withdraw": {"reason": "mine"},
    "POST /api/applications/{application_id}/reopen": {"reason": "mine"},
    "PATCH /api/outreach/{outreach_id}": {"subject": "Mine"},
    "POST /api/outreach/{outreach_id}/send": {"confirm": True},
    "PATCH /api/interviews/{interview_id}": {"notes": "Mine"},
    "PUT /api/interviews/{interview_id}/scorecard": {"recommendation": "yes"},
    "PATCH /api/webhooks/{webhook_id}": {"description": "Mine"},
    "POST /api/documents/{document_id}/release": {"reason": "mine"},
    "POST /api/screenings/{screening_id}/review": {"decision": "agree", "reason": "mine"},
}


def routes_with_ids() -> list[Route]:
    import app

    return [route for route in app.app.table if "{" in route.path]


def everything_of(tenant: Tenant, cloud: Cloud, database: Database) -> dict[str, str]:
    """One thing of every kind in an organization, by the name that paths give to its id."""
    api = tenant.api
    filename = "amelia-hartley.pdf"
    document_id = upload(api, cloud, filename, (RESUMES / filename).read_bytes(), "application/pdf")
    cloud.drain()
    candidate = api.get(f"/api/candidates/{api.get(f'/api/documents/{document_id}').json['candidate_id']}").json
    project = new_project(api)
    wish = [{"text": "Python", "kind": "must"}]
    position = new_position(api, project_id=project["id"], requirements=wish)
    application = new_application(api, candidate, position)
    job = api.post(f"/api/applications/{application['id']}/screenings").json
    research = api.post("/api/market-research", {"title": "Engineer"}).json
    cloud.drain()
    screening_id = api.get(f"/api/jobs/{job['id']}").json["result"]["screening_id"]
    webhook = new_webhook(api, events=["webhook_created"])
    return {
        "project_id": project["id"],
        "position_id": position["id"],
        "candidate_id": candidate["id"],
        "application_id": application["id"],
        "document_id": document_id,
        "job_id": job["id"],
        "screening_id": screening_id,
        "research_id": api.get(f"/api/jobs/{research['id']}").json["result"]["research_id"],
        "outreach_id": new_outreach(api, application)["id"],
        "import_id": importing.imported(api, cloud, importing.people(1))["id"],
        "interview_id": planned(tenant, application)["id"],
        "webhook_id": webhook["id"],
        "delivery_id": deliveries(api, webhook)[0]["id"],
        "user_id": str(tenant.user_id),
        "invitation_id": people.invite(api)["id"],
        "api_key_id": new_api_key(api)["id"],
        "erasure_id": erased(api, cloud),
        "sign_in_id": api.get("/api/users/me/sign-ins").json["items"][0]["id"],
    }


def erased(api: ApiClient, cloud: Cloud) -> str:
    """The id of the erasure of somebody."""
    erasure = api.post(f"/api/candidates/{new_candidate(api)['id']}/erase")
    cloud.drain()
    erasure_id: str = api.get(f"/api/jobs/{erasure.json['id']}").json["result"]["erasure_id"]
    return erasure_id


def rows_of(database: Database, organization_id: UUID) -> dict[str, list[Any]]:
    """Everything that the database holds of an organization, by table."""
    rows = 'select to_jsonb(t) from "{}" t where organization_id = :id order by to_jsonb(t)::text'
    tables = "select table_name from information_schema.columns where column_name = 'organization_id'"
    with as_superuser(database) as connection:
        return {
            table: list(connection.scalars(sa.text(rows.format(table)), {"id": organization_id}))
            for table in connection.scalars(sa.text(tables)).all()
        }


@pytest.mark.timeout(180)
def test_no_id_of_one_organization_says_anything_to_another(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database, configure: Any
) -> None:
    configure(rate_limit_enabled="false")
    ids = everything_of(tenant, cloud, database)
    person = tenant.api.get(f"/api/candidates/{ids['candidate_id']}").json
    same = new_candidate(other.api, name=person["name"], email=person["email"])
    before = rows_of(database, tenant.id)
    assert {"candidates", "applications", "screenings", "documents", "events", "stage_changes"} <= {
        table for table, rows in before.items() if rows
    }

    for route in routes_with_ids():
        call = f"{route.method} {route.path}"
        assert route.body is None or call in BODIES, f"say in BODIES what {call} wants"
        foreign = other.api.call(route.method, route.path.format_map(ids), BODIES.get(call))
        unknown = other.api.call(route.method, route.path.format_map(dict.fromkeys(ids, NO_ID)), BODIES.get(call))
        assert foreign.status == unknown.status == 404, (call, foreign)
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}, call
        assert foreign.headers.keys() == unknown.headers.keys(), call

    assert rows_of(database, tenant.id) == before
    assert other.api.get(f"/api/candidates/{same['id']}").json == same
    assert tenant.api.get(f"/api/candidates/{ids['candidate_id']}").json == person


def test_no_id_of_one_organization_is_taken_from_another_in_a_body(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    ids = everything_of(tenant, cloud, database)
    api = other.api
    ours = {"candidate_id": new_candidate(api)["id"], "position_id": new_position(api)["id"]}
    file = {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": 9, "kind": "resume"}
    wishes: list[tuple[str, Json, str]] = [
        ("/api/positions", {"title": "Mine"}, "project_id"),
        ("/api/candidates", {"name": "Mine"}, "resume_document_id"),
        ("/api/applications", ours, "candidate_id"),
        ("/api/applications", ours, "position_id"),
        ("/api/documents", file, "candidate_id"),
        ("/api/documents", file, "position_id"),
        ("/api/documents", file, "project_id"),
        ("/api/imports", {}, "document_id"),
        ("/api/exports", {"kind": "import_rows"}, "import_id"),
        ("/api/outreach", {"template": "standard"}, "application_id"),
        ("/api/outreach", {"template": "standard", **ours}, "candidate_id"),
        ("/api/outreach", {"template": "standard", **ours}, "position_id"),
        ("/api/screenings/batch", {}, "position_id"),
    ]
    before = rows_of(database, tenant.id)

    for path, wish, field in wishes:
        theirs = ids[field.removeprefix("resume_")]
        foreign, unknown = api.post(path, {**wish, field: theirs}), api.post(path, {**wish, field: NO_ID})
        assert (foreign.status, foreign.wrong_fields) == (422, {field}), (path, foreign)
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}

    assert rows_of(database, tenant.id) == before


def test_no_list_of_one_organization_shows_anything_of_another(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    import app

    ids = everything_of(tenant, cloud, database)
    lists = [route for route in app.app.table if route.method == "GET" and "limit" in route.query.model_fields]
    assert len(lists) >= 7
    for route in lists:
        needed = "?q=amelia" if route.path.endswith("/search") else ""
        # Only what leads through somebody else's thing is unknown; the rest is a list without a word of it.
        shown = other.api.get(route.path.format_map(ids) + needed)
        assert shown.status == (404 if "{" in route.path else 200), (route.path, shown)
        text = shown.body.decode()
        assert not any(theirs in text for theirs in [*ids.values(), "Amelia"]), route.path
        if "{" not in route.path:
            names = ids.keys() & route.query.model_fields.keys()
            filtered = [other.api.get(f"{route.path}?{name}={ids[name]}").json for name in names if not needed]
            assert [page["items"] for page in filtered] == [[]] * len(filtered), route.path
