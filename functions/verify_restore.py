"""Every ten minutes: takes the restore test that is due a step further, which is twice a week from 05:00 UTC on."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Cron

from chalicelib.backups import restoring
from chalicelib.handlers import Event, event_handler

functions = Blueprint(__name__)


# Between those of take_snapshot: both ask RDS for everything there is.
@functions.schedule(Cron("5/10", "*", "*", "*", "?", "*"), name="verify_restore")
@event_handler
def verify_restore(_event: Event) -> dict[str, Any]:
    return restoring.run()
