"""A scenario in four plots: how long people waited, how much was done, how full the pool was, what waited in queues."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from typing import Any

from tests.load.shot import POLLED, Shot, percentile

# Seconds that share a point; fewer points than pixels.
POINTS = 120
PARTS = ("server", "postgres", "pgbouncer", "pump", "moto", "locust")


def image(shot: Shot, pool_size: int) -> str:
    """An SVG picture as a data: address, so that a page needs nothing beside itself."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, ((wait, rate), (pool, queue)) = plt.subplots(2, 2, figsize=(12, 6.4), layout="constrained")
    step = max(1.0, shot.seconds / POINTS)
    _latency(wait, shot, step)
    _throughput(rate, shot, step)
    _pool(pool, shot, pool_size)
    _queue(queue, shot)
    for axes in (wait, rate, pool, queue):
        axes.set_xlim(0, max(1.0, shot.seconds))
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel("seconds")
        axes.legend(loc="upper right", fontsize="small", framealpha=0.7)
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()


def _latency(axes: Any, shot: Shot, step: float) -> None:
    groups: dict[int, list[float]] = defaultdict(list)
    for each in shot.requests:
        if not each.is_job and not each.name.endswith(POLLED):
            groups[int(each.at / step)].append(each.ms)
    at = sorted(groups)
    for rank, colour in ((50, "#2a9d8f"), (95, "#e76f51"), (99, "#9d4edd")):
        axes.plot([n * step for n in at], [percentile(groups[n], rank) for n in at], color=colour, label=f"p{rank}")
    if shot.scenario.warm_up_seconds:
        axes.axvspan(0, shot.scenario.warm_up_seconds, color="#888", alpha=0.12, label="users arrive")
    axes.set_title("answers, ms")


def _throughput(axes: Any, shot: Shot, step: float) -> None:
    counts: dict[int, int] = defaultdict(int)
    for each in shot.requests:
        if not each.is_job:
            counts[int(each.at / step)] += 1
    at = sorted(counts)
    axes.plot([n * step for n in at], [counts[n] / step for n in at], color="#264653", label="requests/s")
    other = axes.twinx()
    times = [sample.at - shot.began for sample in shot.samples]
    stack = [[sample.cores.get(part, 0.0) for sample in shot.samples] for part in PARTS]
    stack.append([sample.others for sample in shot.samples])
    if times:
        other.stackplot(times, *stack, labels=[*PARTS, "not ours"], alpha=0.35)
    other.set_ylabel("cores")
    other.legend(loc="lower right", fontsize="x-small", ncols=4, framealpha=0.7)
    axes.set_title("requests/s, and CPU by part")


def _pool(axes: Any, shot: Shot, size: int) -> None:
    times = [sample.at - shot.began for sample in shot.samples]
    axes.plot(times, [s.pool_active / size * 100 for s in shot.samples], color="#e9c46a", label="in a transaction, %")
    axes.plot(times, [s.pool_waiting for s in shot.samples], color="#e76f51", label="clients waiting")
    axes.axhline(80, color="#888", linestyle="--", linewidth=1, label="80 %")
    axes.set_title(f"pool of {size} connections")


def _queue(axes: Any, shot: Shot) -> None:
    times = [sample.at - shot.began for sample in shot.samples]
    axes.plot(times, [s.jobs_queued for s in shot.samples], color="#2a9d8f", label="jobs queued")
    axes.plot(times, [s.outbox for s in shot.samples], color="#264653", label="outbox", linestyle=":")
    axes.set_title("queue depth")
