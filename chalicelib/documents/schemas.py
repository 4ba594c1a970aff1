"""Bodies and answers of documents."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chalicelib.documents.models import AnalysisStatus, Document, DocumentKind, DocumentStatus, DocumentType
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, UtcTime, View
from chalicelib.resumes.text import DocumentText

# Folders, control characters, line separators, and what turns the direction of writing: "fdp.exe" would read "exe.pdf".
NOT_IN_A_NAME = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _plain_name(name: str) -> str:
    if name in {".", ".."} or NOT_IN_A_NAME.search(name):
        raise ValueError("give the file's own name, without folders or control characters")
    return name


Filename = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_plain_name)
]
ContentType = Annotated[str, StringConstraints(max_length=150, pattern=r"^[\w.+-]+/[\w.+-]+$")]


class DocumentQuery(PageQuery):
    kind: DocumentKind | None = None
    status: DocumentStatus | None = None
    candidate_id: UUID | None = None
    position_id: UUID | None = None
    project_id: UUID | None = None


class NewDocument(Body):
    filename: Filename
    content_type: ContentType
    size_bytes: Annotated[int, Field(ge=0)]
    kind: DocumentKind
    candidate_id: UUID | None = None
    position_id: UUID | None = None
    project_id: UUID | None = None


class Upload(BaseModel):
    """Send the file by a multipart POST to `url`: all `fields` first, then the part `file`."""

    url: str
    fields: dict[str, str]
    expires_at: UtcTime


class Scan(BaseModel):
    """ClamAV's look at exactly this version of the file."""

    engine: str | None
    definitions_at: UtcTime | None
    signature: str | None
    scanned_at: UtcTime | None
    sha256: str | None
    version_id: str | None


class Analysis(BaseModel):
    """What came of reading the document, and what it turned out to be: a résumé with its `profile`, a description with
    its `positions` (each with the draft made of it, or the `problem` that kept it from being one), or a brief with the
    fields of its `project`. Every value stands with its page and offsets in the text."""

    status: AnalysisStatus
    code: str | None
    message: str | None
    document_type: DocumentType | None
    profile: dict[str, Any] | None
    positions: list[dict[str, Any]] | None
    project: dict[str, Any] | None

    @classmethod
    def of(cls, row: Any) -> Analysis:
        """The analysis in a document's row."""
        described = row.described or {}
        return cls(
            status=row.analysis_status,
            code=row.analysis_code,
            message=row.analysis_message,
            document_type=row.document_type,
            profile=row.profile,
            positions=described.get("positions"),
            project=described.get("project"),
        )


class DocumentView(View):
    id: UUID
    kind: DocumentKind
    filename: str
    content_type: str
    size_bytes: int
    candidate_id: UUID | None
    position_id: UUID | None
    project_id: UUID | None
    status: DocumentStatus
    status_code: str | None
    status_reason: str | None
    scan: Scan | None
    analysis: Analysis | None
    created_by: UUID | None
    created_at: UtcTime
    updated_at: UtcTime

    @classmethod
    def of(cls, row: Any) -> DocumentView:
        """The view of a document's row."""
        scan = Scan(
            engine=row.scan_engine,
            definitions_at=row.scan_definitions_at,
            signature=row.scan_signature,
            scanned_at=row.scanned_at,
            sha256=row.sha256,
            version_id=row.object_version,
        )
        analysis = Analysis.of(row) if row.analysis_status else None
        names = [name for name in cls.model_fields if name not in {"scan", "analysis"}]
        values = {name: getattr(row, name) for name in names}
        return cls(**values, scan=scan if row.scanned_at else None, analysis=analysis)


class NewDocumentView(DocumentView):
    """A document that waits for its file."""

    upload: Upload

    @classmethod
    def awaiting(cls, document: Document, upload: Upload) -> NewDocumentView:
        return cls(**DocumentView.of(document).model_dump(), upload=upload)


class PageView(BaseModel):
    number: int
    start: int
    end: int


class TextView(BaseModel):
    """The visible text of a document. Offsets count characters; a form feed parts two pages and belongs to neither."""

    document_id: UUID
    text: str
    pages: list[PageView]

    @classmethod
    def of(cls, document_id: UUID, text: DocumentText) -> TextView:
        pages = [PageView(number=page.number, start=page.start, end=page.end) for page in text.pages]
        return cls(document_id=document_id, text=text.text, pages=pages)
