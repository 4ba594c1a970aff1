"""HTTP for the activity of an organization."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib.candidates import merge_rows
from chalicelib.errors import Invalid
from chalicelib.events import repository
from chalicelib.events.repository import EVENTS
from chalicelib.events.schemas import EventQuery, EventView
from chalicelib.http.admission import Access
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="events")
# Events stay as they were written: the history of whoever was merged is told by all their ids.
ENTRIES = {"candidate_id": merge_rows.entries_of, "application_id": merge_rows.applications_in}
OLDEST_FIRST = Order((EVENTS.c.sequence,), (int,), is_descending=False)


@routes.serve("GET", "/api/events", query=EventQuery, answer=Page[EventView])
def list_events(call: Call[Nothing, EventQuery]) -> Page[EventView]:
    """What happened, oldest first. `after` (an event's id or sequence) gives only what came later: ask again with the
    last one you know. `candidate_id`, `application_id`, `position_id` narrow it to one history; that of a candidate
    holds what happened to those merged into it."""
    wish = call.query
    query = repository.matching(call.organization_id, {"position_id": wish.position_id} if wish.position_id else {})
    for name, all_in in ENTRIES.items():
        if (value := getattr(wish, name)) is not None:
            query = query.where(EVENTS.c[name].in_(all_in(call.session, call.organization_id, value)))
    if wish.after is not None:
        query = query.where(EVENTS.c.sequence > _sequence(call, wish.after))
    if call.caller.role < Access.ADMIN:
        # Where colleagues sit is no business of theirs.
        query = query.with_only_columns(*(_without_address(column) for column in EVENTS.c))
    return page(call.session, query, OLDEST_FIRST, wish, EventView)


def _without_address(column: sa.ColumnClause[Any]) -> sa.ColumnElement[Any]:
    return sa.null().label("address") if column.key == "address" else column


def _sequence(call: Call[Nothing, EventQuery], after: str) -> int:
    if after.isascii() and after.isdigit() and len(after) < 19:
        return int(after)
    try:
        sequence = repository.sequence_of(call.session, call.organization_id, UUID(after))
    except ValueError:
        sequence = None
    if sequence is None:
        raise Invalid("some parameters are wrong", errors=[{"field": "after", "message": "names no event"}])
    return sequence
