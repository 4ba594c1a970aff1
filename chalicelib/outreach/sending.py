"""Sending a message at most once.

draft → sending (committed with its job) → handed over (committed: from here on nobody may try again by himself) → the
mail service is called, no transaction open → sent, committed with the job's end. Whoever finds a message handed over
and not sent does not know whether it left: it becomes unconfirmed, and a person decides. What the mail service
certainly did not take is taken back, and tried again or failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import repository as applications
from chalicelib.applications.models import Application
from chalicelib.auth import service as accounts
from chalicelib.candidates import service as candidates
from chalicelib.candidates.errors import CandidateNotFound
from chalicelib.candidates.models import Candidate
from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.jobs import service as jobs
from chalicelib.jobs.errors import JobCancelled
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.mail import MailRefused
from chalicelib.outreach import repository, rules
from chalicelib.outreach.errors import CandidateGone, NoEmail, NotSendable, SenderNotConfigured, SendUnconfirmed
from chalicelib.outreach.letters import Letter
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.outreach.service import actor_of, get
from chalicelib.positions import repository as positions

SENDABLE = {OutreachStatus.DRAFT, OutreachStatus.FAILED, OutreachStatus.UNCONFIRMED}


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A message on its way: the mail, and when it was noted as handed over."""

    outreach_id: UUID
    message: EmailMessage
    at: datetime


def ask(
    session: Session, outreach: Outreach, *, is_confirmed: bool, sender_address: str | None, actor: Actor, now: datetime
) -> UUID:
    """Send a message (locked) in the name of `actor`; returns the job's id.

    Raises NotSendable, CandidateGone, NoEmail, BadAddress, SenderNotConfigured, what `rules.check_occasion` raises, and
    ConfirmationNeeded.
    """
    if not outreach.is_written or outreach.status not in SENDABLE:
        raise NotSendable(f"this message is {outreach.status}")
    assert actor.id is not None
    _letter(session, outreach, sender_id=actor.id, sender_address=sender_address).as_message(now)
    rules.check_confirmed(outreach, _application(session, outreach), is_confirmed=is_confirmed)
    payload = {"outreach_id": outreach.id}
    job_id = jobs.enqueue(session, JobKind.SEND_OUTREACH, payload, actor=actor, now=now)
    values = {
        "status": OutreachStatus.SENDING.value,
        "send_job_id": job_id,
        "sent_by": actor.id,
        "handed_over_at": None,
        "error_code": None,
        "error_message": None,
    }
    events.change(session, outreach, values, "outreach_sending", outreach.about, actor=actor, now=now)
    return job_id


def _letter(session: Session, outreach: Outreach, *, sender_id: UUID, sender_address: str | None) -> Letter:
    """The mail that the message is now; raises what forbids to send it."""
    candidate = _candidate(session, outreach)
    position = positions.find(session, outreach.organization_id, outreach.position_id)
    rules.check_occasion(outreach.template, _application(session, outreach), position)
    if candidate.email is None:
        raise NoEmail("this candidate has no email address; add one first")
    if sender_address is None:
        raise SenderNotConfigured("this installation has no address to send from; an operator has to set one")
    sender = accounts.get_user(session, outreach.organization_id, sender_id)
    assert outreach.subject is not None
    assert outreach.body is not None
    return Letter(
        outreach_id=outreach.id,
        subject=outreach.subject,
        body=outreach.body,
        to_name=candidate.name,
        to_address=candidate.email,
        sender_name=sender.name,
        sender_address=sender_address,
        reply_address=sender.email,
    )


def _candidate(session: Session, outreach: Outreach) -> Candidate:
    try:
        return candidates.get(session, outreach.organization_id, outreach.candidate_id)
    except CandidateNotFound:
        raise CandidateGone("this candidate was deleted") from None


def _application(session: Session, outreach: Outreach) -> Application | None:
    """The application as it stands now; one that was made after the draft counts too."""
    return applications.find_pair(session, outreach.organization_id, outreach.candidate_id, outreach.position_id)


