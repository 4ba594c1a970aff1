"""HTTP for candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chalicelib.candidates import repository, service
from chalicelib.candidates.counting import counting, counting_found, nearest_found
from chalicelib.candidates.errors import CandidateExists, CandidateMerged, CandidateNotFound, EmptySearch
from chalicelib.candidates.models import Candidate
from chalicelib.candidates.schemas import (
    CandidateChange,
    CandidateFound,
    CandidateQuery,
    CandidateSort,
    CandidateView,
    NewCandidate,
    SearchQuery,
)
from chalicelib.documents import service as documents
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.limits import SEARCH
from chalicelib.http.paging import COUNTED_UP_TO, TEXT, TIME, Order, Page, next_position, page, position_of
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="candidates")
ONE = "/api/candidates/{candidate_id}"
FILTERS = ("skill", "tag", "source", "position_id", "stage", "created_after", "created_before")
SORTED_BY: dict[str, tuple[Any, Any]] = {
    "created_at": (Candidate.created_at, TIME),
    "name": (Candidate.name, TEXT),
    "updated_at": (Candidate.updated_at, TIME),
}


def order_of(sort: CandidateSort) -> Order:
    """The total order behind a `sort`: its column, ties broken by id."""
    column, kind = SORTED_BY[sort.value.removeprefix("-")]
    return Order((column, Candidate.id), (kind, UUID), is_descending=sort.value.startswith("-"))


@routes.serve("GET", "/api/candidates", query=CandidateQuery, answer=Page[CandidateView], refusals=(EmptySearch,))
def list_candidates(call: Call[Nothing, CandidateQuery]) -> Page[CandidateView]:
    """Candidates of the organization, newest first unless sorted otherwise."""
    wish = call.query
    filters = {name: value for name in FILTERS if (value := getattr(wish, name)) is not None}
    found_by = service.query_of(wish.q) if wish.q is not None else None
    query = repository.matching(call.organization_id, filters, found_by)
    if found_by is None:
        counted, nearest = counting(call.organization_id, filters), None
    else:
        counted = counting_found(found_by, filters)
        nearest = nearest_found(call.organization_id, found_by, filters, wish.sort.value)
    return page(call.session, query, order_of(wish.sort), wish, CandidateView, counted=counted, nearest=nearest)


@routes.serve(
    "GET",
    "/api/candidates/search",
    query=SearchQuery,
    answer=Page[CandidateFound],
    cost=SEARCH,
    refusals=(EmptySearch,),
)
def search_candidates(call: Call[Nothing, SearchQuery]) -> Page[CandidateFound]:
    """Candidates by words of their profile or résumé, best first: `word`, `"exact phrase"`, `OR`, `-not`, `prefix*`."""
    wish = call.query
    skip = position_of(wish.cursor, wish.q) if wish.cursor else wish.skip
    found = service.find(call.session, wish.q, skip=skip, limit=wish.limit)
    items = [
        CandidateFound.model_validate({**row._mapping, "highlight": service.marked(row.highlight)})
        for row in found.rows
    ]
    end = skip + len(items)
    return Page(
        items=items,
        total=min(found.total, COUNTED_UP_TO),
        skip=skip,
        limit=wish.limit,
        next_cursor=next_position(end, wish.q) if items and end < min(found.total, repository.RANKED_AT_MOST) else None,
        total_is_exact=found.total <= COUNTED_UP_TO,
    )


@routes.serve(
    "POST",
    "/api/candidates",
    access=Access.RECRUITER,
    body=NewCandidate,
    answer=CandidateView,
    status=201,
    refusals=(CandidateExists,),
)
def create_candidate(call: Call[NewCandidate, Nothing]) -> Answer:
    """A new candidate; one per email and organization."""
    values = call.body.as_values()
    documents.check_resume(call.session, call.organization_id, values["resume_document_id"])
    candidate = service.create(call.session, call.organization_id, values, actor=call.actor, now=call.now)
    return created(CandidateView.model_validate(candidate), f"/api/candidates/{candidate.id}", version=1)


@routes.serve("GET", ONE, answer=CandidateView, refusals=(CandidateNotFound, CandidateMerged))
def get_candidate(call: Call[Nothing, Nothing]) -> Answer:
    """One candidate."""
    row = service.show(call.session, call.organization_id, call.ids["candidate_id"])
    return versioned(CandidateView.model_validate(row), row.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.RECRUITER,
    body=CandidateChange,
    answer=CandidateView,
    refusals=(CandidateNotFound, CandidateMerged, CandidateExists),
)
def change_candidate(call: Call[CandidateChange, Nothing]) -> Answer:
    """Change what is given, and nothing else."""
    candidate = service.get(call.session, call.organization_id, call.ids["candidate_id"], lock=True)
    call.check_fresh(candidate.version)
    values = call.body.as_values()
    if values.get("resume_document_id") != candidate.resume_document_id:
        documents.check_resume(call.session, call.organization_id, values.get("resume_document_id"))
    service.change(call.session, candidate, values, actor=call.actor, now=call.now)
    return versioned(CandidateView.model_validate(candidate), candidate.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(CandidateNotFound, CandidateMerged))
def delete_candidate(call: Call[Nothing, Nothing]) -> Answer:
    """Take a candidate out of sight; for 30 days `restore` brings it back."""
    candidate = service.get(call.session, call.organization_id, call.ids["candidate_id"], lock=True)
    call.check_fresh(candidate.version)
    service.delete(call.session, candidate, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    f"{ONE}/restore",
    access=Access.RECRUITER,
    answer=CandidateView,
    refusals=(CandidateNotFound, CandidateMerged, CandidateExists),
)
def restore_candidate(call: Call[Nothing, Nothing]) -> Answer:
    """Bring back a candidate deleted within the last 30 days."""
    candidate_id = call.ids["candidate_id"]
    candidate = service.restore(call.session, call.organization_id, candidate_id, actor=call.actor, now=call.now)
    return versioned(CandidateView.model_validate(candidate), candidate.version)
