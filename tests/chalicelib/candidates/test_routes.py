"""Candidates over HTTP: what goes in, what comes back, what is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, as_superuser, at_once, insert_document, new_candidate, set_role
from tests.house import Database

FULL = {
    "name": "Zoë Ångström-O'Neill",
    "email": "zoe@angstrom.example",
    "phone": "+442079460958",
    "location": "Malmö",
    "headline": "Engineer — systems & people",
    "summary": "Ten years\nof <careful> work",
    "skills": ["Python", "C++", "项目管理"],
    "experience": [
        {
            "title": "Lead",
            "organization": "Øresund AB",
            "location": "Malmö",
            "start": "2019-04",
            "end": None,
            "is_current": True,
            "description": "Led\nfour people",
        },
        {
            "title": None,
            "organization": "Kungsbron",
            "location": None,
            "start": "2011",
            "end": "2019-03",
            "is_current": False,
            "description": None,
        },
    ],
    "education": [
        {"institution": "Lund", "degree": "MSc", "field": "Physics", "start_year": 2005, "end_year": 2010},
        {"institution": None, "degree": "PhD", "field": None, "start_year": None, "end_year": None},
    ],
    "links": ["https://angstrom.example/zoe?a=1&b=2"],
    "source": "referral",
    "tags": ["priority", "2026"],
    "consent": {"source": "web form", "given_at": "2026-01-02T03:04:05Z"},
}
DEFAULTS: Json = {name: [] if isinstance(value, list) else None for name, value in FULL.items() if name != "name"}


def change(api: ApiClient, candidate: Json, **values: object) -> Json:
    changed = api.patch(f"/api/candidates/{candidate['id']}", values)
    assert changed.status == 200, changed
    answer: Json = changed.json
    return answer


def test_every_field_of_a_candidate_comes_back_as_it_was_sent(api: ApiClient) -> None:
    made = api.post("/api/candidates", FULL)

    assert made.status == 201
    assert made.json == made.json | FULL | {"resume_document_id": None}
    read = api.get(made.headers["location"])
    assert (read.status, read.json) == (200, made.json)
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    assert read.headers["cache-control"] == "no-store"
    assert api.get("/api/candidates").json["items"] == [made.json]


def test_a_candidate_needs_no_more_than_a_name(api: ApiClient) -> None:
    made = new_candidate(api, name="\tGrace Hopper  ")

    assert made == made | DEFAULTS | {"name": "Grace Hopper"}
    assert "search" not in made
    assert "organization_id" not in made


def test_a_change_leaves_out_what_is_not_given_and_empties_what_is_null(api: ApiClient) -> None:
    candidate = new_candidate(api, **FULL)

    changed = change(api, candidate, email=None, phone=None, consent=None, skills=[], headline="New")

    expected = {**candidate, "email": None, "phone": None, "consent": None, "skills": [], "headline": "New"}
    assert changed == {**expected, "updated_at": changed["updated_at"]}
    assert api.get(f"/api/candidates/{candidate['id']}").json == changed


def test_a_change_that_changes_nothing_is_no_new_version(api: ApiClient) -> None:
    candidate = new_candidate(api, **FULL)

    same = api.patch(f"/api/candidates/{candidate['id']}", {**FULL, "email": "ZOE@angstrom.example"})

    assert (same.json, same.headers["etag"]) == (candidate, '"1"')


def test_what_a_candidate_must_have_cannot_be_emptied(api: ApiClient) -> None:
    candidate = new_candidate(api)
    for name in ("name", "skills", "experience", "education", "links", "tags"):
        refused = api.patch(f"/api/candidates/{candidate['id']}", {name: None})
        assert (refused.status, refused.code) == (422, "invalid")
        assert name in str(refused.json["errors"])


def test_an_edit_of_an_older_version_is_refused(api: ApiClient) -> None:
    path = f"/api/candidates/{new_candidate(api)['id']}"
    assert api.patch(path, {"headline": "1"}, headers={"If-Match": '"1"'}).headers["etag"] == '"2"'

    assert api.patch(path, {"headline": "2"}, headers={"If-Match": '"1"'}).code == "stale"
    assert api.delete(path, headers={"If-Match": '"1"'}).code == "stale"
    assert api.get(path).json["headline"] == "1"


def test_two_edits_of_one_version_at_once_leave_one(api: ApiClient) -> None:
    path = f"/api/candidates/{new_candidate(api)['id']}"

    replies = at_once(
        *(lambda n=n: api.patch(path, {"headline": f"edit {n}"}, headers={"If-Match": '"1"'}) for n in range(4))
    )

    assert sorted(reply.status for reply in replies) == [200, 412, 412, 412]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_resume_that_is_not_ours_is_refused_by_name(
    api: ApiClient, other: Tenant, database: Database, method: str
) -> None:
    path = "/api/candidates" if method == "post" else f"/api/candidates/{new_candidate(api)['id']}"
    theirs = insert_document(database, other.id)
    answers = []
    for document_id in (theirs, NO_ID):
        refused = getattr(api, method)(path, {"name": "Ada", "resume_document_id": document_id})
        assert (refused.status, refused.wrong_fields) == (422, {"resume_document_id"})
        answers.append({**refused.json, "request_id": ""})
    assert answers[0] == answers[1]


def test_a_resume_of_ours_is_kept_with_its_candidate(tenant: Tenant, database: Database) -> None:
    ours = insert_document(database, tenant.id)

    made = new_candidate(tenant.api, resume_document_id=ours)

    assert made["resume_document_id"] == ours
    with as_superuser(database) as connection:
        connection.execute(sa.text("update documents set deleted_at = now() where id = :id"), {"id": ours})
    assert change(tenant.api, made, resume_document_id=ours, headline="X")["resume_document_id"] == ours
    assert change(tenant.api, made, resume_document_id=None)["resume_document_id"] is None


def test_another_organizations_candidate_reads_like_one_that_never_was(api: ApiClient, other: Tenant) -> None:
    theirs, gone = new_candidate(other.api), new_candidate(other.api)
    other.api.delete(f"/api/candidates/{gone['id']}")
    acts = (
        api.get,
        lambda path: api.patch(path, {"name": "Mine"}),
        api.delete,
        lambda path: api.post(f"{path}/restore"),
    )
    for act in acts:
        unknown = act(f"/api/candidates/{NO_ID}")
        for candidate in (theirs, gone):
            foreign = act(f"/api/candidates/{candidate['id']}")
            assert foreign.status == unknown.status == 404
            assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert other.api.get(f"/api/candidates/{theirs['id']}").json == theirs


def test_a_viewer_reads_candidates_and_writes_none(tenant: Tenant, database: Database) -> None:
    api, path = tenant.api, f"/api/candidates/{new_candidate(tenant.api)['id']}"
    set_role(database, tenant.email, "viewer")

    readable = [api.get("/api/candidates"), api.get("/api/candidates/search", q="grace"), api.get(path)]
    assert [reply.status for reply in readable] == [200, 200, 200]
    refused = [
        api.post("/api/candidates", {"name": "X"}),
        api.patch(path, {"name": "X"}),
        api.delete(path),
        api.post(f"{path}/restore"),
    ]
    assert [(reply.status, reply.code) for reply in refused] == [(403, "role_not_sufficient")] * 4
