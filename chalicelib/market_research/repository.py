"""Every query on market research, and on the organization's own positions, applications and candidates for it.

Row-level security hides other organizations; each statement names the organization as well, so that its indexes are
used. Statements about matching positions join the ids that matching chose; what they share is a constant of this
module, and values are always parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.market_research.models import MarketResearch

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
PATTERNS = sa.bindparam("patterns", type_=ARRAY(sa.Text()))
Row = sa.Row[Any]

# Patterns find a superset of what matches, newest first. Nobody can foresee how many, so a sector is looked up for each
# by its key: joined, every project might be compared with every position. Everybody reads the findings, down to the
# titles that they are about, so positions of private projects are none of their sources.
POSITIONS_NEAR = sa.text("""
    select id, title, location,
           (select sector from projects
            where projects.organization_id = :organization_id and projects.id = positions.project_id) as sector
    from positions
    where organization_id = :organization_id and deleted_at is null and status <> 'draft' and created_at <= :as_of
      and (created_at >= :since or status = 'open') and lower(unaccent(title)) ~ all (:patterns)
      and not coalesce((
          select is_private from projects
          where projects.organization_id = :organization_id and projects.id = positions.project_id), false)
    order by id desc nulls last limit :limit
""").bindparams(PATTERNS)
# A position states no pay period. One end of a range alone says little about its middle, and is only counted.
PAY_OF_POSITIONS = sa.text("""
    select currency, count(*) as stated, count(middle) as count,
           min(created_at) filter (where middle is not null) as first_at,
           max(created_at) filter (where middle is not null) as last_at,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by middle) as quartiles,
           min(salary_min) filter (where middle is not null) as lowest,
           max(salary_max) filter (where middle is not null) as highest
    from (
        select currency, created_at, salary_min, salary_max,
               case when salary_max > 0 then (salary_min + salary_max) / 2 end as middle
        from positions join unnest(:ids) as matching(id) using (id)
        where organization_id = :organization_id and currency is not null
          and (salary_min is not null or salary_max is not null)) as pay
    group by currency order by currency
""").bindparams(IDS)
# When a position was published or closed stands in its events; it was opened when created, unless as a draft.
DEMAND = sa.text("""
    with turned as (
        select position_id, min(occurred_at) filter (where before ->> 'status' = 'draft') as published_at,
               max(occurred_at) filter (where after ->> 'status' = 'closed') as closed_at
        from events join unnest(:ids) as matching(id) on matching.id = events.position_id
        where organization_id = :organization_id and action = 'position_changed' and occurred_at <= :as_of
        group by position_id),
    matching as (
        select openings, status, closed_at, coalesce(published_at, created_at) as opened_at
        from positions join unnest(:ids) as matching(id) using (id)
        left join turned on turned.position_id = positions.id
        where organization_id = :organization_id)
    select count(*) as count, min(opened_at) as first_at, max(opened_at) as last_at,
           count(*) filter (where status = 'open') as open_positions,
           coalesce(sum(openings) filter (where status = 'open'), 0) as open_openings,
           count(*) filter (where opened_at >= :since) as opened_positions,
           coalesce(sum(openings) filter (where opened_at >= :since), 0) as opened_openings,
           count(*) filter (where status = 'closed' and closed_at >= :since) as closed_positions,
           count(*) filter (where status = 'closed' and closed_at is null) as closed_on_unknown_day
    from matching
""").bindparams(IDS)
PUT_FORWARD = """
    put_forward as (
        select applications.id, candidate_id, position_id, stage, status, applied_at
        from applications join unnest(:ids) as matching(id) on matching.id = applications.position_id
        where organization_id = :organization_id and applied_at between :since and :as_of)
"""
# Openings that somebody could be put forward for within the time.
SUPPLY = sa.text(f"""
    with {PUT_FORWARD}
    select count(*) as count, count(distinct candidate_id) as candidates, min(applied_at) as first_at,
           max(applied_at) as last_at, count(*) filter (where status = 'rejected') as rejected,
           count(*) filter (where status = 'withdrawn') as withdrawn,
           (select coalesce(sum(openings), 0) from positions join unnest(:ids) as matching(id) using (id)
            where organization_id = :organization_id
              and (status = 'open' or created_at >= :since or id in (select position_id from put_forward))) as openings
    from put_forward
""").bindparams(IDS)  # noqa: S608
STAGES = sa.text(f"""
    with {PUT_FORWARD},
    entered as (
        select distinct put_forward.id, position_id, to_stage as stage
        from put_forward
        join stage_changes on stage_changes.organization_id = :organization_id
                          and stage_changes.application_id = put_forward.id
        where kind in ('applied', 'moved') and changed_at <= :as_of)
    select entered.stage, count(*) as entered, min(array_position(positions.stages, entered.stage)) as place
    from entered join positions on positions.organization_id = :organization_id and positions.id = entered.position_id
    group by entered.stage order by place nulls last, entered.stage
