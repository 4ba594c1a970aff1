"""The jobs that research a market and import salary data for it."""

from __future__ import annotations

import io

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.documents import keeping
from chalicelib.documents import service as documents
from chalicelib.documents.models import Document
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.market_research import findings, salary_data, service


def research(run: JobRun) -> None:
    """Find what the organization's own data says, and keep it. Reading writes nothing."""
    with db.transaction(run.organization_id) as session:
        question = service.question_of(service.get(session, run.organization_id, run.id_of("research_id")))
        found = findings.gather(session, run.organization_id, question, as_of=utc_now())
    with running.finishing(run) as session:
        service.keep(session, run, found, now=utc_now())
        run.result = {"research_id": str(run.id_of("research_id")), "findings": found}


def import_salary_data(run: JobRun) -> None:
    """Read a clean file row by row, and keep its figures. Raises Invalid and its kin (nothing is imported) or
    Unavailable (the job is tried again)."""
    with db.transaction(run.organization_id) as session:
        document = documents.get(session, run.organization_id, run.id_of("document_id"))
        documents.check_clean(document)
    file = salary_data.read(_content(document), filename=document.filename, today=utc_now().date())
    running.checkpoint(run)
    with running.finishing(run) as session:
        run.result = salary_data.keep(session, run, file, now=utc_now())


def _content(document: Document) -> io.BytesIO:
    """The scanned bytes: at most as many as a file of salary data may hold. Raises BytesChanged."""
    stream = io.BytesIO()
    keeping.read_clean(document, stream)
    return stream


WORK = {
    JobKind.MARKET_RESEARCH: Work(research, service.give_up),
    JobKind.IMPORT_SALARY_DATA: Work(import_salary_data),
}
