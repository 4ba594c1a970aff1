"""What a run leaves behind: a page for people, a summary for programs, a table on the terminal."""

from __future__ import annotations

import html
import json
import math
import os
import platform
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Finding, show
from tests.load import plots, verdict
from tests.load.shot import Shot, percentile
from tests.load.stack import Running
from tests.load.verdict import Found

STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:1200px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}.no{color:#b3261e}.yes{color:#1b7f3b}img{width:100%}
code{font-size:12px}h2{margin-top:2.2em}"""


def summary(running: Running, found: Found) -> dict[str, Any]:
    """All figures, as JSON has them."""
    every = [*found.shots.values(), *found.ramp]
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "rows": running.size.rows,
        "server": {"containers": running.size.containers, "pool": running.size.pool},
        "made": {"candidates": running.made.candidates, "seconds": running.made.seconds},
        "cores_of_others": _number(max((shot.cores("others") for shot in every), default=math.nan)),
        "errors": found.errors,
        "table": [
            {"metric": line.metric, "target": line.target, "ours": line.ours, "holds": line.holds}
            for line in verdict.table(found)
        ],
        "depth": asdict(found.depth) if found.depth else None,
        "writes": asdict(found.writes) if found.writes else None,
        "scenarios": {shot.scenario.name: figures(shot, running.size.pool) for shot in every},
        "slowest_statements_p95_ms": dict(list(found.statements_p95_ms.items())[:10]),
    }


def figures(shot: Shot, pool_size: int) -> dict[str, Any]:
    """One scenario in figures."""
    parts = (*plots.PARTS, "others")
    return {
        "users": shot.scenario.count,
        "seconds": round(shot.seconds),
        "requests": len(shot.requests),
        "errors": shot.error_count,
        "first_errors": dict(list(shot.errors.items())[:5]),
        "requests_per_second": _number(shot.per_second),
        "ms": {f"p{rank}": _number(percentile([each.ms for each in shot.steady], rank)) for rank in (50, 95, 99)},
        "by_name": by_name(shot),
        "pool_use_p95": _number(verdict.pool_use(shot, pool_size)),
        "pool_wait_seconds_max": _number(max((sample.pool_wait_seconds for sample in shot.samples), default=math.nan)),
        "jobs_queued_max": max((sample.jobs_queued for sample in shot.samples), default=0),
        "cores": {part: _number(shot.cores(part)) for part in parts},
    }


def by_name(shot: Shot) -> dict[str, dict[str, float | int | None]]:
    """Count, median and p95 of each kind of request and job."""
    took: dict[str, list[float]] = defaultdict(list)
    for each in shot.requests:
        if each.at >= shot.scenario.warm_up_seconds or each.is_job:
            took[each.name].append(each.ms)
    return {
        name: {"count": len(ms), "p50": _number(percentile(ms, 50)), "p95": _number(percentile(ms, 95))}
        for name, ms in sorted(took.items())
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)


def tell(told: dict[str, Any]) -> None:
    """Print the table."""
    marks = {True: "yes", False: "no", None: ""}
    rows = [[line["metric"], line["target"], line["ours"], marks[line["holds"]]] for line in told["table"]]
    notes = (
        f"{told['rows']:,} candidates in 20 organizations; {told['server']['containers']} containers "
        f"of one request; pool of {told['server']['pool']}; {told['cores']} cores, shared with the "
        f"load generator and with programs that are not ours: at most {told['cores_of_others']} cores of theirs.",
        f"Errors: {told['errors']}",
    )
    show(Finding("Load", ("metric", "target", "ours", "holds"), rows, told, notes))


def write(folder: Path, told: dict[str, Any], found: Found, pool_size: int) -> tuple[Path, Path]:
    """The page and the summary in `folder`, replacing those of the run before."""
    folder.mkdir(parents=True, exist_ok=True)
    page, figures_file = folder / "report.html", folder / "summary.json"
    figures_file.write_text(json.dumps(told, indent=2) + "\n")
    page.write_text(_page(told, [*found.shots.values(), *found.ramp], pool_size))
    return page, figures_file


def _page(told: dict[str, Any], shots: list[Shot], pool_size: int) -> str:
    lines = "".join(
        f"<tr><td>{html.escape(line['metric'])}<td>{html.escape(line['target'])}<td class={_class(line['holds'])}>"
        f"{html.escape(line['ours'])}"
        for line in told["table"]
    )
    slow = "".join(
        f"<tr><td class=n>{ms:.1f}<td><code>{html.escape(text[:300])}</code>"
        for text, ms in told["slowest_statements_p95_ms"].items()
    )
    parts = "".join(_section(shot, told["scenarios"][shot.scenario.name], pool_size) for shot in shots)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>RecruitPro under load</title><style>{STYLE}</style>"
        f"<h1>RecruitPro under load</h1><p>{told['measured_at']}: {told['rows']:,} candidates in 20 organizations, "
        f"{told['cores']} cores for everything, the load generator included. Programs that are not ours took up to "
        f"{told['cores_of_others']} cores.<table><tr><th>metric<th>target<th>ours{lines}</table>{parts}"
        f"<h2>Slowest statements</h2><table><tr><th>p95, ms<th>statement{slow}</table></html>\n"
    )


def _class(holds: bool | None) -> str:
    return {True: "yes", False: "no", None: "none"}[holds]


def _section(shot: Shot, numbers: dict[str, Any], pool_size: int) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}<td class=n>{each['count']}<td class=n>{each['p50']}<td class=n>{each['p95']}"
        for name, each in numbers["by_name"].items()
    )
    errors = "".join(f"<li>{count} x {html.escape(text)}" for text, count in numbers["first_errors"].items())
    return (
        f"<h2>{html.escape(shot.scenario.title)}</h2><p>{numbers['requests']:,} requests in {numbers['seconds']} s, "
        f"{numbers['errors']} errors, p50 {numbers['ms']['p50']} ms, p95 {numbers['ms']['p95']} ms, p99 "
        f"{numbers['ms']['p99']} ms.<ul>{errors}</ul><img alt='{html.escape(shot.scenario.title)}' "
        f"src='{plots.image(shot, pool_size)}'><table><tr><th>request<th>count<th>p50, ms<th>p95, ms{rows}</table>"
    )