def hand_over(session: Session, run: JobRun, *, sender_address: str | None, now: datetime) -> HandedOver:
    """Note that the message is about to leave; once this is committed, the caller alone may hand it to the mail
    service, one single time. Raises SendUnconfirmed when it was handed over before, NotSendable when it is not this
    job's to send, and what forbids to send it by now."""
    outreach = get(session, run.organization_id, run.id_of("outreach_id"), lock=True)
    # A job that failed and is tried again finds its message failed, as long as nobody has touched it.
    if outreach.send_job_id != run.id or outreach.status not in {OutreachStatus.SENDING, OutreachStatus.FAILED}:
        raise NotSendable(f"this message is {outreach.status}; send it again from there")
    if outreach.handed_over_at is not None:
        raise SendUnconfirmed
    assert outreach.sent_by is not None
    letter = _letter(session, outreach, sender_id=outreach.sent_by, sender_address=sender_address)
    message = letter.as_message(now)
    values = {
        "status": OutreachStatus.SENDING.value,
        "handed_over_at": now,
        "sent_to": letter.to_address,
        "error_code": None,
        "error_message": None,
    }
    _step(session, run, outreach, "outreach_handed_over", now, values)
    return HandedOver(outreach.id, message, now)


def take_back(session: Session, run: JobRun, handed_over: HandedOver, *, now: datetime) -> None:
    """Note that the mail service certainly has not taken the message: the next attempt may hand it over again."""
    outreach = get(session, run.organization_id, handed_over.outreach_id, lock=True)
    if _is_on_its_way(outreach, run) and outreach.handed_over_at == handed_over.at:
        _step(session, run, outreach, "outreach_taken_back", now, {"handed_over_at": None, "sent_to": None})


def sent(session: Session, run: JobRun, mail_id: str, *, now: datetime) -> None:
    """Note that the mail service took the message; also when it was given up as unconfirmed meanwhile."""
    outreach = get(session, run.organization_id, run.id_of("outreach_id"), lock=True)
    if not _is_on_its_way(outreach, run):
        return
    values = {
        "status": OutreachStatus.SENT.value,
        "sent_at": now,
        "mail_id": mail_id,
        "error_code": None,
        "error_message": None,
    }
    _step(session, run, outreach, "outreach_sent", now, values)


def not_sent(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Write what the end of a sending job, other than a good one, means for its message."""
    outreach = repository.find(session, run.organization_id, run.id_of("outreach_id"), lock=True)
    if outreach is None or outreach.send_job_id != run.id or outreach.status != OutreachStatus.SENDING:
        return
    if "mail_id" in run.result:  # called off when it had left already
        sent(session, run, run.result["mail_id"], now=now)
        return
    values = {"error_code": error.code, "error_message": error.detail}
    if outreach.handed_over_at is not None and not isinstance(error, MailRefused):
        unknown = SendUnconfirmed()
        values = {"error_code": unknown.code, "error_message": unknown.detail}
        status, action = OutreachStatus.UNCONFIRMED, "outreach_unconfirmed"
    elif isinstance(error, JobCancelled):
        status, action, values = OutreachStatus.DRAFT, "outreach_called_off", {}
    else:
        status, action = OutreachStatus.FAILED, "outreach_failed"
    # What is known not to have left can be handed over again; what may have left keeps the moment, for who looks.
    kept = {} if status is OutreachStatus.UNCONFIRMED else {"handed_over_at": None, "sent_to": None}
    _step(session, run, outreach, action, now, {"status": status.value, **values, **kept})


def _is_on_its_way(outreach: Outreach, run: JobRun) -> bool:
    on_its_way = {OutreachStatus.SENDING, OutreachStatus.UNCONFIRMED}
    return outreach.send_job_id == run.id and outreach.status in on_its_way


def _step(
    session: Session, run: JobRun, outreach: Outreach, action: str, now: datetime, values: dict[str, Any]
) -> None:
    events.change(session, outreach, values, action, outreach.about, actor=actor_of(run), now=now)
