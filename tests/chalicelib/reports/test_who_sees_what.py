"""Figures are made of what the asker may see, and of what they asked for."""

from __future__ import annotations

import pytest

from tests.api import ApiClient
from tests.chalicelib.reports.histories import Histories, ask, report
from tests.chalicelib.reports.test_reports import HIRED, REPORTS
from tests.conftest import Tenant
from tests.factories import NO_ID, Json, new_api_key, new_colleague, new_position, new_project
from tests.house import Database


def figures(api: ApiClient) -> list[Json]:
    """All reports of March; how long open stays last changes while one looks."""
    told = [report(api, name) for name in REPORTS]
    for stage in told[2]["stages"]:
        stage["open"] = stage["open"]["n"]
    return told


def test_nothing_of_a_private_project_is_in_the_figures_of_who_is_no_member(tenant: Tenant, database: Database) -> None:
    stranger = new_colleague(database, tenant)
    histories = Histories(database, tenant)
    histories.write(new_position(tenant.api), *HIRED, source="referral")
    before = figures(stranger.api)
    assert before == figures(tenant.api)
    project = new_project(tenant.api, is_private=True)
    hidden = new_position(tenant.api, project_id=project["id"])
    for _ in range(6):
        histories.write(hidden, (0, "applied"), (5, "screen"), (7, "rejected"), source="headhunter")
    histories.write(hidden, *HIRED)
    histories.write(hidden, (0, "applied"))

    assert figures(tenant.api) != before
    assert report(tenant.api, "funnel")["applications"] == 9
    # Candidates belong to the organization, and only they.
    seen = figures(stranger.api)
    seen[0]["organization"]["new_candidates"] -= 8
    assert seen == before
    for name, value in (("position_id", hidden["id"]), ("project_id", project["id"])):
        assert ask(tenant.api, "funnel", **{name: value}).status == 200
        theirs = ask(stranger.api, "funnel", **{name: value})
        unknown = ask(stranger.api, "funnel", **{name: NO_ID})
        assert (theirs.status, theirs.wrong_fields) == (422, {name})
        assert {**theirs.json, "request_id": ""} == {**unknown.json, "request_id": ""}


def test_another_organizations_rows_never_count(tenant: Tenant, other: Tenant, database: Database) -> None:
    before = figures(other.api)
    position = new_position(tenant.api, project_id=new_project(tenant.api)["id"])
    for _ in range(5):
        Histories(database, tenant).write(position, *HIRED)

    assert figures(other.api) == before
    for name in ("position_id", "project_id"):
        for report_name in REPORTS:
            refused = ask(other.api, report_name, **{name: position[name.removeprefix("position_")]})
            assert (refused.status, refused.wrong_fields) == (422, {name})


@pytest.mark.parametrize("name", REPORTS)
def test_what_makes_no_sense_is_refused_by_name(tenant: Tenant, name: str) -> None:
    wishes: dict[str, dict[str, str]] = {
        "to": {"from": "2026-03-02", "to": "2026-03-01"},
        "from": {"from": "2015-03-02"},
        "time_zone": {"time_zone": "Mars/Olympus"},
        "position_id": {"position_id": "mine"},
        "starts": {"starts": "2026-03-01"},
    }
    for field, query in wishes.items():
        refused = ask(tenant.api, name, **query)
        assert (refused.status, refused.wrong_fields) == (422, {field}), query


@pytest.mark.parametrize("value", ["yesterday", "1767225600", "2026-02-30", "2026-03-01T09:00:00", "0001-01-01", ""])
def test_a_time_is_a_date_or_has_an_offset(tenant: Tenant, value: str) -> None:
    assert ask(tenant.api, "overview", **{"from": value}).wrong_fields == {"from"}


def test_a_moment_may_have_any_offset(tenant: Tenant) -> None:
    told = report(tenant.api, "overview", **{"from": "2026-03-01T00:00:00+09:00"})

    assert told["period"] == {
        "starts_at": "2026-02-28T15:00:00Z",
        "ends_at": "2026-04-01T00:00:00Z",
        "time_zone": "UTC",
    }


def test_viewers_and_keys_for_reports_read_them_and_an_unknown_one_is_not_there(
    tenant: Tenant, database: Database
) -> None:
    viewer = new_colleague(database, tenant, "viewer").api
    key = ApiClient(new_api_key(tenant.api, "reports:read")["key"])
    wrong = ApiClient(new_api_key(tenant.api, "candidates:read")["key"])

    for name in REPORTS:
        assert (viewer.get(f"/api/reports/{name}").status, key.get(f"/api/reports/{name}").status) == (200, 200)
        assert (wrong.get(f"/api/reports/{name}").code, ApiClient().get(f"/api/reports/{name}").status) == (
            "scope_missing",
            401,
        )
    nothing, nowhere = viewer.get("/api/reports/salaries"), viewer.get("/api/no-such-thing")
    assert (nothing.status, nothing.code) == (404, nowhere.code)


def test_a_report_weighs_what_a_search_does(tenant: Tenant) -> None:
    paths = tenant.api.get("/api/openapi.json").json["paths"]

    assert {paths[f"/api/reports/{name}"]["get"]["x-cost"] for name in REPORTS} == {5}
    parameters = {each["name"] for each in paths["/api/reports/funnel"]["get"]["parameters"]}
    assert {"from", "to", "position_id", "project_id", "time_zone"} <= parameters
