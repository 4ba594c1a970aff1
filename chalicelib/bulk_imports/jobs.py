"""The jobs of an import: one reads the file and cuts it, then one for each piece writes its rows.

The job that was asked for hands over to the jobs of its pieces in one transaction, once the whole file is cut: until
then not one row is written, and from then on its progress counts rows. A crash while cutting costs no piece that was
stored, and a piece has one job, by its unique key.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.bulk_imports import repository, service, undoing, writing
from chalicelib.bulk_imports.candidates import read_candidate
from chalicelib.bulk_imports.chunks import Piece, pieces, read_piece
from chalicelib.bulk_imports.columns import ColumnMapping, apply_mapping
from chalicelib.bulk_imports.decisions import problem_of, storable
from chalicelib.bulk_imports.formats import RowSource, open_rows
from chalicelib.bulk_imports.models import OnDuplicate, Outcome, piece_key
from chalicelib.bulk_imports.reading_errors import ImportEmpty
from chalicelib.bulk_imports.service import Brief
from chalicelib.clients import Bucket, Storage, StorageUnavailable
from chalicelib.clock import utc_now
from chalicelib.documents import keeping
from chalicelib.documents.models import Document
from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.jobs import running
from chalicelib.jobs import service as jobs
from chalicelib.jobs.errors import JobCancelled
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.jobs.running import Work

IN_MEMORY_BYTES = 16 * 1024 * 1024
PIECES_PER_STEP = 20
JSON_LINES = "application/x-ndjson"


def read(run: JobRun) -> None:
    """Cut the document of an import into pieces, and hand over to their jobs. Raises ImportUnreadable, MappingWrong."""
    with db.transaction(run.organization_id) as session:
        brief = service.brief(session, run)
    with _fetched(brief.document) as stream:
        source = open_rows(stream, filename=brief.document.filename)
        # A key of a JSON object may hold what no database keeps; such a column is nobody's.
        header = [name for name in source.header if storable(name) == name]
        mapping = apply_mapping(header, brief.mapping)
        stored = _store_pieces(run, brief, source, clients.storage(Bucket.EXPORTS))
        preview = service.preview(_first_piece(source), mapping) if brief.is_dry_run else None
    if not stored:
        raise ImportEmpty
    run.result = {"import_id": str(brief.import_id)}
    with running.splitting(run, total=sum(piece["rows"] for piece in stored)) as session:
        service.start(session, run, source, mapping, stored, preview, utc_now())


@contextmanager
def _fetched(document: Document) -> Iterator[BinaryIO]:
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spooled:
        stream = cast(BinaryIO, spooled)
        keeping.read_clean(document, stream)
        yield stream


def _first_piece(source: RowSource) -> bytes:
    first = next(pieces(source, rows_per_piece=service.PREVIEW_ROWS), None)
    return first.content if first else b""


def _store_pieces(run: JobRun, brief: Brief, source: RowSource, storage: Storage) -> list[dict[str, Any]]:
    """Store what no earlier attempt has stored; all pieces of the file, as their jobs' payloads name them."""
    stored, fresh = list(brief.pieces), list[dict[str, Any]]()
    for piece in pieces(source, stored=len(stored)):
        fresh.append(_store(run, brief, piece, storage))
        if len(fresh) == PIECES_PER_STEP:
            _keep_pieces(run, brief, stored, fresh)
            stored, fresh = stored + fresh, []
    return stored + fresh


def _store(run: JobRun, brief: Brief, piece: Piece, storage: Storage) -> dict[str, Any]:
    key = piece_key(run.organization_id, brief.import_id, piece.number)
    version = storage.put(key, piece.content, content_type=JSON_LINES)
    return {"number": piece.number, "line": piece.first_line, "rows": piece.row_count, "object_version": version}


def _keep_pieces(run: JobRun, brief: Brief, stored: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> None:
    import_of = {"organization_id": run.organization_id, "import_id": brief.import_id}
    with running.step(run, done=sum(piece["rows"] for piece in stored + fresh)) as session:
        repository.keep_pieces(session, import_of, fresh)


def not_read(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Say in the import why its file could not be read; with every mistake of a mapping."""
    wanted = repository.find(session, run.organization_id, run.id_of("import_id"), lock=True)
    if wanted is None:
        return
    mistakes = cast("list[dict[str, str]]", error.extra.get("errors", []))
    said = "; ".join([error.detail, *(f"{each['field']}: {each['message']}" for each in mistakes)])
    values = {"error_code": error.code, "error_message": storable(said)}
    actor, subject = service.actor_of(run), service.subject_of(wanted.id)
    events.change(session, wanted, values, "import_failed", subject, actor=actor, now=now)


def import_piece(run: JobRun) -> None:
    """Import the rows of one piece, or rehearse it: all of them in the transaction that ends the job."""
    import_of = {"organization_id": run.organization_id, "import_id": run.id_of("import_id")}
    with db.transaction(run.organization_id) as session:
        wanted = service.get(session, run.organization_id, import_of["import_id"])
        on_duplicate, is_dry_run = OnDuplicate(wanted.on_duplicate), wanted.is_dry_run
        columns = wanted.columns or {}
    mapping = ColumnMapping(columns["columns"], tuple(columns["unmapped"]), columns["ambiguous"])
    key = piece_key(run.organization_id, import_of["import_id"], run.payload["number"])
    first_row = run.payload["first_row"]
    rows = [read_candidate(row, mapping) for row in read_piece(_piece(clients.storage(Bucket.EXPORTS), key, run))]
    with running.finishing(run) as session:
        now = utc_now()
        if is_dry_run:
            writing.rehearse(session, import_of, rows, on_duplicate, first_row=first_row, now=now)
        else:
            actor = service.actor_of(run)
            writing.write(session, import_of, rows, on_duplicate, first_row=first_row, actor=actor, now=now)
    # What is not deleted here the bucket's own rule removes later.
    with suppress(StorageUnavailable):
        clients.storage(Bucket.EXPORTS).delete(key, run.payload["object_version"])


def _piece(storage: Storage, key: str, run: JobRun) -> bytes:
    content = io.BytesIO()
    storage.fetch(key, run.payload["object_version"], content)
    return content.getvalue()


def not_imported(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Account for the rows of a piece that failed or was called off by itself: one entry at its first line says how
    many and why. Of an import that is called off as a whole, the rows that no job came to are just not there."""
    if isinstance(error, JobCancelled) and _is_called_off(session, run):
        return
    import_of = {"organization_id": run.organization_id, "import_id": run.id_of("import_id")}
    count = run.payload["rows"]
    problem = problem_of(None, error.code, f"{count} rows from here on were not imported: {error.detail}")
    row = {
        "number": run.payload["first_row"],
        "line": run.payload["line"],
        "outcome": Outcome.FAILED.value,
        "problems": [problem],
    }
    repository.insert_rows(session, import_of, [row])
    repository.count_rows(session, import_of, dict.fromkeys(Outcome, 0) | {Outcome.FAILED: count}, now)


def _is_called_off(session: Session, run: JobRun) -> bool:
    assert run.parent_id is not None, "a piece belongs to an import"
    return jobs.get(session, run.organization_id, run.parent_id).cancel_requested_at is not None


WORK = {
    JobKind.BULK_IMPORT: Work(read, not_read),
    JobKind.IMPORT_ROWS: Work(import_piece, not_imported),
    JobKind.UNDO_IMPORT: Work(undoing.undo, undoing.not_undone),
}
