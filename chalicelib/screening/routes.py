"""HTTP for screenings."""

from __future__ import annotations

from chalicelib.applications import service as applications
from chalicelib.applications.errors import ApplicationMerged, ApplicationNotFound
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.screening import batches, repository, service
from chalicelib.screening.batches import NothingToScreen, TooManyToScreen
from chalicelib.screening.models import Screening
from chalicelib.screening.schemas import NewBatch, NewReview, ScreeningQuery, ScreeningView
from chalicelib.screening.service import ScreeningNotFound

routes = Routes(__name__, tag="screenings")
OF_APPLICATION = "/api/applications/{application_id}/screenings"
ONE = "/api/screenings/{screening_id}"


@routes.serve(
    "POST",
    OF_APPLICATION,
    access=Access.RECRUITER,
    answer=JobView,
    status=202,
    refusals=(ApplicationNotFound, ApplicationMerged),
)
def screen_application(call: Call[Nothing, Nothing]) -> Answer:
    """Rate an application against its position; 202 with the job that does it."""
    application_id = call.ids["application_id"]
    job_id = service.ask(call.session, call.organization_id, application_id, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)


@routes.serve(
    "POST",
    "/api/screenings/batch",
    access=Access.RECRUITER,
    body=NewBatch,
    answer=JobView,
    status=202,
    refusals=(NothingToScreen, TooManyToScreen),
)
def screen_applications(call: Call[NewBatch, Nothing]) -> Answer:
    """Rate many applications of a position, each by a job of its own; 202 with the job that counts them. Its children
    are listed by `parent_id`."""
    wish, organization_id = call.body, call.organization_id
    job_id = batches.ask(
        call.session, organization_id, wish.position_id, wish.application_ids, actor=call.actor, now=call.now
    )
    return accepted(call.session, organization_id, job_id)


@routes.serve(
    "GET",
    OF_APPLICATION,
    query=ScreeningQuery,
    answer=Page[ScreeningView],
    refusals=(ApplicationNotFound, ApplicationMerged),
)
def list_screenings(call: Call[Nothing, ScreeningQuery]) -> Page[ScreeningView]:
    """The screenings of an application, newest first."""
    application = applications.get(call.session, call.organization_id, call.ids["application_id"])
    query = repository.of_application(call.organization_id, application.id)
    return page(call.session, query, Order.by_id(Screening.id), call.query, ScreeningView)


@routes.serve("GET", ONE, answer=ScreeningView, refusals=(ScreeningNotFound,))
def get_screening(call: Call[Nothing, Nothing]) -> ScreeningView:
    """One screening: score, and a verdict per requirement with its evidence."""
    screening = service.get(call.session, call.organization_id, call.ids["screening_id"])
    return ScreeningView.model_validate(screening)


@routes.serve(
    "POST",
    f"{ONE}/review",
    access=Access.RECRUITER,
    body=NewReview,
    answer=ScreeningView,
    refusals=(ScreeningNotFound,),
)
def review_screening(call: Call[NewReview, Nothing]) -> ScreeningView:
    """Agree with a screening or override it, with a reason. The application stays where it is."""
    screening = service.get(call.session, call.organization_id, call.ids["screening_id"], lock=True)
    service.review(call.session, screening, **call.body.model_dump(mode="json"), actor=call.actor, now=call.now)
    return ScreeningView.model_validate(screening)
