"""Every night at 04:00 UTC: verifies that nobody has changed what happened."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.clock import utc_now
from chalicelib.handlers import Event, event_handler
from chalicelib.operations import event_chains

functions = Blueprint(__name__)
# Of the 15 minutes that Lambda gives, so that the last organization begun has time to be finished.
BUDGET_SECONDS = 600.0


@functions.schedule(Cron(0, 4, "*", "*", "?", "*"), name="verify_events")
@event_handler
def verify_events(_event: Event) -> dict[str, Any]:
    return event_chains.audit(utc_now(), seconds=BUDGET_SECONDS).as_json()
