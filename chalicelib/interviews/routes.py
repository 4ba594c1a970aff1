"""HTTP for interviews."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import TIME, Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.interviews import inviting, repository, scoring, service
from chalicelib.interviews.errors import (
    ApplicationNotActive,
    InterviewerBusy,
    InterviewMarked,
    InterviewNotFound,
    InterviewOver,
    NotHeld,
    NotInterviewer,
)
from chalicelib.interviews.models import Interview
from chalicelib.interviews.schemas import (
    Calendar,
    InterviewChange,
    InterviewItem,
    InterviewQuery,
    InterviewView,
    NewInterview,
    NewScorecard,
    ScorecardView,
)

routes = Routes(__name__, tag="interviews")
ALL = "/api/interviews"
ONE = "/api/interviews/{interview_id}"
FILTERS = (
    *("application_id", "candidate_id", "position_id", "interviewer_id"),
    *("status", "starts_after", "starts_before"),
)
BY_TIME = Order((Interview.starts_at, Interview.id), (TIME, UUID), is_descending=True)


@routes.serve("GET", ALL, query=InterviewQuery, answer=Page[InterviewItem])
def list_interviews(call: Call[Nothing, InterviewQuery]) -> Page[InterviewItem]:
    """Interviews by when they start, the latest first."""
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    matched = repository.matching(call.organization_id, filters)
    counted = repository.counting(call.organization_id, filters)
    return page(call.session, matched, BY_TIME, call.query, InterviewItem, counted=counted)


@routes.serve(
    "POST",
    ALL,
    access=Access.RECRUITER,
    body=NewInterview,
    answer=InterviewView,
    status=201,
    refusals=(ApplicationNotActive, InterviewerBusy),
)
def plan_interview(call: Call[NewInterview, Nothing]) -> Answer:
    """Plan an interview about an application. Nobody can conduct two at one time."""
    wish = _plain(call.body)
    interview = service.plan(call.session, call.organization_id, wish, actor=call.actor, now=call.now)
    return created(_view(call.session, interview, call.actor.id), f"{ALL}/{interview.id}", version=interview.version)


def _plain(body: NewInterview | InterviewChange) -> dict[str, object]:
    """What was sent, times as they were written and links as texts."""
    values = {name: getattr(body, name) for name in type(body).model_fields if name in body.model_fields_set}
    values |= {name: str(values[name]) for name in ("kind", "status", "video_link") if values.get(name) is not None}
    return values if isinstance(body, InterviewChange) else {"duration_minutes": body.duration_minutes, **values}


def _view(session: Session, interview: Interview, user_id: UUID | None) -> InterviewView:
    session.flush()
    query = repository.shown(interview.organization_id).where(Interview.id == interview.id)
    item = InterviewItem.model_validate(session.execute(query).one())
    cards = [ScorecardView.model_validate(card) for card in scoring.visible(session, interview, user_id)]
    return InterviewView(**item.model_dump(exclude={"local_starts_at"}), scorecards=cards)


@routes.serve("GET", ONE, answer=InterviewView, refusals=(InterviewNotFound,))
def get_interview(call: Call[Nothing, Nothing]) -> Answer:
    """One interview with its scorecards. Who conducts it sees those of the others after sending their own."""
    interview = service.get(call.session, call.organization_id, call.ids["interview_id"])
    return versioned(_view(call.session, interview, call.actor.id), interview.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.RECRUITER,
    body=InterviewChange,
    answer=InterviewView,
    refusals=(InterviewNotFound, InterviewOver, InterviewerBusy, ApplicationNotActive),
)
def change_interview(call: Call[InterviewChange, Nothing]) -> Answer:
    """Move an interview, change who conducts it, or say how it went."""
    interview = service.get(call.session, call.organization_id, call.ids["interview_id"], lock=True)
    call.check_fresh(interview.version)
    service.change(call.session, interview, _plain(call.body), actor=call.actor, now=call.now)
    return versioned(_view(call.session, interview, call.actor.id), interview.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(InterviewNotFound, InterviewMarked))
def delete_interview(call: Call[Nothing, Nothing]) -> Answer:
    """Remove an interview that nobody has given marks in; others are cancelled."""
    interview = service.get(call.session, call.organization_id, call.ids["interview_id"], lock=True)
    call.check_fresh(interview.version)
    service.remove(call.session, interview, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "PUT",
    f"{ONE}/scorecard",
    access=Access.RECRUITER,
    body=NewScorecard,
    answer=ScorecardView,
    refusals=(InterviewNotFound, NotInterviewer, NotHeld),
)
def submit_scorecard(call: Call[NewScorecard, Nothing]) -> ScorecardView:
    """Say what you found, requirement by requirement. Yours alone; sent again, it takes the place of the one before."""
    interview = service.get(call.session, call.organization_id, call.ids["interview_id"], lock=True)
    body = call.body
    marks = [mark.model_dump(mode="json") for mark in body.marks]
    scorecard = scoring.submit(
        call.session, interview, marks, body.recommendation.value, body.comment, actor=call.actor, now=call.now
    )
    return ScorecardView.model_validate(scorecard)


@routes.serve("GET", f"{ONE}/calendar.ics", answer=Calendar, refusals=(InterviewNotFound,))
def get_calendar(call: Call[Nothing, Nothing]) -> Answer:
    """The interview for a calendar. Read again after a change, it takes the place of what the calendar had."""
    from chalicelib.interviews.calendar import as_ical  # its library is not to slow down every cold start

    interview = service.get(call.session, call.organization_id, call.ids["interview_id"])
    text = as_ical(inviting.invitation(call.session, interview))
    headers = {"Content-Disposition": f'attachment; filename="interview-{interview.id}.ics"'}
    return Answer(text, headers=headers, content_type="text/calendar; charset=utf-8")
