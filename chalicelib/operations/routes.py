"""HTTP for operators and load balancers. None of it is counted against a rate or needs the database to answer."""

from __future__ import annotations

import hmac

from chalicelib import clients
from chalicelib.clock import utc_now
from chalicelib.errors import NotFound, Unauthenticated
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.operations import health
from chalicelib.operations.schemas import HealthView, LiveView, MetricsText, VersionView
from chalicelib.settings import VERSION, settings

routes = Routes(__name__, tag="operations")


@routes.serve("GET", "/api/health", access=Access.PUBLIC, is_counted=False, opens_transaction=False, answer=HealthView)
def get_health(_call: Call[Nothing, Nothing]) -> Answer:
    """Each dependency with its state, within 2 s and at most 5 s old; 503 when the system cannot work."""
    examined = health.current()
    view = HealthView.model_validate(examined.as_json())
    return Answer(view, status=503 if examined.status == "unhealthy" else 200)


@routes.serve(
    "GET", "/api/health/live", access=Access.PUBLIC, is_counted=False, opens_transaction=False, answer=LiveView
)
def get_live(_call: Call[Nothing, Nothing]) -> LiveView:
    """That this process answers; no dependency is touched."""
    return LiveView()


@routes.serve(
    "GET", "/api/version", access=Access.PUBLIC, is_counted=False, opens_transaction=False, answer=VersionView
)
def get_version(_call: Call[Nothing, Nothing]) -> VersionView:
    """Which release this is, and where it runs."""
    return VersionView(version=VERSION, environment=settings().environment.value)


class MetricsOff(NotFound):
    """Nobody has said who may read metrics."""

    code = "metrics_off"


class BadMetricsToken(Unauthenticated):
    """The metrics token is missing or another one."""

    code = "bad_metrics_token"


@routes.serve(
    "GET",
    "/metrics",
    access=Access.PUBLIC,
    is_counted=False,
    opens_transaction=False,
    answer=MetricsText,
    refusals=(MetricsOff, BadMetricsToken),
)
def get_metrics(call: Call[Nothing, Nothing]) -> Answer:
    """Counters, durations and gauges of the whole system as Prometheus reads them; needs the metrics token."""
    _check_metrics_token(call.request.bearer_token())
    # Imported late: it comes with a library that nothing else needs.
    from chalicelib.counters import exposition

    return Answer(exposition.exposition(utc_now()), content_type=exposition.CONTENT_TYPE)


def _check_metrics_token(given: str | None) -> None:
    config = settings()
    wanted = config.metrics_token.get_secret_value() if config.metrics_token is not None else None
    if config.metrics_token_secret_arn is not None:
        wanted = clients.secret(config.metrics_token_secret_arn)
    if wanted is None:
        raise MetricsOff("metrics are off: set RECRUITPRO_METRICS_TOKEN")
    if given is None or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise BadMetricsToken("send the metrics token: Authorization: Bearer ...")
