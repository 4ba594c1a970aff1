# ruff: noqa: S608 - statements are put together from parts of this module; values are parameters
"""Every query of reports. A private project that the asker may not see is hidden by the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.db import Moment
from chalicelib.reports.periods import Period, Step

COUNTED_UP_TO = 10_000
MOST_ROWS = 100
APPLICATIONS = """
    applications join positions on positions.organization_id = :organization_id
        and positions.id = applications.position_id
"""
APPLIED = "applications.organization_id = :organization_id and applied_at >= :starts_at and applied_at < :ends_at"
HIRED = "stage = stages[cardinality(stages)] and {}.status = 'active'"
# Applications of a period, alike ones counted together: of a whole organization from its sums (0022_reports.sql).
ALIKE = "alike_applications(array[cast(:starts_at as timestamptz), cast(:ends_at as timestamptz)]) as alike"
ALIKE_OF_SOME = f"""
    (select source, stages, stages_entered, stage, applications.status, 1 as n, coalesce((
            select true from interviews
            where interviews.organization_id = :organization_id and application_id = applications.id
                and interviews.status = 'completed' limit 1), false) as is_met
        from {APPLICATIONS} where {APPLIED} {{}}) as alike
"""
EVER = {"starts_at": "-infinity", "ends_at": "infinity"}
NARROWED = {"position_id": "positions.id = :position_id", "project_id": "positions.project_id = :project_id"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures are asked for: an organization's, or those of one of its positions or projects."""

    organization_id: UUID
    position_id: UUID | None = None
    project_id: UUID | None = None

    def values(self) -> dict[str, UUID]:
        """The parameters of `narrowing`, and the organization."""
        given = {"position_id": self.position_id, "project_id": self.project_id}
        return {
            "organization_id": self.organization_id,
            **{name: value for name, value in given.items() if value is not None},
        }

    def narrowing(self) -> str:
        """The condition on positions that goes with every other one."""
        return "".join(f" and {NARROWED[name]}" for name in self.values() if name in NARROWED)

    def alike(self) -> str:
        """The applications of a period, as a table."""
        return ALIKE_OF_SOME.format(self.narrowing()) if self.narrowing() else ALIKE


def project_exists(session: Session, organization_id: UUID, project_id: UUID) -> bool:
    """Whether there is such a project for whoever is asking, living or deleted."""
    query = sa.text("select 1 from projects where organization_id = :organization_id and id = :id")
    return session.execute(query, {"organization_id": organization_id, "id": project_id}).first() is not None


def stages_of(session: Session, organization_id: UUID, position_id: UUID) -> list[str]:
    """The pipeline of a position, living or deleted."""
    query = sa.text("select stages from positions where organization_id = :organization_id and id = :id")
    stages: list[str] = session.execute(query, {"organization_id": organization_id, "id": position_id}).scalar_one()
    return stages


def positions(session: Session, scope: Scope) -> sa.Row[Any]:
    """How many positions are `open`, with how many `openings`."""
    return ask(
        session,
        f"""
        select count(*) as open, coalesce(sum(openings), 0)::bigint as openings from positions
        where organization_id = :organization_id and status = 'open' and deleted_at is null {scope.narrowing()}
        """,
        scope,
    )[0]


def active_applications(session: Session, scope: Scope) -> int:
    """How many applications are active now, those hired left out."""
    query = f"""
        select coalesce(sum(n), 0)::bigint as n from {scope.alike()}
        where status = 'active' and not ({HIRED.format("alike")})
    """
    return int(ask(session, query, scope, None, **EVER)[0].n)


def applied_in(session: Session, scope: Scope, period: Period) -> dict[int, int]:
    """How many applications were made, by the number of the interval, from 1 on."""
    edges = period.edges()
    if period.step is Step.MONTH and not scope.narrowing():
        edges = [period.starts_at, *edges[1:], period.ends_at]
        query = "select bucket, n from applications_made(:edges) where n > 0"
    else:
        query = f"""
            select width_bucket(applied_at, :edges) as bucket, count(*) as n from {APPLICATIONS}
            where {APPLIED} {scope.narrowing()} group by bucket
        """
    return {row.bucket: row.n for row in ask(session, query, scope, period, edges=edges)}


