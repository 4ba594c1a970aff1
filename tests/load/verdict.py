"""The seed's table, filled from what was measured."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from tests.load.depth import Depth
from tests.load.shot import Shot, percentile
from tests.load.writes import Writes

SCREENED, IMPORTED = "screening, asked to done", "import of 1,000, asked to done"
IMPORTING = ("/api/documents", "/api/imports")
SEARCH = "GET /api/candidates/search"


@dataclass(slots=True)
class Found:
    """All that a run found. A scenario that was not run is missing, and so is its line of the table."""

    shots: dict[str, Shot]
    ramp: list[Shot]
    statements_p95_ms: dict[str, float]
    statements_all_p95_ms: float
    pool_size: int
    served: list[tuple[float, float]] = field(default_factory=list)
    depth: Depth | None = None
    writes: Writes | None = None

    @property
    def errors(self) -> int:
        """Requests and jobs that failed, those of the ramp left out, which is run until some do."""
        wrong = self.writes.wrong if self.writes else 0
        return wrong + sum(shot.error_count for shot in self.shots.values())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `holds` is None where there is nothing to hold."""

    metric: str
    target: str
    ours: str
    holds: bool | None = None


def statements(folder: Path) -> tuple[dict[str, float], float]:
    """The p95 of each statement of the server, slowest first, and of all together, in milliseconds."""
    took: dict[str, list[float]] = {}
    for path in folder.glob("statements-*.json"):
        for text, values in json.loads(path.read_text()).items():
            took.setdefault(" ".join(text.split()), []).extend(values)
    # One that ran ten times has no p95 worth telling.
    by_text = {text: percentile(values, 95) for text, values in took.items() if len(values) >= 20}
    every = [value for values in took.values() for value in values]
    return dict(sorted(by_text.items(), key=lambda pair: -pair[1])), percentile(every, 95)


def served(folder: Path) -> list[tuple[float, float]]:
    """Of each answer of the server, when it ended and the milliseconds that a container had the request in hand."""
    return [(at, ms) for path in folder.glob("served-*.json") for at, ms in json.loads(path.read_text())]


def in_containers(shot: Shot, answers: list[tuple[float, float]]) -> str:
    """How long requests were in hand after everybody had arrived, and how many containers were at work on average:
    what callers waited above that, they waited for a container or for their own turn on a core."""
    begin, end = shot.began + shot.scenario.warm_up_seconds, shot.began + shot.seconds
    ms = [each for at, each in answers if begin <= at < end]
    busy = sum(ms) / 1000 / (end - begin)
    return f"p50 {_ms(percentile(ms, 50))}, p95 {_ms(percentile(ms, 95))}; {busy:.1f} containers at work"


def pool_use(shot: Shot, size: int) -> float:
    """The share of the pool's connections in a transaction, 95th percentile of the seconds of a scenario."""
    return percentile([sample.pool_active / size for sample in shot.samples], 95)


def table(found: Found) -> list[Line]:
    """Every line there is a measurement for."""
    return [line for line in (*_of_people(found), *_of_work(found), *_of_database(found)) if "nan" not in line.ours]


def _of_people(found: Found) -> list[Line]:
    lines = []
    mixed = found.shots.get("mixed")
    if mixed:
        p95 = mixed.p95()
        lines += [
            Line(f"API p95, {mixed.scenario.count} users", "< 200 ms (goal < 50)", _ms(p95), p95 < 50),
            Line(
                "concurrent users",
                "500+",
                f"{mixed.scenario.count}: {mixed.per_second:.0f} requests/s, {mixed.error_count} errors",
                mixed.error_count == 0,
            ),
        ]
    if mixed and found.served:
        lines.append(Line("of that in a container", "", in_containers(mixed, found.served)))
    if found.ramp:
        last = found.ramp[-1]
        lines.append(Line("where it breaks", "", f"{last.scenario.count:,} users: {breaking(last)}"))
    for name, label in (("browse", "100 browsing, p95"), ("write", "100 writing at once, p95")):
        if name in found.shots:
            shot = found.shots[name]
            lines.append(Line(label, "", f"{_ms(shot.p95())}, {shot.per_second:.0f} requests/s"))
    if "search" in found.shots:
        lines.append(Line("50 searching, p95 of a search", "", _ms(found.shots["search"].p95(SEARCH))))
    return lines


