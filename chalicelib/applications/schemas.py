"""Bodies and answers of applications."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chalicelib.applications.models import ApplicationStatus, StageChangeKind
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Label, Line, UtcTime, View

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]


class ApplicationQuery(PageQuery):
    candidate_id: UUID | None = None
    position_id: UUID | None = None
    stage: Label | None = None
    status: ApplicationStatus | None = None


class NewApplication(Body):
    candidate_id: UUID
    position_id: UUID
    source: Line | None = None


class Move(Body):
    from_stage: Label
    to_stage: Label
    note: Note | None = None


class Closing(Body):
    reason: Line
    note: Note | None = None


class StageChangeView(View):
    kind: StageChangeKind
    from_stage: str | None
    to_stage: str | None
    reason: str | None
    note: str | None
    user_id: UUID | None
    changed_at: UtcTime


class ApplicationView(View):
    id: UUID
    candidate_id: UUID
    candidate_name: str
    position_id: UUID
    position_title: str
    stage: str
    status: ApplicationStatus
    status_reason: str | None
    source: str | None
    applied_at: UtcTime
    stage_entered_at: UtcTime
    created_by: UUID | None
    updated_at: UtcTime


class ApplicationWithHistory(ApplicationView):
    """An application with every step it took, oldest first."""

    history: list[StageChangeView]
