"""The panels, in the order and under the names of the dashboard in CloudWatch (infra/templates/dashboard.yaml), and two
more that a laptop can show and CloudWatch does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.http.publishing.markup import Element
from infra.dashboard import charts, series
from infra.dashboard.charts import Line
from infra.dashboard.samples import Sample
from infra.dashboard.series import Values, Window

HOUR = 3600.0
# What CloudWatch shows and a laptop has not.
ON_AWS_ALONE = {
    "Database: memory and storage that are free": "of RDS",
    "Proxy: connections and pins": "of RDS Proxy",
}
KEPT_OUT = {"401": "not signed in", "403": "not allowed", "429": "too many requests"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot with what its colours mean. `in_cloudwatch` is the title of the same thing there."""

    title: str
    in_cloudwatch: str | None
    picture: Element
    lines: Sequence[Line]


def panels(samples: Sequence[Sample], window: Window) -> list[Panel]:
    """All that is shown."""
    minutes = window.seconds / 60

    def of(
        title: str,
        lines: Sequence[Line],
        in_cloudwatch: str | None = "",
        *,
        top: float | None = None,
        bottom: float = 0.0,
    ) -> Panel:
        there = title if in_cloudwatch == "" else in_cloudwatch
        return Panel(title, there, charts.plot(lines, minutes, top=top, bottom=bottom), lines)

    return [
        Panel("Health", "Pages", charts.strip(states(samples, window), minutes), ()),
        of("Requests a second", requests(samples, window), "Requests and errors"),
        of("How fast (ms)", latency(samples, window)),
        of(
            "Availability (%, promised 99.9)",
            availability(samples, window),
            "Availability (%, an hour; promised 99.9)",
            top=100,
            bottom=99,
        ),
        of("Oldest job that waits (s)", [_gauge("oldest", samples, window, _oldest)]),
        of("Jobs that wait", _labelled(samples, "job_queue_depth", window), "Messages that wait"),
        of("Jobs a minute", jobs(samples, window), "Messages that were given up"),
        of("Documents scanned a minute", _a_minute(series.growth(samples, "documents_scanned_total", window)), None),
        of(
            "Database: connections",
            _labelled(samples, "db_connections_active", window, "connections"),
            "Database: processors (%), connections",
        ),
        of(
            "Would it come back? (hours)",
            come_back(samples, window),
            "Would it come back? (hours since the last good one)",
        ),
        of("Who is kept out (a minute)", kept_out(samples, window), "Who is kept out"),
    ]


def states(samples: Sequence[Sample], window: Window) -> list[tuple[str, list[str | None]]]:
    """The last state of each slot, of the whole and of each part."""
    told = [(sample, {"all": sample.health.status, **sample.health.parts}) for sample in samples if sample.health]
    names = list(dict.fromkeys(name for _, parts in told for name in parts))
    rows: dict[str, list[str | None]] = {name: [None] * window.slots for name in names}
    for sample, parts in told:
        slot = window.slot_of(sample.at)
        for name, state in parts.items():
            if slot is not None:
                rows[name][slot] = state
    return list(rows.items())


def requests(samples: Sequence[Sample], window: Window) -> list[Line]:
    """Answers by what kind they are."""
    by_status = series.growth(samples, "http_requests_total", window)
    kinds = {"answered": ("2", "3"), "refused": ("4",), "failed": ("5",)}
    return [
        Line(name, _sum([values for status, values in by_status.items() if status.startswith(first)], window))
        for name, first in kinds.items()
        if by_status
    ]


def availability(samples: Sequence[Sample], window: Window) -> list[Line]:
    """The share that was answered without an error of ours; nothing while nobody asked."""
    lines = {line.name: line.values for line in requests(samples, window)}
    if not lines:
        return [Line("answered", [None] * window.slots)]
    every = _sum(list(lines.values()), window)
    return [
        Line(
            "answered",
            [
                100 - 100 * (failed or 0.0) / total if total else None
                for failed, total in zip(lines["failed"], every, strict=True)
            ],
        )
    ]


def latency(samples: Sequence[Sample], window: Window) -> list[Line]:
    """Quantiles of the histogram, in milliseconds."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = series.quantiles(samples, "http_request_duration_seconds_bucket", window, list(shares.values()))
    return [Line(name, _times(values, 1000)) for name, values in zip(shares, found, strict=True)]


def jobs(samples: Sequence[Sample], window: Window) -> list[Line]:
    """Jobs by what became of them."""
    names = {"asked for": "jobs_enqueued_total", "succeeded": "jobs_completed_total", "failed": "jobs_failed_total"}
    return [
        Line(name, _times(_sum(list(series.growth(samples, metric, window).values()), window), 60))
        for name, metric in names.items()
    ]


def come_back(samples: Sequence[Sample], window: Window) -> list[Line]:
    """How old the newest snapshot is, and what the scanner looks for."""
    return [
        _gauge("snapshot (26)", samples, window, _backup_hours),
        _gauge("definitions of the scanner", samples, window, _definitions_hours),
    ]


def kept_out(samples: Sequence[Sample], window: Window) -> list[Line]:
    by_status = series.growth(samples, "http_requests_total", window)
    return [
        Line(f"{name} ({status})", _times(by_status[status], 60))
        for status, name in KEPT_OUT.items()
        if status in by_status
    ]


def _a_minute(by_label: Mapping[str, Values]) -> list[Line]:
    return [Line(label or "all", _times(values, 60)) for label, values in by_label.items()]


def _labelled(samples: Sequence[Sample], name: str, window: Window, unnamed: str = "all") -> list[Line]:
    labels = sorted({label for sample in samples for label in (sample.metrics or {}).get(name, {})})

    def reader(label: str) -> Callable[[Sample], float | None]:
        return lambda sample: (sample.metrics or {}).get(name, {}).get(label)

    return [_gauge(label or unnamed, samples, window, reader(label)) for label in labels]


def _gauge(name: str, samples: Sequence[Sample], window: Window, read: Callable[[Sample], float | None]) -> Line:
    return Line(name, series.gauge(samples, read, window))


def _oldest(sample: Sample) -> float | None:
    return sample.health.oldest_job_seconds if sample.health else None


def _definitions_hours(sample: Sample) -> float | None:
    return sample.health.definitions_age_hours if sample.health else None


def _backup_hours(sample: Sample) -> float | None:
    seconds = (sample.metrics or {}).get("backup_age_seconds", {}).get("")
    return seconds / HOUR if seconds is not None else None


def _times(values: Values, factor: float) -> Values:
    return [value * factor if value is not None else None for value in values]


def _sum(many: Sequence[Values], window: Window) -> Values:
    """Slot by slot; None where all are."""
    sums: Values = []
    for slot in range(window.slots):
        known = [value for values in many if (value := values[slot]) is not None]
        sums.append(sum(known) if known else None)
    return sums
