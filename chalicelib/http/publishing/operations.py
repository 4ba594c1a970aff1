"""One call of the API as an OpenAPI operation."""

from __future__ import annotations

import inspect
import re

from chalicelib.http.admission import Access
from chalicelib.http.idempotency import KEY, LONGEST_KEY
from chalicelib.http.publishing.answers import responses_of
from chalicelib.http.publishing.refusals import keeps_answers
from chalicelib.http.publishing.schemas import Json, Schemas
from chalicelib.http.publishing.views import honours_if_match, is_cacheable
from chalicelib.http.routes import Route

PATH_NAME = re.compile(r"\{(\w+)\}")
KEY_SCHEMA = {"type": "string", "pattern": f"^{KEY.pattern}$", "maxLength": LONGEST_KEY}


def parameter_components() -> Json:
    """The header parameters that calls share, by name."""
    return {
        "IdempotencyKey": _header(
            "Idempotency-Key",
            "The same key with the same body within 24 hours gives the stored answer and changes nothing again.",
            KEY_SCHEMA,
        ),
        "UnusedIdempotencyKey": _header(
            "Idempotency-Key", "Accepted as on every POST; what this call answers is never stored.", KEY_SCHEMA
        ),
        "IfMatch": _header(
            "If-Match", "The `ETag` you decided on; another version is answered with 412.", {"type": "string"}
        ),
        "IfNoneMatch": _header(
            "If-None-Match", "The `ETag` of the copy you have; 304 when it is still good.", {"type": "string"}
        ),
        "RequestId": _header(
            "X-Request-Id",
            "A name of your own for this request. One of 1 to 128 letters, digits, dots, dashes and underscores is "
            "taken over; any other is replaced.",
            {"type": "string"},
        ),
    }


def operation_of(route: Route, schemas: Schemas) -> Json:
    """A call with its parameters, body, answers and refusals."""
    summary, _, description = inspect.cleandoc(route.view.__doc__ or route.view.__name__).partition("\n\n")
    operation: Json = {
        "operationId": route.view.__name__,
        "tags": [route.tag],
        "summary": " ".join(summary.split()),
        "x-role": route.access.name.lower(),
        **_weight(route),
        "security": _security(route),
        "parameters": [*_path_parameters(route), *schemas.parameters(route.query), *_header_parameters(route)],
        "responses": responses_of(route, schemas),
    }
    if description:
        operation["description"] = description
    if route.body is not None:
        content = {"application/json": {"schema": schemas.ref(route.body, "validation")}}
        operation["requestBody"] = {"required": not route.is_body_optional, "content": content}
    return operation


def _security(route: Route) -> list[Json]:
    """How a caller may say who they are; for a key with the scope that it needs."""
    if route.access is Access.PUBLIC:
        return []
    by_key = [] if route.gate.scope is None else [{"api_key": [str(route.gate.scope)]}]
    return [{"bearer": []}, *by_key]


def _weight(route: Route) -> Json:
    return {"x-cost": route.gate.cost} if route.is_counted else {}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        for name in PATH_NAME.findall(route.path)
    ]


def _header_parameters(route: Route) -> list[Json]:
    names = []
    if route.method == "POST":
        names.append("IdempotencyKey" if keeps_answers(route) else "UnusedIdempotencyKey")
    if honours_if_match(route.view):
        names.append("IfMatch")
    if is_cacheable(route.view):
        names.append("IfNoneMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _header(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}
