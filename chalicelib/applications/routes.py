"""HTTP for applications."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import repository, service
from chalicelib.applications.errors import (
    AlreadyApplied,
    ApplicationMerged,
    ApplicationNotFound,
    NoOpeningsLeft,
    NotOpen,
    PositionClosed,
    StageMovedOn,
    StageNotAllowed,
)
from chalicelib.applications.models import Application
from chalicelib.applications.schemas import (
    ApplicationQuery,
    ApplicationView,
    ApplicationWithHistory,
    Closing,
    Move,
    NewApplication,
    StageChangeView,
)
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="applications")
ONE = "/api/applications/{application_id}"
FILTERS = ("candidate_id", "position_id", "stage", "status")


@routes.serve("GET", "/api/applications", query=ApplicationQuery, answer=Page[ApplicationView])
def list_applications(call: Call[Nothing, ApplicationQuery]) -> Page[ApplicationView]:
    """Applications of the organization, newest first."""
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    query = repository.shown(call.organization_id, filters)
    return page(call.session, query, Order.by_id(Application.id), call.query, ApplicationView)


@routes.serve(
    "POST",
    "/api/applications",
    access=Access.RECRUITER,
    body=NewApplication,
    answer=ApplicationWithHistory,
    status=201,
    refusals=(AlreadyApplied, PositionClosed),
)
def create_application(call: Call[NewApplication, Nothing]) -> Answer:
    """Put a candidate forward for a position; once per pair."""
    application = service.apply(
        call.session, call.organization_id, **call.body.model_dump(), actor=call.actor, now=call.now
    )
    return created(view(call.session, application), f"/api/applications/{application.id}", version=1)


@routes.serve("GET", ONE, answer=ApplicationWithHistory, refusals=(ApplicationNotFound, ApplicationMerged))
def get_application(call: Call[Nothing, Nothing]) -> Answer:
    """One application with its history."""
    application = service.get(call.session, call.organization_id, call.ids["application_id"])
    return versioned(view(call.session, application), application.version)


@routes.serve(
    "POST",
    f"{ONE}/move",
    access=Access.RECRUITER,
    body=Move,
    answer=ApplicationWithHistory,
    refusals=(ApplicationNotFound, ApplicationMerged, StageMovedOn, StageNotAllowed, NoOpeningsLeft),
)
def move_application(call: Call[Move, Nothing]) -> Answer:
    """Move an application from the stage you saw to another one."""
    application = service.get(call.session, call.organization_id, call.ids["application_id"], lock=True)
    call.check_fresh(application.version)
    service.move(call.session, application, **call.body.model_dump(), actor=call.actor, now=call.now)
    return versioned(view(call.session, application), application.version)


def _closing(name: str, act: Callable[..., None], refusals: tuple[type, ...], description: str) -> None:
    def view_closing(call: Call[Closing, Nothing]) -> Answer:
        application = service.get(call.session, call.organization_id, call.ids["application_id"], lock=True)
        call.check_fresh(application.version)
        act(call.session, application, **call.body.model_dump(), actor=call.actor, now=call.now)
        return versioned(view(call.session, application), application.version)

    view_closing.__name__ = f"{name}_application"
    view_closing.__doc__ = description
    routes.serve(
        "POST",
        f"{ONE}/{name}",
        access=Access.RECRUITER,
        body=Closing,
        answer=ApplicationWithHistory,
        refusals=(ApplicationNotFound, ApplicationMerged, *refusals),
    )(view_closing)


_closing("reject", service.reject, (NotOpen,), "Turn an application down, with a reason.")
_closing("withdraw", service.withdraw, (NotOpen,), "Note that the candidate steps back, with a reason.")
_closing(
    "reopen",
    service.reopen,
    (NotOpen, NoOpeningsLeft, StageNotAllowed),
    "Bring an application back to the stage it stood in.",
)


def view(session: Session, application: Application) -> ApplicationWithHistory:
    """An application as it is shown alone."""
    session.flush()
    organization_id, application_id = application.organization_id, application.id
    row = session.execute(repository.shown(organization_id, {"id": application_id})).one()
    return ApplicationWithHistory.model_validate(
        {**row._mapping, "history": steps(session, organization_id, application_id)}
    )


def steps(session: Session, organization_id: UUID, application_id: UUID) -> list[StageChangeView]:
    """What an application went through, oldest first."""
    return [
        StageChangeView.model_validate(step) for step in repository.history(session, organization_id, application_id)
    ]
