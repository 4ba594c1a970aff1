"""Applications over HTTP: apply, move, reject, withdraw, reopen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
    page_through,
    set_role,
)
from tests.house import Database

PATH = "/api/applications"


def apply(api: ApiClient, candidate: Json, position: Json, **values: object) -> Reply:
    return api.post(PATH, {"candidate_id": candidate["id"], "position_id": position["id"], **values})


def close(api: ApiClient, application: Json, how: str, **values: object) -> Reply:
    return api.post(f"{PATH}/{application['id']}/{how}", {"reason": "moved abroad", **values})


def test_a_candidate_is_put_forward_for_a_position(tenant: Tenant) -> None:
    api = tenant.api
    candidate, position = new_candidate(api, name="Ada"), new_position(api, title="Clerk", stages=["new", "hired"])

    made = apply(api, candidate, position, source="referral")

    assert made.status == 201
    user = str(tenant.user_id)
    assert made.json == made.json | {
        "candidate_id": candidate["id"],
        "candidate_name": "Ada",
        "position_id": position["id"],
        "position_title": "Clerk",
        "stage": "new",
        "status": "active",
        "status_reason": None,
        "source": "referral",
        "created_by": user,
        "stage_entered_at": made.json["applied_at"],
    }
    step = {"kind": "applied", "from_stage": None, "to_stage": "new", "reason": None, "note": None, "user_id": user}
    assert made.json["history"] == [{**step, "changed_at": made.json["applied_at"]}]
    read = api.get(made.headers["location"])
    assert (read.status, read.json) == (200, made.json)
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    listed = {name: value for name, value in made.json.items() if name != "history"}
    assert api.get(PATH).json["items"] == [listed]


def test_one_application_per_candidate_and_position(api: ApiClient) -> None:
    candidate, position = new_candidate(api), new_position(api)
    first = new_application(api, candidate, position)

    again = apply(api, candidate, position)

    assert (again.status, again.code, again.json["application_id"]) == (409, "already_applied", first["id"])
    close(api, first, "withdraw")
    assert apply(api, candidate, position).code == "already_applied"
    assert apply(api, candidate, new_position(api)).status == apply(api, new_candidate(api), position).status == 201


@pytest.mark.parametrize(("status", "answer"), [("closed", 409), ("open", 201), ("draft", 201), ("on_hold", 201)])
def test_a_closed_position_takes_no_applications(api: ApiClient, status: str, answer: int) -> None:
    reply = apply(api, new_candidate(api), new_position(api, status=status))

    assert reply.status == answer
    assert answer == 201 or reply.code == "position_closed"


def test_whoever_is_not_ours_is_refused_by_name(api: ApiClient, other: Tenant) -> None:
    candidate, position = new_candidate(api), new_position(api)
    for theirs, unknown, field in (
        (new_candidate(other.api), {"id": NO_ID}, "candidate_id"),
        (new_position(other.api), {"id": NO_ID}, "position_id"),
    ):
        wishes = [
            {"candidate_id": candidate["id"], "position_id": position["id"], field: it["id"]}
            for it in (theirs, unknown)
        ]
        refused = [api.post(PATH, wish) for wish in wishes]
        assert [(reply.status, reply.wrong_fields) for reply in refused] == [(422, {field})] * 2
        assert {**refused[0].json, "request_id": ""} == {**refused[1].json, "request_id": ""}
    both = apply(api, {"id": NO_ID}, {"id": NO_ID})
    assert (both.status, both.wrong_fields) == (422, {"candidate_id", "position_id"})
    assert api.get(PATH).json["total"] == 0


def test_whoever_was_deleted_is_refused_by_name(api: ApiClient) -> None:
    candidate, position = new_candidate(api), new_position(api)
    api.delete(f"/api/candidates/{candidate['id']}")
    api.delete(f"/api/positions/{position['id']}")

    assert apply(api, candidate, new_position(api)).wrong_fields == {"candidate_id"}
    assert apply(api, new_candidate(api), position).wrong_fields == {"position_id"}


def test_all_wrong_fields_are_named_at_once(api: ApiClient) -> None:
    wrong: Json = {"candidate_id": "x", "position_id": None, "source": "a\nb", "stage": "offer"}
    assert api.post(PATH, wrong).wrong_fields == set(wrong)
    path = f"{PATH}/{new_application(api)['id']}"
    wrong = {"from_stage": "", "to_stage": "x" * 101, "note": "x" * 5001, "by": "me"}
    assert api.post(f"{path}/move", wrong).wrong_fields == set(wrong)
    for how in ("reject", "withdraw", "reopen"):
        wrong = {"reason": "", "note": 5, "stage": "offer"}
        assert api.post(f"{path}/{how}", wrong).wrong_fields == set(wrong)
        assert api.post(f"{path}/{how}", {}).wrong_fields == {"reason"}


def test_an_application_moves_along_its_pipeline_and_back(tenant: Tenant) -> None:
    api, application = tenant.api, new_application(tenant.api)
    wish = {"from_stage": "applied", "to_stage": "offer", "note": " skips two "}

    moved = api.post(f"{PATH}/{application['id']}/move", wish)

    assert (moved.status, moved.json["stage"], moved.headers["etag"]) == (200, "offer", '"2"')
    assert moved.json["stage_entered_at"] > application["stage_entered_at"]
    assert moved.json["applied_at"] == application["applied_at"]
    expected = {"kind": "moved", "from_stage": "applied", "to_stage": "offer", "reason": None, "note": "skips two"}
    assert moved.json["history"][1] == {
        **expected,
        "user_id": str(tenant.user_id),
        "changed_at": moved.json["stage_entered_at"],
    }
    assert move(api, application, "offer", "screen").json["stage"] == "screen"


def test_an_application_that_moved_on_does_not_move_again(api: ApiClient) -> None:
    application = new_application(api)
    move(api, application, "applied", "screen")

    late = move(api, application, "applied", "interview")

    assert (late.status, late.code, late.json["current_stage"]) == (409, "stage_moved_on", "screen")
    assert len(api.get(f"{PATH}/{application['id']}").json["history"]) == 2


@pytest.mark.parametrize("to_stage", ["limbo", "applied", "HIRED", "hired "])
def test_a_step_that_the_pipeline_has_not_is_refused(api: ApiClient, to_stage: str) -> None:
    application = new_application(api)

    reply = move(api, application, "applied", to_stage)

    if to_stage == "hired ":
        assert reply.json["stage"] == "hired"  # spaces around a label say nothing
    else:
        assert (reply.status, reply.code) == (409, "stage_not_allowed")
        assert api.get(f"{PATH}/{application['id']}").json == application


@pytest.mark.parametrize("how", ["reject", "withdraw"])
def test_a_closed_application_does_not_move(api: ApiClient, how: str) -> None:
    application = new_application(api)
    close(api, application, how)

    assert move(api, application, "applied", "screen").code == "stage_not_allowed"


def test_no_more_are_hired_than_there_are_openings(api: ApiClient) -> None:
    position = new_position(api, openings=2)
    one, two, three = (new_application(api, new_candidate(api), position) for _ in range(3))
    assert [move(api, it, "applied", "hired").status for it in (one, two)] == [200, 200]

    refused = move(api, three, "applied", "hired")

    assert (refused.status, refused.code) == (409, "no_openings_left")
    close(api, one, "withdraw")
    assert move(api, three, "applied", "hired").status == 200
    assert close(api, one, "reopen").code == "no_openings_left"
    assert move(api, two, "hired", "offer").status == 200
    assert close(api, one, "reopen").status == 200


@pytest.mark.parametrize(("how", "status"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_an_application_is_closed_with_a_reason_and_opened_again(tenant: Tenant, how: str, status: str) -> None:
    api, application = tenant.api, new_application(tenant.api)
    move(api, application, "applied", "interview")

    closed = close(api, application, how, note="by phone")
    assert (closed.status, closed.headers["etag"]) == (200, '"3"')
    shown = (closed.json["status"], closed.json["status_reason"], closed.json["stage"])
    assert shown == (status, "moved abroad", "interview")
    assert [close(api, application, again).code for again in ("reject", "withdraw")] == [
        "application_not_in_that_state"
    ] * 2

    opened = close(api, application, "reopen", reason="came back")
    assert (opened.json["status"], opened.json["status_reason"], opened.json["stage"]) == ("active", None, "interview")
    assert close(api, application, "reopen").code == "application_not_in_that_state"
    steps = [
        (step["kind"], step["from_stage"], step["to_stage"], step["reason"], step["note"])
        for step in opened.json["history"]
    ]
    assert steps == [
        ("applied", None, "applied", None, None),
        ("moved", "applied", "interview", None, None),
        (status, "interview", None, "moved abroad", "by phone"),
        ("reopened", None, "interview", "came back", None),
    ]
    moments = [step["changed_at"] for step in opened.json["history"]]
    assert moments == sorted(moments)
    assert {step["user_id"] for step in opened.json["history"]} == {str(tenant.user_id)}


def test_a_change_decided_on_an_older_version_is_refused(api: ApiClient) -> None:
    application = new_application(api)
    path, old = f"{PATH}/{application['id']}", {"If-Match": '"1"'}
    wish = {"from_stage": "applied", "to_stage": "screen"}
    assert api.post(f"{path}/move", wish, headers=old).status == 200

    wish = {"from_stage": "screen", "to_stage": "offer"}
    late = [api.post(f"{path}/move", wish, headers=old)]
    late += [api.post(f"{path}/{how}", {"reason": "x"}, headers=old) for how in ("reject", "withdraw", "reopen")]

    assert [(reply.status, reply.code) for reply in late] == [(412, "stale")] * 4
    assert api.post(f"{path}/move", wish, headers={"If-Match": '"2"'}).status == 200


def test_applications_are_listed_newest_first_by_every_filter(api: ApiClient) -> None:
    ada, grace = new_candidate(api, name="Ada"), new_candidate(api, name="Grace")
    one, two = new_position(api), new_position(api)
    made = [new_application(api, *pair) for pair in ((ada, one), (ada, two), (grace, one))]
    move(api, made[0], "applied", "offer")
    close(api, made[1], "reject")

    def listed(**query: object) -> list[int]:
        ids = [application["id"] for application in made]
        return [ids.index(item["id"]) for item in page_through(api, PATH, 2, **query)]

    assert listed() == [2, 1, 0]
    assert listed(candidate_id=ada["id"]) == [1, 0]
    assert listed(position_id=one["id"]) == [2, 0]
    assert listed(stage="applied") == [2, 1]
    assert listed(status="rejected") == [1]
    assert listed(candidate_id=ada["id"], position_id=one["id"], stage="offer", status="active") == [0]
    assert listed(candidate_id=grace["id"], stage="offer") == []
    assert listed(position_id=NO_ID) == []
    wrong = api.get(f"{PATH}?status=x&candidate_id=y&position_id=z&candidate=1")
    assert wrong.wrong_fields == {"status", "candidate_id", "position_id", "candidate"}


def test_an_application_outlives_what_it_is_about(api: ApiClient) -> None:
    candidate, position = new_candidate(api), new_position(api)
    application = new_application(api, candidate, position)
    api.delete(f"/api/candidates/{candidate['id']}")
    api.delete(f"/api/positions/{position['id']}")
    assert api.get(f"{PATH}/{application['id']}").json == application

    refused = move(api, application, "applied", "screen")

    assert (refused.status, refused.code) == (409, "stage_not_allowed")
    assert close(api, application, "reject").status == 200
    assert close(api, application, "reopen").code == "stage_not_allowed"


def test_another_organizations_application_reads_like_one_that_never_was(api: ApiClient, other: Tenant) -> None:
    theirs = new_application(other.api)
    acts: list[Callable[[Json], Reply]] = [
        lambda it: api.get(f"{PATH}/{it['id']}"),
        lambda it: move(api, it, "applied", "screen"),
        *(partial(close, api, how=how) for how in ("reject", "withdraw", "reopen")),
    ]
    for act in acts:
        foreign, unknown = act(theirs), act({"id": NO_ID})
        assert (foreign.status, foreign.code) == (404, "application_not_found")
        assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert api.get(PATH).json["items"] == []
    assert api.get(PATH, candidate_id=theirs["candidate_id"]).json["items"] == []
    assert other.api.get(f"{PATH}/{theirs['id']}").json == theirs


def test_a_viewer_reads_applications_and_writes_none(tenant: Tenant, database: Database) -> None:
    api, application = tenant.api, new_application(tenant.api)
    set_role(database, tenant.email, "viewer")

    assert api.get(PATH).status == api.get(f"{PATH}/{application['id']}").status == 200
    refused = [apply(api, {"id": NO_ID}, {"id": NO_ID}), move(api, application, "applied", "screen")]
    refused += [close(api, application, how) for how in ("reject", "withdraw", "reopen")]
    assert [(reply.status, reply.code) for reply in refused] == [(403, "role_not_sufficient")] * 5
