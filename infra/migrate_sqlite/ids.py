"""Ids that come out the same however often a row is brought over."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

VERSION_7, VARIANT = 7, 0b10


def id_of(namespace: UUID | str, what: str, key: str, at: datetime) -> UUID:
    """A UUIDv7 (RFC 9562) of the moment `at`, whose random bits are a hash of where the row comes from: newer rows sort
    after older ones, as everywhere, and a second run meets what the first has written."""
    milliseconds = min(max(int(at.timestamp() * 1000), 0), (1 << 48) - 1)
    digest = int.from_bytes(hashlib.sha256(f"{namespace}/{what}/{key}".encode("utf-8", "surrogatepass")).digest())
    random_a, random_b = digest & 0xFFF, (digest >> 12) & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | VERSION_7 << 76 | random_a << 64 | VARIANT << 62 | random_b)
