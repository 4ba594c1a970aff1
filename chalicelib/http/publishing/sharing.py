"""Refusals that several calls have in common, described once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chalicelib.http.answers import PROBLEM
from chalicelib.http.publishing.schemas import Json

COMPONENT = "#/components/responses/"


def share_refusals(paths: Json) -> Json:
    """Replace each refusal that occurs more than once in `paths` by a reference; what is referred to, by name."""
    refusals = list(_refusals(paths))
    counts = Counter(_key(responses[status]) for responses, status in refusals)
    shared: Json = {}
    for responses, status in refusals:
        response = responses[status]
        name = _name(status, response)
        if counts[_key(response)] > 1 and shared.setdefault(name, response) == response:
            responses[status] = {"$ref": COMPONENT + name}
    return dict(sorted(shared.items()))


def codes_of(response: Json) -> dict[str, str]:
    """The codes that a refusal may carry, each with its meaning."""
    meanings: dict[str, str] = response["content"][PROBLEM]["schema"]["allOf"][1]["properties"]["code"][
        "x-enumDescriptions"
    ]
    return meanings


def _refusals(paths: Json) -> Iterator[tuple[Json, str]]:
    for path in paths.values():
        for operation in path.values():
            responses = operation["responses"] if isinstance(operation, dict) else {}
            for status, response in responses.items():
                if PROBLEM in response.get("content", {}):
                    yield responses, status


def _key(response: Any) -> str:
    return json.dumps(response)


def _name(status: str, response: Json) -> str:
    return f"{status}-{'-'.join(codes_of(response))}"
