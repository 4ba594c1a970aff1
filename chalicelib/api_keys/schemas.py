"""Bodies and answers of API keys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chalicelib.api_keys.scopes import Scope
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, GivenTime, Line, UtcTime, View


def _each_once(scopes: list[Scope]) -> list[Scope]:
    return sorted(set(scopes))


class KeyStatus(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class NewApiKey(Body):
    """`read` scopes are for looking, `write` scopes for changing; neither includes the other. Without `expires_at` the
    key works until it is revoked."""

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50), AfterValidator(_each_once)]
    expires_at: GivenTime | None = None


class ApiKeyQuery(PageQuery):
    status: KeyStatus | None = None


class ApiKeyView(View):
    """`begins_with` is how the key itself begins. `last_used_at` is true to the minute."""

    id: UUID
    name: str
    scopes: list[str]
    status: KeyStatus
    begins_with: str
    created_by: UUID
    created_at: UtcTime
    expires_at: UtcTime | None
    revoked_at: UtcTime | None
    revoked_by: UUID | None
    last_used_at: UtcTime | None


class NewApiKeyView(ApiKeyView):
    """`key` is shown this once: send it as `Authorization: Bearer rp_...`."""

    key: str


def status_of(expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> KeyStatus:
    """Whether a key works, or why not."""
    if revoked_at is not None:
        return KeyStatus.REVOKED
    return KeyStatus.EXPIRED if expires_at is not None and expires_at <= now else KeyStatus.ACTIVE
