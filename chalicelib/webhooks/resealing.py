"""Secrets of webhooks under the key of today: one to which nothing was sent for two changes of the token secret could
sign nothing any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib import db
from chalicelib.auth.keys import key_ring
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.logs import log
from chalicelib.second_factor.sealing import CannotOpen
from chalicelib.webhooks import repository, secrets

PAGE = 500
OLD = sa.text("""
    select id, organization_id from webhooks
    where secret_key_id <> :current and deleted_at is null and id > :after order by id limit :limit
""")


def reseal_all() -> dict[str, int]:
    """Seal anew what an older key sealed; how many were, and how many cannot be opened any more."""
    current, after = key_ring().current().id, UUID(int=0)
    resealed = unreadable = 0
    while rows := _old(current, after):
        done = sum(_reseal(row.organization_id, row.id) for row in rows)
        resealed, unreadable, after = resealed + done, unreadable + len(rows) - done, rows[-1].id
    if unreadable:
        log.error("webhook_secrets_unreadable", count=unreadable)
    return {"resealed": resealed, "unreadable": unreadable}


def _old(current: str, after: UUID) -> list[sa.Row[Any]]:
    with db.transaction(role=Role.DISPATCHER) as session:
        return list(session.execute(OLD, {"current": current, "after": after, "limit": PAGE}))


def _reseal(organization_id: UUID, webhook_id: UUID) -> bool:
    with db.transaction(organization_id) as session:
        webhook = repository.find(session, organization_id, webhook_id, lock=True)
        if webhook is None or secrets.is_fresh(webhook):
            return True
        try:
            secrets.open_all(webhook, utc_now())
        except CannotOpen:
            return False
    return True
