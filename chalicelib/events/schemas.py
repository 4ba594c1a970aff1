"""What is shown of an event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import field_serializer

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import UtcTime, View


class EventQuery(PageQuery):
    after: str | None = None
    candidate_id: UUID | None = None
    application_id: UUID | None = None
    position_id: UUID | None = None


class EventView(View):
    """`sequence` counts without gaps within an organization; `hash` chains each event to the one before. `address` is
    where a request came from; only admins see it."""

    id: UUID
    sequence: int
    occurred_at: UtcTime
    actor_kind: str
    actor_id: UUID | None
    request_id: str | None
    address: str | None
    action: str
    subject_kind: str
    subject_id: UUID
    candidate_id: UUID | None
    application_id: UUID | None
    position_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: bytes

    @field_serializer("hash")
    def _as_hex(self, value: bytes) -> str:
        return value.hex()
