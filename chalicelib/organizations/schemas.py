"""Bodies and answers of one's own organization."""

from __future__ import annotations

from uuid import UUID

from chalicelib.http.schemas import Line, NotNull, UtcTime, View


class OrganizationChange(NotNull):
    """Only what is given changes."""

    never_null = ("name", "requires_second_factor")

    name: Line | None = None
    requires_second_factor: bool | None = None


class OrganizationProfile(View):
    id: UUID
    name: str
    requires_second_factor: bool
    created_at: UtcTime
    updated_at: UtcTime
