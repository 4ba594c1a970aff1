"""Findings over a market small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import db
from chalicelib.market_research.findings import gather
from chalicelib.market_research.matching import Question
from chalicelib.market_research.titles import Seniority
from tests import records
from tests.chalicelib.market_research.market import (
    AS_OF,
    Json,
    application,
    candidate,
    copied,
    days_ago,
    found,
    pay,
    position,
    project,
    salary_document,
    turned,
)
from tests.conftest import Tenant
from tests.house import Database

EUR = [(40_000, 44_000), (50_000, 60_000), (60_000, 70_000), (70_000, 80_000), (80_000, 90_000), (90_000, 110_000)]
NONE = {"status": "not_enough_data", "count": 0, "needed": 5}


def offers(database: Database, tenant: Tenant, ranges: list[tuple[int, int]], currency: str = "EUR") -> None:
    for low, high in ranges:
        position(database, tenant.id, salary_min=low, salary_max=high, currency=currency)


def pay_in(findings: Json, currency: str, per: str) -> Json:
    [figure] = [each for each in findings["salary"]["figures"] if (each["currency"], each["per"]) == (currency, per)]
    return dict(figure)


def quartiles(figure: Json) -> tuple[float, float, float]:
    return figure["lower_quartile"], figure["median"], figure["upper_quartile"]


def test_of_an_empty_market_nothing_is_said(tenant: Tenant) -> None:
    findings = found(tenant.id)

    assert findings["salary"] == {**NONE, "figures": []}
    assert findings["demand"] == findings["time_to_fill_days"] == NONE
    assert (
        set(map(str, findings["supply"].values())) == set(map(str, findings["common_skills"].values())) == {str(NONE)}
    )
    assert findings["as_of"] == "2026-06-01T12:00:00Z"


def test_pay_of_six_positions_by_hand(tenant: Tenant, database: Database) -> None:
    offers(database, tenant, EUR)
    position(database, tenant.id, salary_min=10_000, currency="EUR")

    figure = pay_in(found(tenant.id), "EUR", "not_stated")

    # The middles are 42, 55, 65, 75, 85 and 100 thousand: a quarter of the way is 1.25 places after the first.
    assert quartiles(figure) == (57_500, 70_000, 82_500)
    assert (figure["lowest"], figure["highest"]) == (40_000, 110_000)
    assert (figure["count"], figure["ranges_with_one_end"]) == (6, 1)
    assert figure["period"] == {"from": "2026-02-21", "to": "2026-02-21"}
    assert figure["sources"] == [{"kind": "positions", "count": 6}]


def test_four_data_points_are_said_and_nothing_is_made_of_them(tenant: Tenant, database: Database) -> None:
    offers(database, tenant, EUR[:4])

    findings = found(tenant.id)

    assert findings["demand"] == {"status": "not_enough_data", "count": 4, "needed": 5}
    assert (findings["salary"]["status"], findings["salary"]["count"]) == ("not_enough_data", 4)
    figure = pay_in(findings, "EUR", "not_stated")
    assert figure["status"] == "not_enough_data"
    assert not {"median", "lower_quartile", "lowest", "period"} & figure.keys()


def test_currencies_and_pay_periods_and_origins_stay_apart(tenant: Tenant, database: Database) -> None:
    offers(database, tenant, EUR)
    offers(database, tenant, EUR[:4], "USD")
    document_id = salary_document(database, tenant.id)
    for line, amount in enumerate((60_000, 61_000, 62_000, 63_000, 64_000), start=2):
        pay(database, tenant.id, document_id, line, amount)
        pay(database, tenant.id, document_id, line + 10, amount // 10, period="month")
        pay(database, tenant.id, document_id, line + 20, amount * 2, currency="CHF", source="Other", amount_max=200_000)

    findings = found(tenant.id)

    assert findings["salary"]["count"] == 25
    assert quartiles(pay_in(findings, "EUR", "not_stated")) == (57_500, 70_000, 82_500)
    assert quartiles(pay_in(findings, "EUR", "year")) == (61_000, 62_000, 63_000)
    assert quartiles(pay_in(findings, "EUR", "month")) == (6_100, 6_200, 6_300)
    assert quartiles(pay_in(findings, "CHF", "year")) == (122_000, 124_000, 126_000)
    assert pay_in(findings, "CHF", "year")["highest"] == 200_000
    assert pay_in(findings, "USD", "not_stated")["status"] == "not_enough_data"
    assert pay_in(findings, "EUR", "month")["sources"] == [
        {"kind": "salary_data", "source": "Pay survey", "document_id": str(document_id), "count": 5}
    ]
    assert pay_in(findings, "EUR", "year")["period"] == {"from": "2026-04-22", "to": "2026-04-22"}


def test_nothing_of_another_organization_is_counted(tenant: Tenant, other: Tenant, database: Database) -> None:
    offers(database, tenant, EUR)
    at = position(database, other.id, salary_min=1, salary_max=2, currency="EUR", openings=10)
    person = candidate(database, other.id, headline="Backend Engineer", skills=["Cobol"])
    figure = pay(database, other.id, salary_document(database, other.id), 1, 7)
    copied(database, "positions", at)
    copied(database, "candidates", person)
    copied(database, "salary_data", figure, line="n")
    for _ in range(5):
        application(database, other.id, at, moves={"hired": days_ago(50)})

    findings = found(tenant.id)

    assert findings["matching"]["positions"]["matched"] == 6
    assert findings["matching"]["salary_data"]["matched"] == 0
    assert findings["salary"]["figures"] == [pay_in(findings, "EUR", "not_stated")]
    assert quartiles(findings["salary"]["figures"][0]) == (57_500, 70_000, 82_500)
    assert findings["time_to_fill_days"] == NONE
    assert findings["supply"] == {
        "applications_of_last_12_months": NONE,
        "candidates_with_such_a_headline": NONE,
    }
    theirs = found(other.id)
    assert theirs["time_to_fill_days"]["count"] == 5
    assert theirs["demand"]["count"] == theirs["matching"]["salary_data"]["matched"] == 101
    assert theirs["supply"]["candidates_with_such_a_headline"]["count"] == 101


def test_demand_counts_openings_now_and_over_twelve_months(tenant: Tenant, database: Database) -> None:
    organization_id = tenant.id
    position(database, organization_id, openings=3)
    position(database, organization_id, openings=2, created_at=days_ago(400))
    closed = position(database, organization_id, status="closed", created_at=days_ago(500))
    turned(database, organization_id, closed, days_ago(30), "open", "closed")
    long_closed = position(database, organization_id, status="closed", created_at=days_ago(600))
    turned(database, organization_id, long_closed, days_ago(380), "open", "closed")
    position(database, organization_id, status="closed")
    late = position(database, organization_id, status="on_hold", openings=7, created_at=days_ago(700))
    turned(database, organization_id, late, days_ago(20), "draft", "open")
    position(database, organization_id, status="draft")
    position(database, organization_id, deleted_at=days_ago(1))
    position(database, organization_id, created_at=AS_OF + timedelta(days=1))
    position(database, organization_id, status="closed", created_at=days_ago(1200))

    demand = found(organization_id)["demand"]

    assert demand["count"] == 6
    assert demand["open_now"] == {"positions": 2, "openings": 5}
    assert demand["last_12_months"] == {"opened_positions": 3, "opened_openings": 11, "closed_positions": 1}
    assert demand["closed_on_unknown_day"] == 1


def test_supply_counts_people_for_each_opening_and_how_far_they_came(tenant: Tenant, database: Database) -> None:
    first, second = (position(database, tenant.id, openings=2) for _ in range(2))
    twice = candidate(database, tenant.id)
    application(database, tenant.id, first, candidate_id=twice, moves={"screen": days_ago(80)})
    application(database, tenant.id, second, candidate_id=twice, status="rejected")
    application(database, tenant.id, first, status="withdrawn", moves={"screen": days_ago(80)})
    application(
        database, tenant.id, first, moves={"screen": days_ago(80), "interview": days_ago(70), "hired": days_ago(60)}
    )
    application(database, tenant.id, first)
    application(database, tenant.id, first)
    application(database, tenant.id, first, applied_at=days_ago(366))

    supply = found(tenant.id)["supply"]["applications_of_last_12_months"]

    assert (supply["count"], supply["candidates"], supply["openings"]) == (6, 5, 4)
    assert supply["candidates_per_opening"] == 1.25
    assert (supply["rejected"], supply["withdrawn"]) == (1, 1)
    assert supply["stages"] == [
        {"stage": "applied", "entered": 6, "share": 1.0},
        {"stage": "screen", "entered": 3, "share": 0.5},
        {"stage": "interview", "entered": 1, "share": 0.167},
        {"stage": "hired", "entered": 1, "share": 0.167},
    ]


def test_time_to_fill_by_hand(tenant: Tenant, database: Database) -> None:
    for days in (10, 20, 30, 40, 70):
        at = position(database, tenant.id, created_at=days_ago(100))
        application(database, tenant.id, at, moves={"screen": days_ago(95), "hired": days_ago(100 - days)})
    draft = position(database, tenant.id, created_at=days_ago(300))
    turned(database, tenant.id, draft, days_ago(60), "draft", "open")
    application(database, tenant.id, draft, moves={"hired": days_ago(30)})
    # Rejected after all, moved back, and hired before anybody looks.
    application(database, tenant.id, draft, moves={"hired": days_ago(1)}, status="rejected")
    application(database, tenant.id, draft, moves={"hired": days_ago(9), "offer": days_ago(8)})
    old = position(database, tenant.id, created_at=days_ago(2000))
    application(database, tenant.id, old, moves={"hired": days_ago(1500)})

    fill = found(tenant.id)["time_to_fill_days"]

    # 10, 20, 30, 30, 40, 70
    assert (fill["count"], quartiles(fill)) == (6, (22.5, 30.0, 37.5))
    assert fill["period"] == {"from": "2026-03-03", "to": "2026-05-02"}


def test_who_was_hired_again_counts_from_the_last_time(tenant: Tenant, database: Database) -> None:
    for _ in range(5):
        at = position(database, tenant.id, created_at=days_ago(100))
        made = application(database, tenant.id, at, moves={"hired": days_ago(40)})
        again = "insert into stage_changes (id, organization_id, application_id, kind, to_stage, changed_at) values"
        values = " (gen_random_uuid(), :organization, :application, 'moved', 'hired', :at)"
        records.rows(database, again + values, organization=tenant.id, application=made, at=days_ago(95))

    assert quartiles(found(tenant.id)["time_to_fill_days"]) == (60.0, 60.0, 60.0)


def test_skills_come_from_requirements_and_from_who_applied(tenant: Tenant, database: Database) -> None:
    python = {"id": "a", "text": "5+ years of Python", "kind": "must", "weight": 3}
    also = {"id": "b", "text": "Python or Kubernetes", "kind": "nice", "weight": 1}
    wanted = [[python], [python, also], [also], [python], [python]]
    positions = [position(database, tenant.id, requirements=each) for each in wanted]
    position(database, tenant.id)
    for number in range(5):
        person = candidate(database, tenant.id, skills=["Python", "SQL"] if number < 3 else ["Python"])
        application(database, tenant.id, positions[number], candidate_id=person)
    application(database, tenant.id, positions[0])
    gone = candidate(database, tenant.id, skills=["Fortran"], deleted_at=days_ago(1))
    application(database, tenant.id, positions[0], candidate_id=gone)

    skills = found(tenant.id)["common_skills"]

    required, offered = skills["required_by_positions"], skills["named_by_applicants_of_last_12_months"]
    assert (required["count"], offered["count"]) == (5, 5)
    assert required["skills"] == [
        {"skill": "Python", "positions": 5, "as_must": 4},
        {"skill": "Kubernetes", "positions": 2, "as_must": 0},
    ]
    assert offered["skills"] == [{"skill": "python", "candidates": 5}, {"skill": "sql", "candidates": 3}]


def test_candidates_near_are_found_by_their_headline(tenant: Tenant, database: Database) -> None:
    for headline in ["Senior Back-end Developer", "Backend engineer", "Backend Developers", "Backend-Entwickler",
                     "Backend programmer at Navy", "Backend Engineering Manager", "Nurse", None]:  # fmt: skip
        candidate(database, tenant.id, headline=headline)
    candidate(database, tenant.id, headline="Backend Engineer", deleted_at=days_ago(1))

    known = found(tenant.id)["supply"]["candidates_with_such_a_headline"]

    assert (known["status"], known["count"], known["only_newest_looked_at"]) == ("ok", 5, False)


def test_filters_choose_positions_and_are_relaxed_aloud(tenant: Tenant, database: Database) -> None:
    health = project(database, tenant.id, "Health care")
    for _ in range(5):
        position(database, tenant.id, "Senior Backend Developer", location="Berlin, Germany", project_id=health)
        position(database, tenant.id, location="Paris")
    position(database, tenant.id, "Nurse", location="Berlin", project_id=health)

    every = found(tenant.id, Question("senior backend engineer", "Berlin", "health care"))["matching"]["positions"]
    junior = found(tenant.id, Question("backend engineer", "Berlin", None, Seniority.JUNIOR))
    nowhere = found(tenant.id, Question("backend engineer", "Oslo"))["matching"]["positions"]

    assert (every["matched"], every["relaxed"]) == (5, [])
    assert junior["matching"]["positions"]["relaxed"] == ["seniority"]
    assert junior["matching"]["positions"]["titles"] == [{"title": "Senior Backend Developer", "count": 5}]
    assert junior["question"]["seniority"] == "junior"
    assert "developer" in junior["question"]["taken_as_the_same"]["engineer"]
    assert (nowhere["matched"], nowhere["relaxed"]) == (10, ["location"])


def test_the_same_data_gives_the_same_findings(tenant: Tenant, database: Database) -> None:
    offers(database, tenant, EUR)
    offers(database, tenant, EUR, "CHF")

    assert found(tenant.id) == found(tenant.id)


def test_a_leap_day_looks_back_too(tenant: Tenant) -> None:
    leap_day = datetime(2028, 2, 29, tzinfo=UTC)
    with db.transaction(tenant.id) as session:
        assert gather(session, tenant.id, Question("Nurse"), leap_day)["demand"] == NONE


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("C++ developer", "Senior C++ Engineer (m/w/d)"),
        ("C# Developer", "C#-Entwickler"),
        ("HR Manager", "Human Resources Manager"),
        ("Front-end Engineer", "FRONTEND DÉVELOPPEUR"),
        ("Ingenieur logiciel", "Ingénieur(e) logiciel H/F"),
        ("Nurses", "Pflegefachfrau"),
        ("Straßenbauer", "STRASSENBAUER"),
        ("Дизайнер", "ведущий дизайнер"),
        ("設計師", "設計師"),
    ],
)
def test_the_database_finds_what_titles_and_headlines_mean(
    tenant: Tenant, database: Database, asked: str, written: str
) -> None:
    document_id = salary_document(database, tenant.id)
    for line in range(5):
        position(database, tenant.id, written)
        candidate(database, tenant.id, headline=written)
        pay(database, tenant.id, document_id, line, 1_000, title=written)

    findings = found(tenant.id, Question(asked))

    assert findings["demand"]["count"] == 5
    assert findings["matching"]["salary_data"]["matched"] == 5
    assert findings["supply"]["candidates_with_such_a_headline"]["count"] == 5


def test_words_of_a_title_are_no_commands(tenant: Tenant, database: Database) -> None:
    for title in ["C++ | ' & !engineer:*", "a' or 1=1 --", "(.*)+[", "Ω % _ \\", "the of"]:
        assert found(tenant.id, Question(title))["demand"] == NONE
