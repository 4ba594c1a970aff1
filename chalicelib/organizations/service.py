"""What can be done with one's own organization."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.auth.models import Organization
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.second_factor import service as second_factor


def get(session: Session, organization_id: UUID, *, lock: bool = False) -> Organization:
    """The organization; locked for a change when asked, though not against rows that only refer to it."""
    query = sa.select(Organization).where(Organization.id == organization_id)
    return session.scalars(query.with_for_update(key_share=True) if lock else query).one()


def change(
    session: Session, organization: Organization, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Change what is given of a locked organization. Whoever has no second factor where one is required from now on may
    do nothing but set one up, at once and in every sign-in that stands."""
    required_before, subject = organization.requires_second_factor, Subject("organization", organization.id)
    events.change(session, organization, values, "organization_changed", subject, actor=actor, now=now)
    is_required = organization.requires_second_factor
    if is_required != required_before:
        session.flush()
        second_factor.apply_requirement(session, organization.id, is_required=is_required, now=now)
