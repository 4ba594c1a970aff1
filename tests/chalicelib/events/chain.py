"""The hash chain of events, recomputed from nothing but the rows."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from tests.factories import as_superuser
from tests.house import Database

COVERED = (
    *("id", "occurred_at", "actor_kind", "actor_id", "request_id", "action", "subject_kind", "subject_id"),
    *("candidate_id", "application_id", "position_id"),
)


def rows_of(database: Database, organization_id: UUID) -> list[dict[str, Any]]:
    """An organization's events as they are stored, oldest first."""
    query = sa.text("select * from events where organization_id = :id order by sequence")
    with as_superuser(database) as connection:
        return [dict(row) for row in connection.execute(query, {"id": organization_id}).mappings()]


def head_of(database: Database, organization_id: UUID) -> tuple[int, bytes]:
    """The number and hash of the newest event, as the organization's head has them."""
    query = sa.text("select sequence, hash from event_heads where organization_id = :id")
    with as_superuser(database) as connection:
        sequence, hashed = connection.execute(query, {"id": organization_id}).one()
        return sequence, hashed


def breaks(rows: list[dict[str, Any]], head: tuple[int, bytes]) -> list[str]:
    """Where the chain does not hold, in words; empty when all of it does."""
    found: list[str] = []
    previous = bytes(32)
    for number, row in enumerate(rows, start=1):
        if row["sequence"] != number:
            return [*found, f"{number}: missing"]
        if row["digests"] != _digests(row):
            found.append(f"{number}: values")
        if row["body_hash"] != _body_hash(row):
            found.append(f"{number}: body")
        chained = hashlib.sha256(previous + number.to_bytes(8, "big") + row["body_hash"]).digest()
        if (row["previous_hash"], row["hash"]) != (previous, chained):
            found.append(f"{number}: chain")
        previous = row["hash"]
    return found if head == (len(rows), previous) else [*found, "head"]


def _digests(row: dict[str, Any]) -> dict[str, str]:
    values = {f"{side}.{name}": value for side in ("before", "after") for name, value in (row[side] or {}).items()}
    values |= {side: row[side] for side in ("before", "after") if not row[side]}
    found = {name: hashlib.sha256(row["salt"] + _canonical(value)).hexdigest() for name, value in values.items()}
    if row["address"] is not None:
        found["actor.address"] = hashlib.sha256(row["address_salt"] + _canonical(row["address"])).hexdigest()
    return found


def _body_hash(row: dict[str, Any]) -> bytes:
    covered = {name: _text(row[name]) for name in COVERED}
    return hashlib.sha256(_canonical({**covered, "digests": row["digests"]})).digest()


def _text(value: Any) -> str | None:
    return None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
