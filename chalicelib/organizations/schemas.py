"""Bodies and answers of one's own organization."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from chalicelib.http.schemas import Line, NotNull, UtcTime, View


class OrganizationChange(NotNull):
    """Only what is given changes. `retention_days` is how long people are kept after the last contact; null keeps them
    until somebody erases them. Whoever is due is listed for `retention_warning_days` before."""

    never_null = ("name", "requires_second_factor", "retention_warning_days")

    name: Line | None = None
    requires_second_factor: bool | None = None
    retention_days: Annotated[int, Field(ge=30, le=36_500)] | None = None
    retention_warning_days: Annotated[int, Field(ge=1, le=365)] | None = None


class OrganizationProfile(View):
    id: UUID
    name: str
    requires_second_factor: bool
    retention_days: int | None
    retention_warning_days: int
    created_at: UtcTime
    updated_at: UtcTime
