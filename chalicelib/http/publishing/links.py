"""Links: which calls go on from what a POST has just made or asked for, and what of its answer they take."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.http.publishing.schemas import Json
from chalicelib.http.routes import Route

NAMES = re.compile(r"\{(\w+)\}")
MADE, ACCEPTED = 201, 202


def add_links(paths: Json, table: Sequence[Route]) -> None:
    """Say of each POST that answers with something new, or with a job, which calls take the id of that."""
    for route in table:
        links = {follower.view.__name__: _link(follower) for follower in table if _goes_on(route, follower)}
        if links:
            paths[route.path][route.method.lower()]["responses"][str(route.status)]["links"] = links


def _goes_on(route: Route, follower: Route) -> bool:
    if route.method != "POST" or route.answer is None or "id" not in route.answer.model_fields:
        return False
    names = NAMES.findall(follower.path)
    if route.status == ACCEPTED:
        return names == ["job_id"]
    return route.status == MADE and len(names) == 1 and follower.path.startswith(f"{route.path}/{{")


def _link(follower: Route) -> Json:
    (name,) = NAMES.findall(follower.path)
    return {"operationId": follower.view.__name__, "parameters": {name: "$response.body#/id"}}
