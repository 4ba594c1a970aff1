"""From the POST of a 200 KB résumé to the answer of its screening, over HTTP, against the whole local stack."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from infra.demo.client import Api
from tests.benchmarks import resume, stack
from tests.benchmarks.report import Finding, progress

TARGET_SECONDS = 3.0
POLL_SECONDS = 0.05
STEPS = ("stored", "clean", "read", "applied", "screened")
POSITION = {
    "title": "Senior Backend Engineer",
    "requirements": [
        {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
        {"id": "aws", "text": "AWS or Azure", "kind": "must", "weight": 3},
        {"id": "rust", "text": "Rust", "kind": "nice", "weight": 1},
    ],
}


def run(*, runs: int, url: str | None = None, email: str | None = None, password: str | None = None) -> list[Finding]:
    """Seconds from the POST until each step. Without `url` a stack of our own is started, without rate limits."""
    with _api(url, email, password) as api, progress() as bar:
        position_id = api.ask("POST", "/api/positions", 201, json=POSITION)["id"]
        task = bar.add_task("stories", total=runs + 1)
        # People are told apart by their numbers: against a server that keeps its data each run brings new ones.
        first = int(time.time())
        stories = []
        for number in range(first, first + runs + 1):
            stories.append(_play(api, position_id, number))
            bar.advance(task)
    return [_finding(stories[0], stories[1:])]


@contextmanager
def _api(url: str | None, email: str | None, password: str | None) -> Iterator[Api]:
    if url is not None:
        if not email or not password:
            raise ValueError("--url needs --email and --password")
        api = Api(url)
        api.sign_in(email, password)
        yield api
        return
    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as folder:
        settings = {"RECRUITPRO_RATE_LIMIT_ENABLED": "false"}
        with stack.running(Path(folder) / "local", settings) as started:
            login = json.loads((started.folder / "demo.json").read_text())
            api = Api(started.url)
            api.sign_in(login["email"], login["password"])
            yield api


def _play(api: Api, position_id: str, number: int) -> dict[str, float]:
    """Seconds after the POST at which each step was seen."""
    content = resume.build(number)
    wish = {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": len(content), "kind": "resume"}
    document = api.ask("POST", "/api/documents", 201, json=wish)
    form, path, seen = document["upload"], f"/api/documents/{document['id']}", {}
    began = time.monotonic()

    def note(step: str) -> None:
        seen[step] = time.monotonic() - began

    stored = httpx.post(form["url"], data=form["fields"], files={"file": ("cv.pdf", content)}, timeout=30)
    stored.raise_for_status()
    note("stored")
    _wait(api, path, lambda found: found["status"] not in {"awaiting_upload", "scanning"}, "status", "clean")
    note("clean")
    read = _wait(api, path, _is_read, "candidate_id", None)
    note("read")
    body = {"candidate_id": read["candidate_id"], "position_id": position_id}
    application = api.ask("POST", "/api/applications", 201, json=body)
    note("applied")
    job = api.ask("POST", f"/api/applications/{application['id']}/screenings", 202)
    done = _wait(api, f"/api/jobs/{job['id']}", _is_over, "status", "succeeded")
    screening = api.ask("GET", f"/api/screenings/{done['result']['screening_id']}", 200)
    note("screened")
    if screening["score"] is None:
        raise RuntimeError(f"the screening gave no score: {screening}")
    return seen


def _is_read(document: dict[str, Any]) -> bool:
    return (document.get("analysis") or {}).get("status") not in {None, "queued", "running"}


def _is_over(job: dict[str, Any]) -> bool:
    return job["status"] not in {"queued", "running"}


def _wait(api: Api, path: str, is_over: Callable[[dict[str, Any]], bool], field: str, wanted: str | None) -> Any:
    """The answer once it is over; RuntimeError unless `field` is then `wanted` (None: anything at all)."""
    deadline = time.monotonic() + 60
    while not is_over(answer := api.ask("GET", path, 200)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path} did not come to an end: {answer}")
        time.sleep(POLL_SECONDS)
    if answer[field] is None or (wanted is not None and answer[field] != wanted):
        raise RuntimeError(f"{path} ended otherwise than expected: {answer}")
    return answer


def _finding(first: dict[str, float], stories: list[dict[str, float]]) -> Finding:
    data, rows = {}, []
    for step in STEPS:
        times = [story[step] for story in stories]
        target = f"{TARGET_SECONDS:.0f}" if step == STEPS[-1] else ""
        data[step] = {"p50_seconds": round(median(times), 2), "max_seconds": round(max(times), 2)}
        rows.append([step, f"{median(times):.2f}", f"{max(times):.2f}", f"{first[step]:.2f}", target])
    data["target"] = {"screened_seconds": TARGET_SECONDS}
    return Finding(
        "Story: seconds from the POST of a 200 KB PDF",
        ("until it is", "p50", "max", "warm-up run", "target"),
        rows,
        data,
        (
            f"{len(stories)} runs after one that is told apart, since every process does its work for the first time "
            f"in it. Asked every {POLL_SECONDS * 1000:.0f} ms over HTTP; the local stack's own pump; applying and "
            "asking for the screening are part of it.",
        ),
    )
