"""Each interviewer gives marks of their own, and is led by nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.events.models import Actor
from chalicelib.interviews import scoring, service
from tests.api import ApiClient, Reply
from tests.chalicelib.interviews.planning import an_application, begun, colleague, one, planned
from tests.conftest import Tenant
from tests.factories import Json, at_once
from tests.house import Database


def send(api: ApiClient, interview: Json, **values: Any) -> Reply:
    return api.call("PUT", f"{one(interview)}/scorecard", {"recommendation": "yes", **values})


def requirements(tenant: Tenant, interview: Json) -> list[str]:
    position = tenant.api.get(f"/api/positions/{interview['position_id']}").json
    return [requirement["id"] for requirement in position["requirements"]]


def test_an_interviewer_says_what_they_found_and_may_say_it_better(tenant: Tenant) -> None:
    interview = begun(tenant)
    python, patience = requirements(tenant, interview)
    marks: list[Json] = [
        {"requirement_id": python, "mark": 5, "note": "wrote a parser"},
        {"requirement_id": patience, "mark": "not_assessed"},
    ]
    first = send(tenant.api, interview, marks=marks, comment="Hire")
    second = send(tenant.api, interview, recommendation="strong_yes")

    assert (first.status, first.json["marks"]) == (200, [marks[0], {**marks[1], "note": None}])
    assert (first.json["user_id"], first.json["recommendation"]) == (str(tenant.user_id), "yes")
    [card] = tenant.api.get(one(interview)).json["scorecards"]
    assert (card["recommendation"], card["marks"], card["comment"]) == ("strong_yes", [], None)
    assert card["submitted_at"] == first.json["submitted_at"] < second.json["updated_at"]
    events = tenant.api.get("/api/events", application_id=interview["application_id"]).json["items"]
    assert [event["action"] for event in events if event["subject_kind"] == "interview"][1:] == [
        "scorecard_submitted"
    ] * 2
    assert "parser" not in str(events)


def test_who_has_not_said_theirs_sees_none_of_the_others(tenant: Tenant, database: Database) -> None:
    bee = colleague(database, tenant)
    interview = begun(tenant, interviewer_ids=[str(tenant.user_id), bee])
    _as_somebody_else(tenant, interview, bee)

    assert tenant.api.get(one(interview)).json["scorecards"] == []
    assert send(tenant.api, interview).status == 200
    assert {card["user_id"] for card in tenant.api.get(one(interview)).json["scorecards"]} == {bee, str(tenant.user_id)}


def test_who_does_not_conduct_it_gives_no_marks_and_sees_all(tenant: Tenant, database: Database) -> None:
    bee = colleague(database, tenant)
    interview = begun(tenant, interviewer_ids=[bee])
    _as_somebody_else(tenant, interview, bee)

    refused = send(tenant.api, interview)
    assert (refused.status, refused.code) == (403, "not_interviewer")
    assert [card["user_id"] for card in tenant.api.get(one(interview)).json["scorecards"]] == [bee]


def _as_somebody_else(tenant: Tenant, interview: Json, user_id: str) -> None:
    from uuid import UUID

    with db.transaction(tenant.id) as session:
        found = service.get(session, tenant.id, UUID(interview["id"]), lock=True)
        scoring.submit(session, found, [], "no", None, actor=Actor("user", UUID(user_id)), now=utc_now())


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_what_did_not_take_place_gets_no_marks(tenant: Tenant, status: str) -> None:
    application = an_application(tenant.api)
    to_come, off = planned(tenant, application), begun(tenant, application)
    tenant.api.patch(one(off), {"status": status})

    for interview in (to_come, off):
        refused = send(tenant.api, interview)
        assert (refused.status, refused.code) == (409, "interview_not_held")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"marks": [{"requirement_id": "unknown", "mark": 3}]}, "marks.0.requirement_id"),
        ({"marks": [{"requirement_id": "r", "mark": 0}]}, "marks.0.mark"),
        ({"marks": [{"requirement_id": "r", "mark": 6}]}, "marks.0.mark"),
        ({"marks": [{"requirement_id": "r", "mark": True}]}, "marks.0.mark"),
        ({"marks": [{"requirement_id": "r", "mark": "good"}]}, "marks.0.mark"),
        ({"recommendation": "maybe"}, "recommendation"),
        ({"comment": "x" * 20_001}, "comment"),
    ],
)
def test_marks_that_mean_nothing_are_refused(tenant: Tenant, values: Json, field: str) -> None:
    refused = send(tenant.api, begun(tenant), **values)

    assert refused.status == 422
    assert all(name.startswith(field) for name in refused.wrong_fields), refused


def test_a_requirement_is_marked_once(tenant: Tenant) -> None:
    interview = begun(tenant)
    mark = {"requirement_id": requirements(tenant, interview)[0], "mark": 3}

    assert send(tenant.api, interview, marks=[mark, mark]).status == 422


def test_two_scorecards_of_one_person_at_once_leave_one(tenant: Tenant) -> None:
    interview = begun(tenant)

    replies = at_once(*[lambda: send(tenant.api, interview) for _ in range(4)])

    assert [reply.status for reply in replies] == [200] * 4
    assert len(tenant.api.get(one(interview)).json["scorecards"]) == 1


def test_an_interview_with_marks_is_cancelled_and_not_removed(tenant: Tenant) -> None:
    interview = begun(tenant)
    send(tenant.api, interview)

    refused = tenant.api.delete(one(interview))
    assert (refused.status, refused.code) == (409, "interview_has_scorecards")
