"""How long `python -m infra.local run` takes until the stack serves: with an empty folder, and with data in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks import stack
from tests.benchmarks.report import Finding, progress

TARGET_SECONDS = 20.0


def run() -> list[Finding]:
    """Seconds of a first and a second start."""
    data = {}
    with tempfile.TemporaryDirectory(prefix="recruitpro-bench-") as folder, progress() as bar:
        task = bar.add_task("starts", total=2)
        for name in ("first start, empty folder", "second start"):
            with stack.running(Path(folder) / "local") as started:
                data[name] = {
                    "serving_seconds": round(started.serving_seconds, 1),
                    "ready_seconds": round(started.ready_seconds, 1),
                    "target_seconds": TARGET_SECONDS,
                }
            bar.advance(task)
    rows = [
        [name, f"{found['serving_seconds']:.1f}", f"{found['ready_seconds']:.1f}", f"{TARGET_SECONDS:.0f}"]
        for name, found in data.items()
    ]
    notes = (
        "python -m infra.local run, after the installation, as a process of its own; one start each. Serving: "
        "GET /api/health/live answers 200. Ready: queues and schedules are pumped too.",
    )
    return [Finding("Start: the local stack", ("start", "serving, s", "ready, s", "target, s"), rows, data, notes)]