def hired_in(session: Session, scope: Scope, period: Period) -> Sequence[sa.Row[Any]]:
    """How many were hired (`n`) and the `median_days` that it took, by `bucket`: the number of the interval from 1 on,
    null for the whole period."""
    query = f"""
        with hired as (
            select width_bucket(stage_entered_at, :edges) as bucket,
                date_part('epoch', stage_entered_at - applied_at) / 86400 as days
            from {APPLICATIONS}
            where applications.organization_id = :organization_id and stage_entered_at >= :starts_at
                and stage_entered_at < :ends_at and {HIRED.format("applications")} and stage = any(array(
                    select distinct stages[cardinality(stages)] from positions
                    where organization_id = :organization_id))
                {scope.narrowing()})
        select bucket, count(*) as n, percentile_cont(0.5) within group (order by days) as median_days
        from hired group by grouping sets ((bucket), ())
    """
    return ask(session, query, scope, period, edges=period.edges())


def organization(session: Session, scope: Scope, period: Period) -> sa.Row[Any]:
    """What belongs to no position: candidates, documents and jobs."""
    query = f"""
        select
            candidates_entered(:starts_at, :ends_at) as new_candidates,
            (select count(*) from (select from documents where organization_id = :organization_id
                and deleted_at is null and status in ('awaiting_upload', 'scanning')
                limit {COUNTED_UP_TO}) as few) as documents_waiting,
            (select count(*) from (select from documents where organization_id = :organization_id
                and deleted_at is null and status = 'infected' limit {COUNTED_UP_TO}) as few) as documents_infected,
            (select count(*) from (select from jobs where organization_id = :organization_id and status = 'failed'
                and finished_at >= :starts_at and finished_at < :ends_at
                limit {COUNTED_UP_TO}) as few) as jobs_failed
    """
    return ask(session, query, scope, period)[0]


def journeys(session: Session, scope: Scope, period: Period, stages: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Applications made for positions with these stages, alike ones together: which stages they entered, the stage and
    status they have, and `n`, how many."""
    query = f"""
        select stages_entered, stage, status, sum(n)::bigint as n from {scope.alike()}
        where stages = cast(:stages as text[]) group by stages_entered, stage, status
    """
    return ask(session, query, scope, period, stages=list(stages))


def sources(session: Session, scope: Scope, period: Period) -> Sequence[sa.Row[Any]]:
    """Per source, most applications first: how many there were, were interviewed, had an offer, are hired; beyond the
    first hundred all together, by null."""
    query = f"""
        with per_source as (
            select coalesce(source, 'unknown') as source, sum(n) as applications,
                sum(n) filter (where 'interview' = any(stages_entered) or is_met) as interviewed,
                sum(n) filter (where 'offer' = any(stages_entered) or ({HIRED.format("alike")})) as offers,
                sum(n) filter (where {HIRED.format("alike")}) as hires
            from {scope.alike()} group by 1 having sum(n) > 0),
        ranked as (select *, row_number() over (order by applications desc, source) as place from per_source)
        select case when place <= {MOST_ROWS} then source end as source, sum(applications)::bigint as applications,
            coalesce(sum(interviewed), 0)::bigint as interviewed, coalesce(sum(offers), 0)::bigint as offers,
            coalesce(sum(hires), 0)::bigint as hires
        from ranked group by 1, case when place <= {MOST_ROWS} then place end order by min(place)
    """
    return ask(session, query, scope, period)


def count_applied(session: Session, scope: Scope, period: Period) -> int:
    """How many applications were made."""
    query = f"select coalesce(sum(n), 0)::bigint as n from {scope.alike()}"
    return int(ask(session, query, scope, period)[0].n)


def ask(
    session: Session, query: str, scope: Scope, period: Period | None = None, **values: object
) -> Sequence[sa.Row[Any]]:
    """The rows of a query, given what it may name: the scope, the period and other values."""
    statement = sa.text(query)
    if period is not None:
        values |= {"starts_at": period.starts_at, "ends_at": period.ends_at}
    if "edges" in values:
        statement = statement.bindparams(sa.bindparam("edges", type_=ARRAY(Moment)))
    if "stages" in values:
        statement = statement.bindparams(sa.bindparam("stages", type_=ARRAY(sa.Text)))
    return session.execute(statement, {**scope.values(), **values}).all()
