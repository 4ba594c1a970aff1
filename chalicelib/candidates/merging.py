"""Making one of two candidates who are one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.candidates import merge_rows
from chalicelib.candidates.errors import AlreadyMerged, CandidateMerged, CandidateNotFound, SamePerson
from chalicelib.candidates.merge_rows import Move
from chalicelib.candidates.merged_values import merged_values, plain
from chalicelib.candidates.models import Candidate, CandidateMerge
from chalicelib.candidates.service import subject_of
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.projects.visibility import seeing_all

CheckFresh = Callable[[int], None]


def merge(
    session: Session,
    organization_id: UUID,
    candidate_id: UUID,
    duplicate_id: UUID,
    *,
    check_fresh: CheckFresh,
    actor: Actor,
    now: datetime,
) -> Candidate:
    """Merge the duplicate into the candidate, who remains with all that was of both; the duplicate's id leads there.

    What the candidate's profile says stays; what was empty is filled, and skills, tags and links are united. When both
    have applied to one position, the application that came further stays, with the history of both: an active one
    before a closed one, the later stage, then the older one. Also what the caller may not see moves, or it would be
    lost: nothing of it is told.

    Raises SamePerson, CandidateNotFound for either (CandidateMerged for the candidate), AlreadyMerged for the
    duplicate, and what `check_fresh` raises for the candidate's version.
    """
    if candidate_id == duplicate_id:
        message = "name another candidate than the one that remains"
        raise SamePerson(message, errors=[{"field": "duplicate_id", "message": message}])
    candidate, duplicate = _both(session, organization_id, candidate_id, duplicate_id)
    check_fresh(candidate.version)
    merge_id = new_id()
    with seeing_all(session):
        taken_out = _settle_clashes(session, candidate, duplicate, merge_id, now)
        moved = merge_rows.move_all(session, Move(organization_id, duplicate_id, candidate_id, now))
        before, after = _unite(session, candidate, duplicate, actor=actor, now=now)
        record = CandidateMerge(
            id=merge_id,
            organization_id=organization_id,
            candidate_id=candidate_id,
            duplicate_id=duplicate_id,
            before=before,
            after=after,
            moved=moved,
            merged_by=actor.id,
            merged_at=now,
        )
        session.add(record)
        session.flush()
        for each in taken_out:
            merge_rows.keep_taken_out(session, **each)
    return candidate


def _both(
    session: Session, organization_id: UUID, candidate_id: UUID, duplicate_id: UUID
) -> tuple[Candidate, Candidate]:
    found = merge_rows.lock(session, organization_id, candidate_id, duplicate_id)
    candidate, duplicate = found.get(candidate_id), found.get(duplicate_id)
    if candidate is None or candidate.deleted_at is not None:
        remaining_id = merge_rows.remaining(session, organization_id, candidate_id)
        raise CandidateMerged(candidate_id, remaining_id) if remaining_id else _unknown()
    if duplicate is not None and duplicate.merged_into is not None:
        remaining_id = merge_rows.remaining(session, organization_id, duplicate_id)
        raise AlreadyMerged("the duplicate was merged already", candidate_id=remaining_id and str(remaining_id))
    if duplicate is None or duplicate.deleted_at is not None:
        raise _unknown()
    return candidate, duplicate


def _unknown() -> CandidateNotFound:
    return CandidateNotFound("there is no such candidate")


def _settle_clashes(
    session: Session, candidate: Candidate, duplicate: Candidate, merge_id: UUID, now: datetime
) -> list[dict[str, Any]]:
    """Make one application of each two for the same position; those that were taken out, as they are to be kept."""
    organization_id, taken_out = candidate.organization_id, []
    for clash in merge_rows.clashes(session, organization_id, candidate.id, duplicate.id):
        kept_id, gone_id = (clash.own_id, clash.their_id) if _own_is_further(clash) else (clash.their_id, clash.own_id)
        moved = merge_rows.hand_over(session, organization_id, gone_id, kept_id, now)
        row = merge_rows.take_out(session, organization_id, gone_id)
        merge_rows.touch(session, organization_id, kept_id, now)
        taken_out.append(
            {
                "row": row,
                "moved": moved,
                "organization_id": organization_id,
                "application_id": gone_id,
                "merge_id": merge_id,
                "position_id": clash.position_id,
                "kept_application_id": kept_id,
            }
        )
    return taken_out


def _own_is_further(clash: sa.Row[Any]) -> bool:
    own = (clash.own_status == "active", clash.own_place)
    theirs = (clash.their_status == "active", clash.their_place)
    return own > theirs or (own == theirs and clash.own_applied_at <= clash.their_applied_at)


def _unite(
    session: Session, candidate: Candidate, duplicate: Candidate, *, actor: Actor, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the candidate what only the duplicate's profile knows, and take the duplicate out of sight; the candidate's
    values before and after, as JSON has them."""
    values = merged_values(candidate, duplicate)
    before, after = plain({name: getattr(candidate, name) for name in values}), plain(values)
    # First the duplicate: its address is free for the candidate then.
    gone = {"deleted_at": now, "merged_into": candidate.id}
    events.change(session, duplicate, gone, "candidate_merged_away", subject_of(duplicate), actor=actor, now=now)
    session.flush()
    for name, value in values.items():
        setattr(candidate, name, value)
    candidate.updated_at, candidate.version = now, candidate.version + 1
    events.record(
        session,
        "candidate_merged",
        subject_of(candidate),
        actor=actor,
        now=now,
        before=before,
        after={**after, "duplicate_id": str(duplicate.id)},
    )
    return before, after
