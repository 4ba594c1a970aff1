"""Every five minutes: asks every dependency, tells the alarms, and keeps the answers.

By hand, with the `detail-type` "Try Sentry": sends Sentry one test report, and answers what became of it.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Rate

from chalicelib import reporting
from chalicelib.clock import utc_now
from chalicelib.handlers import Event, event_handler
from chalicelib.logs import log
from chalicelib.operations import gauges, health

functions = Blueprint(__name__)
TRY_SENTRY = "Try Sentry"


@functions.schedule(Rate(5, unit=Rate.MINUTES), name="check_health")
@event_handler
def check_health(event: Event) -> dict[str, Any]:
    if event["detail-type"] == TRY_SENTRY:
        return {"sentry": reporting.try_out()}
    now = utc_now()
    answers = health.ask(now, {**health.CHECKS, **gauges.LOOKS})
    examined = health.judge({name: answers[name] for name in health.CHECKS})
    # Before anything is written: what is to be told of a broken database must not wait for it.
    gauges.tell(examined, answers)
    log.info("health_checked", status=examined.status)
    if examined.status != "unhealthy":
        health.record(examined, now)
    return examined.as_json()
