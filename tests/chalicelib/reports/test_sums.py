"""Sums of reports come to what reading every application does, whatever happened and however late they are counted."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.positions.models import DEFAULT_STAGES
from chalicelib.reports import counting, repository, stays
from chalicelib.reports.periods import Period, period_of
from chalicelib.reports.repository import Scope
from tests import records
from tests.chalicelib.reports import oracle
from tests.chalicelib.reports.histories import START, Histories
from tests.conftest import Tenant
from tests.factories import Json, new_colleague, new_position, new_project
from tests.house import Database

LATER = datetime(2026, 12, 1, tzinfo=UTC)
OWN_STAGES = ["seen", "tried", "interview", "taken"]
PERIODS = (
    ("2026-03-01", "2026-03-31", "UTC"),
    ("2026-01-15", "2026-03-02", "Asia/Kathmandu"),
    ("2024-02-10", "2026-06-20", "Europe/Berlin"),
    ("2023-01-01", "2026-12-31", "Pacific/Kiritimati"),
    ("2023-12-31", "2026-02-28", "America/St_Johns"),
)
WRITE_INTERVIEW = """
    insert into interviews (id, organization_id, application_id, starts_at, duration_minutes, time_zone, kind, status,
        created_at, updated_at)
    select gen_random_uuid(), organization_id, id, now(), 60, 'UTC', 'video', cast(:status as text), now(), now()
    from applications where id = cast(:id as uuid)
"""
SUMS = """
    select span, sum(n)::int as n, min(n) as least from application_sums where organization_id = cast(:id as uuid)
    group by span order by span
"""


def periods() -> list[Period]:
    dates = [
        (datetime.fromisoformat(first).date(), datetime.fromisoformat(last).date(), zone)
        for first, last, zone in PERIODS
    ]
    moments = [
        (START - timedelta(hours=30), START + timedelta(hours=47, minutes=7), "UTC"),
        (START, START + timedelta(minutes=1), "UTC"),
    ]
    return [period_of(*each, utc_now()) for each in [*dates, *moments]]


def figures(told: Any, session: Any, whose: Any, period: Period) -> dict[str, Any]:
    """What reports take from `told`: our queries, or the oracle's."""
    return {
        "active": told.active_applications(session, whose),
        "applied": told.count_applied(session, whose, period),
        "applied_in": told.applied_in(session, whose, period),
        "hired_in": sorted(map(str, told.hired_in(session, whose, period))),
        "sources": [tuple(row) for row in told.sources(session, whose, period)],
        **{
            stages[0]: sorted(map(str, told.journeys(session, whose, period, stages)))
            for stages in (DEFAULT_STAGES, OWN_STAGES, [*OWN_STAGES, "later"])
        },
    }


def rounded(rows: Any) -> list[tuple[Any, ...]]:
    return [(row.stage, row.n, *(round(hours, 4) for hours in row.hours)) for row in rows]


def check(*askers: Tenant) -> None:
    """Every figure of every period, as each of these may see it."""
    for asker in askers:
        role = "admin" if asker is askers[0] else "recruiter"
        with db.transaction(asker.id, user_id=asker.user_id, user_role=role) as session:
            lasting = [
                told.open_stays(session, whose, LATER) for told, whose in ((stays, Scope(asker.id)), (oracle, asker.id))
            ]
            assert rounded(lasting[0]) == rounded(lasting[1])
            for period in periods():
                ours = figures(repository, session, Scope(asker.id), period)
                assert ours == figures(oracle, session, asker.id, period), (role, period)
                entered = repository.organization(session, Scope(asker.id), period).new_candidates
                assert entered == oracle.new_candidates(session, asker.id, period)


