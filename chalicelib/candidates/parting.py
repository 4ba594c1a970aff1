"""Undoing a merge: two candidates again, each with what was theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.candidates import merge_rows
from chalicelib.candidates.errors import ChangedSinceMerge, MergeNotFound, MergeTooOld
from chalicelib.candidates.merge_rows import Move
from chalicelib.candidates.merged_values import parted_values
from chalicelib.candidates.merging import CheckFresh
from chalicelib.candidates.models import Candidate, CandidateMerge
from chalicelib.candidates.service import REVERSIBLE_FOR, get, one_per_email, subject_of
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.projects.visibility import seeing_all


def unmerge(
    session: Session,
    organization_id: UUID,
    candidate_id: UUID,
    duplicate_id: UUID,
    *,
    check_fresh: CheckFresh,
    actor: Actor,
    now: datetime,
) -> Candidate:
    """Part a candidate from a duplicate that was merged into it within 30 days; returns the candidate.

    Everything that moved goes back, and what has come to it since goes along; what the merge changed in the candidate's
    profile goes back unless somebody changed it since. Raises CandidateNotFound, MergeNotFound, MergeTooOld,
    ChangedSinceMerge when the one application made of two has moved on, CandidateExists when the duplicate's address is
    somebody else's by now, and what `check_fresh` raises.
    """
    found = merge_rows.lock(session, organization_id, candidate_id, duplicate_id)
    candidate = get(session, organization_id, candidate_id)
    check_fresh(candidate.version)
    merge = merge_rows.standing(session, organization_id, candidate_id, duplicate_id)
    if merge is None:
        raise MergeNotFound("these two are not merged; undo a later merge first, if there was one")
    if merge.merged_at < now - REVERSIBLE_FOR:
        raise MergeTooOld(f"a merge can be undone for {REVERSIBLE_FOR.days} days")
    with seeing_all(session):
        taken_out = merge_rows.taken_out(session, organization_id, merge.id)
        _check_untouched(taken_out)
        _part(session, candidate, found[duplicate_id], merge, actor=actor, now=now)
        _give_back(session, merge, taken_out, now)
    merge.undone_by, merge.undone_at = actor.id, now
    session.flush()
    return candidate


def _check_untouched(taken_out: Any) -> None:
    if any(each.has_moved_on for each in taken_out):
        raise ChangedSinceMerge(
            "both had applied to one position, and the application that was kept has moved on since the merge"
        )


def _part(
    session: Session, candidate: Candidate, duplicate: Candidate, merge: CandidateMerge, *, actor: Actor, now: datetime
) -> None:
    values = parted_values(candidate, merge.before, merge.after)
    # Chosen since, and not the candidate's own: it goes back with the other files.
    if str(candidate.resume_document_id) in merge.moved["documents"]:
        values["resume_document_id"] = None
    before = {name: getattr(candidate, name) for name in values}
    for name, value in values.items():
        setattr(candidate, name, value)
    candidate.updated_at, candidate.version = now, candidate.version + 1
    session.flush()
    after = {**values, "duplicate_id": duplicate.id}
    subject = subject_of(candidate)
    events.record(session, "candidate_unmerged", subject, actor=actor, now=now, before=before, after=after)
    with one_per_email(session, candidate.organization_id, duplicate.email):
        back = {"deleted_at": None, "merged_into": None}
        events.change(session, duplicate, back, "candidate_restored", subject_of(duplicate), actor=actor, now=now)
        session.flush()


def _give_back(session: Session, merge: CandidateMerge, taken_out: Any, now: datetime) -> None:
    organization_id = merge.organization_id
    back = Move(organization_id, merge.candidate_id, merge.duplicate_id, now)
    merge_rows.move_back(session, back, merge.moved)
    merge_rows.put_back(session, organization_id, merge.id, now)
    for each in taken_out:
        merge_rows.touch(session, organization_id, each.kept_application_id, now)
        merge_rows.hand_back(session, organization_id, each.moved, each.application_id, now)
    # Last, when nothing of the candidate's own hangs on what goes back.
    merge_rows.follow(session, back, merge.moved["applications"])
    merge_rows.forget_taken_out(session, organization_id, merge.id)
