"""Writes the checklist into docs/go-live.md: `python -m infra.go_live.document`."""

from __future__ import annotations

from pathlib import Path

from infra.go_live import checklist

PAGE = Path(__file__).resolve().parents[2] / "docs" / "go-live.md"
BEGIN = "<!-- the checklist, from infra/go_live/checklist.py: python -m infra.go_live.document -->"
END = "<!-- end -->"


def with_checklist(page: str) -> str:
    """`page` with the list between its marks as it is now."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{checklist.as_markdown()}\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    PAGE.write_text(with_checklist(PAGE.read_text()))
