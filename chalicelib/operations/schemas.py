"""Answers of the operational endpoints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class HealthView(BaseModel):
    status: Literal["healthy", "degraded", "unhealthy"]
    checks: dict[str, dict[str, Any]]
    version: str
    environment: str


class LiveView(BaseModel):
    status: Literal["alive"] = "alive"


class VersionView(BaseModel):
    version: str
    environment: str
