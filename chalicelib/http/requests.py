"""A request as our routes see it: headers, address, ids, body, each checked once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from chalicelib.errors import BadRequest, Invalid, NotFound
from chalicelib.settings import settings

NO_ID = UUID(int=0)
UnknownId = NotFound  # what every path with an id may answer
DEEPEST_JSON = 50
SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
FieldErrors = list[dict[str, str]]
ModelT = TypeVar("ModelT", bound=BaseModel)


class BadJson(BadRequest):
    """The body is no JSON."""

    code = "bad_json"


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

    @property
    def is_https(self) -> bool:
        return self.headers.get("x-forwarded-proto", "http").split(",")[0].strip().lower() == "https"

    def bearer_token(self) -> str | None:
        """The access token, when the request carries one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def of_chalice(request: Any) -> Request:
    """Our view of Chalice's current request."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = {name: request.query_params.getlist(name) for name in request.query_params} if request.query_params else {}
    asked_id = headers.get("x-request-id", "")
    given_id = request.context.get("requestId")
    return Request(
        method=request.method,
        # Chalice's own `path` is the route's template, with {names} where the ids stand; `chalice local` gives the real
        # one in the context alone.
        path=request.to_original_event().get("path") or request.context["path"],
        headers=headers,
        query=query,
        raw_body=request.raw_body or b"",
        address=_address(request.context, headers),
        id=asked_id if SANE_REQUEST_ID.fullmatch(asked_id) else given_id or str(uuid.uuid4()),
    )


def _address(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The caller's address. X-Forwarded-For is believed only as far as our own proxies wrote it."""
    peer = str(context.get("identity", {}).get("sourceIp", ""))
    hops = settings().trusted_proxy_hops
    forwarded = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
    return forwarded[-hops - 1] if hops and len(forwarded) > hops else peer


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
        value = json.loads(raw_body.decode("utf-8"), parse_constant=_no_constant)
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
