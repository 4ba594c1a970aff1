"""Secrets of factors under the key of today: the token secret changes every month, and an app that nobody opened for
two of them would be refused otherwise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth.keys import Key, key_ring
from chalicelib.db import Role
from chalicelib.logs import log
from chalicelib.second_factor.sealing import CannotOpen, Sealed, seal, unseal

PAGE = 500
OLD = sa.text("""
    select id, user_id, sealed_secret, key_id from second_factors
    where key_id <> :current and id > :after order by id limit :limit
""")
# Only where nobody has done it meanwhile.
RESEAL = sa.text("""
    update second_factors set sealed_secret = decode(new.sealed, 'hex'), key_id = :current
    from json_to_recordset(cast(:rows as json)) as new(id uuid, sealed text, key_id text)
    where second_factors.id = new.id and second_factors.key_id = new.key_id
""")


def reseal_all() -> dict[str, int]:
    """Seal anew what an older key sealed; how many were, and how many cannot be opened any more."""
    current, after = key_ring().current(), UUID(int=0)
    resealed = unreadable = 0
    while True:
        with db.transaction(role=Role.SIGN_IN) as session:
            rows = session.execute(OLD, {"current": current.id, "after": after, "limit": PAGE}).all()
            if not rows:
                break
            done = _reseal(session, rows, current)
        resealed, unreadable, after = resealed + done, unreadable + len(rows) - done, rows[-1].id
    if unreadable:
        log.error("second_factors_unreadable", count=unreadable)
    return {"resealed": resealed, "unreadable": unreadable}


def _reseal(session: Session, rows: Sequence[sa.Row[*tuple[Any, ...]]], current: Key) -> int:
    made = []
    for row in rows:
        try:
            secret = unseal(Sealed(row.key_id, row.sealed_secret), row.user_id, key_ring().find)
        except CannotOpen:
            continue
        sealed = seal(secret, row.user_id, current)
        made.append({"id": str(row.id), "sealed": sealed.content.hex(), "key_id": row.key_id})
    if made:
        session.execute(RESEAL, {"rows": json.dumps(made), "current": current.id})
    return len(made)