class Town:
    """An organization in which anything happens to anybody, by chance."""

    def __init__(self, database: Database, tenant: Tenant, seed: int) -> None:
        self.database, self.tenant, self.chance = database, tenant, random.Random(seed)
        self.histories = Histories(database, tenant)
        self.positions = [new_position(tenant.api), new_position(tenant.api, stages=OWN_STAGES)]
        self.project = new_project(tenant.api, is_private=True)
        self.positions.append(new_position(tenant.api, project_id=self.project["id"]))
        self.acts: list[Callable[[], None]] = [
            *(self.apply,) * 4,
            *(self.change_stage,) * 4,
            *(self.change_status,) * 2,
            *(self.meet, self.do_not_meet, self.correct_source, self.remove, self.delete_candidate, self.change_stages),
            *(self.hide, self.merge, self.reopen, self.reopen, *(self.count,) * 4),
        ]

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        return records.rows(self.database, statement, **values)

    def any_application(self) -> dict[str, Any] | None:
        query = """
            select applications.*, positions.stages from applications join positions on positions.id = position_id
            where applications.organization_id = cast(:id as uuid) order by applications.id
        """
        found = self.rows(query, id=self.tenant.id)
        return self.chance.choice(found) if found else None

    def change(self, what: str, **values: object) -> None:
        application = self.any_application()
        if application is not None:
            self.rows(f"update applications set {what} where id = :id", id=application["id"], **values)

    def apply(self) -> None:
        position = self.chance.choice(self.positions)
        near = START + timedelta(minutes=self.chance.randint(-6000, 6000))
        start = self.chance.choice([near, START - timedelta(hours=self.chance.randint(0, 26_000))])
        source = self.chance.choice([None, "referral", "board", "unknown"])
        self.histories.write(position, (0, position["stages"][0]), source=source, start=start)

    def change_stage(self) -> None:
        application = self.any_application()
        if application is not None:
            change = "stage = :stage, stage_entered_at = applied_at + cast(:hours as int) * interval '1 hour'"
            stage = self.chance.choice(application["stages"])
            values = {"stage": stage, "hours": self.chance.randint(0, 900), "id": application["id"]}
            self.rows(f"update applications set {change} where id = :id", **values)

    def change_status(self) -> None:
        self.change("status = :status", status=self.chance.choice(["active", "rejected", "withdrawn"]))

    def reopen(self) -> None:
        application = self.any_application()
        if application is not None:
            step = """
                insert into stage_changes (id, organization_id, application_id, kind, to_stage, changed_at)
                select gen_random_uuid(), organization_id, id, 'reopened', stage,
                    stage_entered_at + cast(:hours as int) * interval '1 hour' from applications where id = :id
            """
            self.rows(step, id=application["id"], hours=self.chance.randint(-50, 500))

    def correct_source(self) -> None:
        self.change("source = :source", source=self.chance.choice([None, "board"]))

    def meet(self) -> None:
        application = self.any_application()
        if application is not None:
            status = self.chance.choice(["completed", "scheduled"])
            self.rows(WRITE_INTERVIEW, id=application["id"], status=status)

    def do_not_meet(self) -> None:
        of_one = "id in (select id from interviews where organization_id = :id order by id limit 1)"
        act = self.chance.choice(["delete from interviews", "update interviews set status = 'completed'"])
        self.rows(f"{act} where {of_one}", id=self.tenant.id)

    def remove(self) -> None:
        application = self.any_application()
        if application is not None:
            for table, column in (
                ("interviews", "application_id"),
                ("stage_changes", "application_id"),
                ("applications", "id"),
            ):
                self.rows(f"delete from {table} where {column} = :id", id=application["id"])

    def delete_candidate(self) -> None:
        of_one = "organization_id = :id and id in (select id from candidates order by md5(id::text) limit 9)"
        change = self.chance.choice(["now()", "null"])
        self.rows(
            f"update candidates set deleted_at = {change} where merged_into is null and {of_one}", id=self.tenant.id
        )

    def change_stages(self) -> None:
        stages = self.chance.choice([OWN_STAGES, [*OWN_STAGES, "later"], list(DEFAULT_STAGES)])
        position = self.chance.choice(self.positions)
        self.rows(
            "update positions set stages = :stages where id = cast(:id as uuid)", id=position["id"], stages=stages
        )

    def hide(self) -> None:
        if self.chance.random() < 0.5:
            self.rows(
                "update projects set is_private = not is_private where id = cast(:id as uuid)", id=self.project["id"]
            )
            return
        project_id = self.chance.choice([self.project["id"], None])
        change = "update positions set project_id = cast(:project as uuid) where id = cast(:id as uuid)"
        self.rows(change, project=project_id, id=self.chance.choice(self.positions)["id"])

    def merge(self) -> None:
        query = """
            select id from candidates where organization_id = :id and deleted_at is null order by md5(id::text) limit 2
        """
        two = [row["id"] for row in self.rows(query, id=self.tenant.id)]
        if len(two) == 2:
            wish = {"duplicate_id": str(two[1])}
            assert self.tenant.api.post(f"/api/candidates/{two[0]}/merge", wish).status == 200
            if self.chance.random() < 0.5:
                assert self.tenant.api.post(f"/api/candidates/{two[0]}/unmerge", wish).status == 200

    def count(self) -> None:
        counting.count_marked()


