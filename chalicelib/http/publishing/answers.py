"""The responses of a call: what it answers when all goes well, and a problem document for each status it may refuse
with."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel

from chalicelib.http.admission import Access
from chalicelib.http.answers import PROBLEM
from chalicelib.http.publishing.refusals import Refusal, keeps_answers, refusals_of
from chalicelib.http.publishing.schemas import Json, Problem, Schemas
from chalicelib.http.publishing.views import gives_etag, is_cacheable, named_statuses
from chalicelib.http.routes import Route

# Refused before the caller is counted, or by a fault that knows nothing of the count.
UNCOUNTED = frozenset({413, 500, 503})

HEADERS: dict[str, tuple[str, str]] = {
    "X-Request-Id": ("Names this request in our logs; yours, when you sent a sane one.", "string"),
    "X-Trace-Id": (
        "The trace of this request and of what follows from it; yours, when you sent `traceparent`.",
        "string",
    ),
    "RateLimit-Policy": ('How many requests (`q`) in how many seconds (`w`): `"default";q=100;w=60`.', "string"),
    "RateLimit": (
        'How many are left (`r`), and the seconds until all are back (`t`): `"default";r=57;t=23`.',
        "string",
    ),
    "Retry-After": ("Seconds to wait before the next try.", "integer"),
    "ETag": ("The version of what is shown; `If-Match` and `If-None-Match` take it.", "string"),
    "Location": ("Where the new thing, the job, the file or what was moved stands.", "string"),
    "Idempotency-Replayed": (
        "`true` when this is the stored answer of an earlier request with the same key.",
        "string",
    ),
    "WWW-Authenticate": ("`Bearer`.", "string"),
}


def header_components() -> Json:
    """Every header that answers may carry, by its name."""
    return {name: {"description": text, "schema": {"type": kind}} for name, (text, kind) in HEADERS.items()}


def responses_of(route: Route, schemas: Schemas) -> Json:
    """All responses of a call by status."""
    responses: Json = {str(route.status): _success(route, schemas)}
    for status in sorted(named_statuses(route.view) - {route.status}):
        responses[str(status)] = _success(route, schemas, status)
    if is_cacheable(route.view):
        responses["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase, "headers": _headers(route, ["ETag"])}
    for status, refusals in refusals_of(route).items():
        responses[str(status)] = _refusal(route, status, refusals, schemas)
    return dict(sorted(responses.items()))


def _success(route: Route, schemas: Schemas, status: int | None = None) -> Json:
    status = status or route.status
    names = []
    # A job is shown to nobody who is not signed in.
    if status in {201, 302} or (status == 202 and route.access is not Access.PUBLIC):
        names.append("Location")
    if gives_etag(route.view):
        names.append("ETag")
    if keeps_answers(route):
        names.append("Idempotency-Replayed")
    response: Json = {"description": HTTPStatus(status).phrase, "headers": _headers(route, names)}
    return response | _content(route.answer, schemas)


def _content(answer: type[BaseModel] | None, schemas: Schemas) -> Json:
    if answer is None:
        return {}
    return {"content": {schemas.media_type(answer): {"schema": schemas.ref(answer, "serialization")}}}


def _refusal(route: Route, status: int, refusals: Sequence[Refusal], schemas: Schemas) -> Json:
    names = {308: ["Location"], 401: ["WWW-Authenticate"], 429: ["Retry-After"]}.get(status, [])
    meanings = {refusal.code: _meaning(refusal) for refusal in refusals}
    codes = {"type": "string", "enum": list(meanings), "x-enumDescriptions": meanings}
    schema = {"allOf": [schemas.ref(Problem, "validation"), {"properties": {"code": codes}}]}
    return {
        "description": f"{refusals[0].title}: " + ", ".join(f"`{code}`" for code in meanings),
        "headers": _headers(route, names, is_counted=status not in UNCOUNTED),
        "content": {PROBLEM: {"schema": schema}},
    }


def _meaning(refusal: Refusal) -> str:
    return " ".join(inspect.cleandoc(refusal.__doc__ or f"{refusal.title}.").split())


def _headers(route: Route, names: Sequence[str], *, is_counted: bool = True) -> Json:
    always = ["X-Request-Id", "X-Trace-Id"]
    if route.is_counted and is_counted:
        always += ["RateLimit-Policy", "RateLimit"]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in [*names, *always]}
