"""The HTTP API as the demo uses it: each answer is held against what the API promises."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

WAIT_SECONDS = 60.0
Json = dict[str, Any]


class Unexpected(Exception):
    """The server did something else than the API promises; the text says what."""


class Api:
    """The HTTP API, as one signed-in person sees it."""

    def __init__(self, url: str, *, on_wait: Callable[[float], None] = lambda _: None) -> None:
        """`on_wait` is told the seconds, whenever the server says that we ask too much."""
        self._url = url
        self._http = httpx.Client(base_url=url, timeout=30)
        self._on_wait = on_wait

    def as_somebody(self, token: str) -> Api:
        """The same API, as whoever holds this token or key sees it."""
        other = Api(self._url, on_wait=self._on_wait)
        other._http.headers["Authorization"] = f"Bearer {token}"
        return other

    def sign_in(self, email: str, password: str) -> Json:
        """Sign in; the user."""
        answer = self.ask("POST", "/api/auth/login", 200, json={"email": email, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        user: Json = answer["user"]
        return user

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, whatever it is; one that says "too many requests" is waited out."""
        try:
            while True:
                answer = self._http.request(method, path, **options)
                if answer.status_code != 429:
                    return answer
                seconds = float(answer.headers.get("Retry-After", "1"))
                self._on_wait(seconds)
                time.sleep(seconds)
        except httpx.TransportError as failure:
            raise Unexpected(f"{self._http.base_url} does not answer ({failure}): is make run running?") from None

    def ask(self, method: str, path: str, status: int, **options: Any) -> Any:
        """The JSON of an answer that must have this status."""
        answer = self.send(method, path, **options)
        if answer.status_code != status:
            raise Unexpected(f"{method} {path} answered {answer.status_code}, not {status}: {answer.text[:500]}")
        return answer.json() if answer.content else None

    def wait(self, path: str, is_done: Callable[[Json], bool], what: str) -> Json:
        """Ask again until `is_done`; the answer."""
        deadline, pause = time.monotonic() + WAIT_SECONDS, 0.1
        while True:
            answer: Json = self.ask("GET", path, 200)
            if is_done(answer):
                return answer
            if time.monotonic() > deadline:
                raise Unexpected(f"{what} did not happen within {WAIT_SECONDS:.0f} s; last seen: {json.dumps(answer)}")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)


def check(is_so: bool, otherwise: str) -> None:
    """Go on when it is so; else end the play."""
    if not is_so:
        raise Unexpected(otherwise)


def passages_in(value: Any, name: str = "") -> Iterator[tuple[str, Json]]:
    """Everything in a JSON value that says where in a document it was read, with the path of its field."""
    if isinstance(value, dict):
        if {"page", "start", "end"} <= value.keys():
            yield name, value
        for key, inner in value.items():
            yield from passages_in(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from passages_in(inner, f"{name}[{number}]")


def passage(where: Json, document: Json) -> str:
    """What stands in the document at this place: within its text, on that page, and the very quote if there is one."""
    start, end = where["start"], where["end"]
    check(0 <= start < end <= len(document["text"]), f"there is no passage from {start} to {end}")
    page = next((page for page in document["pages"] if page["number"] == where["page"]), None)
    check(page is not None and page["start"] <= start <= page["end"], f"{start} is not on page {where['page']}")
    found: str = document["text"][start:end]
    quote = where.get("quote", found)
    check(found == quote, f"a quote says {quote!r} where the document says {found!r}")
    return found
