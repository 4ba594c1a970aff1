"""Many applications screened under one job, which counts them and can be called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chalicelib import clients
from chalicelib.clock import utc_now
from chalicelib.jobs import relay
from chalicelib.screening import batches
from infra.local import delivery
from tests import records
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, new_application, new_candidate, new_position, page_through, set_role
from tests.fakes import FakeQueues
from tests.house import Cloud, Database

BATCH = "/api/screenings/batch"
REQUIREMENTS = [{"id": "python", "text": "Python", "kind": "must", "weight": 3}]


def applications_for(api: ApiClient, position: Json, count: int) -> list[Json]:
    return [new_application(api, new_candidate(api, name=f"Grace {number}"), position) for number in range(count)]


def ids_of(applications: list[Json]) -> list[str]:
    return [application["id"] for application in applications]


def children_of(api: ApiClient, parent: Json) -> list[Json]:
    return page_through(api, "/api/jobs", 3, parent_id=parent["id"])


def ask(api: ApiClient, position: Json, **wish: object) -> Json:
    answer = api.post(BATCH, {"position_id": position["id"], **wish})
    assert answer.status == 202, answer
    parent: Json = answer.json
    assert answer.headers["location"] == f"/api/jobs/{parent['id']}"
    return parent


def job(api: ApiClient, parent: Json) -> Json:
    found: Json = api.get(f"/api/jobs/{parent['id']}").json
    return found


def test_every_active_application_of_the_position_is_screened(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    api = tenant.api
    position = new_position(api, requirements=REQUIREMENTS)
    active = applications_for(api, position, 4)
    [rejected] = applications_for(api, position, 1)
    assert api.post(f"/api/applications/{rejected['id']}/reject", {"reason": "no"}).status == 200
    gone = new_candidate(api)
    new_application(api, gone, position)
    assert api.delete(f"/api/candidates/{gone['id']}").status == 204
    new_application(api)  # for another position

    parent = ask(api, position)

    assert (parent["kind"], parent["status"], parent["priority"]) == ("screening_batch", "running", "high")
    assert parent["progress"] == {"done": 0, "total": 4}
    assert (parent["result"], parent["parent_id"]) == (None, None)
    children = children_of(api, parent)
    assert [child["kind"] for child in children] == ["screen_candidate"] * 4
    asked = [each["payload"]["application_id"] for each in records.jobs_of(database, tenant.id) if each["parent_id"]]
    assert sorted(asked) == sorted(ids_of(active))
    cloud.drain()
    done = job(api, parent)
    assert (done["status"], done["progress"], done["finished_at"] is not None) == (
        "succeeded",
        {"done": 4, "total": 4},
        True,
    )
    assert done["result"] == {"done": 4, "failed": 0}
    for application in active:
        assert api.get(f"/api/applications/{application['id']}/screenings").json["total"] == 1
    assert api.get(f"/api/applications/{rejected['id']}/screenings").json["total"] == 0


def test_progress_is_seen_while_it_runs(api: ApiClient, cloud: Cloud) -> None:
    position = new_position(api)
    applications_for(api, position, 3)
    parent = ask(api, position)
    sqs, high, seen = cloud.client("sqs"), cloud.source("high"), []

    for message in delivery.take_batch(sqs, high, wait_seconds=1):
        delivery.deliver(sqs, high, [message])
        delivery.deliver(sqs, high, [message])  # a second delivery counts nothing
        seen.append((job(api, parent)["status"], job(api, parent)["progress"]["done"]))

    assert seen == [("running", 1), ("running", 2), ("succeeded", 3)]


def test_only_the_named_applications_are_screened_each_once(api: ApiClient, cloud: Cloud) -> None:
    position = new_position(api)
    first, second, _ = ids_of(applications_for(api, position, 3))

    parent = ask(api, position, application_ids=[second, first, second])

    assert parent["progress"]["total"] == 2
    assert len(children_of(api, parent)) == 2
    cloud.drain()
    assert job(api, parent)["result"] == {"done": 2, "failed": 0}


def test_a_child_that_fails_is_counted_and_stops_no_other(tenant: Tenant, cloud: Cloud) -> None:
    api, position = tenant.api, new_position(tenant.api)
    applications = applications_for(api, position, 3)
    parent = ask(api, position)
    assert api.delete(f"/api/candidates/{applications[0]['candidate_id']}").status == 204

    cloud.drain()

    done = job(api, parent)
    assert (done["status"], done["progress"]["done"], done["result"]) == ("succeeded", 3, {"done": 3, "failed": 1})
    assert sorted(child["status"] for child in children_of(api, parent)) == ["failed", "succeeded", "succeeded"]
    assert [each["id"] for each in api.get("/api/jobs", parent_id=parent["id"], status="failed").json["items"]]


def untouched(database: Database, tenant: Tenant, act: Callable[[], Reply]) -> Reply:
    """The answer to a request that must leave neither job nor event."""
    before = (records.count(database, "jobs", tenant.id), records.actions(database, tenant.id))
    answer = act()
    assert (records.count(database, "jobs", tenant.id), records.actions(database, tenant.id)) == before
    return answer


def test_applications_that_are_not_there_or_anothers_are_named_one_by_one(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    position = new_position(tenant.api)
    [good] = ids_of(applications_for(tenant.api, position, 1))
    foreign = new_application(other.api)["id"]
    elsewhere = new_application(tenant.api)["id"]
    wish = {"position_id": position["id"], "application_ids": [good, foreign, NO_ID, elsewhere]}

    answer = untouched(database, tenant, lambda: tenant.api.post(BATCH, wish))

    assert (answer.status, answer.code) == (422, "invalid")
    said = {error["field"]: error["message"] for error in answer.json["errors"]}
    assert said == {
        "application_ids.1": f"there is no application {foreign}",
        "application_ids.2": f"there is no application {NO_ID}",
        "application_ids.3": f"application {elsewhere} is for another position",
    }


def test_a_position_that_is_not_there_is_named(tenant: Tenant, other: Tenant, cloud: Cloud, database: Database) -> None:
    theirs = new_application(other.api)["position_id"]

    for position_id in (theirs, NO_ID):
        answer = untouched(database, tenant, lambda: tenant.api.post(BATCH, {"position_id": position_id}))  # noqa: B023
        assert (answer.status, answer.wrong_fields) == (422, {"position_id"})


@pytest.mark.parametrize("wish", [{}, {"application_ids": []}])
def test_without_an_application_there_is_nothing_to_screen(
    tenant: Tenant, cloud: Cloud, database: Database, wish: Json
) -> None:
    position = new_position(tenant.api)
    if wish:
        applications_for(tenant.api, position, 1)

    answer = untouched(database, tenant, lambda: tenant.api.post(BATCH, {"position_id": position["id"], **wish}))

    assert (answer.status, answer.code) == (409, "nothing_to_screen")


def test_a_body_with_mistakes_is_refused(api: ApiClient, cloud: Cloud) -> None:
    many = [str(uuid4()) for _ in range(10_001)]

    assert api.post(BATCH, {}).wrong_fields == {"position_id"}
    assert api.post(BATCH, {"position_id": NO_ID, "application_ids": ["x"]}).wrong_fields == {"application_ids.0"}
    assert api.post(BATCH, {"position_id": NO_ID, "application_ids": many}).wrong_fields == {"application_ids"}
    assert api.post(BATCH, {"position_id": NO_ID, "applications": []}).wrong_fields == {"applications"}


def test_a_position_with_more_applications_than_one_batch_takes_says_so(
    api: ApiClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = new_position(api)
    applications_for(api, position, 3)
    monkeypatch.setattr(batches, "MOST_APPLICATIONS", 2)

    answer = api.post(BATCH, {"position_id": position["id"]})

    assert (answer.status, answer.code) == (409, "too_many_to_screen")


def test_a_viewer_asks_for_no_batch_and_another_organization_sees_none(
    tenant: Tenant, other: Tenant, cloud: Cloud, database: Database
) -> None:
    position = new_position(tenant.api)
    applications_for(tenant.api, position, 2)
    parent = ask(tenant.api, position)

    assert other.api.get(f"/api/jobs/{parent['id']}").status == 404
    assert other.api.get("/api/jobs", parent_id=parent["id"]).json["items"] == []
    assert other.api.post(f"/api/jobs/{parent['id']}/cancel").status == 404
    set_role(database, tenant.email, "viewer")
    assert untouched(database, tenant, lambda: tenant.api.post(BATCH, {"position_id": position["id"]})).status == 403
    assert tenant.api.post(f"/api/jobs/{parent['id']}/cancel").status == 403


def test_a_batch_that_is_called_off_cancels_what_waits_and_keeps_what_is_done(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    api, position = tenant.api, new_position(tenant.api)
    applications_for(api, position, 4)
    parent = ask(api, position)
    sqs, high = cloud.client("sqs"), cloud.source("high")
    messages = delivery.take_batch(sqs, high, wait_seconds=1)
    delivery.deliver(sqs, high, messages[:1])

    answer = api.post(f"/api/jobs/{parent['id']}/cancel")

    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    assert sorted(child["status"] for child in children_of(api, parent)) == ["cancelled"] * 3 + ["succeeded"]
    delivery.deliver(sqs, high, messages[1:])
    cloud.drain()
    assert records.count(database, "screenings", tenant.id) == 1
    assert job(api, parent)["progress"] == {"done": 4, "total": 4}
    again = api.post(f"/api/jobs/{parent['id']}/cancel")
    assert (again.status, again.code) == (409, "job_ended")
    assert records.actions(database, tenant.id).count("job_cancelled") == 1


def test_asking_leaves_one_event_for_a_batch_and_one_for_a_screening(tenant: Tenant, cloud: Cloud) -> None:
    api, position = tenant.api, new_position(tenant.api)
    first, _ = applications_for(api, position, 2)

    parent = ask(api, position)
    single = api.post(f"/api/applications/{first['id']}/screenings").json

    events = {event["action"]: event for event in api.get("/api/events").json["items"]}
    batch, one = events["screening_batch_requested"], events["screening_requested"]
    assert batch["after"] == {"job_id": parent["id"], "applications": 2}
    assert (batch["subject_kind"], batch["position_id"], batch["actor_id"]) == (
        "position",
        position["id"],
        str(tenant.user_id),
    )
    assert one["after"] == {"job_id": single["id"]}
    assert (one["subject_id"], one["candidate_id"], one["position_id"]) == (
        first["id"],
        first["candidate_id"],
        position["id"],
    )


def test_one_idempotency_key_is_one_batch(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    position = new_position(tenant.api)
    applications_for(tenant.api, position, 2)
    wish, key = {"position_id": position["id"]}, {"Idempotency-Key": "once"}

    first, second = (tenant.api.post(BATCH, wish, key) for _ in range(2))

    assert (second.status, second.json["id"]) == (202, first.json["id"])
    assert records.count(database, "jobs", tenant.id) == 3


MANY = """
    with person as (
        insert into candidates (id, organization_id, name, created_at, updated_at)
        select gen_random_uuid(), cast(:organization as uuid), 'Grace ' || number, now(), now()
        from generate_series(1, 10000) as number returning id)
    insert into applications (id, organization_id, candidate_id, position_id, stage, applied_at, stage_entered_at,
        updated_at)
    select gen_random_uuid(), cast(:organization as uuid), id, cast(:position as uuid), 'applied', now(), now(), now()
    from person
