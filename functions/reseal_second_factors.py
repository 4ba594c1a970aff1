"""Every night at 04:30 UTC: seals the secrets of second factors with the key of today."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.handlers import Event, event_handler
from chalicelib.second_factor import resealing

functions = Blueprint(__name__)


@functions.schedule(Cron(30, 4, "*", "*", "?", "*"), name="reseal_second_factors")
@event_handler
def reseal_second_factors(_event: Event) -> dict[str, Any]:
    return dict(resealing.reseal_all())
