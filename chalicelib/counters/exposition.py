"""The counters as Prometheus reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from chalicelib import db
from chalicelib.backups import repository as backups
from chalicelib.counters import names, repository
from chalicelib.counters.repository import Gauges, Total
from chalicelib.db import Role
from chalicelib.settings import VERSION, settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[str, ...]


def exposition(now: datetime) -> str:
    """Everything counted since the installation began, and how things stand at `now`. Raises DatabaseUnavailable."""
    with db.transaction(role=Role.DISPATCHER) as session:
        totals, gauges = repository.totals(session), repository.gauges(session)
        backup_hours = backups.ages(session, now).newest_good_snapshot_hours
    return text([*counters(totals), *histograms(totals), *standing(gauges, backup_hours)])


def text(families: Sequence[Metric]) -> str:
    """`families` in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collected(families))
    return generate_latest(registry).decode()


class _Collected:
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def counters(totals: Sequence[Total]) -> Iterator[Metric]:
    """Each counter of the contract, those that have counted nothing yet included."""
    served = CounterMetricFamily("http_requests", names.HTTP_HELP, labels=names.HTTP_LABELS)
    yield _filled(served, _amounts(totals, "http_requests"))
    for name, (meaning, labels) in names.COUNTERS.items():
        family = CounterMetricFamily(name, meaning, labels=labels)
        amounts = _amounts(totals, name)
        yield _filled(family, amounts or ({(): 0} if not labels else {}))


def _amounts(totals: Sequence[Total], name: str) -> dict[Labels, int]:
    amounts: dict[Labels, int] = defaultdict(int)
    for total in totals:
        if total.name == name:
            amounts[total.labels] += total.amount
    return amounts


def _filled(family: CounterMetricFamily, amounts: dict[Labels, int]) -> CounterMetricFamily:
    for labels, amount in amounts.items():
        family.add_metric(labels, amount)
    return family


def histograms(totals: Sequence[Total]) -> Iterator[Metric]:
    """How long requests and jobs took, in seconds; a request until it commits, a job from its last start to its end."""
    served = [total for total in totals if total.name == "http_requests"]
    yield _histogram(
        HistogramMetricFamily("http_request_duration_seconds", "Time to answer a call.", labels=names.HTTP_LABELS),
        served,
        names.HTTP_BOUNDS,
    )
    ended = [total for total in totals if total.name in {"jobs_completed", "jobs_failed"} and total.bucket >= 0]
    yield _histogram(
        HistogramMetricFamily("job_duration_seconds", "Time that jobs ran which ended.", labels=("kind",)),
        ended,
        names.JOB_BOUNDS,
    )


def _histogram(
    family: HistogramMetricFamily, totals: Sequence[Total], bounds: tuple[float, ...]
) -> HistogramMetricFamily:
    counts: dict[Labels, list[int]] = defaultdict(lambda: [0] * (len(bounds) + 1))
    sums: dict[Labels, float] = defaultdict(float)
    for total in totals:
        counts[total.labels][total.bucket] += total.amount
        sums[total.labels] += total.observed
    ends = [*(str(bound) for bound in bounds), "+Inf"]
    for labels, in_bucket in counts.items():
        family.add_metric(labels, list(zip(ends, accumulate(in_bucket), strict=True)), sums[labels])
    return family


def standing(gauges: Gauges, backup_hours: float | None) -> Iterator[Metric]:
    """How things stand. The age of a backup that never was is left out: no figure is made up for it."""
    depth = GaugeMetricFamily("job_queue_depth", "Jobs that wait.", labels=("priority",))
    for priority, waiting in gauges.depths.items():
        depth.add_metric((priority,), waiting)
    yield depth
    yield GaugeMetricFamily("db_connections_active", "Connections to the database.", value=gauges.connections)
    age = GaugeMetricFamily("backup_age_seconds", "Age of the newest good snapshot.")
    if backup_hours is not None:
        age.add_metric((), backup_hours * 3600)
    yield age
    build = GaugeMetricFamily("recruitpro_build_info", "Which release this is.", labels=("version", "environment"))
    build.add_metric((VERSION, settings().environment.value), 1)
    yield build