"""


def test_ten_thousand_applications_are_one_batch(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues = FakeQueues()
    monkeypatch.setattr(clients, "queues", lambda: queues)
    position = new_position(tenant.api)
    records.rows(database, MANY, organization=str(tenant.id), position=position["id"])
    listed = "select id from applications where organization_id = cast(:id as uuid)"
    ids = [str(row["id"]) for row in records.rows(database, listed, id=str(tenant.id))]

    parents = [ask(tenant.api, position), ask(tenant.api, position, application_ids=ids)]

    for parent in parents:
        assert parent["progress"]["total"] == 10_000
    asked: list[Any] = [each for each in records.jobs_of(database, tenant.id) if each["parent_id"]]
    for parent in parents:
        mine = [each for each in asked if each["parent_id"] == UUID(parent["id"])]
        assert {each["payload"]["application_id"] for each in mine} == set(ids)
    # A request sends a thousand messages, and the sweep what is left.
    assert len(queues.sent) == 2 * relay.SENT_AT_ONCE
    relay.sweep(utc_now() + timedelta(minutes=1))
    assert len({message.job_id for message in queues.sent}) == 20_000
    page = tenant.api.get("/api/jobs", parent_id=parents[0]["id"], limit=1).json
    assert (page["total"], page["total_is_exact"]) == (10_000, True)
