"""Bodies and answers of imports and exports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chalicelib.bulk_imports.models import UNDO_WITHIN, ImportStatus, OnDuplicate, Outcome
from chalicelib.candidates.schemas import Moment
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Label, Line, UtcTime, View
from chalicelib.jobs.schemas import JobView

Column = Annotated[str, StringConstraints(min_length=1, max_length=250)]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class NewImport(Body):
    """`mapping` says for each field which column holds it (null: none does), where the guess by column names would be
    wrong. With `dry_run` everything is looked at and no candidate is written."""

    document_id: UUID
    mapping: Annotated[dict[FieldName, Column | None], Field(max_length=50)] = Field(default_factory=dict)
    on_duplicate: OnDuplicate = OnDuplicate.SKIP
    dry_run: bool = False


class ImportJobView(JobView):
    """The job of an import: its progress counts rows once the file is read."""

    import_id: UUID

    @classmethod
    def about(cls, view: JobView, import_id: UUID) -> ImportJobView:
        return cls(**view.model_dump(), import_id=import_id)


class ImportQuery(PageQuery):
    status: ImportStatus | None = None
    document_id: UUID | None = None
    job_id: UUID | None = None


class RowsQuery(PageQuery):
    outcome: Outcome | None = None


class MappingView(BaseModel):
    """`columns` says field -> column; `ambiguous` says for which fields several columns might have been meant."""

    columns: dict[str, str]
    unmapped: list[str]
    ambiguous: dict[str, list[str]]


class RowCounts(BaseModel):
    """Rows by outcome; `total` is known once the file is read. For a dry run, what would become of them."""

    total: int | None
    created: int
    updated: int
    skipped: int
    failed: int


class RowProblem(BaseModel):
    field: str | None
    code: str
    message: str


class PreviewRow(BaseModel):
    line: int
    candidate: dict[str, Any] | None
    problems: list[RowProblem]


class ImportMistake(BaseModel):
    code: str
    message: str | None


class ImportView(View):
    """One import. `preview` shows the first 20 rows of a dry run as they would become."""

    id: UUID
    document_id: UUID
    job_id: UUID
    status: ImportStatus
    on_duplicate: OnDuplicate
    dry_run: bool
    format: str | None
    header: list[str] | None
    mapping: MappingView | None
    notes: list[str]
    rows: RowCounts
    preview: list[PreviewRow] | None
    error: ImportMistake | None
    undo_job_id: UUID | None
    undo_until: UtcTime | None
    undone_at: UtcTime | None
    created_by: UUID | None
    created_at: UtcTime
    finished_at: UtcTime | None

    @classmethod
    def of(cls, row: Any) -> ImportView:
        """The view of an import's row and its job's."""
        same = [
            "id",
            "document_id",
            "job_id",
            "status",
            "on_duplicate",
            "format",
            "header",
            "preview",
            "undo_job_id",
            "undone_at",
        ]
        counts = {name.value: getattr(row, f"rows_{name.value}") for name in Outcome}
        can_be_undone = row.finished_at and not row.is_dry_run and row.undone_at is None
        return cls(
            **{name: getattr(row, name) for name in (*same, "created_by", "created_at", "finished_at")},
            dry_run=row.is_dry_run,
            mapping=row.columns and MappingView(**row.columns),
            notes=row.notes or [],
            rows=RowCounts(total=row.rows_total, **counts),
            error=ImportMistake(code=row.error_code, message=row.error_message) if row.error_code else None,
            undo_until=row.finished_at + UNDO_WITHIN if can_be_undone else None,
        )


class ImportRowView(View):
    """What became of one row: `number` counts rows from 1, `line` is where it starts in the file (a sheet's row
    number), `undone` what an undo of the import did."""

    number: int
    line: int
    outcome: Outcome
    candidate_id: UUID | None
    problems: list[RowProblem]
    undone: str | None

    @classmethod
    def of(cls, row: Any) -> ImportRowView:
        values = {name: getattr(row, name) for name in ("number", "line", "outcome", "candidate_id", "undone")}
        return cls(**values, problems=row.problems or [])


class ExportKind(StrEnum):
    CANDIDATES = "candidates"
    IMPORT_ROWS = "import_rows"


class ExportFilters(Body):
    """Which candidates are exported; as the list of candidates takes them."""

    tag: Label | None = None
    skill: Label | None = None
    source: Line | None = None
    position_id: UUID | None = None
    stage: Label | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def given(self) -> dict[str, Any]:
        """The filters that are set."""
        return {name: value for name, value in self if value is not None}


class NewExport(Body):
    # As JSON Schema says what `_fits_its_kind` checks.
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"kind": {"const": ExportKind.IMPORT_ROWS}}},
            "then": {
                "required": ["import_id"],
                "properties": {
                    "import_id": {"type": "string"},
                    "filters": {"additionalProperties": {"type": "null"}},
                },
            },
            "else": {"properties": {"import_id": {"type": "null"}}},
        }
    )

    kind: ExportKind
    import_id: UUID | None = None
    filters: ExportFilters = Field(default_factory=ExportFilters)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind is ExportKind.IMPORT_ROWS) != (self.import_id is not None):
            raise ValueError("name an import to export its rows, and none to export candidates")
        if self.kind is ExportKind.IMPORT_ROWS and self.filters.given():
            raise ValueError("filters choose candidates; the rows of an import are exported as a whole")
        return self
