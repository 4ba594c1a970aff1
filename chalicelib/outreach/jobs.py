"""The jobs that write a message and send it."""

from __future__ import annotations

from datetime import datetime

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.jobs import running
from chalicelib.jobs.errors import Superseded
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.mail import MailUnavailable
from chalicelib.outreach import sending, service
from chalicelib.outreach.errors import NotADraft
from chalicelib.outreach.gathering import gather
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.settings import settings


def write(run: JobRun) -> None:
    """Write a message from the record and keep it as a draft."""
    outreach_id = run.id_of("outreach_id")
    with db.transaction(run.organization_id) as session:
        outreach = service.get(session, run.organization_id, outreach_id)
        _check_unwritten(outreach, run)
        wish, material = service.wish_of(outreach), gather(session, outreach)
    draft = clients.writer().write(material, wish)  # a language model would take seconds: no transaction is open
    service.check_proved(draft, wish)
    with running.finishing(run) as session:
        outreach = service.get(session, run.organization_id, outreach_id, lock=True)
        _check_unwritten(outreach, run)
        service.keep(session, run, outreach, draft, now=utc_now())
        facts = [fact.as_json() for fact in draft.facts]
        run.result = {"outreach_id": str(outreach_id), "subject": draft.subject, "body": draft.body, "facts": facts}


def _check_unwritten(outreach: Outreach, run: JobRun) -> None:
    # Failed and unwritten is what a job finds that failed and is tried again.
    waits = outreach.status in {OutreachStatus.QUEUED, OutreachStatus.FAILED} and not outreach.is_written
    if not waits or outreach.job_id != run.id:
        raise NotADraft(f"this message is {outreach.status} and is not written again")


def send(run: JobRun) -> None:
    """Send a message, at most once whatever happens (see sending.py)."""
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
    run.result = {"outreach_id": run.payload["outreach_id"], "mail_id": mail_id}
    try:
        with running.finishing(run) as session:
            sending.sent(session, run, mail_id, now=now)
    except Superseded:
        # Given up for lost meanwhile, and yet it left: better known late than never.
        with db.transaction(run.organization_id) as session:
            sending.sent(session, run, mail_id, now=now)
        raise


WORK = {
    JobKind.GENERATE_OUTREACH: Work(run=write, failed=service.not_written),
    JobKind.SEND_OUTREACH: Work(run=send, failed=sending.not_sent),
}
