"""HTTP for candidates who are one person: finding them, merging them, and parting them again."""

from __future__ import annotations

from chalicelib.candidates import duplicates, merging, parting
from chalicelib.candidates.errors import (
    AlreadyMerged,
    CandidateExists,
    CandidateMerged,
    CandidateNotFound,
    ChangedSinceMerge,
    MergeNotFound,
    MergeTooOld,
    SamePerson,
)
from chalicelib.candidates.schemas import CandidateView, DuplicatePair, DuplicatesQuery, Merge
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, versioned
from chalicelib.http.paging import COUNTED_UP_TO, Page, next_position, position_of
from chalicelib.http.routes import Call, Nothing, Routes

routes = Routes(__name__, tag="candidates")
ONE = "/api/candidates/{candidate_id}"


@routes.serve(
    "GET",
    "/api/candidates/duplicates",
    query=DuplicatesQuery,
    answer=Page[DuplicatePair],
    refusals=(CandidateMerged,),
)
def list_duplicates(call: Call[Nothing, DuplicatesQuery]) -> Page[DuplicatePair]:
    """Pairs of candidates who may be one person, the likeliest first, each with its reasons; those of one candidate by
    `candidate_id`, for whom names that only look alike are looked at as well."""
    wish, list_name = call.query, f"duplicates/{call.query.candidate_id}"
    skip = position_of(wish.cursor, list_name) if wish.cursor else wish.skip
    found = duplicates.find(call.session, call.organization_id, wish.candidate_id, skip=skip, limit=wish.limit)
    end = skip + len(found.pairs)
    return Page(
        items=found.pairs,
        total=min(found.total, COUNTED_UP_TO),
        skip=skip,
        limit=wish.limit,
        next_cursor=next_position(end, list_name) if found.pairs and end < found.total else None,
        total_is_exact=found.total <= COUNTED_UP_TO,
    )


@routes.serve(
    "POST",
    f"{ONE}/merge",
    access=Access.RECRUITER,
    body=Merge,
    answer=CandidateView,
    refusals=(CandidateNotFound, CandidateMerged, SamePerson, AlreadyMerged),
)
def merge_candidates(call: Call[Merge, Nothing]) -> Answer:
    """Merge a duplicate into this candidate, who gets all that was the duplicate's: applications, documents,
    screenings, messages, skills, tags, links, and what this profile left empty. Of two applications for one position
    the one that came further stays, with the history of both. The duplicate's id leads here from then on (308)."""
    candidate = merging.merge(
        call.session,
        call.organization_id,
        call.ids["candidate_id"],
        call.body.duplicate_id,
        check_fresh=call.check_fresh,
        actor=call.actor,
        now=call.now,
    )
    return versioned(CandidateView.model_validate(candidate), candidate.version)


@routes.serve(
    "POST",
    f"{ONE}/unmerge",
    access=Access.RECRUITER,
    body=Merge,
    answer=CandidateView,
    refusals=(CandidateNotFound, CandidateMerged, MergeNotFound, MergeTooOld, ChangedSinceMerge, CandidateExists),
)
def unmerge_candidates(call: Call[Merge, Nothing]) -> Answer:
    """Undo a merge within 30 days: the duplicate is there again with all that was theirs and what has come to it since.
    Values of this profile that somebody changed since the merge stay."""
    candidate = parting.unmerge(
        call.session,
        call.organization_id,
        call.ids["candidate_id"],
        call.body.duplicate_id,
        check_fresh=call.check_fresh,
        actor=call.actor,
        now=call.now,
    )
    return versioned(CandidateView.model_validate(candidate), candidate.version)
