"""Looks at a running server every few seconds."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from infra.dashboard.history import History
from infra.dashboard.samples import Sample, Unreadable, health_of, metrics_of

TIMEOUT_SECONDS = 3.0
LARGEST_ANSWER_BYTES = 4 * 1024 * 1024


class Scraper:
    """Takes samples of the server at `url` into `history`. `trouble` says what hinders it now, in words for a page."""

    def __init__(self, url: str, token: str | None, history: History, *, every_seconds: float) -> None:
        self._url, self._token, self._history, self._every_seconds = url.rstrip("/"), token, history, every_seconds
        self._ended = threading.Event()
        self.trouble = ""

    def run(self) -> None:
        """Look until `stop`; to be run in a thread of its own."""
        while not self._ended.is_set():
            started = time.monotonic()
            self._history.add(self.look(time.time()))
            self._ended.wait(max(0.1, self._every_seconds - (time.monotonic() - started)))

    def stop(self) -> None:
        self._ended.set()

    def look(self, now: float) -> Sample:
        """One sample; what does not answer, or makes no sense, is None in it."""
        self.trouble = ""
        health = self._asked("/api/health", lambda text: health_of(json.loads(text)))
        if self._token is None:
            self.trouble = self.trouble or "no metrics token: start the stack by make run, which makes one up"
            return Sample(now, None, health)
        return Sample(now, self._asked("/metrics", metrics_of, {"Authorization": f"Bearer {self._token}"}), health)

    def _asked(self, path: str, read: Callable[[str], Any], headers: dict[str, str] | None = None) -> Any:
        try:
            return read(_get(self._url + path, headers or {}))
        except (OSError, HTTPException, ValueError, Unreadable) as error:
            # Its words may quote what was sent.
            reason = f"status {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
            self.trouble = f"{path} does not answer as it should ({reason})"
            return None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The token goes to the server that it is for, and nowhere that server points to."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def _get(url: str, headers: dict[str, str]) -> str:
    """The text at `url`; that of an unhealthy system (503) as well."""
    try:
        answer = _OPENER.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code != 503:
            raise
        answer = error
    with answer:
        text: str = answer.read(LARGEST_ANSWER_BYTES).decode(errors="replace")
        return text
