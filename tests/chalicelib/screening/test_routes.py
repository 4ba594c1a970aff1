"""Screenings over HTTP: asked for, listed, and answered by a person."""

from __future__ import annotations

from typing import Any

import pytest

from tests import records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import NO_ID, new_application, set_role
from tests.house import Cloud, Database


@pytest.fixture
def application(api: ApiClient, cloud: Cloud) -> Any:
    return new_application(api)


@pytest.fixture
def screening(api: ApiClient, cloud: Cloud, application: Any) -> Any:
    """A finished screening."""
    api.post(f"/api/applications/{application['id']}/screenings")
    cloud.drain()
    return api.get(f"/api/applications/{application['id']}/screenings").json["items"][0]


def test_a_screening_is_accepted_with_its_job(api: ApiClient, application: Any) -> None:
    answer = api.post(f"/api/applications/{application['id']}/screenings")

    assert (answer.status, answer.json["kind"], answer.json["status"]) == (202, "screen_candidate", "queued")
    assert answer.headers["location"] == f"/api/jobs/{answer.json['id']}"
    assert (answer.json["priority"], answer.json["queue_position"]) == ("high", 1)


def test_a_repeated_request_with_one_key_is_one_screening(api: ApiClient, cloud: Cloud, application: Any) -> None:
    path, key = f"/api/applications/{application['id']}/screenings", {"Idempotency-Key": "once"}

    first, second = api.post(path, headers=key), api.post(path, headers=key)
    cloud.drain()

    assert (second.status, second.json["id"]) == (202, first.json["id"])
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert api.get(path).json["total"] == 1


def test_screenings_of_an_application_are_listed_newest_first(api: ApiClient, cloud: Cloud, application: Any) -> None:
    path = f"/api/applications/{application['id']}/screenings"
    for _ in range(3):
        api.post(path)
        cloud.drain()

    listed = api.get(path).json

    ids = [item["id"] for item in listed["items"]]
    assert (listed["total"], ids) == (3, sorted(ids, reverse=True))
    assert listed["items"][0] == api.get(f"/api/screenings/{ids[0]}").json


def test_a_screening_answers_with_all_that_the_contract_names(screening: Any) -> None:
    promised = {
        "score", "recommendation", "requirements", "strengths", "gaps", "provider", "model", "duration_ms",
        "input_hash",
    }  # fmt: skip
    assert promised <= set(screening)
    assert (screening["review"], screening["provider"]) == (None, "offline")


def test_unknown_and_strange_ids_read_alike(other: Tenant, api: ApiClient, cloud: Cloud, screening: Any) -> None:
    paths = [
        f"/api/screenings/{screening['id']}",
        f"/api/applications/{screening['application_id']}/screenings",
    ]
    for path in paths:
        assert other.api.get(path).status == 404
    assert other.api.get(f"/api/screenings/{NO_ID}").json["detail"] == other.api.get(paths[0]).json["detail"]
    assert other.api.post(paths[1]).code == "application_not_found"
    review = {"decision": "agree", "reason": "I read it"}
    assert other.api.post(f"{paths[0]}/review", review).code == "screening_not_found"
    assert api.get(paths[0]).json["review"] is None


def test_a_person_agrees_and_the_application_stays_where_it_is(
    tenant: Tenant, api: ApiClient, screening: Any, application: Any, database: Database
) -> None:
    answer = api.post(f"/api/screenings/{screening['id']}/review", {"decision": "agree", "reason": "I read it"})

    assert answer.status == 200, answer
    review = answer.json["review"]
    assert (review["decision"], review["recommendation"]) == ("agree", screening["recommendation"])
    assert (review["reason"], review["reviewed_by"]) == ("I read it", str(tenant.user_id))
    assert answer.json["recommendation"] == screening["recommendation"]
    assert api.get(f"/api/applications/{application['id']}").json == application
    assert records.actions(database, tenant.id)[-1] == "screening_reviewed"


def test_a_person_overrides_and_may_think_again(api: ApiClient, screening: Any) -> None:
    path = f"/api/screenings/{screening['id']}/review"
    override = {"decision": "override", "recommendation": "strong_match", "reason": "I know her work"}

    assert api.post(path, override).json["review"]["recommendation"] == "strong_match"
    again = api.post(path, {"decision": "agree", "reason": "on second thoughts"}).json

    assert (again["review"]["decision"], again["review"]["recommendation"]) == ("agree", screening["recommendation"])
    events = [event for event in api.get("/api/events").json["items"] if event["action"] == "screening_reviewed"]
    assert [event["after"]["decision"] for event in events] == ["override", "agree"]
    assert events[1]["before"]["reason"] == "I know her work"


@pytest.mark.parametrize(
    "review",
    [
        {},
        {"decision": "agree"},
        {"decision": "agree", "reason": "  "},
        {"decision": "agree", "recommendation": "low_match", "reason": "x"},
        {"decision": "override", "reason": "x"},
        {"decision": "override", "recommendation": "hire", "reason": "x"},
        {"decision": "perhaps", "reason": "x"},
        {"decision": "agree", "reason": "x", "score": 100},
    ],
)
def test_a_review_without_sense_is_refused(api: ApiClient, screening: Any, review: Any) -> None:
    answer = api.post(f"/api/screenings/{screening['id']}/review", review)

    assert answer.status == 422
    assert api.get(f"/api/screenings/{screening['id']}").json["review"] is None


def test_a_viewer_reads_and_asks_for_nothing(
    tenant: Tenant, api: ApiClient, screening: Any, database: Database
) -> None:
    set_role(database, tenant.email, "viewer")

    assert api.get(f"/api/screenings/{screening['id']}").status == 200
    assert api.post(f"/api/applications/{screening['application_id']}/screenings").status == 403
    review = {"decision": "agree", "reason": "x"}
    assert api.post(f"/api/screenings/{screening['id']}/review", review).status == 403
