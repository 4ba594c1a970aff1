"""Every ten minutes: takes the night's snapshot from 02:00 UTC on, and sees to it until it is good, copied and kept."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.backups import nightly
from chalicelib.clock import utc_now
from chalicelib.handlers import Event, event_handler

functions = Blueprint(__name__)


# By the clock and not at a rate: one of the runs begins at 02:00.
@functions.schedule(Cron("0/10", "*", "*", "*", "?", "*"), name="take_snapshot")
@event_handler
def take_snapshot(_event: Event) -> dict[str, Any]:
    return nightly.run(utc_now())
