"""Asking for a notice to be sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind
from chalicelib.notices.models import Notice, NoticeKind, NoticeStatus
from chalicelib.settings import settings


def can_send_links() -> bool:
    """Whether this installation has an address to send from, and links have somewhere to lead."""
    return settings().sender_address is not None and settings().frontend_address is not None


def ask(session: Session, kind: NoticeKind, *, user_id: UUID | None = None, actor: Actor, now: datetime) -> Notice:
    """Ask for a mail in the transaction in hand; it is written and sent by a job after the commit. The event of what
    the notice is about is the caller's."""
    notice = Notice(
        id=new_id(),
        organization_id=session.info["organization_id"],
        kind=kind.value,
        user_id=user_id,
        status=NoticeStatus.QUEUED.value,
        created_at=now,
        updated_at=now,
        version=1,
    )
    notice.job_id = jobs.enqueue(session, JobKind.SEND_NOTICE, {"notice_id": notice.id}, actor=actor, now=now)
    session.add(notice)
    session.flush()
    return notice
