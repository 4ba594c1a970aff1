"""HTTP for background jobs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.clients import QueueUnavailable
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs import figures, redrive, service, stats
from chalicelib.jobs.errors import JobEnded, JobNotCancellable, JobNotFound, JobNotRetryable
from chalicelib.jobs.models import Job, JobStatus
from chalicelib.jobs.schemas import JobQuery, JobStats, JobView, NewRedrive, RedriveView

routes = Routes(__name__, tag="jobs")
ONE = "/api/jobs/{job_id}"
FILTERS = ("status", "kind", "priority", "parent_id")


@routes.serve("GET", "/api/jobs", query=JobQuery, answer=Page[JobView])
def list_jobs(call: Call[Nothing, JobQuery]) -> Page[JobView]:
    """Background jobs of the organization, newest first."""
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    query = figures.matching(call.organization_id, filters)
    return page(call.session, query, Order.by_id(Job.id), call.query, JobView, read=JobView.of)


@routes.serve("GET", ONE, answer=JobView, refusals=(JobNotFound,))
def get_job(call: Call[Nothing, Nothing]) -> JobView:
    """One job: how far it is, what came of it, or why it failed."""
    return view(call.session, service.get(call.session, call.organization_id, call.ids["job_id"]))


@routes.serve(
    "POST",
    f"{ONE}/cancel",
    access=Access.RECRUITER,
    answer=JobView,
    refusals=(JobNotFound, JobEnded, JobNotCancellable),
)
def cancel_job(call: Call[Nothing, Nothing]) -> JobView:
    """Call a job off: at once while it waits, at its next checkpoint while it runs; a split one with all its parts."""
    job_id = call.ids["job_id"]
    service.cancel(call.session, call.organization_id, job_id, actor=call.actor, now=call.now)
    return view(call.session, service.get(call.session, call.organization_id, job_id))


@routes.serve("POST", f"{ONE}/retry", access=Access.RECRUITER, answer=JobView, refusals=(JobNotFound, JobNotRetryable))
def retry_job(call: Call[Nothing, Nothing]) -> JobView:
    """Queue a failed or cancelled job afresh, with all its attempts before it."""
    job_id = call.ids["job_id"]
    service.retry(call.session, call.organization_id, job_id, actor=call.actor, now=call.now)
    return view(call.session, service.get(call.session, call.organization_id, job_id))


@routes.serve("GET", "/api/jobs/stats", answer=JobStats, opens_transaction=False)
def get_stats(call: Call[Nothing, Nothing]) -> JobStats:
    """What waits, runs, succeeded and failed, per queue and kind; how long it took; what was given up."""
    with call.transaction() as session:
        kinds = stats.per_kind(session, call.organization_id, call.now)
    return stats.with_queues(kinds)


@routes.serve(
    "POST",
    "/api/jobs/redrive",
    access=Access.ADMIN,
    body=NewRedrive,
    answer=RedriveView,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(QueueUnavailable,),
)
def redrive_jobs(call: Call[NewRedrive, Nothing]) -> RedriveView:
    """Give the organization's given-up jobs another chance; what fails again comes back with its cause."""
    outcome = redrive.redrive(call.organization_id, call.body.queue.value, actor=call.actor, now=call.now)
    return RedriveView.model_validate(outcome)


def view(session: Session, job: Job) -> JobView:
    """A job with its place in the queue while it waits."""
    position = figures.queue_position(session, job) if job.status == JobStatus.QUEUED else None
    return JobView.of(job, position)


def accepted(session: Session, organization_id: UUID, job_id: UUID) -> Answer:
    """202 with the job and where to follow it."""
    job = service.get(session, organization_id, job_id)
    return Answer(view(session, job), status=202, headers={"Location": f"/api/jobs/{job_id}"})
