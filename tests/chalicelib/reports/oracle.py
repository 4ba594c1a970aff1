"""Figures of reports by reading every application, as reports did before there were sums: what these must come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.db import Moment
from chalicelib.reports.periods import Period

MOST_ROWS = 100
APPLICATIONS = """
    applications join positions on positions.organization_id = :organization_id
        and positions.id = applications.position_id
"""
APPLIED = "applications.organization_id = :organization_id and applied_at >= :starts_at and applied_at < :ends_at"
IS_HIRED = "applications.status = 'active' and applications.stage = positions.stages[cardinality(positions.stages)]"
QUARTERS = (
    "percentile_cont(array[0.5, 0.75, 0.95]::float8[]) within group (order by extract(epoch from {})::float8 / 3600)"
)
SO_FAR = "cast(:now as timestamptz) - greatest(stage_entered_at, reopened_at)"


def active_applications(session: Session, organization_id: UUID) -> int:
    """How many applications are active now, those hired left out."""
    query = f"""
        select count(*) as n from {APPLICATIONS} where applications.organization_id = :organization_id
            and applications.status = 'active' and not ({IS_HIRED})
    """
    return int(_ask(session, query, organization_id)[0].n)


def applied_in(session: Session, organization_id: UUID, period: Period) -> dict[int, int]:
    """How many applications were made, by the number of the interval, from 1 on."""
    query = f"""
        select width_bucket(applied_at, :edges) as bucket, count(*) as n from {APPLICATIONS}
        where {APPLIED}  group by bucket
    """
    return {row.bucket: row.n for row in _ask(session, query, organization_id, period, edges=period.edges())}


def hired_in(session: Session, organization_id: UUID, period: Period) -> Sequence[sa.Row[Any]]:
    """How many were hired (`n`) and the `median_days` that it took, by `bucket`: the number of the interval from 1 on,
    null for the whole period."""
    query = f"""
        with hired as (
            select width_bucket(stage_entered_at, :edges) as bucket,
                extract(epoch from stage_entered_at - applied_at)::float8 / 86400 as days
            from {APPLICATIONS}
            where applications.organization_id = :organization_id and stage_entered_at >= :starts_at
                and stage_entered_at < :ends_at and {IS_HIRED} )
        select bucket, count(*) as n, percentile_cont(0.5) within group (order by days) as median_days
        from hired group by grouping sets ((bucket), ())
    """
    return _ask(session, query, organization_id, period, edges=period.edges())


def journeys(session: Session, organization_id: UUID, period: Period, stages: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Applications made for positions with these stages, alike ones together: which stages they entered, the stage and
    status they have, and `n`, how many."""
    query = f"""
        select stages_entered, stage, applications.status, count(*) as n from {APPLICATIONS}
        where {APPLIED} and positions.stages = cast(:stages as text[])
        group by stages_entered, stage, applications.status
    """
    return _ask(session, query, organization_id, period, stages=list(stages))


def sources(session: Session, organization_id: UUID, period: Period) -> Sequence[sa.Row[Any]]:
    """Per source, most applications first: how many there were, were interviewed, had an offer, are hired; beyond the
    first hundred all together, by null."""
    query = f"""
        with met as (
            select distinct application_id from interviews
            where organization_id = :organization_id and status = 'completed'),
        per_source as (
            select coalesce(source, 'unknown') as source, count(*) as applications,
                count(*) filter (where 'interview' = any(stages_entered) or application_id is not null) as interviewed,
                count(*) filter (where 'offer' = any(stages_entered) or ({IS_HIRED})) as offers,
                count(*) filter (where {IS_HIRED}) as hires
            from {APPLICATIONS} left join met on met.application_id = applications.id
            where {APPLIED}  group by 1),
        ranked as (select *, row_number() over (order by applications desc, source) as place from per_source)
        select case when place <= {MOST_ROWS} then source end as source, sum(applications)::bigint as applications,
            sum(interviewed)::bigint as interviewed, sum(offers)::bigint as offers, sum(hires)::bigint as hires
        from ranked group by 1, case when place <= {MOST_ROWS} then place end order by min(place)
    """
    return _ask(session, query, organization_id, period)


def count_applied(session: Session, organization_id: UUID, period: Period) -> int:
    """How many applications were made."""
    query = f"select count(*) as n from {APPLICATIONS} where {APPLIED} "
    return int(_ask(session, query, organization_id, period)[0].n)


def new_candidates(session: Session, organization_id: UUID, period: Period) -> int:
    """How many candidates were entered and are not deleted."""
    query = """
        select count(*) as n from candidates where organization_id = :organization_id and deleted_at is null
            and created_at >= :starts_at and created_at < :ends_at
    """
    return int(_ask(session, query, organization_id, period)[0].n)


def open_stays(session: Session, organization_id: UUID, now: datetime) -> Sequence[sa.Row[Any]]:
    """The same of stays that last: since they began, or since the application was reopened."""
    query = f"""
        with reopened as (
            select application_id, max(changed_at) as reopened_at from stage_changes
            where organization_id = :organization_id and kind = 'reopened' group by application_id)
        select stage, count(*) as n, {QUARTERS.format(SO_FAR)} as hours
        from {APPLICATIONS} left join reopened on reopened.application_id = applications.id
        where applications.organization_id = :organization_id and applications.status = 'active'
            and not ({IS_HIRED})
        group by stage order by n desc, stage limit {MOST_ROWS}
    """
    return _ask(session, query, organization_id, now=now)


def _ask(
    session: Session, query: str, organization_id: UUID, period: Period | None = None, **values: object
) -> Sequence[sa.Row[Any]]:
    statement = sa.text(query)
    if period is not None:
        values |= {"starts_at": period.starts_at, "ends_at": period.ends_at}
    if "edges" in values:
        statement = statement.bindparams(sa.bindparam("edges", type_=ARRAY(Moment)))
    if "stages" in values:
        statement = statement.bindparams(sa.bindparam("stages", type_=ARRAY(sa.Text)))
    return session.execute(statement, {"organization_id": organization_id, **values}).all()
