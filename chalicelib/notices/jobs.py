"""The job that sends a notice."""

from __future__ import annotations

from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.mail_once import send_once
from chalicelib.notices import sending


def send(run: JobRun) -> None:
    """Send a notice, at most once whatever happens (see sending.py)."""
    send_once(run, sending)


WORK = {JobKind.SEND_NOTICE: Work(run=send, failed=sending.not_sent)}
