"""What a calendar is told of an interview."""

from __future__ import annotations

from sqlalchemy.orm import Session

from chalicelib.applications import repository as applications
from chalicelib.interviews import repository
from chalicelib.interviews.invitation import Attendee, Invitation
from chalicelib.interviews.models import Interview, InterviewStatus


def invitation(session: Session, interview: Interview) -> Invitation:
    """The interview with the names that belong to it."""
    shown = applications.shown(interview.organization_id, {"id": interview.application_id})
    application = session.execute(shown).one()
    user_ids = repository.interviewer_ids(session, interview)
    users = repository.users(session, interview.organization_id, user_ids)
    return Invitation(
        id=interview.id,
        sequence=interview.version - 1,
        title=f"Interview: {application.candidate_name}, {application.position_title}",
        starts_at=interview.starts_at,
        duration_minutes=interview.duration_minutes,
        time_zone=interview.time_zone,
        is_cancelled=interview.status == InterviewStatus.CANCELLED,
        location=interview.location,
        video_link=interview.video_link,
        notes=interview.notes,
        changed_at=interview.updated_at,
        attendees=[Attendee(user.name, user.email) for user in users],
    )
