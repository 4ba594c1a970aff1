"""From a project brief to its project: what is empty is filled, nothing that people entered is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.descriptions.drafts import BriefFields
from chalicelib.events.models import Actor
from chalicelib.projects import service
from chalicelib.resumes.fields import Found

LONGEST_LINE, LONGEST_PROSE = 200, 20_000


def fill(
    session: Session, organization_id: UUID, project_id: UUID, brief: BriefFields, *, actor: Actor, now: datetime
) -> list[str]:
    """Fill a project's empty fields from its brief; the names of those filled. Raises ProjectNotFound."""
    project = service.get(session, organization_id, project_id, lock=True)
    # A target of 0 hires is a statement, not an empty field.
    empty = {
        name: value
        for name, value in values_of(brief).items()
        if value is not None and getattr(project, name) in (None, "")
    }
    service.change(session, project, empty, actor=actor, now=now)
    return list(empty)


def values_of(brief: BriefFields) -> dict[str, Any]:
    """A brief as a project's columns, each within what the API accepts."""
    return {
        "name": _line(brief.name),
        "client": _line(brief.client),
        "sector": _line(brief.sector),
        "location": _line(brief.location),
        "summary": brief.summary.value[:LONGEST_PROSE] if brief.summary else None,
        "target_hires": brief.target_hires.value if brief.target_hires else None,
    }


def _line(found: Found[str] | None) -> str | None:
    return " ".join(found.value.split())[:LONGEST_LINE] or None if found else None
