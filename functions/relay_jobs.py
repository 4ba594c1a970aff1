"""Every minute: sends what a commit left unsent, revives what was started and never finished, finds uploads whose
notification never came, and asks for the deliveries of webhooks that are due."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib.clock import utc_now
from chalicelib.documents import uploads
from chalicelib.handlers import Event, event_handler
from chalicelib.jobs import relay
from chalicelib.logs import log
from chalicelib.webhooks import jobs as webhooks

functions = Blueprint(__name__)


@functions.schedule(Rate(1, unit=Rate.MINUTES), name="relay_jobs")
@event_handler
def relay_jobs(_event: Event) -> dict[str, Any]:
    now = utc_now()
    report = relay.sweep(now)
    found = uploads.sweep(now)
    asked = webhooks.sweep(now)
    counts = {"unsent": report.unsent, "revived": report.revived, "uploads": found, "deliveries": asked}
    if any(counts.values()):
        log.info("swept", unsent=report.unsent, revived=report.revived, uploads=found, deliveries=asked)
    return counts
