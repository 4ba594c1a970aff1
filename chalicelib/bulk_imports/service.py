"""Importing candidates from a file: asking for it, and what reading it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.bulk_imports import repository
from chalicelib.bulk_imports.decisions import problem_of, storable
from chalicelib.bulk_imports.errors import ImportNotFound, ImportNotUndoable, NotAnImport
from chalicelib.bulk_imports.models import UNDO_WITHIN, Import, ImportStatus
from chalicelib.documents import service as documents
from chalicelib.documents.models import Document, DocumentKind
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun, JobStatus
from chalicelib.jobs.service import Wanted

if TYPE_CHECKING:
    from chalicelib.bulk_imports.columns import ColumnMapping
    from chalicelib.bulk_imports.formats import RowSource

PREVIEW_ROWS = 20


@dataclass(frozen=True, slots=True)
class Brief:
    """What the reading of an import needs: its clean document, the wished mapping, and the pieces that an earlier
    attempt has stored."""

    import_id: UUID
    document: Document
    mapping: dict[str, str | None]
    is_dry_run: bool
    pieces: list[dict[str, Any]]


def ask(
    session: Session,
    document: Document,
    *,
    mapping: dict[str, str | None],
    on_duplicate: str,
    is_dry_run: bool,
    actor: Actor,
    now: datetime,
) -> Import:
    """Ask for a document to be imported. Raises Infected, NotClean, NotAnImport."""
    if document.kind != DocumentKind.IMPORT:
        raise NotAnImport(f"a document of kind {document.kind} is not imported; upload it as an import")
    documents.check_clean(document)
    import_id = new_id()
    job_id = jobs.enqueue(session, JobKind.BULK_IMPORT, {"import_id": import_id}, actor=actor, now=now)
    wish = {"document_id": document.id, "mapping": mapping, "on_duplicate": on_duplicate, "is_dry_run": is_dry_run}
    row = Import(
        id=import_id,
        organization_id=document.organization_id,
        job_id=job_id,
        created_by=actor.id,
        created_at=now,
        updated_at=now,
        **wish,
    )
    session.add(row)
    session.flush()
    events.record(session, "import_requested", subject_of(import_id), actor=actor, now=now, after=wish)
    return row


def get(session: Session, organization_id: UUID, import_id: UUID, *, lock: bool = False) -> Import:
    """One import; raises ImportNotFound."""
    found = repository.find(session, organization_id, import_id, lock=lock)
    if found is None:
        raise ImportNotFound("there is no such import")
    return found


def brief(session: Session, run: JobRun) -> Brief:
    """What is to be read, as it stands now. Raises NotFound for what is gone, Infected and NotClean: the document may
    have been scanned again since."""
    wanted = get(session, run.organization_id, run.id_of("import_id"))
    document = documents.get(session, run.organization_id, wanted.document_id)
    documents.check_clean(document)
    return Brief(
        import_id=wanted.id,
        document=document,
        mapping=wanted.mapping,
        is_dry_run=wanted.is_dry_run,
        pieces=wanted.pieces,
    )


def preview(content: bytes, mapping: ColumnMapping) -> list[dict[str, Any]]:
    """The first rows of a piece as they would become, each with its line."""
    # Loaded by the job that reads, and not by the routes that ask for it.
    from chalicelib.bulk_imports.candidate_row import CandidateRow
    from chalicelib.bulk_imports.candidates import read_candidate
    from chalicelib.bulk_imports.chunks import read_piece

    shown = []
    for raw in islice(read_piece(content), PREVIEW_ROWS):
        row = read_candidate(raw, mapping)
        if isinstance(row, CandidateRow):
            shown.append({"line": row.line, "candidate": row.as_values(), "problems": []})
        else:
            problems = [problem_of(each.field, each.code, each.message) for each in row.problems]
            shown.append({"line": row.line, "candidate": None, "problems": problems})
    return shown


def start(
    session: Session,
    run: JobRun,
    source: RowSource,
    mapping: ColumnMapping,
    pieces: Sequence[dict[str, Any]],
    preview: list[dict[str, Any]] | None,
    now: datetime,
) -> None:
    """Write what the reading has found, and enqueue a job for each piece of the file."""
    wanted = get(session, run.organization_id, run.id_of("import_id"), lock=True)
    values = {
        "format": source.format.value,
        "header": [storable(name) for name in source.header],
        "columns": asdict(mapping),
        "notes": [storable(note) for note in source.notes],
        "rows_total": sum(piece["rows"] for piece in pieces),
        "error_code": None,
        "error_message": None,
    }
    actor = actor_of(run)
    subject = subject_of(wanted.id)
    wanted.preview, wanted.pieces = preview, []
    events.change(session, wanted, values, "import_started", subject, actor=actor, now=now)
    session.flush()
    parts, first_row = list[Wanted](), 1
    for piece in pieces:
        payload = {"import_id": wanted.id, "first_row": first_row, **piece}
        parts.append(Wanted(payload, weight=piece["rows"], unique_key=f"{wanted.id}/{piece['number']}"))
        first_row += piece["rows"]
    jobs.enqueue_many(session, JobKind.IMPORT_ROWS, parts, actor=actor, now=now, parent_id=run.id)


def undo(session: Session, wanted: Import, *, actor: Actor, now: datetime) -> UUID:
    """Ask for a locked import to be undone as a whole; returns the job's id. Raises ImportNotUndoable."""
    job = jobs.get(session, wanted.organization_id, wanted.job_id)
    if wanted.is_dry_run:
        raise ImportNotUndoable("a dry run has changed nothing", reason="dry_run")
    if wanted.undo_status is not None:
        raise ImportNotUndoable(f"this import is {wanted.undo_status} already", reason=wanted.undo_status)
    if not JobStatus(job.status).is_final or job.finished_at is None:
        raise ImportNotUndoable("this import still runs; call it off or wait for its end", reason="running")
    if job.finished_at < now - UNDO_WITHIN:
        raise ImportNotUndoable("an import can be undone for 24 hours after its end", reason="too_late")
    job_id = jobs.enqueue(session, JobKind.UNDO_IMPORT, {"import_id": wanted.id}, actor=actor, now=now)
    values = {"undo_status": ImportStatus.UNDOING.value, "undo_job_id": job_id}
    events.change(session, wanted, values, "import_undo_requested", subject_of(wanted.id), actor=actor, now=now)
    return job_id


def actor_of(run: JobRun) -> Actor:
    """The job, as events name it."""
    return run.actor


def subject_of(import_id: UUID) -> Subject:
    """The import, as events name it."""
    return Subject("import", import_id)
