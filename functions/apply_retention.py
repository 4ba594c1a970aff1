"""Every ten minutes: blanks what jobs kept long enough, and forgets keys and tokens that are past."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.clock import utc_now
from chalicelib.handlers import Event, event_handler
from chalicelib.operations import retention

functions = Blueprint(__name__)


@functions.schedule(Rate(10, unit=Rate.MINUTES), name="apply_retention")
@event_handler
def apply_retention(_event: Event) -> dict[str, Any]:
    return retention.apply(utc_now())
