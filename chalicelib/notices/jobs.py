"""The job that sends a notice."""

from __future__ import annotations

from datetime import datetime

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.jobs import running
from chalicelib.jobs.errors import Superseded
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.mail import MailUnavailable
from chalicelib.notices import sending
from chalicelib.settings import settings


def send(run: JobRun) -> None:
    """Send a notice, at most once whatever happens (see sending.py)."""
    running.checkpoint(run)
    with db.transaction(run.organization_id) as session:
        handed_over = sending.hand_over(session, run, sender_address=settings().sender_address, now=utc_now())
    try:
        mail_id = clients.mail().send(handed_over.message)
    except MailUnavailable:
        with db.transaction(run.organization_id) as session:
            sending.take_back(session, run, handed_over, now=utc_now())
        raise
    _finish(run, mail_id, utc_now())


def _finish(run: JobRun, mail_id: str, now: datetime) -> None:
    run.result = {"mail_id": mail_id}
    try:
        with running.finishing(run) as session:
            sending.sent(session, run, mail_id, now=now)
    except Superseded:
        # Given up for lost meanwhile, and yet it left: better known late than never.
        with db.transaction(run.organization_id) as session:
            sending.sent(session, run, mail_id, now=now)
        raise


WORK = {JobKind.SEND_NOTICE: Work(run=send, failed=sending.not_sent)}
