"""From a position description to draft positions: each made once, whatever a person makes of it afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.descriptions.drafts import DraftPosition
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.positions import repository, service
from chalicelib.positions.models import DEFAULT_STAGES, PositionStatus
from chalicelib.resumes.fields import Found

LONGEST_LINE, LONGEST_PROSE, LONGEST_REQUIREMENT, MOST_REQUIREMENTS = 200, 20_000, 500, 50
NO_TITLE = "no title stands clearly in the description, so no position was made of it"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft with the position made of it; without one, the `problem` says why."""

    draft: DraftPosition
    position_id: UUID | None
    is_new: bool
    problem: str | None

    def to_json(self) -> dict[str, Any]:
        """The draft's fields as JSON values, and what became of it."""
        position_id = str(self.position_id) if self.position_id else None
        return {**self.draft.to_json(), "position_id": position_id, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class Source:
    """Where drafts come from: the document, its project, who uploaded it, and `made_before`, the titles that an earlier
    reading gave to the positions it made."""

    document_id: UUID
    project_id: UUID | None
    created_by: UUID | None
    made_before: Sequence[tuple[str, UUID]] = ()


def create(
    session: Session,
    organization_id: UUID,
    drafts: Iterable[DraftPosition],
    source: Source,
    *,
    actor: Actor,
    now: datetime,
) -> list[Drafted]:
    """Make a draft position of each draft that has a title. One that was made before stays as people left it: renamed,
    opened or deleted."""
    made = _made_before(session, organization_id, source)
    drafted = []
    for draft in drafts:
        title = _line(draft.title)
        if title is None:
            drafted.append(Drafted(draft, None, is_new=False, problem=NO_TITLE))
        elif made[title.casefold()]:
            drafted.append(Drafted(draft, made[title.casefold()].pop(0), is_new=False, problem=None))
        else:
            values = {**values_of(draft), "project_id": source.project_id, "source_document_id": source.document_id}
            position = service.create(
                session, organization_id, values, actor=actor, now=now, created_by=source.created_by
            )
            drafted.append(Drafted(draft, position.id, is_new=True, problem=None))
    return drafted


def _made_before(session: Session, organization_id: UUID, source: Source) -> dict[str, list[UUID]]:
    """The positions that this document was made into already, by the title that the document gives them."""
    titles = {position_id: title for title, position_id in source.made_before}
    made: dict[str, list[UUID]] = defaultdict(list)
    for position in repository.of_document(session, organization_id, source.document_id):
        made[titles.get(position.id, position.title).casefold()].append(position.id)
    return made


def values_of(draft: DraftPosition) -> dict[str, Any]:
    """A draft as a position's columns, each within what the API accepts."""
    return {
        "title": _line(draft.title),
        "department": _line(draft.department),
        "location": _line(draft.location),
        "description": _description(draft),
        "experience_years_min": draft.experience_years_min.value if draft.experience_years_min else None,
        "openings": draft.openings.value if draft.openings else 1,
        "status": PositionStatus.DRAFT.value,
        **_salary(draft),
        "requirements": _requirements(draft),
        "stages": list(DEFAULT_STAGES),
    }


def _salary(draft: DraftPosition) -> dict[str, Any]:
    """A yearly salary in a known currency: a position states no other, and nothing is converted."""
    is_yearly = draft.salary_period is not None and draft.salary_period.value == "year"
    if not is_yearly or draft.currency is None:
        return {"salary_min": None, "salary_max": None, "currency": None}
    low, high = (found.value if found else None for found in (draft.salary_min, draft.salary_max))
    return {"salary_min": low, "salary_max": high, "currency": draft.currency.value}


def _description(draft: DraftPosition) -> str | None:
    """The description's own words, then each responsibility on a line of its own."""
    duties = "\n".join(f"- {duty.value}" for duty in draft.responsibilities)
    parts = [draft.description.value if draft.description else "", duties]
    return "\n\n".join(part for part in parts if part)[:LONGEST_PROSE] or None


def _requirements(draft: DraftPosition) -> list[dict[str, Any]]:
    return [
        {
            "id": str(new_id()),
            "text": requirement.text.value[:LONGEST_REQUIREMENT],
            "kind": requirement.kind.value,
            "weight": requirement.weight,
        }
        for requirement in draft.requirements[:MOST_REQUIREMENTS]
    ]


def _line(found: Found[str] | None) -> str | None:
    return " ".join(found.value.split())[:LONGEST_LINE] or None if found else None