""").bindparams(IDS)  # noqa: S608
# Who stands in the hiring stage now, and when they came to it last: who was moved there by mistake is no hire.
TIME_TO_FILL = sa.text("""
    with turned as (
        select position_id, min(occurred_at) as published_at
        from events join unnest(:ids) as matching(id) on matching.id = events.position_id
        where organization_id = :organization_id and action = 'position_changed' and before ->> 'status' = 'draft'
        group by position_id),
    hired as (
        select coalesce(published_at, positions.created_at) as opened_at, max(changed_at) as hired_at
        from positions join unnest(:ids) as matching(id) using (id)
        left join turned on turned.position_id = positions.id
        join applications on applications.organization_id = :organization_id
                         and applications.position_id = positions.id and applications.status = 'active'
                         and applications.stage = positions.stages[array_upper(positions.stages, 1)]
        join stage_changes on stage_changes.organization_id = :organization_id
                          and stage_changes.application_id = applications.id
                          and stage_changes.to_stage = applications.stage and stage_changes.kind = 'moved'
        where positions.organization_id = :organization_id
        group by applications.id, published_at, positions.created_at)
    select count(*) as count, min(hired_at) as first_at, max(hired_at) as last_at,
           percentile_cont(array[0.25, 0.5, 0.75])
               within group (order by extract(epoch from hired_at - opened_at) / 86400) as quartiles
    from hired where hired_at between :since and :as_of and hired_at >= opened_at
""").bindparams(IDS)
REQUIREMENTS = sa.text("""
    select created_at, requirements from positions join unnest(:ids) as matching(id) using (id)
    where organization_id = :organization_id and jsonb_array_length(requirements) > 0
    order by id desc nulls last limit :limit
""").bindparams(IDS)
APPLIED = f"""
    {PUT_FORWARD},
    people as (
        select candidate_id, min(applied_at) as first_at, max(applied_at) as last_at
        from put_forward join candidates on candidates.organization_id = :organization_id
                                        and candidates.id = put_forward.candidate_id and deleted_at is null
        group by candidate_id),
    skilled as (
        select label, candidate_id, first_at, last_at from people
        join candidate_labels using (candidate_id) where organization_id = :organization_id and kind = 'skill')
"""  # noqa: S608
WHO_HAS_SKILLS = sa.text(f"""
    with {APPLIED}
    select count(distinct candidate_id) as count, min(first_at) as first_at, max(last_at) as last_at from skilled
""").bindparams(IDS)  # noqa: S608
SKILLS_OF_APPLICANTS = sa.text(f"""
    with {APPLIED}
    select label as skill, count(*) as count from skilled group by label order by count(*) desc, label limit :limit
""").bindparams(IDS)  # noqa: S608
# matching_candidates runs past row-level security to reach its index, and keeps to the organization in force itself.
CANDIDATES_NEAR = sa.text("""
    select candidates.id, headline, created_at
    from matching_candidates(to_tsquery('public.recruitpro', :words), :limit) as near(id)
    join candidates on candidates.id = near.id
    where organization_id = :organization_id and headline is not null and created_at <= :as_of
""")


def find(session: Session, organization_id: UUID, research_id: UUID, *, lock: bool = False) -> MarketResearch | None:
    """One piece of research, locked when asked."""
    query = sa.select(MarketResearch).where(
        MarketResearch.id == research_id, MarketResearch.organization_id == organization_id
    )
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID) -> sa.Select[Any]:
    """The research of an organization, without its findings."""
    columns = [column for column in MarketResearch.__table__.columns if column.name != "findings"]
    return sa.select(*columns).where(MarketResearch.organization_id == organization_id)


def positions_near(session: Session, values: dict[str, Any], patterns: Sequence[str], limit: int) -> Sequence[Row]:
    """Positions whose title may match, open ones and those created between `since` and `as_of`, newest first."""
    return session.execute(POSITIONS_NEAR, {**values, "patterns": list(patterns), "limit": limit}).all()


def pay_of_positions(session: Session, values: dict[str, Any]) -> Sequence[Row]:
    """What positions say about pay, a row for each currency."""
    return session.execute(PAY_OF_POSITIONS, values).all()


def demand(session: Session, values: dict[str, Any]) -> Row:
    """Positions and openings, open now, and opened and closed since."""
    return session.execute(DEMAND, values).one()


def supply(session: Session, values: dict[str, Any]) -> Row:
    """Applications made between `since` and `as_of`, and the openings they were for."""
    return session.execute(SUPPLY, values).one()


def stages(session: Session, values: dict[str, Any]) -> Sequence[Row]:
    """How many of those applications entered each stage, in the order of the pipelines."""
    return session.execute(STAGES, values).all()


def time_to_fill(session: Session, values: dict[str, Any]) -> Row:
    """Days from opening a position to a hire, of hires between `since` and `as_of`."""
    return session.execute(TIME_TO_FILL, values).one()


def requirements(session: Session, values: dict[str, Any], limit: int) -> Sequence[Row]:
    """The requirements of the newest positions that have any."""
    return session.execute(REQUIREMENTS, {**values, "limit": limit}).all()


def skills_of_applicants(session: Session, values: dict[str, Any], limit: int) -> tuple[Row, Sequence[Row]]:
    """How many candidates applied who name skills, and the skills most of them name."""
    whole = session.execute(WHO_HAS_SKILLS, values).one()
    return whole, session.execute(SKILLS_OF_APPLICANTS, {**values, "limit": limit}).all()


def candidates_near(
    session: Session, organization_id: UUID, words: str, *, as_of: datetime, limit: int
) -> Sequence[Row]:
    """Candidates whose headline may match the words (a text search query), newest first."""
    values = {"organization_id": organization_id, "words": words, "as_of": as_of, "limit": limit}
    return session.execute(CANDIDATES_NEAR, values).all()
