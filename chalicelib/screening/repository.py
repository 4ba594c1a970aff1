"""Every query on screenings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.screening.models import Screening


def find(session: Session, organization_id: UUID, screening_id: UUID, *, lock: bool = False) -> Screening | None:
    """One screening, locked for a review when asked."""
    query = sa.select(Screening).where(Screening.id == screening_id, Screening.organization_id == organization_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def of_application(organization_id: UUID, application_id: UUID) -> sa.Select[Any]:
    """The screenings of an application."""
    return sa.select(Screening.__table__).where(
        Screening.organization_id == organization_id, Screening.application_id == application_id
    )
