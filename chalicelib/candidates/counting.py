"""How many candidates a list has, and which are on a page of those whom words find, asked in the way that is quick
among hundreds of thousands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chalicelib.candidates import repository
from chalicelib.candidates.models import SHOWN, Candidate
from chalicelib.http import paging
from chalicelib.http.paging import Nearest


def counting(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any] | None:
    """One row for each candidate of a list, when a label or a stage alone says who is in it: all who have it but those
    deleted, who are few, so that nobody need be looked up. None when more is asked."""
    if filters.keys() in ({"skill"}, {"tag"}):
        [(kind, label)] = filters.items()
        return _not_deleted(organization_id, repository.labelled(organization_id, kind, label))
    if "stage" in filters and filters.keys() <= {"stage", "position_id"}:
        applied = _not_deleted(organization_id, repository.applied(organization_id, filters))
        # In the order of an index, one after the other, so that no more are read than are counted.
        return applied.distinct().order_by(applied.selected_columns[0].desc().nulls_last())
    return None


def _not_deleted(organization_id: UUID, chosen: sa.Select[Any]) -> sa.Select[Any]:
    deleted = sa.exists().where(
        Candidate.organization_id == organization_id,
        Candidate.id == chosen.selected_columns[0],
        Candidate.deleted_at.is_not(None),
    )
    return chosen.where(~deleted)


# nosemgrep: query-without-organization - count_listed_matches keeps to the one in force
def counting_found(found_by: sa.ColumnElement[Any], filters: dict[str, Any]) -> sa.Select[Any] | None:
    """One row for each candidate whom words find, one more than are counted at most. None when applications say who is
    in the list: they are few for each position, and private projects hide theirs."""
    if _asks_applications(filters):
        return None
    count = sa.func.count_listed_matches(found_by, _as_json(filters), paging.COUNTED_UP_TO + 1)
    # As a query of its own: the planner would count once more, to reckon with how many numbers come.
    return sa.select(sa.func.generate_series(1, sa.select(count).scalar_subquery()).column_valued("number"))


def nearest_found(
    organization_id: UUID, found_by: sa.ColumnElement[Any], filters: dict[str, Any], sort: str
) -> Nearest | None:
    """The candidates of one page of those whom words find. None as in `counting_found`."""
    if _asks_applications(filters):
        return None

    def nearest(values: Sequence[Any] | None, count: int) -> sa.Select[Any]:
        key, last_id = values if values is not None else (None, None)
        ids = sa.func.listed_matches(
            found_by,
            _as_json(filters),
            sa.cast(sort.removeprefix("-"), sa.Text()),
            sa.cast(sort.startswith("-"), sa.Boolean()),
            sa.cast(key.isoformat() if isinstance(key, datetime) else key, sa.Text()),
            sa.cast(last_id, sa.Uuid()),
            sa.cast(count, sa.BigInteger()),
        )
        chosen = sa.select(ids.column_valued("id"))
        mine = (Candidate.organization_id == organization_id, Candidate.deleted_at.is_(None))
        return sa.select(*SHOWN).where(*mine, Candidate.id.in_(chosen))

    return nearest


def _asks_applications(filters: dict[str, Any]) -> bool:
    return not filters.keys().isdisjoint({"position_id", "stage"})


def _as_json(filters: dict[str, Any]) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(json.dumps(filters, default=datetime.isoformat), sa.Text()), JSONB())
