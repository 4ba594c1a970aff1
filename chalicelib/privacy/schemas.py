"""Bodies and answers about people's rights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, UtcTime, View
from chalicelib.privacy.models import ErasureReason, ErasureStatus


class NewErasure(Body):
    """Why somebody is erased: chosen and not written, since a note might tell who it was."""

    reason: ErasureReason = ErasureReason.PERSON_ASKED


class ErasureView(View):
    """The certificate of an erasure: rows by table, files by where they lay, and what a lock keeps for how long.
    Backups made before it hold the person until they run out; whoever restores one erases again."""

    id: UUID
    candidate_id: UUID
    job_id: UUID
    reason: ErasureReason
    status: ErasureStatus
    requested_by: UUID | None
    requested_at: UtcTime
    completed_at: UtcTime | None
    rows_erased: dict[str, int]
    objects_erased: dict[str, int]
    objects_kept: list[dict[str, Any]]


class ErasureQuery(PageQuery):
    pass


class FileLink(BaseModel):
    """A file of the person's. `url` works for a minute or so; it is null for what nobody may read, and `status` says
    why."""

    document_id: UUID
    filename: str
    content_type: str
    sha256: str | None
    status: str
    url: str | None


class PersonExport(BaseModel):
    """Everything held about one person. `records` has the rows of each table as they are kept."""

    format: str = "recruitpro-person-1"
    candidate_id: UUID
    exported_at: UtcTime
    records: dict[str, list[dict[str, Any]]]
    files: list[FileLink]


class RetentionWarningView(View):
    """Who will be erased at `due_at` unless somebody is in contact with them before."""

    candidate_id: UUID
    last_contact_at: UtcTime
    due_at: UtcTime
    warned_at: UtcTime


class RetentionQuery(PageQuery):
    pass


class RetentionTrial(Body):
    """A period to try out: nothing is changed, warned or erased."""

    retention_days: int = Field(ge=30, le=36_500)


class RetentionOutcome(BaseModel):
    """How many candidates a period would make due now, counted no further than 10,000, and how many looked at."""

    retention_days: int
    due: int
    is_exact: bool
    examples: list[UUID]
