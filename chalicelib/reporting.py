"""Faults of ours, reported to Sentry, and traces of a tenth of what is done; without a DSN nothing is imported or sent.

What is reported, and how often: an unexpected error, once for each time that it happens. A job that breaks and is tried
again is a report for each attempt, all of them one issue in Sentry. A refusal or an outage that has a name
(chalicelib/errors.py) never is: callers are told of it, and alarms hang on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.errors import RecruitProError
from chalicelib.logs import log
from chalicelib.settings import settings

if TYPE_CHECKING:
    from chalicelib.sentry import Reporter

HTTP, QUEUE, SCHEDULE, JOB = "http.server", "queue.process", "schedule", "job"
# What of the log's context goes with a report: ids of things, never of people, and names of ours.
TAGS = (
    "request_id",
    "trace_id",
    "organization_id",
    "route",
    "function",
    "lambda_request_id",
    "job_id",
    "kind",
    "attempt",
    "message_id",
)
REPORTED_MARK = "_is_reported"


@cache
def reporter() -> Reporter | None:
    """Who reports; None when there is nowhere to report to."""
    config = settings()
    if config.sentry_dsn is None:
        return None
    from chalicelib.sentry import Reporter

    return Reporter(config)


def start() -> bool:
    """Begin reporting; True when there is somewhere to report to."""
    return reporter() is not None


def report(error: BaseException) -> None:
    """Report a fault of ours, with no request body and no personal data. An error on its way up through several hands
    is reported by the first, refusals and outages by none."""
    to = reporter()
    if to is None or isinstance(error, RecruitProError) or hasattr(error, REPORTED_MARK):
        return
    setattr(error, REPORTED_MARK, True)
    known = log.thread_safe_get_current_keys()
    to.report(error, {name: str(known[name]) for name in TAGS if known.get(name) is not None})


def try_out() -> str:
    """Send one test report: "taken" or "not taken" by Sentry, or "no DSN"."""
    to = reporter()
    if to is None:
        return "no DSN"
    return "taken" if to.try_out() else "not taken"


@contextmanager
def invocation(name: str, op: str) -> Iterator[Callable[[int], None]]:
    """One call of a Lambda function: traced as `name`, a route's template or a function's name, a tenth of the time.
    Takes the status of an HTTP answer.

    On Lambda what is to be sent leaves before the function is frozen, within 2 s. Somebody waits for an HTTP answer:
    faults alone hold it up, and traces go along with the container's next call.
    """
    to = reporter()
    if to is None:
        yield _nothing
        return
    try:
        with to.traced(name, op) as trace:
            yield trace.set_http_status
    finally:
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            to.send(only_faults=op == HTTP)


def _nothing(_status: int) -> None:
    pass


@contextmanager
def part(name: str, op: str) -> Iterator[None]:
    """A part of an invocation, as a trace shows it: one attempt at a job by its kind."""
    to = reporter()
    if to is None:
        yield
        return
    with to.part(name, op):
        yield
