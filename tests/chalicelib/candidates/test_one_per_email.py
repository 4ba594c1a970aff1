"""An email belongs to one living candidate, whoever comes first."""

from __future__ import annotations

from tests.api import ApiClient
from tests.chalicelib.candidates.test_routes import change
from tests.conftest import Tenant
from tests.factories import at_once, new_candidate


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
