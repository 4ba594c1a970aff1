"""What every Lambda outside HTTP needs, in one decorator: log context, error reports, and a plain dict as event.

A Lambda of `functions/` starts from its own module: middleware of the app does not run there.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from chalicelib import metrics, reporting
from chalicelib.logs import log, log_context, traced

Event = dict[str, Any]
SCHEDULED = "Scheduled Event"


def event_handler(handle: Callable[[Event], Any]) -> Callable[[Any], Any]:
    """Wrap a handler for a queue or a schedule. An error is logged whole, reported once, and raised again, so that
    Lambda counts it. A run by schedule that ended well counts as `function_ran`: its alarm waits for that."""
    reporting.start()

    @wraps(handle)
    def wrapped(event: Any) -> Any:
        request_id = getattr(event.context, "aws_request_id", None)
        told = event.to_dict()
        op = reporting.QUEUE if "Records" in told else reporting.SCHEDULE
        with (
            # What a schedule asks for begins there; a message says itself which trace it belongs to.
            traced() if op == reporting.SCHEDULE else nullcontext(),
            log_context(function=handle.__name__, lambda_request_id=request_id),
            reporting.invocation(handle.__name__, op),
        ):
            try:
                answer = handle(told)
            except Exception as error:
                log.exception("function_broke")
                reporting.report(error)
                raise
            # A run by hand does not show that the schedule still starts the function.
            if told.get("detail-type") == SCHEDULED:
                metrics.count("function_ran", function=handle.__name__)
            return answer

    return wrapped
