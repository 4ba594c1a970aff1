# ruff: noqa: S608 - statements are put together from parts of this module; values are parameters
"""How long applications stay in their stages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.reports.periods import Period
from chalicelib.reports.repository import APPLICATIONS, HIRED, MOST_ROWS, Scope, ask

QUARTERS = "percentile_cont(array[0.5, 0.75, 0.95]::float8[]) within group (order by date_part('epoch', {}) / 3600)"
SO_FAR = "cast(:now as timestamptz) - greatest(stage_entered_at, reopened_at)"
REOPENED = """
    reopened as materialized (
        select application_id, max(changed_at) as reopened_at from stage_changes
        where organization_id = :organization_id and kind = 'reopened' group by application_id)
"""
# Those who are hired wait for nothing.
WAIT = """
    applications.organization_id = :organization_id and applications.stage = counted.stage
    and applications.status = 'active' and position_id <> all(array(
        select positions.id from positions
        where organization_id = :organization_id and stages[cardinality(stages)] = counted.stage))
"""
# How many wait, the sums tell. So each quarter lies between two known places of the longest stays, and half of them are
# read in the order of an index; all of them need not be sorted.
OPEN_OF_ALL = f"""
    with {REOPENED},
    counted as materialized (
        select stage, sum(n)::bigint as n
        from alike_applications(array['-infinity', 'infinity']::timestamptz[]) as alike
        where status = 'active' and not ({HIRED.format("alike")})
        group by stage having sum(n) > 0 order by n desc, stage limit {MOST_ROWS}),
    around as (
        select stage, n, quarter, quarter * (n - 1) as place, array(
            select date_part('epoch', cast(:now as timestamptz) - since) / 3600 from (
                (select stage_entered_at as since from applications
                    where {WAIT} and applications.id <> all(array(select application_id from reopened))
                    order by stage_entered_at limit n / 2 + 2)
                union all
                (select greatest(stage_entered_at, reopened_at) from reopened
                    join applications on applications.organization_id = :organization_id
                        and applications.id = application_id where {WAIT})) as stays
            order by since offset n - 1 - ceil(quarter * (n - 1))::bigint limit 2) as longer
        from counted, unnest(array[0.5, 0.75, 0.95]::float8[]) as quarter)
    select stage, n, array_agg(case when place = floor(place) then longer[1]
        else longer[2] + (place - floor(place)) * (longer[1] - longer[2]) end order by quarter) as hours
    from around group by stage, n order by n desc, stage
"""


def ended_stays(session: Session, scope: Scope, period: Period) -> Sequence[sa.Row[Any]]:
    """Per stage, how many stays ended and the quarters of their hours; the stages with most of them."""
    # Without a filter there is no need for the application of a step: that it may be seen is for the policy to find.
    narrowing = f"""
        and application_id in (select applications.id from {APPLICATIONS}
            where applications.organization_id = :organization_id {scope.narrowing()})
    """
    query = f"""
        select from_stage as stage, count(*) as n, {QUARTERS.format("changed_at - entered_at")} as hours
        from stage_changes
        where organization_id = :organization_id and changed_at >= :starts_at and changed_at < :ends_at
            and entered_at is not null {narrowing if scope.narrowing() else ""}
        group by from_stage order by n desc, from_stage limit {MOST_ROWS}
    """
    return ask(session, query, scope, period)


def open_stays(session: Session, scope: Scope, now: datetime) -> Sequence[sa.Row[Any]]:
    """The same of stays that last: since they began, or since the application was reopened."""
    return ask(session, _open_of_some(scope) if scope.narrowing() else OPEN_OF_ALL, scope, now=now)


def _open_of_some(scope: Scope) -> str:
    return f"""
        with {REOPENED}
        select stage, count(*) as n, {QUARTERS.format(SO_FAR)} as hours
        from {APPLICATIONS} left join reopened on reopened.application_id = applications.id
        where applications.organization_id = :organization_id and applications.status = 'active'
            and not ({HIRED.format("applications")}) {scope.narrowing()}
        group by stage order by n desc, stage limit {MOST_ROWS}
    """
