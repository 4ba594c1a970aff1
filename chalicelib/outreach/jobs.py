"""The jobs that write a message and send it."""

from __future__ import annotations

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.mail_once import send_once
from chalicelib.outreach import sending, service
from chalicelib.outreach.errors import NotADraft
from chalicelib.outreach.gathering import gather
from chalicelib.outreach.models import Outreach, OutreachStatus


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
    run.result = {"outreach_id": run.payload["outreach_id"]}
    send_once(run, sending)


WORK = {
    JobKind.GENERATE_OUTREACH: Work(run=write, failed=service.not_written),
    JobKind.SEND_OUTREACH: Work(run=send, failed=sending.not_sent),
}
