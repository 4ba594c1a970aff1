"""A mail that is sent at most once, whatever happens: noted as handed over, handed to the mail service, noted as sent.

Handing over is committed before the mail service is called, and no transaction is open while it is. Whoever finds a
mail handed over and not sent does not know whether it left, and does not send it again by himself.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.jobs import running
from chalicelib.jobs.errors import Superseded
from chalicelib.jobs.models import JobRun
from chalicelib.mail import MailUnavailable
from chalicelib.mail_form import TRACE_HEADER
from chalicelib.settings import settings


class HandedOver(Protocol):
    """A mail on its way."""

    @property
    def message(self) -> EmailMessage: ...


HandedOverT = TypeVar("HandedOverT", bound=HandedOver)


class Sending(Protocol[HandedOverT]):
    """What is written down at each step; a module of these functions will do."""

    def hand_over(self, session: Session, run: JobRun, *, sender_address: str | None, now: datetime) -> HandedOverT: ...
    def take_back(self, session: Session, run: JobRun, handed_over: HandedOverT, *, now: datetime) -> None: ...
    def sent(self, session: Session, run: JobRun, mail_id: str, *, now: datetime) -> None: ...


def send_once(run: JobRun, sending: Sending[HandedOverT]) -> None:
    """Send the mail of a job; its result gains the `mail_id`. Raises MailUnavailable when the mail service certainly
    has not taken it (the next attempt may send it), and whatever forbids to hand it over."""
    running.checkpoint(run)
    with db.transaction(run.organization_id) as session:
        handed_over = sending.hand_over(session, run, sender_address=settings().sender_address, now=utc_now())
    message = handed_over.message
    if run.trace_id is not None:
        message[TRACE_HEADER] = run.trace_id
    try:
        mail_id = clients.mail().send(message)
    except MailUnavailable:
        with db.transaction(run.organization_id) as session:
            sending.take_back(session, run, handed_over, now=utc_now())
        raise
    run.result = {**run.result, "mail_id": mail_id}
    _finish(run, sending, mail_id, utc_now())


def _finish(run: JobRun, sending: Sending[HandedOverT], mail_id: str, now: datetime) -> None:
    try:
        with running.finishing(run) as session:
            sending.sent(session, run, mail_id, now=now)
    except Superseded:
        # Given up for lost meanwhile, and yet it left: better known late than never.
        with db.transaction(run.organization_id) as session:
            sending.sent(session, run, mail_id, now=now)
        raise
