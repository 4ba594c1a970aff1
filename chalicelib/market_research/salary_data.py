"""What can be done with salary data: importing a file of it, and deleting what a file brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.bulk_imports.formats import open_rows
from chalicelib.bulk_imports.rows import Problem
from chalicelib.documents import service as documents
from chalicelib.documents.errors import DocumentNotFound
from chalicelib.documents.models import Document, DocumentKind
from chalicelib.errors import Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.market_research import salary_repository
from chalicelib.market_research.errors import SalaryDataNotFound, SalaryFileTooBig, SalaryFileTooLong
from chalicelib.market_research.salary_columns import SalaryColumns, read_columns
from chalicelib.market_research.salary_rows import SalaryRow, as_json, read_row

FILE_MAX_BYTES, ROWS_MAX, PROBLEMS_SHOWN = 10 * 1024 * 1024, 50_000, 200


@dataclass(frozen=True, slots=True)
class SalaryFile:
    """A file as it was read: its figures, how many rows were refused, and the first of the reasons."""

    columns: SalaryColumns
    rows: Sequence[SalaryRow]
    refused: int
    problems: Sequence[Problem]


def ask(
    session: Session, organization_id: UUID, document_id: UUID, source: str, *, actor: Actor, now: datetime
) -> UUID:
    """Ask for a file of salary data to be imported; returns the job's id. Raises Invalid for a document that is none
    of the organization's or not meant for import, Infected, NotClean, SalaryFileTooBig."""
    document = _document(session, organization_id, document_id)
    documents.check_clean(document)
    _check_size(document)
    payload = {"document_id": document_id, "source": source}
    job_id = jobs.enqueue(session, JobKind.IMPORT_SALARY_DATA, payload, actor=actor, now=now)
    subject, after = documents.subject_of(document), {"source": source}
    events.record(session, "salary_data_import_requested", subject, actor=actor, now=now, after=after)
    return job_id


def _document(session: Session, organization_id: UUID, document_id: UUID) -> Document:
    try:
        document = documents.get(session, organization_id, document_id)
    except DocumentNotFound as error:
        raise _wrong(error.detail) from None
    if document.kind != DocumentKind.IMPORT:
        raise _wrong(f"has to be a document of kind import, not {document.kind}")
    return document


def _wrong(message: str) -> Invalid:
    return Invalid("some fields are wrong", errors=[{"field": "document_id", "message": message}])


def _check_size(document: Document) -> None:
    if (document.stored_size_bytes or document.size_bytes) > FILE_MAX_BYTES:
        raise SalaryFileTooBig(FILE_MAX_BYTES)


def read(stream: BinaryIO, *, filename: str, today: date) -> SalaryFile:
    """Every row of a file, judged by itself. Raises ImportUnreadable, SalaryColumnsMissing, SalaryFileTooLong."""
    source = open_rows(stream, filename=filename)
    columns = read_columns(source.header)
    rows: list[SalaryRow] = []
    problems: list[Problem] = []
    refused = 0
    for raw in source.rows():
        if len(rows) + refused == ROWS_MAX:
            raise SalaryFileTooLong(ROWS_MAX)
        row = read_row(raw, columns, today=today)
        if isinstance(row, SalaryRow):
            rows.append(row)
            continue
        refused += 1
        problems += row.problems[: PROBLEMS_SHOWN - len(problems)]
    return SalaryFile(columns, rows, refused, problems)


def keep(session: Session, run: JobRun, file: SalaryFile, *, now: datetime) -> dict[str, Any]:
    """Keep the figures of a job's file in place of those that it brought before, and say what became of each row.
    Where no row is good, what was there stays. Raises DocumentNotFound, NotClean when that came over it meanwhile."""
    # Locked: two imports of one document would both find nothing to replace.
    document = documents.get(session, run.organization_id, run.id_of("document_id"), lock=True)
    documents.check_clean(document)
    replaced = salary_repository.delete(session, run.organization_id, document.id) if file.rows else 0
    source = run.payload["source"]
    values = {"organization_id": run.organization_id, "document_id": document.id, "source": source, "now": now}
    salary_repository.insert(session, values, ({"id": new_id(), **row} for row in as_json(file.rows)))
    counts = {"imported": len(file.rows), "refused": file.refused, "replaced": replaced}
    actor, subject = run.actor, documents.subject_of(document)
    after = {"source": source, **counts}
    events.record(session, "salary_data_imported", subject, actor=actor, now=now, after=after)
    return {
        "document_id": str(document.id),
        "source": source,
        "rows": counts,
        "columns": file.columns.to_json(),
        "problems": [problem._asdict() for problem in file.problems],
    }


def delete(session: Session, organization_id: UUID, document_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Delete what was imported from a document, whether or not the document is still there.
    Raises SalaryDataNotFound."""
    deleted = salary_repository.delete(session, organization_id, document_id)
    if deleted == 0:
        raise SalaryDataNotFound("there is no salary data from this document")
    subject = documents.subject_of(Document(id=document_id))
    events.record(session, "salary_data_deleted", subject, actor=actor, now=now, before={"rows": deleted})
