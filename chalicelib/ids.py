"""Ids: UUIDv7, so that rows sort by when they were made and an index grows at its end."""

from __future__ import annotations

from uuid import UUID

import uuid6


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562)."""
    return UUID(int=uuid6.uuid7().int)
