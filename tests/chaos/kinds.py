"""The kinds of jobs in a chaos run. A new kind of job is one more entry in KINDS: how to ask for it, which events each
of its jobs leaves, and what must not be found afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from chalicelib.clock import utc_now
from chalicelib.documents import service as documents
from chalicelib.documents.eicar import EICAR
from chalicelib.documents.models import Document
from chalicelib.errors import Conflict
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import Job, JobKind
from chalicelib.screening import batches
from chalicelib.screening import service as screening
from tests.chaos.asking import RESUME, Asker

Ask = Callable[[Asker], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are judged. `done` and `failed` are the events that one job leaves when it succeeds and when
    it fails, exactly once each; `refusals` the codes with which it may rightly fail at its first attempt. `doubled` and
    `wrong` are queries by name, whose rows are effects done twice, and states that should not be."""

    done: str | None = None
    failed: str | None = None
    refusals: frozenset[str] = frozenset()
    doubled: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


def screen(asker: Asker) -> None:
    """Up to a dozen screenings in one transaction."""
    house = asker.house()
    with asker.transaction(house) as session:
        for application_id in asker.random.choices(house.application_ids, k=asker.random.randint(1, 12)):
            screening.ask(session, house.id, UUID(application_id), actor=house.actor, now=utc_now())


def screen_batch(asker: Asker) -> None:
    """One parent with a child for each of some applications."""
    house = asker.house()
    chosen = asker.random.sample(house.application_ids, k=asker.random.randint(2, len(house.application_ids)))
    ids = [UUID(each) for each in chosen]
    with asker.transaction(house) as session:
        batches.ask(session, house.id, UUID(house.position_id), ids, actor=house.actor, now=utc_now())


def upload_letters(asker: Asker) -> None:
    """Files that are scanned and not read: clean ones, one in six infected, one in ten refused."""
    files = []
    for _ in range(asker.random.randint(2, 8)):
        content = asker.random.choices([b"Dear all, please find attached.\n", EICAR, b"\x7fELF\x00\x01"], [74, 16, 10])[
            0
        ]
        files.append(("cover_letter", "letter.txt", content))
    asker.upload(asker.house(), files)


def upload_resumes(asker: Asker) -> None:
    """Files that are scanned and then read; of the same few people again and again, and one without anybody."""
    number = asker.random.randint(1, 30)
    text = RESUME.format(
        name=f"Morgan Sample{'abcdefghijklmnopqrstuvwxyzäöüß'[number - 1]}", email=f"p{number}@people.example"
    )
    files = [("resume", "cv.txt", text.encode())]
    if asker.random.random() < 0.2:
        files.append(("resume", "list.txt", b"eggs\nmilk\nflour\n"))
    asker.upload(asker.house(), files)


def scan_again(asker: Asker) -> None:
    """Another look at documents that have a verdict."""
    house = asker.house()
    query = sa.select(Document).where(Document.organization_id == house.id, Document.kind == "cover_letter")
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(4)).all()
        for document in found:
            if document.status in documents.SCANNED_AGAIN and document.object_version is not None:
                documents.scan_again(session, document, actor=house.actor, now=utc_now())


def cancel_some(asker: Asker) -> None:
    """Call off what waits or runs, parents with their children too."""
    house = asker.house()
    query = sa.select(Job.id).where(Job.organization_id == house.id, Job.status.in_(["queued", "running"]))
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(2)).all()
    for job_id in found:
        try:
            with asker.transaction(house) as session:
                jobs.cancel(session, house.id, job_id, actor=house.actor, now=utc_now())
        except Conflict:
            continue


def retry_some(asker: Asker) -> None:
    """Try again what was called off or failed."""
    house = asker.house()
    query = sa.select(Job.id).where(
        Job.organization_id == house.id, Job.status.in_(["failed", "cancelled"]), Job.kind == "screen_candidate"
    )
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(2)).all()
    for job_id in found:
        try:
            with asker.transaction(house) as session:
                jobs.retry(session, house.id, job_id, actor=house.actor, now=utc_now())
        except Conflict:
            continue


# How often each way of asking is taken, of a hundred or so.
ASKS: Mapping[Ask, float] = {
    screen: 58,
    screen_batch: 12,
    upload_letters: 14,
    upload_resumes: 10,
    scan_again: 5,
    cancel_some: 3,
    retry_some: 2,
}

KINDS: Mapping[JobKind, Kind] = {
    JobKind.SCREEN_CANDIDATE: Kind(
        done="application_screened",
        doubled={"screenings of one job": "select job_id from screenings group by job_id having count(*) > 1"},
        wrong={
            "screened without a screening": """
                select jobs.id from jobs left join screenings on job_id = jobs.id
                where kind = 'screen_candidate' and (status = 'succeeded') <> (screenings.id is not null)"""
        },
    ),
    JobKind.SCREENING_BATCH: Kind(),
    JobKind.SCAN_DOCUMENT: Kind(
        done="document_scanned",
        # One that was scanned again keeps the verdict it has.
        doubled={
            "uploads registered twice": """
                select subject_id from events where action = 'document_uploaded'
                group by subject_id having count(*) > 1""",
            "first scans of one version": """
                select unique_key from jobs where kind = 'scan_document' and unique_key is not null
                group by organization_id, unique_key having count(*) > 1""",
        },
        wrong={
            "documents without a verdict": "select id from documents where status = 'scanning'",
            "scans that succeeded, documents without verdict": """
                select jobs.id from jobs join documents on documents.id = cast(payload ->> 'document_id' as uuid)
                where jobs.kind = 'scan_document' and jobs.status = 'succeeded'
                  and (documents.status not in ('clean', 'infected', 'rejected') or sha256 is null)""",
            "EICAR not found, or found elsewhere": f"""
                select id from documents where object_version is not null and object_key <> 'none'
                  and status in ('clean', 'infected') and (status = 'infected') <> (size_bytes = {len(EICAR)})""",
            "registered, and never scanned": """
                select id from documents where object_version is not null and object_key <> 'none' and not exists (
                    select from jobs where kind = 'scan_document'
                      and cast(payload ->> 'document_id' as uuid) = documents.id)""",
        },
    ),
    JobKind.ANALYZE_DOCUMENT: Kind(
        done="document_analyzed",
        failed="document_analysis_failed",
        refusals=frozenset({"no_name_found", "document_type_unknown", "not_a_resume"}),
        doubled={
            "candidates of one address": """
                select email from candidates where email is not null and deleted_at is null
                group by organization_id, email having count(*) > 1""",
            "candidates of one résumé": """
                select resume_document_id from candidates where resume_document_id is not null
                group by resume_document_id having count(*) > 1""",
        },
        wrong={
            "clean résumés that were not read": """
                select id from documents where kind = 'resume' and status = 'clean'
                  and analysis_status not in ('succeeded', 'failed')""",
            "read, and no candidate": """
                select id from documents where kind = 'resume' and analysis_status = 'succeeded'
                  and candidate_id is null""",
        },
    ),
}
