"""HTTP for people's rights: everything about a person, nothing any more, and how long people are kept."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from chalicelib import clients
from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.clients import Bucket
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.limits import EXPORT
from chalicelib.http.paging import TIME, Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.privacy import export, repository, retention, service
from chalicelib.privacy.errors import ErasureNotFound
from chalicelib.privacy.models import Erasure, RetentionWarning
from chalicelib.privacy.schemas import (
    ErasureQuery,
    ErasureView,
    NewErasure,
    PersonExport,
    RetentionOutcome,
    RetentionQuery,
    RetentionTrial,
    RetentionWarningView,
)

routes = Routes(__name__, tag="privacy")
ONE = "/api/candidates/{candidate_id}"
SOONEST_FIRST = Order((RetentionWarning.due_at, RetentionWarning.candidate_id), (TIME, UUID), is_descending=False)


@routes.serve(
    "GET", f"{ONE}/export", access=Access.ADMIN, answer=PersonExport, cost=EXPORT, refusals=(CandidateNotFound,)
)
def export_person(call: Call[Nothing, Nothing]) -> PersonExport:
    """Everything held about a candidate, deleted ones included, with links to their files."""
    return export.export(
        call.session,
        clients.storage(Bucket.CLEAN),
        call.organization_id,
        call.ids["candidate_id"],
        actor=call.actor,
        now=call.now,
    )


@routes.serve(
    "POST",
    f"{ONE}/erase",
    access=Access.ADMIN,
    body=NewErasure,
    is_body_optional=True,
    answer=JobView,
    status=202,
    refusals=(CandidateNotFound,),
)
def erase_person(call: Call[NewErasure, Nothing]) -> Answer:
    """Erase a candidate for good: out of sight at once, gone when the job is done. Its result names the certificate.
    There is no way back."""
    erasure = service.ask(
        call.session,
        call.organization_id,
        call.ids["candidate_id"],
        call.body.reason,
        actor=call.actor,
        now=call.now,
    )
    return accepted(call.session, call.organization_id, erasure.job_id)


@routes.serve("GET", "/api/erasures", access=Access.ADMIN, query=ErasureQuery, answer=Page[ErasureView])
def list_erasures(call: Call[Nothing, ErasureQuery]) -> Page[ErasureView]:
    """Certificates of erasures, newest first."""
    query = repository.matching(call.organization_id)
    return page(call.session, query, Order.by_id(Erasure.id), call.query, ErasureView)


@routes.serve("GET", "/api/erasures/{erasure_id}", access=Access.ADMIN, answer=ErasureView, refusals=(ErasureNotFound,))
def get_erasure(call: Call[Nothing, Nothing]) -> ErasureView:
    """The certificate of one erasure."""
    return ErasureView.model_validate(service.get(call.session, call.organization_id, call.ids["erasure_id"]))


@routes.serve(
    "GET", "/api/retention/warnings", access=Access.ADMIN, query=RetentionQuery, answer=Page[RetentionWarningView]
)
def list_retention_warnings(call: Call[Nothing, RetentionQuery]) -> Page[RetentionWarningView]:
    """Who will be erased and when, soonest first, as the policy of the organization has it."""
    query = repository.warnings_of(call.organization_id)
    return page(call.session, query, SOONEST_FIRST, call.query, RetentionWarningView)


@routes.serve(
    "POST", "/api/retention/try", access=Access.ADMIN, body=RetentionTrial, answer=RetentionOutcome, keeps_answer=False
)
def try_retention(call: Call[RetentionTrial, Nothing]) -> RetentionOutcome:
    """How many candidates a period would make due now. Nothing is changed, warned of or erased."""
    days = call.body.retention_days
    trial = retention.try_out(call.session, call.organization_id, timedelta(days=days), call.now)
    return RetentionOutcome(retention_days=days, due=trial.due, is_exact=trial.is_exact, examples=trial.examples)
