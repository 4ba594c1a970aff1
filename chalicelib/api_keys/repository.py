"""Every query on API keys, but for the one that admits a request (`admit_caller` in the database)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.api_keys.models import ApiKey
from chalicelib.api_keys.schemas import KeyStatus

# By the database's clock: a list and the cursors into it are one query at any time.
EXPIRED = ApiKey.expires_at <= sa.func.now()
WITH_STATUS: dict[KeyStatus, sa.ColumnElement[bool]] = {
    KeyStatus.REVOKED: ApiKey.revoked_at.is_not(None),
    KeyStatus.EXPIRED: sa.and_(ApiKey.revoked_at.is_(None), EXPIRED),
    KeyStatus.ACTIVE: sa.and_(ApiKey.revoked_at.is_(None), sa.func.coalesce(EXPIRED, False).is_(False)),
}


def find(session: Session, organization_id: UUID, api_key_id: UUID, *, lock: bool = False) -> ApiKey | None:
    """One key, revoked ones included; locked for a change when asked."""
    query = sa.select(ApiKey).where(ApiKey.id == api_key_id, ApiKey.organization_id == organization_id)
    query = query.execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).first()


def matching(organization_id: UUID, status: KeyStatus | None) -> sa.Select[Any]:
    """The keys of an organization, all or those of one status."""
    query = sa.select(ApiKey.__table__).where(ApiKey.organization_id == organization_id)
    return query if status is None else query.where(WITH_STATUS[status])


def count_active(session: Session, organization_id: UUID) -> int:
    """How many keys of an organization work."""
    query = sa.select(sa.func.count()).select_from(ApiKey).where(ApiKey.organization_id == organization_id)
    return session.scalar(query.where(WITH_STATUS[KeyStatus.ACTIVE])) or 0
