"""Bodies and answers of projects."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Label, Line, NotNull, Prose, UtcTime, View
from chalicelib.projects.models import ProjectPriority, ProjectStatus

Hires = Annotated[int, Field(ge=0, le=100_000)]
Tags = Annotated[list[Label], Field(max_length=50)]


class ProjectQuery(PageQuery):
    status: ProjectStatus | None = None


class NewProject(Body):
    name: Line
    client: Line | None = None
    sector: Line | None = None
    location: Line | None = None
    summary: Prose | None = None
    priority: ProjectPriority = ProjectPriority.MEDIUM
    status: ProjectStatus = ProjectStatus.ACTIVE
    target_hires: Hires | None = None
    tags: Tags = Field(default_factory=list)


class ProjectChange(NotNull):
    """Only what is given changes."""

    never_null = ("name", "priority", "status", "tags")

    name: Line | None = None
    client: Line | None = None
    sector: Line | None = None
    location: Line | None = None
    summary: Prose | None = None
    priority: ProjectPriority | None = None
    status: ProjectStatus | None = None
    target_hires: Hires | None = None
    tags: Tags | None = None


class ProjectView(View):
    id: UUID
    name: str
    client: str | None
    sector: str | None
    location: str | None
    summary: str | None
    priority: ProjectPriority
    status: ProjectStatus
    target_hires: int | None
    tags: list[str]
    created_by: UUID
    created_at: UtcTime
    updated_at: UtcTime
