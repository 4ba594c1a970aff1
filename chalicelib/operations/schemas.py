"""Answers of the operational endpoints."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel


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


class MetricsText(RootModel[str]):
    """Prometheus' text format."""

    model_config = ConfigDict(json_schema_extra={"contentMediaType": "text/plain; version=0.0.4; charset=utf-8"})
