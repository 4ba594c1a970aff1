"""Reads the counters and the gauges, and folds what was counted into the totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

FOLD = sa.text("select fold_metrics(:limit)")
# One statement is one snapshot: what is folded meanwhile is seen before or after, and neither twice nor not at all.
TOTALS = sa.text("""
    select name, labels, bucket, sum(amount)::bigint as amount, sum(observed) as observed
    from (
        select name, labels, bucket, amount, observed from metric_totals
        union all
        select name, labels, metric_bucket(name, observed), sum(amount), coalesce(sum(observed), 0)
        from metric_increments group by 1, 2, 3
    ) as counted
    group by name, labels, bucket order by name, labels, bucket
""")
DEPTHS = sa.text("""
    select priority, (select count(*) from jobs where jobs.priority = named.priority and status = 'queued') as waiting
    from unnest(array['high', 'default', 'low']) as named (priority)
""")
CONNECTIONS = sa.text("select numbackends from pg_stat_database where datname = current_database()")


@dataclass(frozen=True, slots=True)
class Total:
    """One counter, or one bucket of a histogram (-1 is none), since the installation began."""

    name: str
    labels: tuple[str, ...]
    bucket: int
    amount: int
    observed: float


@dataclass(frozen=True, slots=True)
class Gauges:
    """How things stand now."""

    depths: Mapping[str, int]
    connections: int


def fold(session: Session, *, limit: int) -> int:
    """Add up to `limit` counted facts to the totals; how many. 0 when somebody else is at it."""
    return int(session.execute(FOLD, {"limit": limit}).scalar_one())


def totals(session: Session) -> list[Total]:
    """All of them, ordered."""
    return [_total(row) for row in session.execute(TOTALS)]


def gauges(session: Session) -> Gauges:
    """Queued jobs by priority, and connections to this database."""
    depths = {row.priority: row.waiting for row in session.execute(DEPTHS)}
    return Gauges(depths, int(session.execute(CONNECTIONS).scalar_one()))


def _total(row: sa.Row[Any]) -> Total:
    return Total(row.name, tuple(row.labels), row.bucket, row.amount, row.observed)
