"""The page: plots and words, no script, nothing loaded from elsewhere; it asks for itself again every few seconds."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from chalicelib.http.publishing.markup import Element, element, fill, render
from infra.dashboard.charts import legend
from infra.dashboard.panels import ON_AWS_ALONE, Panel

REFRESH_SECONDS = 5
STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 1rem; background: #f4f6f8; color: #1b1f24; font: 13px/1.4 system-ui, sans-serif; }
h1 { font-size: 18px; margin: 0 0 2px; } p { margin: 0 0 10px; color: #57606a; } .trouble { color: #b3261e; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 10px; }
section { background: #fff; border: 1px solid #d5dae0; border-radius: 6px; padding: 8px 10px; }
h2 { font-size: 13px; margin: 0 0 4px; } svg { width: 100%; display: block; } svg text { font-size: 11px; }
ul { list-style: none; margin: 2px 0 0; padding: 0; } li { display: inline-block; margin-right: 12px; }
.mark { display: inline-block; width: 10px; height: 10px; }
"""


def policy() -> str:
    """Under which the page's own style works, and nothing can be loaded, run, sent or framed."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def page(panels: Sequence[Panel], *, url: str, minutes: float, trouble: str) -> str:
    """The whole page about the system at `url`; `trouble` is told on top."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="refresh", content=str(REFRESH_SECONDS)),
        element("title", "RecruitPro: dashboard"),
        element("style", STYLE),
    )
    missing = "; ".join(f"{title} ({why})" for title, why in ON_AWS_ALONE.items())
    body = element(
        "body",
        element("h1", "RecruitPro"),
        element("p", f"{url}, the last {minutes:g} minutes. On AWS as well: {missing}."),
        *([element("p", trouble, class_="trouble")] if trouble else []),
        fill(element("main"), [_section(panel) for panel in panels]),
    )
    return render(element("html", head, body, lang="en"))


def _section(panel: Panel) -> Element:
    return element("section", element("h2", panel.title), panel.picture, legend(panel.lines))
