"""Errors of ours, reported to Sentry; without a DSN nothing is imported and nothing is sent."""

from __future__ import annotations

from functools import cache

from chalicelib.settings import VERSION, settings


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
        send_default_pii=False,
        # They hold passwords, links and people.
        include_local_variables=False,
        traces_sample_rate=0.1,
    )
    return True


def report(error: BaseException) -> None:
    """Report a fault of ours, with no request body and no personal data."""
    if start():
        import sentry_sdk

        sentry_sdk.capture_exception(error)
