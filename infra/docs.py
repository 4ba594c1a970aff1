"""Writes docs/settings.md from the settings, and docs/api-reference.md from the routes: `python -m infra.docs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chalicelib import settings
from chalicelib.declared import Field
from chalicelib.settings import PREFIX, Settings
from infra.api_reference import reference_page

SETTINGS_PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
REFERENCE_PAGE = SETTINGS_PAGE.with_name("api-reference.md")
KINDS = {"str": "text", "int": "whole number", "float": "number", "bool": "`true` or `false`", "Secret": "secret"}
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
    return INTRODUCTION + "".join(_row(name, told) for name, told in Settings.fields.items())


def _row(name: str, told: Field) -> str:
    cells = [f"`{PREFIX}{name.upper()}`", _holds(told), _default(told.default), _one_line(told.description)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _holds(told: Field) -> str:
    kind = told.kind.removesuffix(" | None")
    if kind in KINDS:
        return KINDS[kind] + _limits(told)
    if kind.startswith("tuple"):
        return "list, by commas"
    return ", ".join(f"`{value}`" for value in getattr(settings, kind))


def _limits(told: Field) -> str:
    parts = []
    if told.at_least is not None:
        parts.append(f"from {_figure(told.at_least)}")
    if told.over is not None:
        parts.append(f"over {_figure(told.over)}")
    if told.at_most is not None:
        parts.append(f"up to {_figure(told.at_most)}")
    if told.pattern is not None:
        parts.append(f"like `{told.pattern}`")
    return ", " + " ".join(parts) if parts else ""


def _figure(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:,g}"


def _default(value: Any) -> str:
    if value in (None, "", ()):
        return ""
    if isinstance(value, float) and value.is_integer():
        return f"`{value}`"
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
