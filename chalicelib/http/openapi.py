"""The API as an OpenAPI 3.1 document, made from the table of routes and its pydantic models and from nothing else."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence

from chalicelib.http.paging import COUNTED_UP_TO
from chalicelib.http.publishing.answers import header_components
from chalicelib.http.publishing.links import add_links
from chalicelib.http.publishing.operations import operation_of, parameter_components
from chalicelib.http.publishing.schemas import Json, Schemas
from chalicelib.http.publishing.sharing import share_refusals
from chalicelib.http.routes import Route
from chalicelib.settings import VERSION, Settings

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of somebody who signed in.",
    },
    # By its place it is a header like any other; OpenAPI lets an operation name the scopes that it needs all the same.
    "api_key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "rp_...",
        "description": "The API key of a program, made by an admin with `POST /api/api-keys`. The scope that a call "
        "needs stands with the call; where none does, no key is let in.",
    },
}
CONVENTIONS = """\
Bodies are JSON in UTF-8 with `snake_case` names; an unknown field is a mistake and is said to be one. Ids are UUIDs, \
times are RFC 3339 in UTC.

Send `Authorization: Bearer <access token>` from `POST /api/auth/login`, except where the role is public. A viewer \
reads, a recruiter also writes, an admin also manages. A program sends its API key in the same place and may do what \
its scopes say.

Refusals are `application/problem+json` (RFC 9457) with a stable `code`; 422 names every wrong field at once. Another \
organization's id answers 404, exactly like an id that never was.

Lists take `skip` and `limit`, or the `cursor` that the page before gave as `next_cursor`; reading by cursor costs the \
same on every page. `total` is exact up to {counted_up_to}.

Every POST takes an `Idempotency-Key`. What is shown alone and can be changed carries an `ETag`, to be sent as \
`If-Match` with a change.

{rate} A body may hold {body_max_bytes} bytes. A path that does not take your method answers 405 with \
`Allow`.{https}"""


def document(table: Sequence[Route], settings: Settings) -> Json:
    """The whole document. The same routes and settings give the same document, key by key."""
    schemas = Schemas(
        bodies=[route.body for route in table if route.body is not None],
        queries=[route.query for route in table],
        answers=[route.answer for route in table if route.answer is not None],
    )
    paths = _paths(table, schemas)
    add_links(paths, table)
    shared = share_refusals(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "RecruitPro", "version": VERSION, "description": _conventions(settings)},
        "servers": [{"url": "/"}],
        "tags": _tags(table),
        "paths": paths,
        "components": {
            "securitySchemes": SECURITY_SCHEMES,
            "parameters": parameter_components(),
            "headers": header_components(),
            "responses": shared,
            "schemas": schemas.components(),
        },
    }


def _conventions(settings: Settings) -> str:
    rate = (
        f"Each user may send {settings.rate_limit_default.replace('/', ' requests a ')}, each address when nobody is "
        "signed in; a call counts as many times as its `x-cost` says. Sign-in takes "
        f"{settings.rate_limit_login.replace('/', ' attempts a ')}. Over that, 429 says in "
        "`Retry-After` when to come back."
    )
    return CONVENTIONS.format(
        counted_up_to=f"{COUNTED_UP_TO:,}",
        rate=rate if settings.rate_limit_enabled else "Requests are not limited here.",
        body_max_bytes=f"{settings.body_max_bytes:,}",
        https=" Plain HTTP is redirected (GET) or refused." if settings.force_https else "",
    )


def _paths(table: Sequence[Route], schemas: Schemas) -> Json:
    paths: Json = {}
    for route in table:
        path = paths.setdefault(route.path, {"parameters": [{"$ref": "#/components/parameters/RequestId"}]})
        path[route.method.lower()] = operation_of(route, schemas)
    return paths


def _tags(table: Sequence[Route]) -> list[Json]:
    """One tag per domain, in the order of the routes, with what the domain's package says of itself."""
    modules = {route.tag: route.view.__module__ for route in reversed(table)}
    tags = dict.fromkeys(route.tag for route in table)
    return [{"name": tag, "description": _about(modules[tag])} for tag in tags]


def _about(module_name: str) -> str:
    package_name = module_name.rpartition(".")[0]
    docstring = sys.modules[package_name].__doc__ or sys.modules[module_name].__doc__ or ""
    return " ".join(inspect.cleandoc(docstring).split())
