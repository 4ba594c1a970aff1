"""HTTP for the activity of an organization."""

from __future__ import annotations

from uuid import UUID

from chalicelib.errors import Invalid
from chalicelib.events import repository
from chalicelib.events.repository import EVENTS
from chalicelib.events.schemas import EventQuery, EventView
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="events")
OLDEST_FIRST = Order((EVENTS.c.sequence,), (int,), is_descending=False)


@routes.serve("GET", "/api/events", query=EventQuery, answer=Page[EventView])
def list_events(call: Call[Nothing, EventQuery]) -> Page[EventView]:
    """What happened, oldest first. `after` (an event's id or sequence) gives only what came later: ask again with the
    last one you know. `candidate_id`, `application_id`, `position_id` narrow it to one history."""
    wish = call.query
    names = ("candidate_id", "application_id", "position_id")
    filters = {name: value for name in names if (value := getattr(wish, name)) is not None}
    query = repository.matching(call.organization_id, filters)
    if wish.after is not None:
        query = query.where(EVENTS.c.sequence > _sequence(call, wish.after))
    return page(call.session, query, OLDEST_FIRST, wish, EventView)


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
