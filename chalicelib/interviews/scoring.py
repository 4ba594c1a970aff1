"""What interviewers found: each gives marks of their own, and sees the others' after that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.errors import Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.interviews import repository
from chalicelib.interviews.errors import NotHeld, NotInterviewer
from chalicelib.interviews.models import Interview, InterviewStatus, Scorecard
from chalicelib.interviews.service import application_of
from chalicelib.positions.models import Position

HELD = {InterviewStatus.SCHEDULED, InterviewStatus.COMPLETED}


def submit(
    session: Session,
    interview: Interview,
    marks: Sequence[dict[str, Any]],
    recommendation: str,
    comment: str | None,
    *,
    actor: Actor,
    now: datetime,
) -> Scorecard:
    """Keep what an interviewer found, in place of what they said before. The interview must be locked by the caller.

    Raises NotInterviewer, NotHeld, and Invalid naming marks for what the position does not require.
    """
    if actor.kind != "user" or actor.id not in repository.interviewer_ids(session, interview):
        raise NotInterviewer("you do not conduct this interview")
    assert actor.id is not None
    if interview.status not in HELD or interview.starts_at > now:
        raise NotHeld("marks are given once an interview has begun, and only if it took place")
    _check_required(session, interview, marks)
    values = {"marks": list(marks), "recommendation": recommendation, "comment": comment}
    scorecard = repository.find_scorecard(session, interview, actor.id)
    if scorecard is None:
        scorecard = _new(interview, actor.id, values, now)
        session.add(scorecard)
    else:
        for name, value in values.items():
            setattr(scorecard, name, value)
        scorecard.updated_at, scorecard.version = now, scorecard.version + 1
    # Comments and notes are about a person; they stay in the scorecard alone.
    after = {"recommendation": recommendation, "marks": [_without_note(mark) for mark in marks]}
    about = interview.about(application_of(session, interview))
    events.record(session, "scorecard_submitted", about, actor=actor, now=now, after=after)
    return scorecard


def _new(interview: Interview, user_id: UUID, values: dict[str, Any], now: datetime) -> Scorecard:
    return Scorecard(
        id=new_id(),
        organization_id=interview.organization_id,
        interview_id=interview.id,
        user_id=user_id,
        submitted_at=now,
        updated_at=now,
        version=1,
        **values,
    )


def _without_note(mark: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mark.items() if name != "note"}


def _check_required(session: Session, interview: Interview, marks: Sequence[dict[str, Any]]) -> None:
    position = session.get(Position, application_of(session, interview).position_id)
    known = {requirement["id"] for requirement in position.requirements} if position else set()
    errors = [
        {"field": f"marks.{number}.requirement_id", "message": "the position has no such requirement"}
        for number, mark in enumerate(marks)
        if mark["requirement_id"] not in known
    ]
    if errors:
        raise Invalid("some fields are wrong", errors=errors)


def visible(session: Session, interview: Interview, user_id: UUID | None) -> list[Scorecard]:
    """The scorecards that this user may see now: all of them, but for an interviewer who has not sent theirs."""
    cards = repository.scorecards(session, interview)
    has_sent = any(card.user_id == user_id for card in cards)
    if not has_sent and user_id in repository.interviewer_ids(session, interview):
        return []
    return cards
