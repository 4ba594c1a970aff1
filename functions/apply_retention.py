"""Every ten minutes: blanks what jobs kept long enough, forgets keys and tokens that are past, and removes what is left
of documents where it does not belong."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.clock import utc_now
from chalicelib.documents import keeping
from chalicelib.handlers import Event, event_handler
from chalicelib.operations import retention

functions = Blueprint(__name__)


@functions.schedule(Rate(10, unit=Rate.MINUTES), name="apply_retention")
@event_handler
def apply_retention(_event: Event) -> dict[str, Any]:
    now = utc_now()
    return {**retention.apply(now), "documents_settled": keeping.sweep(now)}
