"""HTTP for operators and load balancers. None of it is counted against a rate or needs the database to answer."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.operations import health
from chalicelib.operations.schemas import HealthView, LiveView, VersionView
from chalicelib.settings import VERSION, settings

routes = Routes(__name__, tag="operations")


@routes.serve("GET", "/api/health", access=Access.PUBLIC, is_counted=False, opens_transaction=False, answer=HealthView)
def get_health(_call: Call[Nothing, Nothing]) -> Answer:
    """Each dependency with its state, within 2 s; 503 when the system cannot work."""
    examined = health.examine()
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
