"""HTTP for messages to candidates."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.outreach import repository, sending, service
from chalicelib.outreach.errors import (
    ApplicationClosed,
    BadAddress,
    CandidateGone,
    ConfirmationNeeded,
    NoApplication,
    NoEmail,
    NotADraft,
    NotSendable,
    OutreachNotFound,
    PositionNotOffered,
    SenderNotConfigured,
)
from chalicelib.outreach.material import Wish
from chalicelib.outreach.models import Outreach
from chalicelib.outreach.schemas import NewOutreach, OutreachChange, OutreachItem, OutreachQuery, OutreachView, Sending
from chalicelib.outreach.writer import NothingToFollowUp
from chalicelib.settings import settings

routes = Routes(__name__, tag="outreach")
ALL = "/api/outreach"
ONE = "/api/outreach/{outreach_id}"
FILTERS = ("candidate_id", "application_id", "position_id", "status")
NO_OCCASION = (NoApplication, ApplicationClosed, PositionNotOffered)


@routes.serve(
    "POST",
    ALL,
    access=Access.RECRUITER,
    body=NewOutreach,
    answer=JobView,
    status=202,
    refusals=(*NO_OCCASION, NothingToFollowUp),
)
def write_outreach(call: Call[NewOutreach, Nothing]) -> Answer:
    """Write a message to a candidate, from facts of the record alone; 202 with the job, whose result is the draft."""
    asked = call.body
    job_id = service.ask(
        call.session,
        call.organization_id,
        Wish(asked.template, asked.tone, asked.language),
        application_id=asked.application_id,
        candidate_id=asked.candidate_id,
        position_id=asked.position_id,
        actor=call.actor,
        now=call.now,
    )
    return accepted(call.session, call.organization_id, job_id)


@routes.serve("GET", ALL, query=OutreachQuery, answer=Page[OutreachItem])
def list_outreach(call: Call[Nothing, OutreachQuery]) -> Page[OutreachItem]:
    """Messages to candidates, newest first, without their texts."""
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    query = repository.matching(call.organization_id, filters)
    return page(call.session, query, Order.by_id(Outreach.id), call.query, OutreachItem)


@routes.serve("GET", ONE, answer=OutreachView, refusals=(OutreachNotFound,))
def get_outreach(call: Call[Nothing, Nothing]) -> Answer:
    """One message with its text, and the facts that its draft was written from."""
    outreach = service.get(call.session, call.organization_id, call.ids["outreach_id"])
    return versioned(OutreachView.model_validate(outreach), outreach.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.RECRUITER,
    body=OutreachChange,
    answer=OutreachView,
    refusals=(OutreachNotFound, NotADraft),
)
def change_outreach(call: Call[OutreachChange, Nothing]) -> Answer:
    """Edit a draft; what the mail service refused becomes one again."""
    outreach = service.get(call.session, call.organization_id, call.ids["outreach_id"], lock=True)
    call.check_fresh(outreach.version)
    service.change(call.session, outreach, call.body.given(), actor=call.actor, now=call.now)
    return versioned(OutreachView.model_validate(outreach), outreach.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(OutreachNotFound, NotADraft))
def delete_outreach(call: Call[Nothing, Nothing]) -> Answer:
    """Remove a draft for good."""
    outreach = service.get(call.session, call.organization_id, call.ids["outreach_id"], lock=True)
    call.check_fresh(outreach.version)
    service.delete(call.session, outreach, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    f"{ONE}/send",
    access=Access.RECRUITER,
    body=Sending,
    is_body_optional=True,
    answer=JobView,
    status=202,
    refusals=(
        OutreachNotFound,
        NotSendable,
        *NO_OCCASION,
        CandidateGone,
        NoEmail,
        BadAddress,
        SenderNotConfigured,
        ConfirmationNeeded,
    ),
)
def send_outreach(call: Call[Sending, Nothing]) -> Answer:
    """Send a message in your name, once; replies come to your address. 202 with the job that does it."""
    outreach = service.get(call.session, call.organization_id, call.ids["outreach_id"], lock=True)
    call.check_fresh(outreach.version)
    job_id = sending.ask(
        call.session,
        outreach,
        is_confirmed=call.body.confirm,
        sender_address=settings().sender_address,
        actor=call.actor,
        now=call.now,
    )
    return accepted(call.session, call.organization_id, job_id)
