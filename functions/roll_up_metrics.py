"""Every minute: adds what was counted to the totals, and brings the sums of reports up to date, so that reading them
stays cheap."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib import db
from chalicelib.counters import repository
from chalicelib.db import Role
from chalicelib.handlers import Event, event_handler
from chalicelib.reports import counting

functions = Blueprint(__name__)
LIMIT = 50_000
RUNS = 20


@functions.schedule(Rate(1, unit=Rate.MINUTES), name="roll_up_metrics")
@event_handler
def roll_up_metrics(_event: Event) -> dict[str, Any]:
    """Answers how many facts were folded, at most a million, and how many marks of reports were counted, for half a
    minute at most; the rest is for the next time."""
    folded = 0
    for _ in range(RUNS):
        with db.transaction(role=Role.DISPATCHER) as session:
            count = repository.fold(session, limit=LIMIT)
        folded += count
        if count < LIMIT:
            break
    return {"folded": folded, "counted": counting.count_marked()}
