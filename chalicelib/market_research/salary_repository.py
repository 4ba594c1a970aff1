"""Every query on imported salary data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chalicelib.market_research.models import SalaryDatum

IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
PATTERNS = sa.bindparam("patterns", type_=ARRAY(sa.Text()))
ROWS_AT_ONCE = 5_000
Row = sa.Row[Any]

NEAR = sa.text("""
    select id, title, location, sector, seniority from salary_data
    where organization_id = :organization_id and observed_on between :since and :until
      and lower(unaccent(title)) ~ all (:patterns)
    order by observed_on desc, id limit :limit
""").bindparams(PATTERNS)
PAY = sa.text("""
    select currency, period, count(*) as count, min(observed_on) as first_on, max(observed_on) as last_on,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by amount) as quartiles,
           min(coalesce(amount_min, amount)) as lowest, max(coalesce(amount_max, amount)) as highest
    from salary_data join unnest(:ids) as matching(id) using (id)
    where organization_id = :organization_id
    group by currency, period order by currency, period
""").bindparams(IDS)
SOURCES = sa.text("""
    select currency, period, source, document_id, count(*) as count
    from salary_data join unnest(:ids) as matching(id) using (id)
    where organization_id = :organization_id
    group by currency, period, source, document_id order by count(*) desc, source, document_id
""").bindparams(IDS)
INSERT = sa.text("""
    insert into salary_data (id, organization_id, document_id, line, source, title, location, sector, seniority,
                             currency, period, amount, amount_min, amount_max, observed_on, created_at)
    select id, :organization_id, :document_id, line, :source, title, location, sector, seniority,
           currency, period, amount, amount_min, amount_max, observed_on, :now
    from json_to_recordset(cast(:rows as json)) as row(
        id uuid, line bigint, title text, location text, sector text, seniority text, currency text, period text,
        amount numeric, amount_min numeric, amount_max numeric, observed_on date)
""")


def matching(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """The salary data of an organization whose columns equal `filters`."""
    query = sa.select(SalaryDatum.__table__).where(SalaryDatum.organization_id == organization_id)
    for name, value in filters.items():
        query = query.where(getattr(SalaryDatum, name) == value)
    return query


def near(
    session: Session, organization_id: UUID, patterns: Sequence[str], *, since: date, until: date, limit: int
) -> Sequence[Row]:
    """Figures whose title may match, observed between two days, newest first."""
    values = {"organization_id": organization_id, "patterns": list(patterns), "since": since, "until": until}
    return session.execute(NEAR, {**values, "limit": limit}).all()


def pay(session: Session, organization_id: UUID, ids: Sequence[UUID]) -> tuple[Sequence[Row], Sequence[Row]]:
    """What these figures say, a row for each currency and pay period; and which sources they are from."""
    values = {"organization_id": organization_id, "ids": list(ids)}
    return session.execute(PAY, values).all(), session.execute(SOURCES, values).all()


def insert(session: Session, values: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """Write figures of one document, many to a statement."""
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        session.execute(INSERT, {**values, "rows": json.dumps(batch, default=str)})


def delete(session: Session, organization_id: UUID, document_id: UUID) -> int:
    """Delete what was imported from a document; how many figures it was."""
    statement = sa.text("""
        with gone as (delete from salary_data
            where organization_id = :organization_id and document_id = :document_id returning 1)
        select count(*) from gone
    """)
    gone = session.execute(statement, {"organization_id": organization_id, "document_id": document_id})
    return int(gone.scalar_one())
