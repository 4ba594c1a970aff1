"""What a page costs far down a list, beside one at its top, both by cursor and over HTTP."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.load.stack import Running

DEPTH, PAGE, STRIDE, TURNS = 90_000, 50, 1000, 60


@dataclass(frozen=True, slots=True)
class Depth:
    """Median milliseconds of a page of 50, in turns: right after the first page, and after `depth` candidates."""

    depth: int
    top_ms: float
    deep_ms: float

    @property
    def ratio(self) -> float:
        return self.deep_ms / self.top_ms


def measure(running: Running, *, depth: int = DEPTH, turns: int = TURNS) -> Depth:
    """Walk down the list of the largest organization, then read both pages in turns."""
    people = json.loads(running.people.read_text())
    token = next(each["token"] for each in people if each["organization"] == 1)
    with httpx.Client(base_url=running.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
        top = _page(client, PAGE, None)["next_cursor"]
        walked, deep = 0, None
        while walked < depth:
            page = _page(client, STRIDE, deep)
            # Before the last page: a page that is half empty would be cheaper.
            if not page["next_cursor"] or len(page["items"]) < STRIDE:
                break
            deep, walked = page["next_cursor"], walked + STRIDE
        times: dict[str, list[float]] = {"top": [], "deep": []}
        for turn in range(turns):
            for name, cursor in (("top", top), ("deep", deep))[:: 1 if turn % 2 else -1]:
                began = time.perf_counter()
                _page(client, PAGE, cursor)
                times[name].append((time.perf_counter() - began) * 1000)
    return Depth(walked, statistics.median(times["top"]), statistics.median(times["deep"]))


def _page(client: httpx.Client, limit: int, cursor: str | None) -> Any:
    answer = client.get("/api/candidates", params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
    answer.raise_for_status()
    return answer.json()
