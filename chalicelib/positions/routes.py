"""HTTP for positions."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.positions import repository, service
from chalicelib.positions.models import Position
from chalicelib.positions.schemas import NewPosition, PositionChange, PositionQuery, PositionView
from chalicelib.positions.service import PositionNotFound, StageInUse

routes = Routes(__name__, tag="positions")
ONE = "/api/positions/{position_id}"


@routes.serve("GET", "/api/positions", query=PositionQuery, answer=Page[PositionView])
def list_positions(call: Call[Nothing, PositionQuery]) -> Page[PositionView]:
    """Positions of the organization, newest first."""
    query = repository.matching(call.organization_id, status=call.query.status, project_id=call.query.project_id)
    return page(call.session, query, Order.by_id(Position.id), call.query, PositionView)


@routes.serve("POST", "/api/positions", access=Access.RECRUITER, body=NewPosition, answer=PositionView, status=201)
def create_position(call: Call[NewPosition, Nothing]) -> Answer:
    """A new position."""
    values = call.body.as_values()
    position = service.create(call.session, call.organization_id, values, actor=call.actor, now=call.now)
    return created(PositionView.model_validate(position), f"/api/positions/{position.id}", version=position.version)


@routes.serve("GET", ONE, answer=PositionView, refusals=(PositionNotFound,))
def get_position(call: Call[Nothing, Nothing]) -> Answer:
    """One position."""
    row = service.show(call.session, call.organization_id, call.ids["position_id"])
    return versioned(PositionView.model_validate(row), row.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.RECRUITER,
    body=PositionChange,
    answer=PositionView,
    refusals=(PositionNotFound, StageInUse),
)
def change_position(call: Call[PositionChange, Nothing]) -> Answer:
    """Change what is given, and nothing else."""
    position = service.get(call.session, call.organization_id, call.ids["position_id"], lock=True)
    call.check_fresh(position.version)
    service.change(call.session, position, call.body.as_values(), actor=call.actor, now=call.now)
    return versioned(PositionView.model_validate(position), position.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(PositionNotFound,))
def delete_position(call: Call[Nothing, Nothing]) -> Answer:
    """Take a position out of sight; its applications keep their history."""
    position = service.get(call.session, call.organization_id, call.ids["position_id"], lock=True)
    call.check_fresh(position.version)
    service.delete(call.session, position, actor=call.actor, now=call.now)
    return no_content()
