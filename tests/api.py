"""The API as a frontend meets it, without a socket: requests go through the local gateway into the real app."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from infra.local.gateway import Gateway, Routes, for_threads


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem document."""
        assert self.headers["content-type"] == "application/problem+json", self
        code: str = self.json["code"]
        return code

    @property
    def wrong_fields(self) -> set[str]:
        return {error["field"] for error in self.json["errors"]}


@dataclass(slots=True)
class ApiClient:
    """Somebody at a keyboard, signed in or not."""

    token: str | None = None
    address: str = "203.0.113.1"
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: dict[str, str] | None = None, **query: object) -> Reply:
        return self.call("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        return self.call("POST", path, body, headers)

    def patch(self, path: str, body: object, headers: dict[str, str] | None = None) -> Reply:
        return self.call("PATCH", path, body, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        return self.call("DELETE", path, headers=headers)

    def call(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Reply:
        """Send `body` as JSON, or as it is when it is bytes."""
        import app

        sent = {"Host": "recruitpro.test", **self.headers, **(headers or {})}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        gateway = Gateway(for_threads(app.app), Routes(app.app.routes), source_ip=self.address)
        answer = gateway.answer(method, path, sent, content)
        return Reply(answer.status, {name.lower(): value for name, value in answer.headers}, answer.body)
