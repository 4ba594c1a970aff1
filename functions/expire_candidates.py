"""Every night at 01:00 UTC: warns of people who will have been kept long enough, and has them erased after that."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.clock import utc_now
from chalicelib.handlers import Event, event_handler
from chalicelib.logs import log
from chalicelib.privacy import retention

functions = Blueprint(__name__)


@functions.schedule(Cron(0, 1, "*", "*", "?", "*"), name="expire_candidates")
@event_handler
def expire_candidates(_event: Event) -> dict[str, Any]:
    outcome = asdict(retention.apply(utc_now()))
    log.info("retention_applied", **outcome)
    return outcome
