"""HTTP for background jobs."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.http.answers import Answer
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs import repository, service
from chalicelib.jobs.errors import JobNotFound
from chalicelib.jobs.models import Job, JobStatus
from chalicelib.jobs.schemas import JobQuery, JobView

routes = Routes(__name__, tag="jobs")


@routes.serve("GET", "/api/jobs", query=JobQuery, answer=Page[JobView])
def list_jobs(call: Call[Nothing, JobQuery]) -> Page[JobView]:
    """Background jobs of the organization, newest first."""
    filters = {name: value for name in ("status", "kind") if (value := getattr(call.query, name)) is not None}
    query = repository.matching(call.organization_id, filters)
    return page(call.session, query, Order.by_id(Job.id), call.query, JobView, read=JobView.of)


@routes.serve("GET", "/api/jobs/{job_id}", answer=JobView, refusals=(JobNotFound,))
def get_job(call: Call[Nothing, Nothing]) -> JobView:
    """One job: how far it is, what came of it, or why it failed."""
    return view(call.session, service.get(call.session, call.organization_id, call.ids["job_id"]))


def view(session: Session, job: Job) -> JobView:
    """A job with its place in the queue while it waits."""
    position = repository.queue_position(session, job) if job.status == JobStatus.QUEUED else None
    return JobView.of(job, position)


def accepted(session: Session, organization_id: UUID, job_id: UUID) -> Answer:
    """202 with the job and where to follow it."""
    job = service.get(session, organization_id, job_id)
    return Answer(view(session, job), status=202, headers={"Location": f"/api/jobs/{job_id}"})
