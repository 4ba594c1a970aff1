"""Errors of ours, reported to Sentry; without a DSN nothing is imported and nothing is sent."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.redaction import redacted
from chalicelib.settings import VERSION, settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# What tells where a fault is; of whom it happened to, nothing.
REPORTED = ("event_id", "timestamp", "level", "platform", "release", "environment", "sdk", "exception", "tags")


@cache
def start() -> bool:
    """Begin reporting; True when there is somewhere to report to. To be called before handlers are decorated."""
    dsn = settings().sentry_dsn
    if dsn is None:
        return False
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn.get_secret_value(),
        release=VERSION,
        environment=settings().environment.value,
        default_integrations=False,
        # They hold passwords, links and people.
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        before_send=scrub,
        traces_sample_rate=0.1,
    )
    return True


def scrub(event: Event, _hint: Hint) -> Event:
    """What of `event` leaves this house: where it broke and with what words, those taken out that tell of people."""
    return _redacted({name: value for name, value in event.items() if name in REPORTED})  # type: ignore[no-any-return]


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    return value


def report(error: BaseException) -> None:
    """Report a fault of ours, with no request body and no personal data."""
    if start():
        import sentry_sdk

        sentry_sdk.capture_exception(error)
