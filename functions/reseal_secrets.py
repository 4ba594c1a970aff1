"""Every night at 04:30 UTC: seals the secrets of second factors and webhooks with the key of today."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.handlers import Event, event_handler
from chalicelib.second_factor import resealing as second_factors
from chalicelib.webhooks import resealing as webhooks

functions = Blueprint(__name__)


@functions.schedule(Cron(30, 4, "*", "*", "?", "*"), name="reseal_secrets")
@event_handler
def reseal_secrets(_event: Event) -> dict[str, Any]:
    return {"second_factors": second_factors.reseal_all(), "webhooks": webhooks.reseal_all()}
