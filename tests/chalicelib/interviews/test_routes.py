"""Interviews are planned in somebody's time zone, and nobody is in two at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests import records
from tests.chalicelib.interviews.planning import ALL, an_application, colleague, one, plan, planned, wish
from tests.conftest import Tenant
from tests.factories import (
    NO_ID,
    at_once,
    new_application,
    new_candidate,
    new_colleague,
    new_position,
    new_project,
    set_role,
)
from tests.house import Database


def test_an_interview_is_planned_read_moved_cancelled_and_removed(tenant: Tenant, database: Database) -> None:
    api, application = tenant.api, an_application(tenant.api)
    made = plan(tenant, application, location="Room 7", video_link="https://meet.example.com/x", notes="Bring water")
    interview = made.json

    assert (made.status, made.headers["location"]) == (201, one(interview))
    assert (interview["starts_at"], interview["local_starts_at"]) == (
        "2030-07-01T07:00:00Z",
        "2030-07-01T09:00:00+02:00",
    )
    assert (interview["duration_minutes"], interview["status"], interview["scorecards"]) == (60, "scheduled", [])
    assert interview["interviewer_ids"] == [str(tenant.user_id)]
    assert (interview["candidate_id"], interview["position_id"]) == (
        application["candidate_id"],
        application["position_id"],
    )
    assert api.get(one(interview)).json == interview
    moved = api.patch(one(interview), {"starts_at": "2030-12-01T09:00:00", "duration_minutes": 30}).json
    assert (moved["starts_at"], moved["duration_minutes"]) == ("2030-12-01T08:00:00Z", 30)
    there = api.patch(one(interview), {"time_zone": "America/New_York"}).json
    assert (there["starts_at"], there["local_starts_at"]) == ("2030-12-01T08:00:00Z", "2030-12-01T03:00:00-05:00")
    assert api.patch(one(interview), {"status": "cancelled"}).json["status"] == "cancelled"
    assert api.delete(one(interview)).status == 204
    assert api.get(one(interview)).code == "interview_not_found"
    actions = [name for name in records.actions(database, tenant.id) if name.startswith("interview")]
    assert actions == [
        *("interview_planned", "interview_changed", "interview_changed", "interview_cancelled", "interview_deleted")
    ]
    events = api.get("/api/events", application_id=application["id"]).json["items"]
    assert "Bring water" not in str(events)
    assert {"interview_planned", "interview_deleted"} <= {event["action"] for event in events}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"starts_at": "2030-03-31T02:30:00"}, "starts_at"),
        ({"starts_at": "2030-10-27T02:30:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"duration_minutes": 721}, "duration_minutes"),
        ({"kind": "telepathy"}, "kind"),
        ({"video_link": "javascript:alert(1)"}, "video_link"),
        ({"interviewer_ids": []}, "interviewer_ids"),
        ({"interviewer_ids": [NO_ID]}, "interviewer_ids.0"),
        ({"interviewer_ids": [NO_ID, NO_ID]}, "interviewer_ids"),
        ({"application_id": NO_ID}, "application_id"),
        ({"location": "two\nlines"}, "location"),
    ],
)
def test_what_cannot_be_planned_is_refused(tenant: Tenant, values: dict[str, Any], field: str) -> None:
    interview = planned(tenant)
    refused = plan(tenant, **values)
    assert (refused.status, refused.wrong_fields) == (422, {field})
    if field != "application_id":
        changed = tenant.api.patch(one(interview), values)
        assert (changed.status, changed.wrong_fields) == (422, {field})


def test_an_offset_decides_where_the_clocks_show_a_time_twice(tenant: Tenant) -> None:
    first = planned(tenant, starts_at="2030-10-27T02:30:00+02:00", duration_minutes=30)
    second = planned(tenant, starts_at="2030-10-27T02:30:00+01:00", duration_minutes=30)

    assert (first["starts_at"], second["starts_at"]) == ("2030-10-27T00:30:00Z", "2030-10-27T01:30:00Z")


def test_nobody_conducts_two_interviews_at_one_time(tenant: Tenant, database: Database) -> None:
    bee, application = colleague(database, tenant), an_application(tenant.api)
    first = planned(tenant, application)

    busy = plan(tenant, application, starts_at="2030-07-01T09:59:00", interviewer_ids=[bee, str(tenant.user_id)])
    assert (busy.status, busy.code, busy.json["interviewer_ids"]) == (409, "interviewer_busy", [str(tenant.user_id)])
    next_one = planned(tenant, application, starts_at="2030-07-01T10:00:00")
    other_person = planned(tenant, application, interviewer_ids=[bee])
    api = tenant.api
    assert api.patch(one(next_one), {"starts_at": "2030-07-01T09:30:00"}).code == "interviewer_busy"
    assert api.patch(one(other_person), {"interviewer_ids": [str(tenant.user_id)]}).code == "interviewer_busy"
    assert api.patch(one(first), {"status": "cancelled"}).status == 200
    assert api.patch(one(next_one), {"starts_at": "2030-07-01T09:30:00"}).status == 200
    assert api.patch(one(first), {"status": "scheduled"}).code == "interviewer_busy"
    assert api.patch(one(next_one), {"duration_minutes": 45}).status == 200, "one is never in its own way"


def test_of_many_who_plan_for_one_person_at_once_one_gets_the_time(tenant: Tenant) -> None:
    application = an_application(tenant.api)

    replies = at_once(*[lambda: plan(tenant, application) for _ in range(6)])

    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409, 409]
    assert {reply.code for reply in replies if reply.status == 409} == {"interviewer_busy"}


def test_only_what_is_to_come_is_planned_anew(tenant: Tenant) -> None:
    interview, api = planned(tenant), tenant.api
    assert api.patch(one(interview), {"status": "completed"}).status == 200

    for change in ({"starts_at": "2031-01-01T09:00:00"}, {"interviewer_ids": [NO_ID]}, {"duration_minutes": 15}):
        assert api.patch(one(interview), change).code == "interview_over"
    assert api.patch(one(interview), {"notes": "Went well"}).json["notes"] == "Went well"
    again = api.patch(one(interview), {"status": "scheduled", "starts_at": "2031-01-01T09:00:00"})
    assert (again.status, again.json["starts_at"]) == (200, "2031-01-01T08:00:00Z")


def test_whoever_was_rejected_or_removed_is_not_interviewed(tenant: Tenant) -> None:
    api, application = tenant.api, an_application(tenant.api)
    interview = planned(tenant, application)
    api.patch(one(interview), {"status": "cancelled"})
    api.post(f"/api/applications/{application['id']}/reject", {"reason": "no Python"})

    assert plan(tenant, application).code == "application_closed"
    assert api.patch(one(interview), {"status": "scheduled"}).code == "application_closed"
    api.delete(f"/api/candidates/{application['candidate_id']}")
    assert plan(tenant, application).wrong_fields == {"application_id"}


def test_a_disabled_user_and_one_of_somebody_else_conduct_nothing(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    gone = colleague(database, tenant, is_active=False)

    refused = plan(tenant, interviewer_ids=[str(tenant.user_id), gone, str(other.user_id)])

    assert (refused.status, refused.wrong_fields) == (422, {"interviewer_ids.1", "interviewer_ids.2"})
    theirs = an_application(other.api)
    assert plan(tenant, theirs).wrong_fields == {"application_id"}


def test_lists_are_by_time_and_take_every_filter(tenant: Tenant, database: Database) -> None:
    api, bee = tenant.api, colleague(database, tenant)
    first, second = an_application(api), an_application(api)
    early = planned(tenant, first, starts_at="2030-01-01T09:00:00Z")
    late = planned(tenant, second, starts_at="2030-03-01T09:00:00Z", interviewer_ids=[bee])
    middle = planned(tenant, first, starts_at="2030-02-01T09:00:00Z", interviewer_ids=[bee, str(tenant.user_id)])
    api.patch(one(early), {"status": "no_show"})

    def found(**query: Any) -> list[str]:
        return [item["id"] for item in api.get(ALL, **query).json["items"]]

    assert found() == [late["id"], middle["id"], early["id"]]
    assert found(application_id=first["id"]) == [middle["id"], early["id"]]
    assert found(candidate_id=second["candidate_id"]) == [late["id"]]
    assert found(position_id=first["position_id"]) == [middle["id"], early["id"]]
    assert found(interviewer_id=bee) == [late["id"], middle["id"]]
    assert found(status="no_show") == [early["id"]]
    assert found(starts_after="2030-01-15T00:00:00Z", starts_before="2030-02-15T00:00:00Z") == [middle["id"]]
    pages = api.get(ALL, limit=2).json
    assert [item["id"] for item in api.get(ALL, limit=2, cursor=pages["next_cursor"]).json["items"]] == [early["id"]]
    assert sorted(api.get(ALL).json["items"][1]["interviewer_ids"]) == sorted([bee, str(tenant.user_id)])


def test_a_viewer_reads_and_changes_nothing(tenant: Tenant, database: Database) -> None:
    interview, api = planned(tenant), tenant.api
    set_role(database, tenant.email, "viewer")

    assert api.get(one(interview)).status == 200
    for reply in (
        api.post(ALL, wish(tenant, {"id": interview["application_id"]})),
        api.patch(one(interview), {"notes": "x"}),
        api.delete(one(interview)),
        api.call("PUT", f"{one(interview)}/scorecard", {"recommendation": "yes"}),
    ):
        assert (reply.status, reply.code) == (403, "role_not_sufficient")


def test_interviews_of_a_private_project_are_hidden_and_yet_take_time(tenant: Tenant, database: Database) -> None:
    api = tenant.api
    project = new_project(api, is_private=True)
    position = api.post("/api/positions", {"title": "Secret", "project_id": project["id"]}).json
    candidate = new_candidate(api)
    application = api.post("/api/applications", {"candidate_id": candidate["id"], "position_id": position["id"]}).json
    bee = colleague(database, tenant)
    interview = planned(tenant, application, interviewer_ids=[bee])
    open_one = an_application(api)
    api.delete(f"/api/projects/{project['id']}/members/{tenant.user_id}")
    set_role(database, tenant.email, "recruiter")

    assert api.get(ALL).json["items"] == []
    for reply in (
        api.get(one(interview)),
        api.patch(one(interview), {"notes": "x"}),
        api.delete(one(interview)),
        api.get(f"{one(interview)}/calendar.ics"),
        api.call("PUT", f"{one(interview)}/scorecard", {"recommendation": "yes"}),
    ):
        assert (reply.status, reply.code) == (404, "interview_not_found")
    busy = plan(tenant, open_one, interviewer_ids=[bee])
    assert (busy.status, busy.code, busy.json["interviewer_ids"]) == (409, "interviewer_busy", [])


def test_a_merge_takes_interviews_along_and_gives_them_back(tenant: Tenant) -> None:
    api = tenant.api
    kept = an_application(api, name="Grace")
    twin = new_candidate(api, name="Grace Hopper")
    pair = {"candidate_id": twin["id"], "position_id": kept["position_id"]}
    gone = api.post("/api/applications", pair).json
    interview = planned(tenant, gone)
    merge = {"duplicate_id": twin["id"]}

    assert api.post(f"/api/candidates/{kept['candidate_id']}/merge", merge).status == 200
    assert api.get(one(interview)).json["candidate_id"] == kept["candidate_id"]
    assert api.post(f"/api/candidates/{kept['candidate_id']}/unmerge", merge).status == 200
    assert api.get(one(interview)).json["application_id"] == gone["id"]


def test_a_page_tells_how_many_there_are_as_far_as_the_asker_may_see(tenant: Tenant, database: Database) -> None:
    first = planned(tenant)
    planned(tenant, starts_at="2030-08-01T09:00:00")
    hidden = new_position(tenant.api, project_id=new_project(tenant.api, is_private=True)["id"])
    application = new_application(tenant.api, new_candidate(tenant.api), hidden)
    assert plan(tenant, application, starts_at="2030-09-01T09:00:00").status == 201
    stranger = new_colleague(database, tenant)

    for query, total, seen in (
        ("", 3, 2),
        ("&starts_after=2030-07-15T00:00:00Z", 2, 1),
        ("&status=scheduled", 3, 2),
        (f"&interviewer_id={tenant.user_id}", 3, 2),
        (f"&position_id={first['position_id']}", 1, 1),
    ):
        for api, expected in ((tenant.api, total), (stranger.api, seen)):
            assert api.get(f"{ALL}?limit=1{query}").json["total"] == expected, query
