"""A request as our routes see it: headers, address, ids, body, each checked once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from math import isfinite
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from chalicelib.errors import BadRequest, Invalid, NotFound
from chalicelib.settings import settings

NO_ID = UUID(int=0)
UnknownId = NotFound  # what every path with an id may answer
DEEPEST_JSON = 50
# Twice, and it depends on who reads which of them holds.
ONCE = ("authorization", "content-type", "host", "idempotency-key", "if-match", "origin", "x-request-id")
MOST_DIGITS = 400
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
FieldErrors = list[dict[str, str]]
ModelT = TypeVar("ModelT", bound=BaseModel)


class BadJson(BadRequest):
    """The body is no JSON."""

    code = "bad_json"


class RepeatedHeader(BadRequest):
    """A header that may stand once stands there twice."""

    code = "repeated_header"


class WrongContentType(BadRequest):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"
    title = "Unsupported media type"
    status = 415


class BodyTooLarge(BadRequest):
    """The body is over the limit."""

    code = "body_too_large"
    title = "Body too large"
    status = 413


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    raw_body: bytes
    address: str
    id: str
    repeated: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises NotFound for a path that is not written as it is published, though a gateway found a route for it,
        and RepeatedHeader."""
        if self.path.endswith("/") or "//" in self.path:
            raise NotFound("there is nothing at this path")
        if self.repeated:
            raise RepeatedHeader(f"send {', '.join(self.repeated)} once")

    @property
    def is_https(self) -> bool:
        return self.headers.get("x-forwarded-proto", "http").split(",")[0].strip().lower() == "https"

    def bearer_token(self) -> str | None:
        """The access token, when the request carries one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def of_chalice(request: Any) -> Request:
    """Our view of Chalice's current request."""
    event = request.to_original_event()
    headers = {name.lower(): value for name, value in request.headers.items()}
    every = {name.lower(): values for name, values in (event.get("multiValueHeaders") or {}).items()}
    query = {name: request.query_params.getlist(name) for name in request.query_params} if request.query_params else {}
    asked_id = headers.get("x-request-id", "")
    given_id = request.context.get("requestId")
    return Request(
        method=request.method,
        # Chalice's own `path` is the route's template, with {names} where the ids stand; `chalice local` gives the real
        # one in the context alone.
        path=event.get("path") or request.context["path"],
        headers=headers,
        query=query,
        raw_body=request.raw_body or b"",
        address=_address(request.context, every.get("x-forwarded-for") or [headers.get("x-forwarded-for", "")]),
        id=asked_id if SANE_REQUEST_ID.fullmatch(asked_id) else given_id or str(uuid.uuid4()),
        repeated=tuple(name for name in ONCE if len(every.get(name, ())) > 1),
    )


def _address(context: Mapping[str, Any], forwarded_for: list[str]) -> str:
    """The caller's address. X-Forwarded-For is believed only as far as our own proxies wrote it, and never more than
    that it is an address."""
    peer = str(context.get("identity", {}).get("sourceIp", ""))
    hops = settings().trusted_proxy_hops
    forwarded = [part.strip() for part in ",".join(forwarded_for).split(",") if part.strip()]
    if not hops or len(forwarded) <= hops:
        return peer
    try:
        return str(ip_address(forwarded[-hops - 1]))
    except ValueError:
        return peer


def path_id(text: str) -> UUID:
    """The id in a path. What is no id becomes one that never was, so that both get the same answer from the view."""
    try:
        found = UUID(text)
    except ValueError:
        return NO_ID
    return found if str(found) == text.lower() else NO_ID


def parse_body(request: Request, model: type[ModelT], *, is_optional: bool = False) -> ModelT:
    """The body as `model`. Raises WrongContentType, BadJson, or Invalid naming every wrong field at once."""
    if is_optional and not request.raw_body:
        return model()
    content_type = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise WrongContentType("send the body as application/json")
    return _validate(model, _json(request.raw_body))


def parse_query(request: Request, model: type[ModelT]) -> ModelT:
    """The query string as `model`. Raises Invalid naming every wrong parameter at once, a repeated one included."""
    errors = [
        {"field": name, "message": "give this parameter once"}
        for name, values in request.query.items()
        if len(values) > 1
    ]
    if errors:
        raise Invalid("some parameters are wrong", errors=errors)
    return _validate(model, {name: values[0] for name, values in request.query.items()})


def _json(raw_body: bytes) -> Any:
    try:
        value = json.loads(
            raw_body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_each_name_once,
        )
    except BadJson:
        raise
    except (ValueError, RecursionError):
        raise BadJson("the body is not valid JSON") from None
    if _is_deeper(value, DEEPEST_JSON):
        raise BadJson(f"the body is nested more than {DEEPEST_JSON} levels deep")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    # Level by level and not by recursion: what JSON can nest is more than Python's stack can follow.
    level = [value]
    for _ in range(levels + 1):
        level = [item for outer in level if isinstance(outer, (dict, list)) for item in _items(outer)]
    return bool(level)


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise BadJson("the body holds a number that is too large")
    return value


def _short(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise BadJson("the body holds a number that is too long")
    return int(digits)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Whoever checks a body on its way may look at the first of two, and we would take the last.
    named = dict(pairs)
    if len(named) < len(pairs):
        raise BadJson("an object of the body has a name twice")
    return named


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _validate(model: type[ModelT], value: Any) -> ModelT:
    # PostgreSQL's text holds no NUL, and a lone surrogate is no text at all: both are said here, once for all fields.
    errors = [{"field": field, "message": "holds a character that is not text"} for field in _not_text(value, "")]
    try:
        parsed = model.model_validate(value)
    except ValidationError as mistake:
        errors += field_errors(mistake)
    else:
        if not errors:
            return parsed
    raise Invalid("some fields are wrong", errors=errors)


def field_errors(mistake: ValidationError) -> FieldErrors:
    """Every wrong field by its dotted name, with what is wrong; values are not repeated."""
    return [
        {
            "field": ".".join(str(part) for part in error["loc"]) or "body",
            "message": "there is no such field" if error["type"] == "extra_forbidden" else _plain(error["msg"]),
        }
        for error in mistake.errors(include_url=False, include_input=False)
    ]


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _not_text(value: Any, field: str) -> Iterator[str]:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            yield field or "body"
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _not_text(name, f"{field}.{name}".strip(".").replace("\x00", ""))
            yield from _not_text(item, f"{field}.{name}".strip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _not_text(item, f"{field}.{number}".strip("."))
