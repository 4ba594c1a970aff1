"""Positions over HTTP."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    Json,
    move,
    new_application,
    new_position,
    new_project,
    page_through,
    set_role,
)
from tests.house import Database

REQUIREMENTS = [
    {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
    {"id": "go.1-x_Y", "text": "Go", "kind": "nice", "weight": 1},
]
FULL = {
    "title": "Ingénieur·e système",
    "department": "Platform",
    "location": "Genève",
    "description": "Keep\nthe lights on",
    "experience_years_min": 5,
    "openings": 3,
    "status": "draft",
    "salary_min": 85000.05,
    "salary_max": 999999999999.99,
    "currency": "CHF",
    "requirements": REQUIREMENTS,
    "stages": ["new", "talk_2", "hired"],
}
DEFAULTS = {
    "project_id": None,
    "department": None,
    "location": None,
    "description": None,
    "experience_years_min": None,
    "openings": 1,
    "status": "open",
    "salary_min": None,
    "salary_max": None,
    "currency": None,
    "requirements": [],
    "stages": ["applied", "screen", "interview", "offer", "hired"],
}


def change(api: ApiClient, position: Json, **values: object) -> Json:
    changed = api.patch(f"/api/positions/{position['id']}", values)
    assert changed.status == 200, changed
    answer: Json = changed.json
    return answer


def test_every_field_of_a_position_comes_back_as_it_was_sent(tenant: Tenant) -> None:
    project = new_project(tenant.api)

    made = tenant.api.post("/api/positions", {**FULL, "project_id": project["id"]})

    assert made.status == 201
    expected = {**FULL, "project_id": project["id"], "created_by": str(tenant.user_id)}
    assert made.json == made.json | expected
    read = tenant.api.get(made.headers["location"])
    assert (read.status, read.json) == (200, made.json)
    assert read.headers["etag"] == made.headers["etag"] == '"1"'


def test_a_position_needs_no_more_than_a_title(api: ApiClient) -> None:
    made = new_position(api, title=" Clerk ")

    assert made == made | DEFAULTS | {"title": "Clerk"}


@pytest.mark.parametrize("amount", ["0.10", "0.01", "12345.67", "123456789012.34", "999999999999.99"])
def test_salaries_are_exact_to_the_cent(api: ApiClient, amount: str) -> None:
    body = f'{{"title": "Clerk", "salary_min": {amount}, "salary_max": "{amount}"}}'.encode()

    made = api.post("/api/positions", body).json
    read = api.get(f"/api/positions/{made['id']}").body.decode()

    assert json.loads(read, parse_float=str)["salary_min"] == str(float(amount))
    assert f"{json.loads(read)['salary_min']:.2f}" == f"{json.loads(read)['salary_max']:.2f}" == amount


@pytest.mark.parametrize("amount", [-1, 0.001, 1e12, "12 000", "NaN", "Infinity", "12,5", True])
def test_what_is_no_salary_is_refused(api: ApiClient, amount: object) -> None:
    assert api.post("/api/positions", {"title": "Clerk", "salary_min": amount}).wrong_fields == {"salary_min"}


@pytest.mark.parametrize("currency", ["eur", "EURO", "E1R", "", "€", "EUR\n"])
def test_a_currency_is_three_capital_letters(api: ApiClient, currency: str) -> None:
    assert api.post("/api/positions", {"title": "Clerk", "currency": currency}).wrong_fields == {"currency"}


def test_requirements_get_an_id_and_a_weight_when_they_come_without(api: ApiClient) -> None:
    wish = [{"text": "Python", "kind": "must"}, {"text": "Go", "kind": "nice"}]

    made = new_position(api, requirements=wish)["requirements"]

    assert [(item["text"], item["kind"], item["weight"]) for item in made] == [("Python", "must", 3), ("Go", "nice", 3)]
    assert len({UUID(item["id"]) for item in made}) == 2


@pytest.mark.parametrize("method", ["post", "patch"])
def test_requirements_and_stages_are_told_apart(api: ApiClient, method: str) -> None:
    path = "/api/positions" if method == "post" else f"/api/positions/{new_position(api)['id']}"
    wish = {"title": "Clerk", "requirements": [REQUIREMENTS[0], REQUIREMENTS[0]], "stages": ["new", "new"]}

    assert getattr(api, method)(path, wish).wrong_fields == {"requirements", "stages"}


@pytest.mark.parametrize(
    "stages", [[], ["only"], ["New", "hired"], ["new", "hired now"], ["new", ""], ["new", "é"], ["new", "1st"], "new"]
)
def test_what_is_no_pipeline_is_refused(api: ApiClient, stages: object) -> None:
    refused = api.post("/api/positions", {"title": "Clerk", "stages": stages})

    assert refused.status == 422
    assert {field.split(".")[0] for field in refused.wrong_fields} == {"stages"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": "a b"}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"text": "x"}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"kind": "should"}, "kind"),
        ({"weight": 0}, "weight"),
        ({"weight": 6}, "weight"),
        ({"importance": 1}, "importance"),
    ],
)
def test_a_wrong_requirement_is_named_by_its_place(api: ApiClient, wrong: Json, field: str) -> None:
    wish = {"title": "Clerk", "requirements": [REQUIREMENTS[1], {**REQUIREMENTS[0], **wrong}]}

    assert api.post("/api/positions", wish).wrong_fields == {f"requirements.1.{field}"}


def test_all_wrong_fields_are_named_at_once(api: ApiClient) -> None:
    wrong = {
        "title": "",
        "department": "x" * 201,
        "location": "a\nb",
        "description": "x" * 20_001,
        "experience_years_min": 61,
        "openings": 0,
        "status": "open soon",
        "project_id": "P-1",
        "salary_min": -1,
        "salary_max": "much",
        "currency": "euro",
        "salary": 1,
    }

    assert api.post("/api/positions", wrong).wrong_fields == set(wrong)


def test_salaries_that_cross_are_refused_by_name(api: ApiClient) -> None:
    refused = api.post("/api/positions", {"title": "Clerk", "salary_min": 2, "salary_max": 1})

    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.wrong_fields == {"salary_max"}


def test_a_changed_salary_is_held_against_the_one_on_file(api: ApiClient) -> None:
    position = new_position(api, salary_min=50_000, salary_max=60_000)
    path = f"/api/positions/{position['id']}"

    assert api.patch(path, {"salary_min": 60_000.01}).wrong_fields == {"salary_min"}
    assert api.patch(path, {"salary_max": 49_999.99}).wrong_fields == {"salary_max"}
    assert api.patch(path, {"salary_min": 70_000, "salary_max": 65_000}).wrong_fields == {"salary_max"}
    assert api.get(path).json == position
    assert change(api, position, salary_min=60_000)["salary_min"] == 60_000
    assert change(api, position, salary_max=None)["salary_max"] is None
    assert change(api, position, salary_min=70_000)["salary_min"] == 70_000


def test_a_change_leaves_out_what_is_not_given_and_empties_what_is_null(api: ApiClient) -> None:
    position = new_position(api, **FULL)

    changed = change(api, position, department=None, experience_years_min=0, requirements=[])

    expected = {**position, "department": None, "experience_years_min": 0, "requirements": []}
    assert changed == {**expected, "updated_at": changed["updated_at"]}
    assert api.get(f"/api/positions/{position['id']}").headers["etag"] == '"2"'
    assert (
        change(api, position, **{**FULL, "department": None, "experience_years_min": 0, "requirements": []}) == changed
    )


def test_what_a_position_must_have_cannot_be_emptied(api: ApiClient) -> None:
    position = new_position(api)
    for name in ("title", "openings", "status", "requirements", "stages"):
        refused = api.patch(f"/api/positions/{position['id']}", {name: None})
        assert (refused.status, refused.code) == (422, "invalid")
        assert name in str(refused.json["errors"])
    assert api.get(f"/api/positions/{position['id']}").json == position


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_project_that_is_not_ours_is_refused_by_name(api: ApiClient, other: Tenant, method: str) -> None:
    path = "/api/positions" if method == "post" else f"/api/positions/{new_position(api)['id']}"
    answers = []
    for project_id in (new_project(other.api)["id"], NO_ID):
        refused = getattr(api, method)(path, {"title": "Clerk", "project_id": project_id})
        assert (refused.status, refused.wrong_fields) == (422, {"project_id"})
        answers.append({**refused.json, "request_id": ""})
    assert answers[0] == answers[1]


def test_a_position_may_be_sent_back_whole_after_its_project_was_deleted(api: ApiClient) -> None:
    project = new_project(api)
    position = new_position(api, **FULL, project_id=project["id"])
    api.delete(f"/api/projects/{project['id']}")

    assert change(api, position, **FULL, project_id=project["id"])["project_id"] == project["id"]
    assert change(api, position, project_id=None)["project_id"] is None
    back = api.patch(f"/api/positions/{position['id']}", {"project_id": project["id"]})
    assert back.wrong_fields == {"project_id"}


def test_a_stage_in_which_somebody_stands_stays(api: ApiClient) -> None:
    position = new_position(api)
    application = new_application(api, position=position)
    assert move(api, application, "applied", "interview").status == 200

    refused = api.patch(f"/api/positions/{position['id']}", {"stages": ["applied", "hired"]})

    assert (refused.status, refused.code) == (409, "stage_in_use")
    assert refused.json["stages"] == ["interview"]
    assert change(api, position, stages=["talk", "interview", "hired"])["stages"] == ["talk", "interview", "hired"]


def test_an_edit_of_an_older_version_is_refused(api: ApiClient) -> None:
    path = f"/api/positions/{new_position(api)['id']}"
    assert api.patch(path, {"openings": 2}, headers={"If-Match": '"1"'}).status == 200

    assert api.patch(path, {"openings": 3}, headers={"If-Match": '"1"'}).code == "stale"
    assert api.delete(path, headers={"If-Match": '"1"'}).status == 412
    assert api.patch(path, {"openings": 3}, headers={"If-Match": '"1", W/"2"'}).status == 200
    assert api.delete(path, headers={"If-Match": "*"}).status == 204


def test_a_deleted_position_is_gone_and_its_applications_keep_their_history(api: ApiClient) -> None:
    position = new_position(api)
    application = new_application(api, position=position)
    path = f"/api/positions/{position['id']}"

    assert api.delete(path).status == 204

    assert [api.get(path).code, api.patch(path, {}).code, api.delete(path).code] == ["position_not_found"] * 3
    assert api.get("/api/positions").json["total"] == 0
    assert api.get(f"/api/applications/{application['id']}").json == application


def test_another_organizations_position_reads_like_one_that_never_was(api: ApiClient, other: Tenant) -> None:
    theirs = new_position(other.api)
    for act in (api.get, lambda path: api.patch(path, {"title": "Mine"}), api.delete):
        foreign, unknown = act(f"/api/positions/{theirs['id']}"), act(f"/api/positions/{NO_ID}")
        assert foreign.status == unknown.status == 404
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert other.api.get(f"/api/positions/{theirs['id']}").json == theirs


def test_positions_are_listed_newest_first_by_status_and_project(api: ApiClient, other: Tenant) -> None:
    project = new_project(api)
    new_position(other.api)
    made = [
        new_position(api, title=f"P{number}", status=status, project_id=project["id"] if number < 3 else None)
        for number, status in enumerate(["open", "closed"] * 3)
    ]

    def titles(**query: object) -> list[str]:
        return [item["title"] for item in page_through(api, "/api/positions", 2, **query)]

    assert page_through(api, "/api/positions", 4) == made[::-1]
    assert titles(status="closed") == ["P5", "P3", "P1"]
    assert titles(project_id=project["id"]) == ["P2", "P1", "P0"]
    assert titles(project_id=project["id"], status="closed") == ["P1"]
    assert titles(project_id=NO_ID) == []
    assert api.get("/api/positions", status="x", project_id="y").wrong_fields == {"status", "project_id"}


def test_a_viewer_reads_positions_and_writes_none(tenant: Tenant, database: Database) -> None:
    path = f"/api/positions/{new_position(tenant.api)['id']}"
    set_role(database, tenant.email, "viewer")

    assert tenant.api.get("/api/positions").status == tenant.api.get(path).status == 200
    refused = [
        tenant.api.post("/api/positions", {"title": "X"}),
        tenant.api.patch(path, {"title": "X"}),
        tenant.api.delete(path),
    ]
    assert [(reply.status, reply.code) for reply in refused] == [(403, "role_not_sufficient")] * 3
