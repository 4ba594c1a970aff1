"""The job that rates one application."""

from __future__ import annotations

import time

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.jobs import running
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work
from chalicelib.screening import service
from chalicelib.screening.rating import verified


def screen(run: JobRun) -> None:
    """Rate an application and keep the rating. The screener's role can write a screening and no stage."""
    with db.transaction(run.organization_id, Role.SCREENER) as session:
        case = service.prepare(session, run.organization_id, run.id_of("application_id"), utc_now())
    started = time.perf_counter()
    rating = verified(clients.rater().rate(case.brief), case.brief.document)  # may take seconds: no transaction is open
    duration_ms = round((time.perf_counter() - started) * 1000)
    with running.finishing(run, Role.SCREENER) as session:
        screening = service.keep(session, run, case, rating, duration_ms=duration_ms, now=utc_now())
        run.result = {"screening_id": str(screening.id), "score": screening.score}


WORK = {JobKind.SCREEN_CANDIDATE: Work(screen)}
