"""Sending a notice at most once.

queued → handed over (committed, with the hash of any link in it: from here on nobody may try again by himself) → the
mail service is called, no transaction open → sent, committed with the job's end. Whoever finds a notice handed over
and not sent does not know whether it left: it becomes unconfirmed, and a person asks for another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.jobs.models import JobRun
from chalicelib.mail import MailRefused
from chalicelib.mail_form import NotAnAddress
from chalicelib.notices.errors import MailNotConfigured, NoticeObsolete, NoticeUnconfirmed
from chalicelib.notices.models import Notice, NoticeKind, NoticeStatus
from chalicelib.notices.writing import writer_of

WAITING = {NoticeStatus.QUEUED, NoticeStatus.FAILED}
ON_ITS_WAY = {NoticeStatus.SENDING, NoticeStatus.UNCONFIRMED}


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A notice on its way: the mail, and when it was noted as handed over."""

    message: EmailMessage = field(repr=False)
    at: datetime


def hand_over(session: Session, run: JobRun, *, sender_address: str | None, now: datetime) -> HandedOver:
    """Write a notice and note that it is about to leave; once this is committed, the caller alone may hand it to the
    mail service, one single time. Raises NoticeUnconfirmed when it was handed over before, NoticeObsolete,
    MailNotConfigured, and MailRefused for an address that mail cannot be sent to."""
    notice = _find(session, run)
    if notice is None or notice.job_id != run.id:
        raise NoticeObsolete("this notice is not to be sent any more")
    if notice.handed_over_at is not None:
        raise NoticeUnconfirmed
    if notice.status not in WAITING:
        raise NoticeObsolete(f"this notice is {notice.status}")
    if sender_address is None:
        raise MailNotConfigured("this installation has no address to send from; an operator has to set one")
    note = writer_of(NoticeKind(notice.kind))(session, notice, now)
    try:
        message = note.as_message(notice.id, sender_address=sender_address, now=now)
    except NotAnAddress:
        raise MailRefused("mail cannot be sent to this address") from None
    values = {"status": NoticeStatus.SENDING.value, "handed_over_at": now, "error_code": None}
    _step(session, run, notice, "notice_handed_over", now, values)
    return HandedOver(message, now)


def take_back(session: Session, run: JobRun, handed_over: HandedOver, *, now: datetime) -> None:
    """Note that the mail service certainly has not taken the notice: the next attempt may write it anew."""
    notice = _find(session, run)
    if notice is not None and notice.job_id == run.id and notice.handed_over_at == handed_over.at:
        values = {"status": NoticeStatus.QUEUED.value, "handed_over_at": None}
        _step(session, run, notice, "notice_taken_back", now, values)


def sent(session: Session, run: JobRun, mail_id: str, *, now: datetime) -> None:
    """Note that the mail service took the notice; also when it was given up as unconfirmed meanwhile."""
    notice = _find(session, run)
    if notice is None or notice.job_id != run.id or notice.status not in ON_ITS_WAY:
        return
    values = {"status": NoticeStatus.SENT.value, "sent_at": now, "mail_id": mail_id, "error_code": None}
    _step(session, run, notice, "notice_sent", now, values)


def not_sent(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Write what the end of a sending job, other than a good one, means for its notice."""
    notice = _find(session, run)
    if notice is None or notice.job_id != run.id or notice.status not in {NoticeStatus.QUEUED, NoticeStatus.SENDING}:
        return
    if notice.handed_over_at is not None and not isinstance(error, MailRefused):
        values = {"status": NoticeStatus.UNCONFIRMED.value, "error_code": NoticeUnconfirmed.code}
        _step(session, run, notice, "notice_unconfirmed", now, values)
        return
    failed = {"status": NoticeStatus.FAILED.value, "error_code": error.code, "handed_over_at": None}
    _step(session, run, notice, "notice_failed", now, failed)


def _find(session: Session, run: JobRun) -> Notice | None:
    """The notice of a job, locked."""
    query = sa.select(Notice).where(Notice.organization_id == run.organization_id, Notice.id == run.id_of("notice_id"))
    return session.scalars(query.with_for_update()).first()


def _step(session: Session, run: JobRun, notice: Notice, action: str, now: datetime, values: dict[str, Any]) -> None:
    events.change(session, notice, values, action, notice.about, actor=run.actor, now=now)
