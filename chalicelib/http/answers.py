"""What goes back: JSON or a problem document, and the headers that every answer carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from chalicelib.errors import RecruitProError
from chalicelib.settings import settings

JSON = "application/json"
PROBLEM = "application/problem+json"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LOCKED_DOWN = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
EXPOSED = (
    "ETag, Location, Retry-After, X-Request-Id, X-Trace-Id, RateLimit, RateLimit-Policy, Idempotency-Replayed, "
    "Content-Disposition"
)
ALLOWED_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id, Traceparent"


@dataclass(slots=True)
class Answer:
    """An answer of a view: a pydantic model, a text, or nothing."""

    body: BaseModel | str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def text(self) -> str:
        """The body as it goes over the wire."""
        if self.body is None:
            return ""
        return self.body if isinstance(self.body, str) else self.body.model_dump_json()


def created(body: BaseModel, location: str, *, version: int | None = None) -> Answer:
    """201 with where the new thing stands, and its ETag when it has a version."""
    return Answer(body, status=201, headers={"Location": location, **_etag(version)})


def versioned(body: BaseModel, version: int) -> Answer:
    """200 with the thing's ETag."""
    return Answer(body, headers=_etag(version))


def no_content() -> Answer:
    """204."""
    return Answer(status=204)


def _etag(version: int | None) -> dict[str, str]:
    return {} if version is None else {"ETag": f'"{version}"'}


def problem(status: int, title: str, code: str, detail: str, request_id: str, **extra: object) -> str:
    """An RFC 9457 problem document as JSON text."""
    document: dict[str, Any] = {
        "type": f"urn:recruitpro:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    return json.dumps({**document, **extra}, default=str)


def of_error(error: RecruitProError, request_id: str) -> Answer:
    """The answer to an error of ours."""
    body = problem(error.status, error.title, error.code, error.detail, request_id, **error.extra)
    headers = dict(error.headers)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Answer(body, error.status, headers, PROBLEM)


def of_bug(request_id: str) -> Answer:
    """The answer to a fault of ours: says that it is one, and nothing of what is inside."""
    detail = "something went wrong on our side; the request id helps us to find it"
    return Answer(problem(500, "Internal error", "internal_error", detail, request_id), 500, {}, PROBLEM)


def one_line(value: str) -> str:
    """A header's value without what would end it: no text of a caller's becomes a header of its own."""
    return CONTROL.sub("", value)


def security_headers(*, is_https: bool = False, csp: str = LOCKED_DOWN) -> dict[str, str]:
    """What every answer carries, our own errors and the gateway's included."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-XSS-Protection": "1; mode=block",
        "Content-Security-Policy": csp,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


def cors_headers(request_headers: Mapping[str, str]) -> dict[str, str]:
    """Cross-origin permission for the configured frontends, and for nobody else."""
    if not settings().cors_origins:
        return {}
    origin = request_headers.get("origin")
    if origin is None or origin not in settings().cors_origins:
        return {"Vary": "Origin"}
    return {"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}


def preflight(methods: list[str]) -> Answer:
    """204 to a browser that asks what it may send."""
    headers = {
        "Allow": ", ".join(methods),
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ALLOWED_REQUEST_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return Answer(status=204, headers=headers)
