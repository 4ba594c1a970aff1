"""Writes docs/settings.md from the settings, and docs/api-reference.md from the routes: `python -m infra.docs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib.settings import PREFIX, Settings
from infra.api_reference import reference_page

SETTINGS_PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
REFERENCE_PAGE = SETTINGS_PAGE.with_name("api-reference.md")
KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
INTRODUCTION = f"""\
# Settings

Every variable that the application reads, with what it is when it is not set. They are read and checked once, when a
process starts: all mistakes are named together, a misspelt `{PREFIX}…` included, and the process does not start with
one. An empty variable counts as not set. A *secret* is masked wherever settings are shown.

Outside `local` the token secret comes from Secrets Manager by `{PREFIX}TOKEN_SECRET_ARN`, and the scanner is clamd.

This page is written by `python -m infra.docs` from `chalicelib/settings.py`; change it there.

| variable | holds | default | means |
| --- | --- | --- | --- |
"""


def settings_page() -> str:
    """The page as it should be."""
    schema = Settings.model_json_schema()
    rows = [_row(name, field, schema.get("$defs", {})) for name, field in schema["properties"].items()]
    return INTRODUCTION + "".join(rows)


def _row(name: str, field: dict[str, Any], named: dict[str, Any]) -> str:
    choices = [_resolved(choice, named) for choice in field.get("anyOf", [field]) if choice != {"type": "null"}]
    cells = [f"`{PREFIX}{name.upper()}`", _holds(choices[0]), _default(field), _one_line(field["description"])]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _resolved(field: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    reference = field.get("$ref", "").removeprefix("#/$defs/")
    return named[reference] if reference else field


def _holds(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("format") == "password":
        return "secret"
    if field["type"] == "array":
        return "list, by commas"
    return KINDS[field["type"]] + _limits(field)


def _limits(field: dict[str, Any]) -> str:
    low, above, high = (field.get(name) for name in ("minimum", "exclusiveMinimum", "maximum"))
    parts = []
    if low is not None:
        parts.append(f"from {low:,g}" if isinstance(low, float) else f"from {low:,}")
    if above is not None:
        parts.append(f"over {above:,g}")
    if high is not None:
        parts.append(f"up to {high:,}" if isinstance(high, int) else f"up to {high:,g}")
    if "pattern" in field:
        parts.append(f"like `{field['pattern']}`")
    return ", " + " ".join(parts) if parts else ""


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value in (None, "", []):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def published() -> dict[str, Any]:
    """The OpenAPI document as a server with nothing but defaults publishes it."""
    import app
    from chalicelib.http.openapi import document

    return document(app.app.table, Settings())


if __name__ == "__main__":
    for page, text in ((SETTINGS_PAGE, settings_page()), (REFERENCE_PAGE, reference_page(published()))):
        page.write_text(text, encoding="utf-8")
        print(f"wrote {page.name}")
