"""The main story in small, as a user of the smoke test's own: what it makes is named for it and removed again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from infra.smoke.report import Report, Wrong, expect

NAME = "Smoke test (may be deleted)"
CONTENT = b"This file belongs to a smoke test and may be deleted.\n"
SCANNED_WITHIN_SECONDS = 90.0
Json = dict[str, Any]


def sign_in(http: httpx.Client, email: str, password: str) -> str:
    """The access token of this user; raises Wrong."""
    answer = http.post("/api/auth/login", json={"email": email, "password": password})
    # Never the answer's body: it may hold what was sent.
    expect(answer.status_code == 200, f"the smoke user cannot sign in: {answer.status_code}")
    token: str = answer.json()["access_token"]
    return token


def play(http: httpx.Client, report: Report, token: str) -> None:
    """A project, a candidate and a file that is scanned; each is deleted at the end, whatever happened."""
    caller = _Caller(http, token)
    made: list[tuple[str, str]] = []
    with report.look("project and candidate"):
        project = caller.ask("POST", "/api/projects", 201, {"name": NAME})
        made.append(("project", f"/api/projects/{project['id']}"))
        # An address of each run's own, so that what a killed run left behind stands in nobody's way.
        email = f"smoke-{uuid4().hex[:12]}@smoke.example"
        candidate = caller.ask("POST", "/api/candidates", 201, {"name": NAME, "email": email})
        made.append(("candidate", f"/api/candidates/{candidate['id']}"))
        found = caller.ask("GET", f"/api/candidates/{candidate['id']}", 200)
        expect(found["email"] == email, "the candidate that was stored is another")
    with report.look("upload straight to storage") as upload:
        document = caller.ask("POST", "/api/documents", 201, _announcement())
        made.append(("document", f"/api/documents/{document['id']}"))
        _send(document["upload"])
        upload.detail = f"{len(CONTENT)} bytes"
    if upload.outcome == "pass":
        with report.look("scan") as scan:
            scan.detail = _scanned(caller, f"/api/documents/{document['id']}")
    with _removal(report) as removal:
        for kind, path in reversed(made):
            removal(kind, caller.send("DELETE", path).status_code)


class _Caller:
    """The API as the smoke user sees it."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http, self._headers = http, {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        return self._http.request(method, path, json=body, headers=self._headers)

    def ask(self, method: str, path: str, status: int, body: Json | None = None) -> Json:
        """The JSON of an answer with this status; raises Wrong."""
        answer = self.send(method, path, body)
        told = f"{method} {path} answered {answer.status_code}, not {status}: {answer.text[:200]}"
        expect(answer.status_code == status, told)
        found: Json = answer.json()
        return found


def _announcement() -> Json:
    return {"filename": "smoke-test.txt", "content_type": "text/plain", "size_bytes": len(CONTENT), "kind": "other"}


def _send(form: Json) -> None:
    # Without our token: the storage knows the caller by the form alone.
    stored = httpx.post(form["url"], data=form["fields"], files={"file": ("smoke-test.txt", CONTENT)}, timeout=30)
    expect(stored.is_success, f"the storage refused the file: {stored.status_code}")


def _scanned(caller: _Caller, path: str) -> str:
    deadline, pause = time.monotonic() + SCANNED_WITHIN_SECONDS, 0.2
    while True:
        status = caller.ask("GET", path, 200)["status"]
        if status not in {"awaiting_upload", "scanning"}:
            expect(status == "clean", f"the file ended {status}, not clean")
            return str(status)
        expect(time.monotonic() < deadline, f"not scanned within {SCANNED_WITHIN_SECONDS:.0f} s: {status}")
        time.sleep(pause)
        pause = min(pause * 1.5, 3.0)


@contextmanager
def _removal(report: Report) -> Iterator[Any]:
    left: list[str] = []

    def note(kind: str, status: int) -> None:
        if status not in {204, 404}:
            left.append(f"{kind} ({status})")

    with report.look("removed again"):
        yield note
        if left:
            raise Wrong(f"still there: {', '.join(left)}, named {NAME!r}")
