"""Every query on interviews, their interviewers and scorecards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.applications.models import Application
from chalicelib.auth.models import User
from chalicelib.interviews.models import Interview, Interviewer, Scorecard

OF_APPLICATION = sa.and_(
    Application.organization_id == Interview.organization_id, Application.id == Interview.application_id
)
INTERVIEWER_IDS = (
    sa.func.array(
        sa.select(Interviewer.user_id)
        .where(Interviewer.organization_id == Interview.organization_id, Interviewer.interview_id == Interview.id)
        .order_by(Interviewer.user_id)
        .correlate(Interview)
        .scalar_subquery()
    )
).label("interviewer_ids")


def find(session: Session, organization_id: UUID, interview_id: UUID, *, lock: bool = False) -> Interview | None:
    """One interview, locked for a change when asked."""
    query = sa.select(Interview).where(Interview.id == interview_id, Interview.organization_id == organization_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def shown(organization_id: UUID) -> sa.Select[Any]:
    """Interviews with candidate, position and interviewers."""
    columns = [*Interview.__table__.columns, Application.candidate_id, Application.position_id, INTERVIEWER_IDS]
    query = sa.select(*columns).select_from(Interview).join(Application, OF_APPLICATION)
    return query.where(Interview.organization_id == organization_id)


def matching(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """Interviews that pass every filter given."""
    query = shown(organization_id)
    tests = {
        "application_id": Interview.application_id.__eq__,
        "candidate_id": Application.candidate_id.__eq__,
        "position_id": Application.position_id.__eq__,
        "status": Interview.status.__eq__,
        "starts_after": Interview.starts_at.__gt__,
        "starts_before": Interview.starts_at.__lt__,
        "interviewer_id": _conducted_by,
    }
    for name, value in filters.items():
        query = query.where(tests[name](value))
    return query


def counting(organization_id: UUID, filters: dict[str, Any]) -> sa.Select[Any]:
    """As many rows as `matching` has. Every interview has its application, which need not be looked up to know so."""
    matched = matching(organization_id, filters)
    if filters.keys() & {"candidate_id", "position_id"}:
        return matched.with_only_columns(sa.literal(1))
    tests = matched.whereclause
    query = sa.select(sa.literal(1)).select_from(Interview)
    return query if tests is None else query.where(tests)


def _conducted_by(user_id: UUID) -> sa.ColumnElement[bool]:
    conducted = sa.select(Interviewer.interview_id).where(
        Interviewer.organization_id == Interview.organization_id, Interviewer.user_id == user_id
    )
    return Interview.id.in_(conducted)


def interviewer_ids(session: Session, interview: Interview) -> list[UUID]:
    """Who conducts an interview."""
    query = sa.select(Interviewer.user_id).where(
        Interviewer.organization_id == interview.organization_id, Interviewer.interview_id == interview.id
    )
    return list(session.scalars(query.order_by(Interviewer.user_id)))


def users(session: Session, organization_id: UUID, user_ids: Sequence[UUID]) -> list[User]:
    """The active users among these."""
    query = sa.select(User).where(
        User.organization_id == organization_id, User.id.in_(user_ids), User.is_active.is_(True)
    )
    return list(session.scalars(query.order_by(User.name, User.id)))


def busy(session: Session, interview: Interview, user_ids: Sequence[UUID]) -> list[UUID]:
    """Who of these conducts another interview at its time, as far as the caller may see."""
    query = (
        sa.select(Interviewer.user_id)
        .where(
            Interviewer.organization_id == interview.organization_id,
            Interviewer.user_id.in_(user_ids),
            Interviewer.interview_id != interview.id,
            Interviewer.is_planned.is_(True),
            Interviewer.during.op("&&")(interview.during),
        )
        .distinct()
    )
    return sorted(session.scalars(query))


def set_interviewers(session: Session, interview: Interview, user_ids: Sequence[UUID]) -> None:
    """Let exactly these conduct it, at its time. Raises DBAPIError naming `interviewers_busy` when one has no time."""
    session.flush()
    where = (Interviewer.organization_id == interview.organization_id, Interviewer.interview_id == interview.id)
    session.execute(sa.delete(Interviewer).where(*where).execution_options(synchronize_session=False))
    rows = [
        {
            "organization_id": interview.organization_id,
            "interview_id": interview.id,
            "user_id": user_id,
            "during": interview.during,
            "is_planned": interview.is_planned,
        }
        # In one order for everybody: two who plan the same people at once wait for each other only one way.
        for user_id in sorted(user_ids)
    ]
    session.execute(sa.insert(Interviewer).values(rows))


def scorecards(session: Session, interview: Interview) -> list[Scorecard]:
    """What the interviewers found, in the order in which they said it."""
    query = sa.select(Scorecard).where(
        Scorecard.organization_id == interview.organization_id, Scorecard.interview_id == interview.id
    )
    return list(session.scalars(query.order_by(Scorecard.submitted_at, Scorecard.id)))


def find_scorecard(session: Session, interview: Interview, user_id: UUID) -> Scorecard | None:
    """What one interviewer found, locked."""
    query = sa.select(Scorecard).where(
        Scorecard.organization_id == interview.organization_id,
        Scorecard.interview_id == interview.id,
        Scorecard.user_id == user_id,
    )
    return session.scalars(query.with_for_update()).first()
