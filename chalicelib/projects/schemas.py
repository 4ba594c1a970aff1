"""Bodies and answers of projects."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chalicelib.auth.models import UserRole
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Label, Line, NotNull, Prose, UtcTime, View
from chalicelib.projects.models import ProjectPriority, ProjectStatus

Hires = Annotated[int, Field(ge=0, le=100_000)]
Tags = Annotated[list[Label], Field(max_length=50)]


class ProjectQuery(PageQuery):
    status: ProjectStatus | None = None


class NewProject(Body):
    """A private one is seen by its members and admins alone."""

    name: Line
    client: Line | None = None
    sector: Line | None = None
    location: Line | None = None
    summary: Prose | None = None
    priority: ProjectPriority = ProjectPriority.MEDIUM
    status: ProjectStatus = ProjectStatus.ACTIVE
    target_hires: Hires | None = None
    tags: Tags = Field(default_factory=list)
    is_private: bool = False


class ProjectChange(NotNull):
    """Only what is given changes."""

    never_null = ("name", "priority", "status", "tags", "is_private")

    name: Line | None = None
    client: Line | None = None
    sector: Line | None = None
    location: Line | None = None
    summary: Prose | None = None
    priority: ProjectPriority | None = None
    status: ProjectStatus | None = None
    target_hires: Hires | None = None
    tags: Tags | None = None
    is_private: bool | None = None


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
    is_private: bool
    created_by: UUID
    created_at: UtcTime
    updated_at: UtcTime


class MemberView(View):
    """Somebody who belongs to a project, with the role that they have now."""

    user_id: UUID
    name: str
    email: str
    role: UserRole
    added_by: UUID | None
    added_at: UtcTime
