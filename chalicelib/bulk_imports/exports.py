"""Candidates, or the report of an import, as one CSV file: written page by page into S3, fetched by a short link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import clients
from chalicelib.bulk_imports import repository
from chalicelib.bulk_imports.csv_export import csv_row
from chalicelib.bulk_imports.errors import ExportExpired, ExportNotFound, ExportNotReady, ExportOutdated
from chalicelib.bulk_imports.models import ImportRow, export_key
from chalicelib.bulk_imports.schemas import ExportFilters, ExportKind, NewExport
from chalicelib.bulk_imports.service import actor_of
from chalicelib.candidates import repository as candidates
from chalicelib.candidates.models import Candidate
from chalicelib.clients import Bucket, Storage
from chalicelib.clock import utc_now
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.jobs import repository as job_rows
from chalicelib.jobs import running
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun, JobStatus
from chalicelib.jobs.running import Work
from chalicelib.jobs.schemas import JobView
from chalicelib.projects.visibility import see_as
from chalicelib.settings import settings

PAGE_ROWS = 1000
CSV, BOM = "text/csv; charset=utf-8", "\ufeff"
Cells = Sequence[str | None]
# Column names that an import understands, so that an export can be imported again.
CANDIDATE_COLUMNS = [
    "name",
    "email",
    "phone",
    "location",
    "headline",
    "summary",
    "skills",
    "tags",
    "source",
    "links",
    "employer",
    "institution",
    "degree",
    "consent_given_at",
    "consent_source",
    "id",
    "created_at",
    "updated_at",
]
ROW_COLUMNS = ["number", "line", "outcome", "candidate_id", "undone", "field", "code", "message"]


def ask(session: Session, wish: NewExport, *, actor: Actor, now: datetime) -> UUID:
    """Ask for an export; returns the job's id."""
    filters = wish.filters.model_dump(mode="json", exclude_none=True)
    payload = {"kind": wish.kind.value, "import_id": wish.import_id and str(wish.import_id), "filters": filters}
    job_id = jobs.enqueue(session, JobKind.EXPORT_CANDIDATES, payload, actor=actor, now=now)
    events.record(session, "export_requested", _subject(job_id, filters), actor=actor, now=now, after=payload)
    return job_id


def download_link(session: Session, storage: Storage, organization_id: UUID, job_id: UUID) -> str:
    """A short-lived link to an export. Raises ExportNotFound, ExportNotReady, ExportExpired."""
    job = job_rows.find(session, organization_id, job_id)
    if job is None or job.kind != JobKind.EXPORT_CANDIDATES:
        raise ExportNotFound("there is no such export")
    if job.status != JobStatus.SUCCEEDED:
        raise ExportNotReady(f"this export is {job.status}")
    result = JobView.of(job).result
    if result is None:
        raise ExportExpired("this export was kept for its time and is gone; ask for it again")
    return storage.download_link(
        export_key(organization_id, job_id),
        result["object_version"],
        filename=result["filename"],
        content_type=CSV,
        expires_seconds=settings().download_link_seconds,
    )


def write(run: JobRun) -> None:
    """Write an export into S3. A later attempt writes it anew: the job names the version that was finished."""
    kind, began_at = ExportKind(run.payload["kind"]), utc_now()
    written = _Counted(_lines(run, kind))
    stored = clients.storage(Bucket.EXPORTS).upload_stream(
        export_key(run.organization_id, run.id), written, content_type=CSV
    )
    with running.finishing(run) as session:
        now = utc_now()
        if repository.was_anybody_erased(session, run.organization_id, since=began_at):
            # Whom it holds is not to stay in it; an erasure that is asked for from now on deletes it by itself.
            clients.storage(Bucket.EXPORTS).delete(stored.key, stored.version)
            raise ExportOutdated("somebody was erased while this was written; writing it anew")
        run.result = {
            "rows": written.rows,
            "size_bytes": stored.size_bytes,
            "filename": f"{kind.value.replace('_', '-')}-{now:%Y-%m-%d-%H%M}.csv",
            "object_version": stored.version,
            "download": f"/api/exports/{run.id}/content",
        }
        after = {"kind": kind.value, "rows": written.rows}
        subject = _subject(run.id, run.payload["filters"])
        events.record(session, "export_written", subject, actor=actor_of(run), now=now, after=after)


def _subject(job_id: UUID, filters: Mapping[str, str]) -> Subject:
    position_id = filters.get("position_id")
    return Subject("export", job_id, position_id=UUID(position_id) if position_id else None)


class _Counted:
    """Chunks of a file, with the number of rows that were written once all are taken."""

    def __init__(self, pages: Iterable[tuple[int, str]]) -> None:
        self.rows = 0
        self._pages = pages

    def __iter__(self) -> Iterator[bytes]:
        for rows, text in self._pages:
            self.rows += rows
            yield text.encode()


def _lines(run: JobRun, kind: ExportKind) -> Iterator[tuple[int, str]]:
    """How many rows each page has, and its text."""
    order: Any
    if kind is ExportKind.IMPORT_ROWS:
        columns, order, read = ROW_COLUMNS, ImportRow.number, _cells_of_row
        query = repository.rows_of(run.organization_id, run.id_of("import_id"), None)
    else:
        columns, order, read = CANDIDATE_COLUMNS, Candidate.id, _cells_of_candidate
        filters = ExportFilters.model_validate(run.payload["filters"]).given()
        query = candidates.matching(run.organization_id, filters, None)
    yield 0, BOM + csv_row(columns)
    yield from _pages(run, query, order, read)


def _pages(
    run: JobRun, query: sa.Select[Any], order: Any, read: Callable[[Any], Iterable[Cells]]
) -> Iterator[tuple[int, str]]:
    done, last = 0, None
    while True:
        page = query if last is None else query.where(order > last)
        with running.step(run, done=done) as session:
            # Who was put forward for a position that its asker may not see is not told by a filter either.
            see_as(session, run.organization_id, run.requested_by)
            rows = session.execute(page.order_by(order).limit(PAGE_ROWS)).all()
        if not rows:
            return
        done, last = done + len(rows), getattr(rows[-1], order.key)
        yield len(rows), "".join(csv_row(cells) for row in rows for cells in read(row))


def _cells_of_row(row: Any) -> Iterator[Cells]:
    """A line for each problem of the row, one without when it has none."""
    same = (str(row.number), str(row.line), row.outcome, _text(row.candidate_id), row.undone)
    for problem in row.problems or [{}]:
        yield (*same, problem.get("field"), problem.get("code"), problem.get("message"))


def _cells_of_candidate(row: Any) -> Iterator[Cells]:
    current: dict[str, Any] = next((each for each in row.experience if each.get("is_current")), {})
    school = row.education[0] if row.education else {}
    consent = row.consent or {}
    yield (
        *(row.name, row.email, row.phone, row.location, row.headline, row.summary),
        *(_labels(row.skills), _labels(row.tags), row.source, _labels(row.links)),
        *(current.get("organization"), school.get("institution"), school.get("degree")),
        *(consent.get("given_at"), consent.get("source")),
        *(str(row.id), _moment(row.created_at), _moment(row.updated_at)),
    )


def _labels(labels: Sequence[str]) -> str:
    return "; ".join(labels)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


WORK = {JobKind.EXPORT_CANDIDATES: Work(write)}
