"""People are kept as long as the organization says, are warned of before they are erased, and not by surprise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib.privacy import retention
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import Json, as_superuser, new_application, new_candidate
from tests.house import Cloud, Database

DAY = timedelta(days=1)
# Far enough ahead that no other test's people are looked at with this one's eyes.
NOW = datetime(2030, 6, 1, tzinfo=UTC)


def aged(database: Database, candidate: Json, days: int) -> Json:
    """The candidate as if entered so many days before NOW."""
    moment = NOW - timedelta(days=days)
    with as_superuser(database) as connection:
        connection.execute(
            sa.text("update candidates set created_at = :moment where id = cast(:id as uuid)"),
            {"moment": moment, "id": candidate["id"]},
        )
    return candidate


def run(database: Database, tenant: Tenant, now: datetime) -> None:
    """One night's run, in this organization alone."""
    retention._apply_to(tenant.id, now, retention.Outcome())


def warnings(api: ApiClient) -> dict[str, Json]:
    items = api.get("/api/retention/warnings").json["items"]
    return {item["candidate_id"]: item for item in items}


def exists(api: ApiClient, candidate: Json) -> bool:
    return api.get(f"/api/candidates/{candidate['id']}").status == 200


def test_nobody_is_erased_without_a_warning_of_thirty_days(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    api = tenant.api
    old = aged(database, new_candidate(api, email="old@person.example"), 1000)
    soon = aged(database, new_candidate(api, email="soon@person.example"), 710)
    fresh = aged(database, new_candidate(api, email="fresh@person.example"), 600)

    run(database, tenant, NOW)

    assert warnings(api).keys() == {old["id"], soon["id"]}
    assert exists(api, old)
    run(database, tenant, NOW + 29 * DAY)
    cloud.drain()
    assert exists(api, old)
    run(database, tenant, NOW + 30 * DAY)
    cloud.drain()
    assert [exists(api, each) for each in (old, soon, fresh)] == [False, False, True]
    certificates = api.get("/api/erasures").json["items"]
    assert {each["candidate_id"]: each["reason"] for each in certificates} == {
        old["id"]: "retention",
        soon["id"]: "retention",
    }
    assert {each["status"] for each in certificates} == {"done"}


def test_a_contact_takes_somebody_out_of_the_list(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    old = aged(database, new_candidate(tenant.api), 1000)
    run(database, tenant, NOW)
    assert old["id"] in warnings(tenant.api)
    application = new_application(tenant.api, old)
    with as_superuser(database) as connection:
        recent = {"moment": NOW + DAY, "id": application["id"]}
        connection.execute(
            sa.text("update stage_changes set changed_at = :moment where application_id = cast(:id as uuid)"), recent
        )

    run(database, tenant, NOW + 31 * DAY)
    cloud.drain()

    assert warnings(tenant.api) == {}
    assert exists(tenant.api, old)


def test_the_warning_is_an_event_with_a_number_and_no_names(tenant: Tenant, database: Database) -> None:
    aged(database, new_candidate(tenant.api, name="Nobody Named"), 1000)

    run(database, tenant, NOW)
    run(database, tenant, NOW + DAY)

    told = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "retention_warned"]
    assert [each["after"] for each in told] == [{"candidates": 1}]


def test_a_deleted_candidate_is_erased_when_it_can_no_longer_be_brought_back(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    deleted = new_candidate(tenant.api)
    assert tenant.api.delete(f"/api/candidates/{deleted['id']}").status == 204
    after = datetime.now(UTC) + 31 * DAY

    run(database, tenant, after - 2 * DAY)
    assert tenant.api.get("/api/erasures").json["items"] == []
    run(database, tenant, after)
    cloud.drain()

    [certificate] = tenant.api.get("/api/erasures").json["items"]
    assert (certificate["candidate_id"], certificate["reason"]) == (deleted["id"], "deleted")
    assert tenant.api.post(f"/api/candidates/{deleted['id']}/restore").status == 404


def test_a_policy_can_be_tried_out_before_it_is_set(tenant: Tenant, database: Database) -> None:
    old = new_candidate(tenant.api)
    with as_superuser(database) as connection:
        connection.execute(
            sa.text("update candidates set created_at = now() - interval '100 days' where id = cast(:id as uuid)"),
            {"id": old["id"]},
        )
    new_candidate(tenant.api)

    tried = tenant.api.post("/api/retention/try", {"retention_days": 90})

    assert tried.json == {"retention_days": 90, "due": 1, "is_exact": True, "examples": [old["id"]]}
    assert warnings(tenant.api) == {}
    assert tenant.api.post("/api/retention/try", {"retention_days": 1}).wrong_fields == {"retention_days"}


def test_an_organization_that_keeps_people_for_good_warns_of_nobody(tenant: Tenant, database: Database) -> None:
    aged(database, new_candidate(tenant.api), 5000)
    run(database, tenant, NOW)
    assert len(warnings(tenant.api)) == 1
    with as_superuser(database) as connection:
        connection.execute(sa.text("update organizations set retention_days = null where id = :id"), {"id": tenant.id})

    run(database, tenant, NOW + 60 * DAY)

    assert warnings(tenant.api) == {}
    assert tenant.api.get("/api/erasures").json["items"] == []


def test_one_organizations_trouble_keeps_no_other_from_its_turn(
    tenant: Tenant, other: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(database, new_candidate(other.api), 1000)
    warn = retention._warn_all

    def broken(organization_id: Any, now: datetime) -> int:
        if organization_id == tenant.id:
            raise RuntimeError("a bug")
        return warn(organization_id, now)

    monkeypatch.setattr(retention, "_warn_all", broken)
    monkeypatch.setattr(retention, "_unlooked", _once([tenant.id, other.id]))

    outcome = retention.apply(NOW)

    assert (outcome.organizations, outcome.warned) == (2, 1)
    assert len(warnings(other.api)) == 1


def _once(ids: list[Any]) -> Any:
    answers = iter([ids, []])
    return lambda _now: next(answers)


def test_an_admin_says_how_long_people_are_kept(tenant: Tenant, database: Database) -> None:
    known = tenant.api.get("/api/organization").json
    assert (known["retention_days"], known["retention_warning_days"]) == (730, 30)

    changed = tenant.api.patch("/api/organization", {"retention_days": 365, "retention_warning_days": 14})

    assert (changed.json["retention_days"], changed.json["retention_warning_days"]) == (365, 14)
    aged(database, new_candidate(tenant.api), 355)
    run(database, tenant, NOW)
    assert len(warnings(tenant.api)) == 1
    assert tenant.api.patch("/api/organization", {"retention_days": 29}).wrong_fields == {"retention_days"}
    assert tenant.api.patch("/api/organization", {"retention_days": None}).json["retention_days"] is None


def test_events_forget_after_half_a_year_where_a_request_came_from(tenant: Tenant, database: Database) -> None:
    new_candidate(tenant.api)
    now = datetime.now(UTC)

    def addresses() -> set[str | None]:
        return {event["address"] for event in tenant.api.get("/api/events").json["items"]}

    run(database, tenant, now + 179 * DAY)
    assert tenant.api.address in addresses()
    run(database, tenant, now + 181 * DAY)
    assert addresses() == {None}
