"""HTTP for documents."""

from __future__ import annotations

from typing import Any

from chalicelib import clients
from chalicelib.candidates import service as candidates
from chalicelib.clients import Bucket
from chalicelib.documents import repository, service
from chalicelib.documents.errors import DocumentNotFound, Infected, NotAnalysable, NotClean, NotRead, NotScannable
from chalicelib.documents.models import Document
from chalicelib.documents.schemas import DocumentQuery, DocumentView, NewDocument, NewDocumentView, TextView, Upload
from chalicelib.errors import Invalid, NotFound
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.positions import service as positions
from chalicelib.projects import service as projects

routes = Routes(__name__, tag="documents")
ONE = "/api/documents/{document_id}"
FILTERS = ("kind", "status", "candidate_id", "position_id", "project_id")
OWNERS: dict[str, Any] = {
    "candidate_id": candidates.get,
    "position_id": positions.get,
    "project_id": projects.get,
}


@routes.serve("GET", "/api/documents", query=DocumentQuery, answer=Page[DocumentView])
def list_documents(call: Call[Nothing, DocumentQuery]) -> Page[DocumentView]:
    """Documents of the organization, newest first."""
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    query = repository.matching(call.organization_id, filters)
    return page(call.session, query, Order.by_id(Document.id), call.query, DocumentView, read=DocumentView.of)


@routes.serve(
    "POST",
    "/api/documents",
    access=Access.RECRUITER,
    body=NewDocument,
    answer=NewDocumentView,
    status=201,
)
def announce_document(call: Call[NewDocument, Nothing]) -> Answer:
    """A document that waits for its file, with the form that uploads it straight to the storage."""
    values = call.body.model_dump()
    mistakes = [*service.mistakes_in(values), *_unknown_owners(call)]
    if mistakes:
        raise Invalid("some fields are wrong", errors=mistakes)
    document, form = service.announce(
        call.session, clients.storage(Bucket.UPLOADS), call.organization_id, values, actor=call.actor, now=call.now
    )
    upload = Upload(url=form.url, fields=form.fields, expires_at=document.upload_expires_at)
    view = NewDocumentView.awaiting(document, upload)
    return created(view, f"/api/documents/{document.id}", version=document.version)


def _unknown_owners(call: Call[NewDocument, Nothing]) -> list[dict[str, str]]:
    errors = []
    for name, get in OWNERS.items():
        owner_id = getattr(call.body, name)
        if owner_id is None:
            continue
        try:
            get(call.session, call.organization_id, owner_id)
        except NotFound as error:
            errors.append({"field": name, "message": error.detail})
    return errors


@routes.serve("GET", ONE, answer=DocumentView, refusals=(DocumentNotFound,))
def get_document(call: Call[Nothing, Nothing]) -> Answer:
    """One document: how far its scan and analysis are."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"])
    return versioned(DocumentView.of(document), document.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(DocumentNotFound,))
def delete_document(call: Call[Nothing, Nothing]) -> Answer:
    """Take a document out of sight."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"], lock=True)
    call.check_fresh(document.version)
    service.delete(call.session, document, actor=call.actor, now=call.now)
    return no_content()


@routes.serve("GET", f"{ONE}/content", status=302, refusals=(DocumentNotFound, NotClean, Infected))
def get_content(call: Call[Nothing, Nothing]) -> Answer:
    """Redirects to a link that works for a minute and saves the file; only for a clean document."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"])
    link = service.download_link(document, clients.storage(Bucket.CLEAN))
    return Answer(status=302, headers={"Location": link})


@routes.serve("GET", f"{ONE}/text", answer=TextView, refusals=(DocumentNotFound, NotClean, Infected, NotRead))
def get_text(call: Call[Nothing, Nothing]) -> TextView:
    """The visible text of a document, into which the offsets of profiles and screenings point."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"])
    return TextView.of(document.id, service.get_text(call.session, document))


@routes.serve(
    "POST",
    f"{ONE}/analyze",
    access=Access.RECRUITER,
    answer=JobView,
    status=202,
    refusals=(DocumentNotFound, NotClean, Infected, NotAnalysable),
)
def analyze_document(call: Call[Nothing, Nothing]) -> Answer:
    """Read a clean document (again): a résumé becomes a candidate, a position description draft positions, a project
    brief the empty fields of its project. 202 with the job that does it."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"], lock=True)
    job_id = service.analyze(call.session, document, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)


@routes.serve(
    "POST",
    f"{ONE}/scan",
    access=Access.RECRUITER,
    answer=JobView,
    status=202,
    refusals=(DocumentNotFound, NotScannable, Infected),
)
def scan_document(call: Call[Nothing, Nothing]) -> Answer:
    """Scan what is stored once more; 202 with the job that does it. A clean document stays readable meanwhile, and for
    good unless the new verdict says otherwise."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"], lock=True)
    job_id = service.scan_again(call.session, document, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)
