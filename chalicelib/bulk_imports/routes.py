"""HTTP for bulk imports and exports."""

from __future__ import annotations

from typing import Any

from chalicelib import clients
from chalicelib.bulk_imports import exports, repository, service
from chalicelib.bulk_imports.errors import (
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    ImportNotFound,
    ImportNotUndoable,
    NotAnImport,
)
from chalicelib.bulk_imports.models import Import, ImportRow
from chalicelib.bulk_imports.schemas import (
    ImportJobView,
    ImportQuery,
    ImportRowView,
    ImportView,
    NewExport,
    NewImport,
    RowsQuery,
)
from chalicelib.clients import Bucket
from chalicelib.documents import service as documents
from chalicelib.documents.errors import DocumentNotFound, Infected, NotClean
from chalicelib.errors import Invalid, NotFound
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, versioned
from chalicelib.http.limits import EXPORT
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs import routes as job_routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.jobs.service import get as get_job
from chalicelib.positions import service as positions
from chalicelib.positions.service import PositionNotFound

routes = Routes(__name__, tag="imports")
ONE = "/api/imports/{import_id}"
IN_ORDER = Order((ImportRow.number,), (int,), is_descending=False)


@routes.serve(
    "POST",
    "/api/imports",
    access=Access.RECRUITER,
    body=NewImport,
    answer=ImportJobView,
    status=202,
    refusals=(NotClean, Infected, NotAnImport),
)
def import_candidates(call: Call[NewImport, Nothing]) -> Answer:
    """Import the candidates of a clean document, or rehearse it; 202 with the job that does it, whose progress counts
    rows and which can be called off."""
    wish = call.body
    try:
        document = documents.get(call.session, call.organization_id, wish.document_id)
    except DocumentNotFound as error:
        raise _unknown("document_id", error) from error
    wanted = service.ask(
        call.session,
        document,
        mapping=wish.mapping,
        on_duplicate=wish.on_duplicate.value,
        is_dry_run=wish.dry_run,
        actor=call.actor,
        now=call.now,
    )
    job = get_job(call.session, call.organization_id, wanted.job_id)
    view = ImportJobView.about(job_routes.view(call.session, job), wanted.id)
    return Answer(view, status=202, headers={"Location": f"/api/jobs/{job.id}"})


def _unknown(field: str, error: NotFound) -> Invalid:
    return Invalid("some fields are wrong", errors=[{"field": field, "message": error.detail}])


@routes.serve("GET", "/api/imports", query=ImportQuery, answer=Page[ImportView])
def list_imports(call: Call[Nothing, ImportQuery]) -> Page[ImportView]:
    """Imports of the organization, newest first."""
    query = repository.shown(call.organization_id)
    columns: dict[str, Any] = {
        "status": repository.STATUS.element,
        "document_id": Import.document_id,
        "job_id": Import.job_id,
    }
    for name, column in columns.items():
        if (value := getattr(call.query, name)) is not None:
            query = query.where(column == value)
    return page(call.session, query, Order.by_id(Import.id), call.query, ImportView, read=ImportView.of)


@routes.serve("GET", ONE, answer=ImportView, refusals=(ImportNotFound,))
def get_import(call: Call[Nothing, Nothing]) -> Answer:
    """One import: how far it is, the mapping in force, and what became of its rows; for a dry run the first rows as
    they would become."""
    query = repository.shown(call.organization_id).where(Import.id == call.ids["import_id"])
    row = call.session.execute(query).first()
    if row is None:
        raise ImportNotFound("there is no such import")
    return versioned(ImportView.of(row), row.version)


@routes.serve("GET", f"{ONE}/rows", query=RowsQuery, answer=Page[ImportRowView], refusals=(ImportNotFound,))
def list_import_rows(call: Call[Nothing, RowsQuery]) -> Page[ImportRowView]:
    """What became of each row of an import's file, in the file's order."""
    wanted = service.get(call.session, call.organization_id, call.ids["import_id"])
    query = repository.rows_of(call.organization_id, wanted.id, call.query.outcome)
    return page(call.session, query, IN_ORDER, call.query, ImportRowView, read=ImportRowView.of)


@routes.serve(
    "POST",
    f"{ONE}/undo",
    access=Access.RECRUITER,
    answer=JobView,
    status=202,
    refusals=(ImportNotFound, ImportNotUndoable),
)
def undo_import(call: Call[Nothing, Nothing]) -> Answer:
    """Undo an import as a whole, within 24 hours of its end; 202 with the job that does it. Candidates that somebody
    has changed since, or put forward for a position, stay."""
    wanted = service.get(call.session, call.organization_id, call.ids["import_id"], lock=True)
    job_id = service.undo(call.session, wanted, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)


@routes.serve("POST", "/api/exports", access=Access.RECRUITER, body=NewExport, answer=JobView, status=202, cost=EXPORT)
def export_data(call: Call[NewExport, Nothing]) -> Answer:
    """Export candidates, or the row report of an import, as CSV; 202 with the job, whose result says where to fetch
    it."""
    if call.body.import_id is not None:
        try:
            service.get(call.session, call.organization_id, call.body.import_id)
        except ImportNotFound as error:
            raise _unknown("import_id", error) from error
    if call.body.filters.position_id is not None:
        try:
            positions.check_known(call.session, call.organization_id, call.body.filters.position_id)
        except PositionNotFound as error:
            raise _unknown("filters.position_id", error) from error
    job_id = exports.ask(call.session, call.body, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)


@routes.serve(
    "GET",
    "/api/exports/{job_id}/content",
    access=Access.RECRUITER,
    status=302,
    refusals=(ExportNotFound, ExportNotReady, ExportExpired),
)
def get_export(call: Call[Nothing, Nothing]) -> Answer:
    """Redirects to a link that works for a minute and saves the file."""
    storage = clients.storage(Bucket.EXPORTS)
    link = exports.download_link(call.session, storage, call.organization_id, call.ids["job_id"])
    return Answer(status=302, headers={"Location": link})
