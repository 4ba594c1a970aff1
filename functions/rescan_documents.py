"""Every night at 03:00 UTC: asks for a new scan of what was stored lately."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.clock import utc_now
from chalicelib.documents import rescans
from chalicelib.handlers import Event, event_handler
from chalicelib.logs import log

functions = Blueprint(__name__)


@functions.schedule(Cron(0, 3, "*", "*", "?", "*"), name="rescan_documents")
@event_handler
def rescan_documents(_event: Event) -> dict[str, Any]:
    asked = rescans.ask_for_rescans(utc_now())
    log.info("rescans_asked_for", documents=asked)
    return {"asked": asked}
