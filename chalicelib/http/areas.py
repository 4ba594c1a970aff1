"""The API by areas of its paths. A container on Lambda loads an area with the first request that asks for it: whoever
waits for a cold start waits for what they asked, and not for thirty rooms. Everywhere else all of it stands at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from chalicelib.http.app import Api
from chalicelib.http.routes import Routes

# Each module of routes, in the order in which they are published, with the areas (the first name of a path after
# /api) in which it serves anything. tests/chalicelib/http/test_areas.py holds it against what is served.
SERVED_BY: Mapping[str, tuple[str, ...]] = {
    "chalicelib.auth.routes": ("auth", "users"),
    "chalicelib.second_factor.routes": ("users",),
    "chalicelib.users.public_routes": ("auth",),
    "chalicelib.users.routes": ("users",),
    "chalicelib.users.invitation_routes": ("users", "invitations"),
    "chalicelib.organizations.routes": ("organization",),
    "chalicelib.api_keys.routes": ("api-keys",),
    "chalicelib.projects.routes": ("projects",),
    "chalicelib.positions.routes": ("positions",),
    "chalicelib.candidates.routes": ("candidates",),
    "chalicelib.candidates.merge_routes": ("candidates",),
    "chalicelib.applications.routes": ("applications",),
    "chalicelib.documents.routes": ("documents",),
    "chalicelib.documents.release_routes": ("documents",),
    "chalicelib.screening.routes": ("applications", "screenings"),
    "chalicelib.interviews.routes": ("interviews",),
    "chalicelib.market_research.routes": ("market-research", "salary-data"),
    "chalicelib.bulk_imports.routes": ("imports", "exports"),
    "chalicelib.jobs.routes": ("jobs",),
    "chalicelib.outreach.routes": ("outreach",),
    "chalicelib.reports.routes": ("reports",),
    "chalicelib.privacy.routes": ("candidates", "erasures", "retention"),
    "chalicelib.events.routes": ("events",),
    "chalicelib.webhooks.routes": ("webhooks",),
    "chalicelib.operations.routes": ("health", "version", "metrics"),
}
# They tell of all areas.
ABOUT_ALL = frozenset({"openapi.json", "docs"})


def area_of(path: str) -> str:
    """The area of `path`: "candidates" of /api/candidates/{candidate_id}."""
    return path.removeprefix("/api").strip("/").split("/")[0]


class ApiByAreas(Api):
    """The API of all areas, each loaded by `load`, all of them by `load_all`, or by the first request that asks."""

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name)
        self._mounted: dict[str, Routes] = {}
        self._loaded: set[str] = set()

    def __call__(self, event: Any, context: Any) -> Any:
        path = event.get("requestContext", {}).get("resourcePath")
        if path is not None:
            self.load(area_of(path))
        return super().__call__(event, context)

    def load(self, area: str) -> None:
        """Have everything in `area` served; what is served already stays as it is."""
        if area in ABOUT_ALL:
            self.load_all()
        elif area not in self._loaded:
            for module, areas in SERVED_BY.items():
                if area in areas:
                    self._mount(module)
            self._close(area)

    def load_all(self) -> None:
        """Have every area served, and what is published about them."""
        if self._loaded >= ABOUT_ALL:
            return
        for module in SERVED_BY:
            self._mount(module)
        # As they are published, in whatever order they were asked for.
        self.table[:] = [route for module in SERVED_BY for route in self._mounted[module].table]
        self.publish()
        for area in {area_of(path) for path in self.routes}:
            self._close(area)

    def _mount(self, module: str) -> None:
        if module not in self._mounted:
            self._mounted[module] = import_module(module).routes
            self.mount(self._mounted[module])

    def _close(self, area: str) -> None:
        # A module that serves in two areas opens paths in the other one, which is closed when it is whole.
        if area not in self._loaded:
            self._loaded.add(area)
            self.close([path for path in self.routes if area_of(path) == area])
