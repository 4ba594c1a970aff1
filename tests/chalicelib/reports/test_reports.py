"""Exact figures of small histories."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import records
from tests.chalicelib.reports.histories import Histories, report
from tests.conftest import Tenant
from tests.factories import Json, insert_document, new_candidate, new_position, new_project
from tests.house import Database

REPORTS = ("overview", "funnel", "time_in_stage", "sources", "adverse_impact")
HIRED = ((0, "applied"), (24, "screen"), (48, "interview"), (72, "offer"), (96, "hired"))


@pytest.fixture
def histories(tenant: Tenant, database: Database) -> Histories:
    return Histories(database, tenant)


@pytest.fixture
def position(tenant: Tenant) -> Json:
    return new_position(tenant.api, openings=20)


def by_name(items: list[Json], name: str = "stage") -> dict[str, Json]:
    return {item[name]: item for item in items}


def parts(stage: Json) -> tuple[Any, ...]:
    names = ("entered", "passed_on", "moved_back", "rejected", "withdrawn", "still_there")
    return tuple(stage[name] for name in names)


def write_all_ways(histories: Histories, position: Json) -> None:
    """Six applications, each with a way of its own."""
    histories.write(position, *HIRED, source="referral")
    # To and fro: three stages, each counted once, and rejected in one that they entered twice.
    histories.write(
        position, (0, "applied"), (10, "screen"), (20, "interview"), (30, "screen"), (50, "rejected"), source="referral"
    )
    histories.write(position, (0, "applied"), (30, "withdrawn"), source="board")
    # Rejected, brought back, and moved on; the days outside are no time in the stage.
    histories.write(position, (0, "applied"), (4, "rejected"), (100, "reopened"), (106, "screen"))
    histories.write(position, (0, "applied"), (40, "interview"), (45, "rejected"), source="board")
    histories.write(position, (0, "applied"))


def test_a_funnel_counts_each_application_once_per_stage(tenant: Tenant, histories: Histories, position: Json) -> None:
    write_all_ways(histories, position)

    told = report(tenant.api, "funnel", position_id=position["id"])
    stages = by_name(told["stages"])

    assert (told["applications"], told["other"]) == (6, 0)
    assert [stage["stage"] for stage in told["stages"]] == position["stages"]
    assert parts(stages["applied"]) == (6, 4, 0, 0, 1, 1)
    assert parts(stages["screen"]) == (3, 1, 0, 1, 0, 1)
    assert parts(stages["interview"]) == (3, 1, 1, 1, 0, 0)
    assert parts(stages["offer"]) == (1, 1, 0, 0, 0, 0)
    assert parts(stages["hired"]) == (1, 0, 0, 0, 0, 1)
    assert stages["applied"]["conversion"] == {"rate": 0.6667, "n": 6}
    assert stages["screen"]["conversion"] == {"rate": None, "n": 3}, "too few for a rate"
    assert stages["hired"]["conversion"] is None


def test_a_funnel_of_all_positions_has_the_default_stages_and_counts_others_apart(
    tenant: Tenant, histories: Histories, position: Json
) -> None:
    own = new_position(tenant.api, stages=["seen", "tried", "hired"])
    histories.write(position, (0, "applied"), (1, "screen"))
    histories.write(own, (0, "seen"), (1, "tried"))

    everything = report(tenant.api, "funnel")
    of_one = report(tenant.api, "funnel", position_id=own["id"])

    assert (everything["applications"], everything["other"]) == (1, 1)
    assert [stage["entered"] for stage in everything["stages"]] == [1, 1, 0, 0, 0]
    assert [(stage["stage"], stage["entered"]) for stage in of_one["stages"]] == [
        ("seen", 1),
        ("tried", 1),
        ("hired", 0),
    ]


def test_time_in_stage_is_that_of_stays_which_ended_and_tells_open_ones_apart(
    tenant: Tenant, histories: Histories, position: Json
) -> None:
    write_all_ways(histories, position)

    stages = by_name(report(tenant.api, "time_in_stage", position_id=position["id"])["stages"])

    # 4, 6, 10, 24, 30 and 40 hours: half of them up to 17.
    assert stages["applied"]["ended"] == {"n": 6, "p50": 17.0, "p75": 28.5, "p95": 37.5}
    # 24, 10 and 20 hours.
    assert (stages["screen"]["ended"]["n"], stages["screen"]["ended"]["p50"]) == (3, 20.0)
    # 24, 10 and 5.
    assert (stages["interview"]["ended"]["n"], stages["interview"]["ended"]["p50"]) == (3, 10.0)
    assert [(name, stage["open"]["n"]) for name, stage in stages.items()] == [
        ("applied", 1),
        ("screen", 1),
        ("interview", 0),
        ("offer", 0),
    ]
    assert stages["applied"]["open"]["p50"] > stages["screen"]["open"]["p50"] > 0
    assert stages["offer"] == {
        "stage": "offer",
        "ended": {"n": 1, "p50": 24.0, "p75": 24.0, "p95": 24.0},
        "open": {"n": 0, "p50": None, "p75": None, "p95": None},
    }


def test_who_was_reopened_stays_since_then(tenant: Tenant, histories: Histories, position: Json) -> None:
    histories.write(position, (0, "applied"), (1, "rejected"), (500, "reopened"))
    histories.write(new_position(tenant.api), (0, "applied"))

    def hours(**query: str) -> float:
        open_stays = by_name(report(tenant.api, "time_in_stage", **query)["stages"])["applied"]["open"]
        assert open_stays["n"] == (1 if query else 2)
        return float(open_stays["p95"])

    assert hours(position_id=position["id"]) < hours() - 400


def test_sources_tell_from_where_people_come_and_what_became_of_them(
    tenant: Tenant, histories: Histories, position: Json, database: Database
) -> None:
    write_all_ways(histories, position)
    for _ in range(3):
        histories.write(position, *HIRED, source="referral")
    met = histories.write(position, (0, "applied"))
    records.rows(
        database,
        """
        insert into interviews (id, organization_id, application_id, starts_at, duration_minutes, time_zone, kind,
            status, created_at, updated_at)
        select gen_random_uuid(), organization_id, id, now(), 60, 'UTC', 'video', 'completed', now(), now()
        from applications, generate_series(1, 2) where id = :id
        """,
        id=met,
    )

    told = report(tenant.api, "sources")

    assert told["others"] is None
    assert [tuple(source.values())[:5] for source in told["sources"]] == [
        ("referral", 5, 5, 4, 4),
        ("unknown", 3, 1, 0, 0),
        ("board", 2, 1, 0, 0),
    ]
    assert told["sources"][0]["hire_rate"] == {"rate": 0.8, "n": 5}
    assert told["sources"][1]["hire_rate"] == {"rate": None, "n": 3}


def test_over_a_hundred_sources_are_told_together(
    tenant: Tenant, histories: Histories, position: Json, database: Database
) -> None:
    for _ in range(2):
        histories.write(position, (0, "applied"), source="referral")
    histories.write(position, (0, "applied"))
    records.rows(
        database,
        """
        with people as (
            insert into candidates (id, organization_id, name, created_at, updated_at)
            select gen_random_uuid(), organization_id, 'Ada', now(), now()
            from candidates, generate_series(1, 103) where organization_id = :id limit 103 returning *)
        insert into applications (id, organization_id, candidate_id, position_id, stage, source, applied_at,
            stage_entered_at, updated_at)
        select gen_random_uuid(), organization_id, id, :position, 'applied', 'source ' || row_number() over (),
            '2026-03-10', '2026-03-10', now() from people
        """,
        id=tenant.id,
        position=position["id"],
    )

    told = report(tenant.api, "sources")

    assert [source["source"] for source in told["sources"][:2]] == ["referral", "source 1"]
    assert (len(told["sources"]), told["others"]["source"], told["others"]["applications"]) == (100, "others", 5)


def test_an_overview_tells_what_is_open_and_what_came_of_the_period(
    tenant: Tenant, histories: Histories, position: Json, database: Database
) -> None:
    write_all_ways(histories, position)
    for status in ("draft", "closed"):
        new_position(tenant.api, status=status)
    histories.write(position, *HIRED, start=datetime(2026, 3, 10, 9, tzinfo=UTC))
    # Hired and gone again, before the period, and hired after it.
    histories.write(position, *HIRED, (97, "withdrawn"))
    histories.write(position, (0, "applied"), start=datetime(2026, 2, 1, tzinfo=UTC))
    histories.write(position, (0, "applied"), (800, "hired"))
    insert_document(database, tenant.id)

    told = report(tenant.api, "overview")

    assert told["positions"] == {"open": 1, "openings": 20}
    assert told["applications"] == {"active": 3, "new": 9}
    assert told["hires"] == {"count": 2, "median_days": 4.0}
    assert told["organization"] == {
        "new_candidates": 9,
        "documents_waiting": 1,
        "documents_infected": 0,
        "jobs_failed": 0,
    }
    days = {day["starts_on"]: (day["new_applications"], day["hires"]) for day in told["intervals"]}
    assert (told["interval"], len(days)) == ("day", 31)
    assert {day: figures for day, figures in days.items() if figures != (0, 0)} == {
        "2026-03-02": (8, 0),
        "2026-03-06": (0, 1),
        "2026-03-10": (1, 0),
        "2026-03-14": (0, 1),
    }
    assert report(tenant.api, "overview", position_id=position["id"])["organization"] is None


def test_a_late_hire_belongs_to_the_day_of_who_asks(tenant: Tenant, histories: Histories, position: Json) -> None:
    histories.write(position, (0, "applied"), (1, "hired"), start=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))

    def hires(time_zone: str, **query: str) -> dict[str, int]:
        told = report(tenant.api, "overview", time_zone=time_zone, **query)
        return {day["starts_on"]: day["hires"] for day in told["intervals"] if day["hires"]}

    assert hires("UTC") == {"2026-03-31": 1}
    assert hires("Asia/Tokyo") == {}
    assert hires("Asia/Tokyo", to="2026-04-01") == {"2026-04-01": 1}
    assert hires("UTC", **{"from": "2025-01-15", "to": "2026-03-31T23:30:00Z"}) == {}
    assert hires("UTC", **{"from": "2025-01-15", "to": "2026-03-31T23:30:01Z"}) == {"2026-03-01": 1}


def test_adverse_impact_is_not_known_and_small_groups_are_not_told(
    tenant: Tenant, histories: Histories, position: Json
) -> None:
    write_all_ways(histories, position)
    for _ in range(3):
        histories.write(position, *HIRED, source="referral")

    told = report(tenant.api, "adverse_impact")

    assert told["is_known"] is False
    assert "ethnicity" in told["reason"]
    assert len(told["needed"]) == 3
    assert told["by_source"] == [
        {"group": "referral", "n": 5, "selected": 4, "rate": 0.8, "too_few": False},
        {"group": "board", "n": 2, "selected": None, "rate": None, "too_few": True},
        {"group": "unknown", "n": 2, "selected": None, "rate": None, "too_few": True},
    ]
    assert told["by_stage"][0] == {"group": "applied", "n": 9, "selected": 7, "rate": 0.7778, "too_few": False}
    assert [(each["group"], each["too_few"]) for each in told["by_stage"]] == [
        ("applied", False),
        ("screen", False),
        ("interview", False),
        ("offer", True),
    ]


def test_an_empty_organization_has_noughts_and_no_rates(tenant: Tenant) -> None:
    told = {name: report(tenant.api, name) for name in REPORTS}

    assert told["overview"]["hires"] == {"count": 0, "median_days": None}
    assert told["overview"]["positions"] == {"open": 0, "openings": 0}
    assert {day["new_applications"] + day["hires"] for day in told["overview"]["intervals"]} == {0}
    assert {parts(stage) for stage in told["funnel"]["stages"]} == {(0,) * 6}
    assert told["funnel"]["stages"][0]["conversion"] == {"rate": None, "n": 0}
    assert {stage["ended"]["n"] for stage in told["time_in_stage"]["stages"]} == {0}
    assert told["sources"]["sources"] == []
    assert [each["too_few"] for each in told["adverse_impact"]["by_stage"]] == [True] * 4


def test_applications_of_deleted_candidates_and_positions_happened(
    tenant: Tenant, histories: Histories, position: Json, database: Database
) -> None:
    histories.write(position, *HIRED)
    records.rows(database, "update candidates set deleted_at = now() where organization_id = :id", id=tenant.id)
    assert tenant.api.delete(f"/api/positions/{position['id']}").status == 204

    told = report(tenant.api, "overview")

    assert (told["hires"]["count"], told["applications"]["new"]) == (1, 1)
    assert (told["positions"]["open"], told["organization"]["new_candidates"]) == (0, 0)
    assert report(tenant.api, "funnel", position_id=position["id"])["applications"] == 1


def test_what_is_done_through_the_api_is_reported(tenant: Tenant, database: Database) -> None:
    position = new_position(tenant.api)
    pair = {"candidate_id": new_candidate(tenant.api)["id"], "position_id": position["id"], "source": "fair"}
    application = f"/api/applications/{tenant.api.post('/api/applications', pair).json['id']}"
    tenant.api.post(f"{application}/move", {"from_stage": "applied", "to_stage": "hired"})

    usual = {name: tenant.api.get(f"/api/reports/{name}").json for name in REPORTS}

    assert usual["overview"]["hires"]["count"] == 1
    assert parts(usual["funnel"]["stages"][0]) == (1, 1, 0, 0, 0, 0)
    assert usual["time_in_stage"]["stages"][0]["ended"]["n"] == 1
    assert [source["source"] for source in usual["sources"]["sources"]] == ["fair"]


def test_of_two_applications_that_became_one_the_one_that_remains_counts(
    tenant: Tenant, histories: Histories, position: Json, database: Database
) -> None:
    for steps in (HIRED, ((0, "applied"), (6, "screen"), (8, "rejected"))):
        histories.write(position, *steps)
    mine, theirs = records.rows(
        database,
        "select candidate_id from applications where stage = 'hired' and organization_id"
        " = :id union all select candidate_id from applications where stage = 'screen' and organization_id = :id",
        id=tenant.id,
    )
    before = report(tenant.api, "funnel")

    path, wish = f"/api/candidates/{mine['candidate_id']}", {"duplicate_id": str(theirs["candidate_id"])}
    assert tenant.api.post(f"{path}/merge", wish).status == 200
    figures = report(tenant.api, "funnel")
    assert [parts(stage)[0] for stage in figures["stages"]] == [1, 1, 1, 1, 1]
    # The times of both are what they were.
    stays = by_name(report(tenant.api, "time_in_stage")["stages"])
    assert (stays["applied"]["ended"]["n"], stays["applied"]["ended"]["p50"]) == (2, 15.0)
    assert (stays["screen"]["ended"]["n"], stays["screen"]["ended"]["p50"]) == (2, 13.0)

    assert tenant.api.post(f"{path}/unmerge", wish).status == 200
    assert report(tenant.api, "funnel") == before


def test_a_project_narrows_to_its_positions(tenant: Tenant, histories: Histories, position: Json) -> None:
    project = new_project(tenant.api)
    ours = new_position(tenant.api, project_id=project["id"])
    for each in (position, ours, ours):
        histories.write(each, *HIRED)

    of_project = {name: report(tenant.api, name, project_id=project["id"]) for name in REPORTS}
    of_both = report(tenant.api, "overview", project_id=project["id"], position_id=position["id"])

    assert of_project["overview"]["hires"]["count"] == 2
    assert of_project["funnel"]["applications"] == 2
    assert of_project["time_in_stage"]["stages"][0]["ended"]["n"] == 2
    assert of_project["sources"]["sources"][0]["applications"] == 2
    assert of_both["hires"]["count"] == 0
