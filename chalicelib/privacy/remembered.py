"""The log of erasures, kept outside the database: a database that is restored from before an erasure knows nothing of
it, and would bring the person back. It holds ids alone, in the bucket of backups (prefix erasures/)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from chalicelib import clients
from chalicelib.clients import Bucket
from chalicelib.logs import log
from chalicelib.privacy.models import Erasure, ErasureReason
from chalicelib.privacy.places import Footprint

PREFIX = "erasures/"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """An erasure as the log has it. `candidates` are all entries of the person, merged ones included: in the database
    as it was before, they may be apart."""

    erasure_id: UUID
    organization_id: UUID
    candidates: tuple[UUID, ...]
    reason: ErasureReason
    requested_at: datetime

    @property
    def key(self) -> str:
        """Where it is kept: by day (UTC), so that those since a backup are found without reading all. A second
        delivery comes to the same key."""
        day = self.requested_at.astimezone(UTC).date()
        return f"{PREFIX}{day.isoformat()}/{self.organization_id}/{self.erasure_id}.json"

    def as_bytes(self) -> bytes:
        values = {
            "erasure_id": str(self.erasure_id),
            "organization_id": str(self.organization_id),
            "candidates": sorted(map(str, self.candidates)),
            "reason": self.reason.value,
            "requested_at": self.requested_at.isoformat(),
        }
        return json.dumps(values).encode()

    @classmethod
    def of_bytes(cls, content: bytes) -> Remembered:
        """Raises ValueError, KeyError or TypeError for what is no such record."""
        values = json.loads(content)
        return cls(
            UUID(values["erasure_id"]),
            UUID(values["organization_id"]),
            tuple(UUID(each) for each in values["candidates"]),
            ErasureReason(values["reason"]),
            datetime.fromisoformat(values["requested_at"]),
        )


def remember(erasure: Erasure, found: Footprint) -> None:
    """Write an erasure into the log. Raises StorageUnavailable: an erasure that nobody would remember is not done."""
    record = Remembered(
        erasure.id,
        erasure.organization_id,
        tuple({erasure.candidate_id, *found.candidates}),
        ErasureReason(erasure.reason),
        erasure.requested_at,
    )
    clients.storage(Bucket.BACKUPS).put(record.key, record.as_bytes(), content_type=CONTENT_TYPE)


def since(day: date) -> Iterator[Remembered]:
    """Every erasure that was asked for on that day (UTC) or later, by day. What cannot be read is logged and left out.
    Raises StorageUnavailable."""
    storage = clients.storage(Bucket.BACKUPS)
    for key in storage.keys(PREFIX, after=f"{PREFIX}{day.isoformat()}"):
        stored, content = storage.find(key), io.BytesIO()
        if stored is None:
            continue
        storage.fetch(key, stored.version, content)
        try:
            yield Remembered.of_bytes(content.getvalue())
        except (ValueError, KeyError, TypeError):
            log.error("erasure_record_unreadable", key=key)