@pytest.mark.parametrize("seed", range(2))
def test_after_any_history_reports_are_what_reading_everything_tells(
    tenant: Tenant, other: Tenant, database: Database, seed: int
) -> None:
    town, stranger = Town(database, tenant, seed), new_colleague(database, tenant)
    neighbour = Town(database, other, seed)
    for number in range(60):
        town.chance.choice(town.acts)()
        if number % 10 == 0:
            neighbour.apply()
        if number % 20 == 19:
            check(tenant, stranger)

    check(tenant, stranger)
    check(other)
    counting.count_marked()
    check(tenant, stranger)
    check(other)
    assert_sums_are_exact(database, tenant.id)


def assert_sums_are_exact(database: Database, organization_id: UUID) -> None:
    n = records.count(database, "applications", organization_id)
    assert records.count(database, "application_marks", organization_id) == 0
    assert records.count(database, "candidate_increments", organization_id) == 0
    assert records.count(database, "counted_applications", organization_id) == n
    sums = records.rows(database, SUMS, id=organization_id)
    assert [(row["span"], row["n"]) for row in sums] == ([("day", n), ("month", n)] if n else [])
    assert all(row["least"] > 0 for row in sums), "what nobody is counted as any more is gone"
    unused = """
        select count(*) as n from application_kinds as kinds where organization_id = :id and not exists (
            select from counted_applications as counted where counted.organization_id = kinds.organization_id
                and counted.key = kinds.key)
    """
    assert records.rows(database, unused, id=organization_id)[0]["n"] == 0


def test_what_is_written_while_it_is_counted_is_counted_later_and_told_at_once(
    tenant: Tenant, database: Database
) -> None:
    position = new_position(tenant.api)
    Histories(database, tenant).write(position, (0, "applied"))
    engine = sa.create_engine(db.engine().url, poolclass=sa.NullPool)

    def begun(statement: str) -> sa.Connection:
        connection = engine.connect()
        connection.execute(sa.text("select set_config('app.organization_id', :id, true)"), {"id": str(tenant.id)})
        connection.execute(sa.text(statement), {"id": position["id"], "organization": tenant.id})
        return connection

    applying = begun("""
        with person as (
            insert into candidates (id, organization_id, name, created_at, updated_at)
            values (gen_random_uuid(), :organization, 'Ada', '2026-03-05', '2026-03-05') returning id)
        insert into applications (id, organization_id, candidate_id, position_id, stage, applied_at, stage_entered_at,
            updated_at)
        select gen_random_uuid(), :organization, id, cast(:id as uuid), 'applied', '2026-03-05', '2026-03-05', now()
        from person
    """)
    counting.count_marked()
    check(tenant)
    # Its stages change while somebody applies: neither writer sees the other, and the last stage becomes the first.
    changing = begun("update positions set stages = '{hired,applied}' where id = cast(:id as uuid)")
    applying.commit()
    counting.count_marked()
    check(tenant)
    changing.commit()
    check(tenant)
    counting.count_marked()
    check(tenant)
    assert_sums_are_exact(database, tenant.id)
    for connection in (applying, changing):
        connection.close()
    engine.dispose()


def test_many_who_write_and_count_at_once_lose_nothing(tenant: Tenant, database: Database) -> None:
    position = new_position(tenant.api)
    histories = Histories(database, tenant)

    def write(number: int) -> None:
        steps = [(0.0, "applied"), (number % 7 + 1.0, "screen"), (9.0, "rejected"), (10.0, "reopened")]
        histories.write(position, *steps[: number % 4 + 1], start=datetime(2026, 3, 1 + number, tzinfo=UTC))
        counting.count_marked()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(16)))
    check(tenant)
    counting.count_marked()

    check(tenant)
    assert_sums_are_exact(database, tenant.id)


def test_an_erased_person_is_in_no_sum(tenant: Tenant, database: Database) -> None:
    position: Json = new_position(tenant.api)
    town = Histories(database, tenant)
    application_id = town.write(position, (0, "applied"), source="only theirs")
    counting.count_marked()

    for table, column in (("stage_changes", "application_id"), ("applications", "id")):
        records.rows(database, f"delete from {table} where {column} = :id", id=application_id)
    check(tenant)
    counting.count_marked()

    assert_sums_are_exact(database, tenant.id)
    assert records.rows(database, "select * from application_kinds where source = 'only theirs'") == []


def test_the_rest_is_left_to_the_next_run(tenant: Tenant, database: Database) -> None:
    Histories(database, tenant).write(new_position(tenant.api), (0, "applied"))

    assert counting.count_marked(seconds=0) == 0
    check(tenant)
    assert counting.count_marked() >= 1
