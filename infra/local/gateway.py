"""API Gateway for the local server: from a request's parts to the app's answer.

chalice.local's LocalGateway calls the app and its authorizers. This adds what it leaves out and API Gateway does:
decoded path parameters, the caller's address, request ids, and the gateway responses of our CloudFormation template
(problem documents where API Gateway would answer in its own words).
"""

from __future__ import annotations

import base64
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ForbiddenError, LambdaContext, LocalChalice, LocalGateway, NotAuthorizedError

from chalicelib.http import answers
from chalicelib.http.requests import SANE_REQUEST_ID

log = logging.getLogger("local.gateway")

# As the API's Lambda function has it: API Gateway gives up after 29 seconds.
TIMEOUT_MS, MEMORY_MB = 29_000, 512
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """The registered path that a request's path belongs to, and the parameters found in it, decoded."""

    path: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the caller; `headers` are pairs, since a name may stand twice."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Routes:
    """The app's paths, matched as API Gateway does: literal segments win over parameters."""

    def __init__(self, paths: Iterable[str]) -> None:
        # "{" sorts after every letter, so the literal path comes first.
        self._routes = [(path, path.split("/")) for path in sorted(paths)]

    def find(self, path: str) -> Route | None:
        """The route of `path` (still encoded, without its query), or None."""
        segments = (path.rstrip("/") or "/").split("/")
        for route, parts in self._routes:
            if len(parts) != len(segments):
                continue
            parameters = {}
            for part, segment in zip(parts, segments, strict=True):
                if part.startswith("{") and segment:
                    parameters[part[1:-1]] = unquote(segment)
                elif part != unquote(segment):
                    break
            else:
                return Route(route, parameters)
        return None


def problem(
    status: int, code: str, title: str, detail: str, *, request_id: str | None = None, headers: Headers | None = None
) -> Answer:
    """A problem document (RFC 9457) with the headers of every answer of the app."""
    request_id = request_id or str(uuid.uuid4())
    body = answers.problem(status, title, code, detail, request_id).encode()
    every = {**answers.security_headers(), "X-Request-Id": request_id, **(headers or {})}
    every["Content-Type"] = "application/problem+json"
    return Answer(status, list(every.items()), body)


def for_threads(app: Chalice) -> Chalice:
    """`app`, with its current request kept per thread: Lambda serves one at a time, this server many."""
    if not isinstance(app, LocalChalice):
        app.__class__ = type("ThreadedChalice", (LocalChalice, app.__class__), {})
    return app


class Gateway(LocalGateway):
    """Answers the requests of one connection, which comes from `source_ip`."""

    def __init__(self, app: Chalice, routes: Routes, *, source_ip: str) -> None:
        super().__init__(app, Config.create())
        self._app, self._routes, self._source_ip = app, routes, source_ip

    def answer(self, method: str, target: str, headers: Headers, body: bytes | None) -> Answer:
        """The app's answer to one request, or the gateway's own problem document."""
        route = self._routes.find(urlsplit(target).path)
        asked = {name.lower(): value for name, value in headers.items()}.get("x-request-id", "")
        request_id = asked if SANE_REQUEST_ID.fullmatch(asked) else str(uuid.uuid4())
        if route is None:
            return problem(404, "not_found", "Not found", "there is nothing at this path", request_id=request_id)
        methods = self._app.routes[route.path]
        if method == "HEAD" and method not in methods and "GET" in methods:
            method = "GET"
        if method not in methods and method != "OPTIONS":
            return problem(
                405,
                "method_not_allowed",
                "Method not allowed",
                f"this path answers {', '.join(sorted(methods))}",
                request_id=request_id,
                headers={"Allow": ", ".join(sorted(methods))},
            )
        try:
            return _answer_of(self.handle_request(method, target, dict(headers), body))
        except NotAuthorizedError:
            return problem(401, "unauthenticated", "Sign in first", "an access token is needed", request_id=request_id)
        except ForbiddenError:
            return problem(403, "forbidden", "Not allowed", "this access token does not do", request_id=request_id)
        except Exception:
            log.exception("request_failed")
            return problem(
                500, "internal_error", "Internal error", "the request could not be answered", request_id=request_id
            )

    def _generate_lambda_context(self) -> LambdaContext:
        context = LambdaContext("recruitpro-local-api", MEMORY_MB, TIMEOUT_MS)
        self._request_id = context.aws_request_id
        return context

    def _generate_lambda_event(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> dict[str, Any]:
        parts = urlsplit(path)
        route = self._routes.find(parts.path)
        if route is None:
            raise ValueError(f"no route for {parts.path}")
        query = parse_qs(parts.query, keep_blank_values=True)
        lowered = {name.lower(): value for name, value in headers.items()}
        text, is_binary = _text_of(body, lowered.get("content-type", "") in self._app.api.binary_types)
        return {
            "resource": route.path,
            "path": parts.path,
            "httpMethod": method,
            "headers": lowered,
            "multiValueHeaders": {name: [value] for name, value in lowered.items()},
            "pathParameters": route.parameters,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            # None when there are none, as API Gateway has it.
            "multiValueQueryStringParameters": query or None,
            "stageVariables": {},
            "requestContext": {
                "httpMethod": method,
                "resourcePath": route.path,
                "path": parts.path,
                "stage": "local",
                "requestId": self._request_id,
                "identity": {"sourceIp": self._source_ip, "userAgent": lowered.get("user-agent")},
            },
            "body": text,
            "isBase64Encoded": is_binary,
        }


def _text_of(body: bytes | None, is_binary: bool) -> tuple[str | None, bool]:
    """A body as an event holds it, and whether that is base64: for binary types, and for what is no UTF-8, so that the
    app sees the bytes that were sent."""
    if body is None:
        return None, False
    try:
        return (base64.b64encode(body).decode(), True) if is_binary else (body.decode(), False)
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _answer_of(response: dict[str, Any]) -> Answer:
    headers = [(name, str(value)) for name, value in response["headers"].items()]
    for name, values in (response.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("Content-Type", "application/json"))
    body = response["body"] or b""
    if response.get("isBase64Encoded"):
        body = base64.b64decode(body)
    elif isinstance(body, str):
        body = body.encode()
    return Answer(response["statusCode"], headers, body)