def _of_work(found: Found) -> list[Line]:
    lines = []
    if "screen" in found.shots:
        p95 = found.shots["screen"].p95(SCREENED)
        lines.append(Line("AI screening, asked to done, p95", "< 10 s (goal < 1)", _ms(p95), p95 < 1000))
        lines.append(Line("queue", "100+ jobs/min", f"{_jobs_a_minute(found.shots['screen']):.0f}/min by 10 users"))
    if "import" in found.shots:
        lines.append(Line("import of 1,000 candidates, p95", "", _ms(found.shots["import"].p95(IMPORTED))))
    if "alone" in found.shots and "beside" in found.shots:
        ratio = looking_p95(found.shots["beside"]) / looking_p95(found.shots["alone"])
        lines.append(
            Line("small organization's p95 while a big one imports / alone", "<= 2", f"{ratio:.2f}", ratio <= 2)
        )
    writes = found.writes
    if writes:
        told = (
            f"{writes.candidates:.0f} candidates/s, {writes.projects:.0f} projects/s, {writes.positions:.0f} "
            f"positions/s ({_costs(writes)})"
        )
        lines.append(Line("durable single-row writes, handler in process", "1000+/s", told, writes.best >= 1000))
        told = f"{writes.ratio:.2f} of {writes.tpc_b:.0f} tps ({writes.tpc_b_past_pooler:.0f} past the pooler)"
        lines.append(Line("the same / pgbench TPC-B, as many clients", "0.5", told, writes.ratio >= 0.5))
    return lines


def looking_p95(shot: Shot) -> float:
    """The p95 of what people look at, without the requests of who imports meanwhile, in milliseconds."""
    return percentile([each.ms for each in shot.steady if not each.name.split(" ")[1].startswith(IMPORTING)], 95)


def _of_database(found: Found) -> list[Line]:
    lines = []
    if found.statements_p95_ms:
        slowest = next(iter(found.statements_p95_ms.values()))
        told = f"all together {_ms(found.statements_all_p95_ms)}, the slowest statement {_ms(slowest)}"
        lines.append(Line("database query p95, as the app sees it", "< 50 ms (goal < 20, each)", told, slowest < 20))
    mixed = found.shots.get("mixed")
    if mixed:
        use = pool_use(mixed, found.pool_size)
        lines.append(Line("pool use, p95 of the seconds", "< 80 %", f"{use:.0%} of {found.pool_size}", use < 0.8))
    if found.depth:
        depth = found.depth
        told = f"{depth.ratio:.2f} at {depth.depth:,} ({depth.deep_ms:.1f} / {depth.top_ms:.1f} ms)"
        lines.append(Line("page far down / near the top, by cursor", "<= 1.5", told, depth.ratio <= 1.5))
    return lines


def breaking(shot: Shot) -> str:
    """What gave way at a step of the ramp, and which part was busy then."""
    parts = ("server", "postgres", "pgbouncer", "moto", "pump", "locust", "others")
    busy = ", ".join(f"{part} {shot.cores(part):.2f}" for part in parts)
    return f"p95 {_ms(shot.p95())}, {shot.per_second:.0f} requests/s, {shot.error_count} errors; cores: {busy}"


def _costs(writes: Writes) -> str:
    return ", ".join(f"{cost:.1f}" for cost in writes.cpu_ms.values()) + " ms of own CPU each"


def _jobs_a_minute(shot: Shot) -> float:
    done = sum(each.is_well and each.name == SCREENED for each in shot.requests)
    return done / shot.seconds * 60


def _ms(value: float) -> str:
    return "nan" if math.isnan(value) else f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"
