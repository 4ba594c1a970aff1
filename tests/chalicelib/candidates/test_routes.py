"""Candidates over HTTP: what goes in, what comes back, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, as_superuser, at_once, new_candidate, set_role
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


@pytest.mark.parametrize(
    "name",
    [
        "李小龍",
        "محمد عبد الله",
        "דוד \u200fבן־גוריון",
        "Nguyễn Thị Ánh",
        "Þórður Jökulsson",
        "ศรีสุวรรณ",
        "👩🏽‍💻 Ada",
        "x" * 200,
    ],
)
def test_a_name_of_any_script_comes_back_as_it_was_sent(api: ApiClient, name: str) -> None:
    assert api.get(f"/api/candidates/{new_candidate(api, name=name)['id']}").json["name"] == name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        (" +49 (0)30 / 901820 ", "+4930901820"),
        ("+1-202-555-0143", "+12025550143"),
        ("+33.1.09.75.83.51", "+33109758351"),
    ],
)
def test_a_phone_number_is_kept_in_one_spelling(api: ApiClient, written: str, kept: str) -> None:
    assert new_candidate(api, phone=written)["phone"] == kept


@pytest.mark.parametrize("written", ["020 7946 0958", "+44", "+999 123", "phone", "", "+1 2", "+" + "1" * 39])
def test_what_is_no_phone_number_is_refused_with_a_reason(api: ApiClient, written: str) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "phone": written})

    assert (refused.status, refused.wrong_fields) == (422, {"phone"})
    assert refused.json["errors"][0]["message"] in {
        "write it with its country code: +44 20 7946 0958",
        "this is no possible phone number",
    }


def test_an_extension_is_refused_and_not_lost_in_silence(api: ApiClient) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "phone": "+44 20 7946 0958 ext. 12"})

    assert (refused.status, refused.wrong_fields) == (422, {"phone"})


def test_an_email_is_kept_in_lower_case(api: ApiClient) -> None:
    assert new_candidate(api, email=" Ada.LOVELACE@Math.Example ")["email"] == "ada.lovelace@math.example"


@pytest.mark.parametrize("email", ["ada", "ada@", "@math.example", "a b@math.example", "x" * 250 + "@math.example", 5])
def test_what_is_no_email_is_refused(api: ApiClient, email: object) -> None:
    assert api.post("/api/candidates", {"name": "Ada", "email": email}).wrong_fields == {"email"}


@pytest.mark.parametrize("method", ["post", "patch"])
def test_all_wrong_fields_are_named_at_once(api: ApiClient, method: str) -> None:
    path = "/api/candidates" if method == "post" else f"/api/candidates/{new_candidate(api)['id']}"
    wrong = {
        "name": "x" * 201,
        "location": "two\nlines",
        "headline": "x" * 201,
        "summary": "x" * 20_001,
        "skills": ["ok", "x" * 101],
        "experience": [{"start": "04/2019", "end": "2019-13", "employer": "X", "description": "x" * 20_001}],
        "education": [{"start_year": 1899, "end_year": "soon"}],
        "links": ["javascript:alert(1)", "https://x.example/" + "y" * 3000],
        "source": "x" * 201,
        "tags": [f"tag {number}" for number in range(201)],
        "consent": {"given_at": "2026-01-02T03:04:05"},
        "resume_document_id": "cv",
        "nickname": "Z",
    }

    refused = getattr(api, method)(path, wrong)

    assert (refused.status, refused.code) == (422, "invalid")
    assert refused.wrong_fields == {
        *("name", "location", "headline", "summary", "skills.1", "source", "tags", "resume_document_id", "nickname"),
        *("experience.0.start", "experience.0.end", "experience.0.employer", "experience.0.description"),
        *("education.0.start_year", "education.0.end_year", "links.0", "links.1", "consent.source", "consent.given_at"),
    }


@pytest.mark.parametrize("text", ["null\x00byte", "lone \ud800 surrogate"])
def test_what_is_no_text_is_refused_by_name(api: ApiClient, text: str) -> None:
    refused = api.post("/api/candidates", {"name": "Ada", "experience": [{"description": text}]})

    assert (refused.status, refused.wrong_fields) == (422, {"experience.0.description"})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(api: ApiClient, moment: str) -> None:
    wish = {"name": "Ada", "consent": {"source": "form", "given_at": moment}}

    assert api.post("/api/candidates", wish).wrong_fields == {"consent.given_at"}
    assert api.get("/api/candidates", created_after=moment).wrong_fields == {"created_after"}
    assert api.get("/api/candidates", created_before=moment).wrong_fields == {"created_before"}


def test_a_consent_given_in_another_zone_is_shown_in_utc(api: ApiClient) -> None:
    made = new_candidate(api, consent={"source": "form", "given_at": "2026-01-02T03:04:05+02:00"})

    assert made["consent"] == {"source": "form", "given_at": "2026-01-02T01:04:05Z"}
    assert api.get(f"/api/candidates/{made['id']}").json == made


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


def test_an_email_belongs_to_one_candidate(api: ApiClient, other: Tenant) -> None:
    first = new_candidate(api, email="ada@math.example")

    refused = api.post("/api/candidates", {"name": "Ada again", "email": "ADA@math.example"})

    assert (refused.status, refused.code, refused.json["candidate_id"]) == (409, "candidate_exists", first["id"])
    assert api.get("/api/candidates").json["total"] == 1
    assert new_candidate(other.api, email="ada@math.example")["email"] == "ada@math.example"


def test_an_email_is_not_taken_over_by_a_change(api: ApiClient) -> None:
    first, second = new_candidate(api, email="ada@math.example"), new_candidate(api, email="grace@navy.example")

    refused = api.patch(f"/api/candidates/{second['id']}", {"email": "ada@math.example", "name": "Ada"})

    assert (refused.status, refused.code, refused.json["candidate_id"]) == (409, "candidate_exists", first["id"])
    assert api.get(f"/api/candidates/{second['id']}").json == second
    assert change(api, first, email="ada@math.example", headline="X")["headline"] == "X"


def test_two_people_who_enter_the_same_candidate_at_once_leave_one(api: ApiClient) -> None:
    wish = {"name": "Ada", "email": "ada@math.example"}

    replies = at_once(*(lambda: api.post("/api/candidates", wish) for _ in range(4)))

    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409]
    made = next(reply.json["id"] for reply in replies if reply.status == 201)
    assert {reply.json["candidate_id"] for reply in replies if reply.status == 409} == {made}


def test_two_candidates_who_take_the_same_email_at_once_leave_it_with_one(api: ApiClient) -> None:
    paths = [f"/api/candidates/{new_candidate(api)['id']}" for _ in range(2)]

    replies = at_once(*(lambda path=path: api.patch(path, {"email": "ada@math.example"}) for path in paths))

    assert sorted(reply.status for reply in replies) == [200, 409]


def test_a_deleted_candidate_is_out_of_sight_and_comes_back_whole(api: ApiClient) -> None:
    candidate = new_candidate(api, **FULL)
    path = f"/api/candidates/{candidate['id']}"

    assert (api.delete(path).status, api.delete(path).status) == (204, 404)
    assert [api.get(path).code, api.patch(path, {}).code] == ["candidate_not_found"] * 2
    assert api.get("/api/candidates").json["total"] == api.get("/api/candidates/search", q="zoe").json["total"] == 0
    assert api.get("/api/candidates", skill="python").json["items"] == []

    restored = api.post(f"{path}/restore")
    assert (restored.status, restored.headers["etag"]) == (200, '"3"')
    assert restored.json == {**candidate, "updated_at": restored.json["updated_at"]}
    assert api.get("/api/candidates", skill="python").json["total"] == 1
    assert api.get("/api/candidates/search", q="zoe").json["total"] == 1
    assert (api.post(f"{path}/restore").status, api.post(f"{path}/restore").code) == (404, "candidate_not_found")


@pytest.mark.parametrize(("days", "status"), [(29.99, 200), (31, 404)])
def test_a_candidate_comes_back_within_thirty_days(
    api: ApiClient, database: Database, days: float, status: int
) -> None:
    candidate = new_candidate(api)
    api.delete(f"/api/candidates/{candidate['id']}")
    with as_superuser(database) as connection:
        aged = sa.text("update candidates set deleted_at = deleted_at - cast(:age as interval) where id = :id")
        connection.execute(aged, {"age": timedelta(days=days), "id": candidate["id"]})

    assert api.post(f"/api/candidates/{candidate['id']}/restore").status == status


def test_a_candidate_does_not_come_back_to_an_email_that_is_taken(api: ApiClient) -> None:
    gone = new_candidate(api, email="ada@math.example")
    api.delete(f"/api/candidates/{gone['id']}")
    successor = new_candidate(api, email="ada@math.example")

    refused = api.post(f"/api/candidates/{gone['id']}/restore")

    assert (refused.status, refused.code, refused.json["candidate_id"]) == (409, "candidate_exists", successor["id"])
    api.delete(f"/api/candidates/{successor['id']}")
    assert api.post(f"/api/candidates/{gone['id']}/restore").status == 200


def test_two_who_come_back_to_the_same_email_at_once_leave_it_with_one(api: ApiClient) -> None:
    paths = []
    for _ in range(2):
        paths.append(f"/api/candidates/{new_candidate(api, email='ada@math.example')['id']}")
        api.delete(paths[-1])

    back, refused = sorted(
        at_once(*(lambda path=path: api.post(f"{path}/restore") for path in paths)), key=lambda reply: reply.status
    )

    assert (back.status, refused.status, refused.code) == (200, 409, "candidate_exists")
    assert refused.json["candidate_id"] == back.json["id"]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_resume_that_is_not_ours_is_refused_by_name(
    api: ApiClient, other: Tenant, database: Database, method: str
) -> None:
    path = "/api/candidates" if method == "post" else f"/api/candidates/{new_candidate(api)['id']}"
    theirs = insert_document(database, other)
    answers = []
    for document_id in (theirs, NO_ID):
        refused = getattr(api, method)(path, {"name": "Ada", "resume_document_id": document_id})
        assert (refused.status, refused.wrong_fields) == (422, {"resume_document_id"})
        answers.append({**refused.json, "request_id": ""})
    assert answers[0] == answers[1]


def test_a_resume_of_ours_is_kept_with_its_candidate(tenant: Tenant, database: Database) -> None:
    ours = insert_document(database, tenant)

    made = new_candidate(tenant.api, resume_document_id=ours)

    assert made["resume_document_id"] == ours
    with as_superuser(database) as connection:
        connection.execute(sa.text("update documents set deleted_at = now() where id = :id"), {"id": ours})
    assert change(tenant.api, made, resume_document_id=ours, headline="X")["resume_document_id"] == ours
    assert change(tenant.api, made, resume_document_id=None)["resume_document_id"] is None


def insert_document(database: Database, tenant: Tenant) -> str:
    """A document that awaits its upload; its id."""
    statement = sa.text("""
        insert into documents (id, organization_id, kind, filename, content_type, size_bytes, status, object_key,
            upload_expires_at, created_at, updated_at)
        values (gen_random_uuid(), :organization, 'resume', 'cv.pdf', 'application/pdf', 1, 'awaiting_upload', 'k',
            now(), now(), now()) returning id
    """)
    with as_superuser(database) as connection:
        return str(connection.execute(statement, {"organization": tenant.id}).scalar_one())


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
