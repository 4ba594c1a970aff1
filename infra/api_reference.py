"""docs/api-reference.md from the OpenAPI document: every call in a line, for whoever reads before there is a server."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
INTRODUCTION = """\
# Every call

Written by `python -m infra.docs` from the OpenAPI document that the API publishes (`GET /api/openapi.json`); `GET
/api/docs` shows the same with parameters, bodies and answers. What holds for all calls stands in docs/api.md.
*Refusals* leaves out what most calls of that method may answer.
"""
Json = dict[str, Any]


def reference_page(document: Json) -> str:
    """The page as it should be."""
    calls: dict[str, list[str]] = defaultdict(list)
    operations = [
        (method, path, item[method]) for path, item in document["paths"].items() for method in METHODS if method in item
    ]
    usual = _usual([(method, _codes(operation, document)) for method, _, operation in operations])
    for method, path, operation in operations:
        calls[operation["tags"][0]].append(_row(method, path, operation, _codes(operation, document) - usual[method]))
    parts = [INTRODUCTION]
    for tag in document["tags"]:
        if calls[tag["name"]]:
            head = f"\n## {tag['name'].replace('_', ' ').capitalize()}\n{tag['description']}\n\n"
            parts.append(head + "| call | role, scope | answers | does | refusals |\n| --- | --- | --- | --- | --- |\n")
            parts += calls[tag["name"]]
    return "".join(parts)


def _usual(found: list[tuple[str, set[str]]]) -> dict[str, set[str]]:
    """By method, the codes that at least half of the calls may answer."""
    by_method: dict[str, list[set[str]]] = defaultdict(list)
    for method, codes in found:
        by_method[method].append(codes)
    return {
        method: {code for code in set.union(*each) if 2 * sum(code in codes for codes in each) >= len(each)}
        for method, each in by_method.items()
    }


def _row(method: str, path: str, operation: Json, codes: set[str]) -> str:
    scopes = [scope for way in operation["security"] for scope in way.get("api_key", [])]
    who = ", ".join([str(operation.get("x-role", "public")), *(f"`{scope}`" for scope in scopes)])
    answers = ", ".join(status for status in operation["responses"] if status < "400")
    refusals = ", ".join(f"`{code}`" for code in sorted(codes))
    cells = (f"`{method.upper()} {path}`", who, answers, operation["summary"], refusals)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _codes(operation: Json, document: Json) -> set[str]:
    """The codes of all refusals of a call."""
    found: set[str] = set()
    for status, answer in operation["responses"].items():
        if status >= "400":
            name = answer.get("$ref", "").rpartition("/")[2]
            whole = document["components"]["responses"][name] if name else answer
            found |= set(re.findall(r"`([a-z_]+)`", whole["description"]))
    return found
