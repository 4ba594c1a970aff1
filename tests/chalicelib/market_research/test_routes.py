"""Market research over the API: asked for, done by a job once, read by everybody of the organization."""

from __future__ import annotations

from typing import Any

import pytest

from functions.run_low_jobs import run_low_jobs
from infra.local import delivery
from tests import records
from tests.api import ApiClient, Reply
from tests.chalicelib.market_research.market import Json, come_back, kill_low_function, low_event
from tests.conftest import Tenant
from tests.factories import NO_ID, new_position, page_through, set_role
from tests.house import Cloud, Database

WISH = {"title": "Backend Engineer", "location": "Berlin"}


def ask(api: ApiClient, **wish: object) -> Reply:
    reply = api.post("/api/market-research", {**WISH, **wish})
    assert reply.status == 202, reply
    return reply


def researched(api: ApiClient, cloud: Cloud, **wish: object) -> Json:
    """The research of a question, when it is done."""
    accepted = ask(api, **wish)
    cloud.drain()
    job = api.get(accepted.headers["location"]).json
    assert job["status"] == "succeeded", job
    found: Json = api.get(f"/api/market-research/{job['result']['research_id']}").json
    assert found["findings"] == job["result"]["findings"]
    return found


def test_research_is_asked_for_done_and_read(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    for pay in range(50_000, 55_000, 1_000):
        new_position(tenant.api, location="Berlin, Germany", salary_min=pay, salary_max=pay + 10_000, currency="EUR")
    accepted = ask(tenant.api)
    assert (accepted.json["kind"], accepted.json["priority"]) == ("market_research", "low")
    [waiting] = tenant.api.get("/api/market-research").json["items"]
    assert (waiting["status"], waiting["job_id"]) == ("queued", accepted.json["id"])
    assert tenant.api.get(f"/api/market-research/{waiting['id']}").json["findings"] is None

    cloud.drain()

    done = tenant.api.get(f"/api/market-research/{waiting['id']}").json
    assert (done["status"], done["title"], done["location"]) == ("succeeded", "Backend Engineer", "Berlin")
    assert done["findings"]["matching"]["positions"]["matched"] == 5
    [pay_found] = done["findings"]["salary"]["figures"]
    assert (pay_found["median"], pay_found["count"], pay_found["currency"]) == (57_000.0, 5, "EUR")
    assert done["findings"]["demand"]["open_now"] == {"positions": 5, "openings": 5}
    job = tenant.api.get(accepted.headers["location"]).json
    assert job["result"] == {"research_id": waiting["id"], "findings": done["findings"]}
    assert records.actions(database, tenant.id)[-2:] == ["market_research_requested", "market_researched"]


def test_the_list_shows_the_newest_first_without_findings(api: ApiClient, cloud: Cloud) -> None:
    asked = [ask(api, title=title).json["id"] for title in ("Cook", "Nurse", "Driver")]

    items = page_through(api, "/api/market-research", 2)

    assert [item["job_id"] for item in items] == asked[::-1]
    assert all("findings" not in item for item in items)


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({}, {"title"}),
        ({"title": "(m/f/d)"}, {"title"}),
        ({"title": "x" * 201}, {"title"}),
        ({"title": "Cook", "location": " ", "seniority": "wizard", "salary": 5}, {"location", "seniority", "salary"}),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(api: ApiClient, wish: Json, fields: set[str]) -> None:
    reply = api.post("/api/market-research", wish)

    assert (reply.status, reply.wrong_fields) == (422, fields)
    assert api.get("/api/market-research").json["items"] == []


def test_a_viewer_reads_and_asks_for_nothing(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    research = researched(tenant.api, cloud)
    set_role(database, tenant.email, "viewer")

    assert tenant.api.post("/api/market-research", WISH).status == 403
    assert tenant.api.get(f"/api/market-research/{research['id']}").json == research
    assert len(tenant.api.get("/api/market-research").json["items"]) == 1


def test_another_organizations_research_reads_as_none(tenant: Tenant, other: Tenant, cloud: Cloud) -> None:
    research = researched(tenant.api, cloud)

    foreign, unknown = (other.api.get(f"/api/market-research/{each}") for each in (research["id"], NO_ID))

    assert (foreign.status, foreign.code) == (unknown.status, unknown.code) == (404, "research_not_found")
    assert other.api.get("/api/market-research").json["items"] == []


def test_a_second_delivery_researches_nothing_more(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    ask(tenant.api)
    event = low_event(cloud)
    seen: list[Any] = []

    for _ in range(2):
        assert run_low_jobs(event, delivery.context("run_low_jobs")) == {"batchItemFailures": []}
        seen.append(records.rows(database, "select * from market_research where organization_id = :id", id=tenant.id))

    assert seen[0] == seen[1]
    assert records.actions(database, tenant.id).count("market_researched") == 1


@pytest.mark.parametrize("line", ["after the claim", "before the commit", "after the commit"])
def test_research_that_is_killed_comes_to_its_end_once(
    tenant: Tenant, cloud: Cloud, database: Database, line: str
) -> None:
    ask(tenant.api)
    messages = kill_low_function(cloud, database, line)

    [row] = records.rows(database, "select status from market_research where organization_id = :id", id=tenant.id)
    assert row["status"] == ("succeeded" if line == "after the commit" else "queued")

    come_back(cloud, messages)

    [item] = tenant.api.get("/api/market-research").json["items"]
    assert item["status"] == "succeeded"
    assert records.actions(database, tenant.id).count("market_researched") == 1


def test_research_that_is_called_off_says_so_and_can_be_asked_for_again(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    accepted = ask(tenant.api)
    path = accepted.headers["location"]

    assert tenant.api.post(f"{path}/cancel").status == 200
    cloud.drain()

    [item] = tenant.api.get("/api/market-research").json["items"]
    assert (item["status"], item["error_code"]) == ("cancelled", "job_cancelled")
    assert tenant.api.get(f"/api/market-research/{item['id']}").json["findings"] is None
    assert tenant.api.post(f"{path}/retry").status == 200
    cloud.drain()
    [item] = tenant.api.get("/api/market-research").json["items"]
    assert (item["status"], item["error_code"]) == ("succeeded", None)
    assert "market_research_cancelled" in records.actions(database, tenant.id)


def test_research_that_breaks_is_failed_with_its_reason(
    tenant: Tenant, cloud: Cloud, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.db import DatabaseUnavailable
    from chalicelib.market_research import findings

    def unavailable(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("the database does not answer now")

    configure(job_max_attempts="2")
    monkeypatch.setattr(findings, "gather", unavailable)

    ask(tenant.api)
    cloud.drain()

    [item] = tenant.api.get("/api/market-research").json["items"]
    assert (item["status"], item["error_code"]) == ("failed", "database_unavailable")
