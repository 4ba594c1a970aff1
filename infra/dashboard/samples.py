"""One look at the system: what of `/metrics` and `/api/health` is plotted, small enough to be kept by the hour."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Labelled = Mapping[str, float]
# Whoever answers at the URL chooses labels: more than this many of a kind are plotted as one.
MOST_LABELS = 20
LONGEST_LABEL = 40
OTHERS = "others"
# What is kept, by the sample's name in the text format, and the label that tells its lines apart.
KEPT = {
    "http_requests_total": "status",
    "http_request_duration_seconds_bucket": "le",
    "jobs_enqueued_total": "",
    "jobs_completed_total": "",
    "jobs_failed_total": "",
    "documents_scanned_total": "verdict",
    "job_queue_depth": "priority",
    "db_connections_active": "",
    "backup_age_seconds": "",
}


class Unreadable(Exception):
    """The answer is not what the text format, or health, should be."""


@dataclass(frozen=True, slots=True)
class Health:
    """What health said: the whole, each part, and figures of parts."""

    status: str
    parts: dict[str, str]
    oldest_job_seconds: float | None
    definitions_age_hours: float | None
    database_ms: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at `at` (seconds since 1970); None is what did not answer."""

    at: float
    metrics: dict[str, dict[str, float]] | None
    health: Health | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> Sample:
        """Raises KeyError, TypeError or ValueError for what is no sample."""
        health = kept["health"]
        return Sample(float(kept["at"]), kept["metrics"], Health(**health) if health is not None else None)


def metrics_of(text: str) -> dict[str, dict[str, float]]:
    """What is kept of an answer of `/metrics`, by name and label. Raises Unreadable."""
    try:
        return _summed(text_string_to_metric_families(text))
    except (ValueError, KeyError, IndexError) as error:
        raise Unreadable("/metrics is not in Prometheus' text format") from error


def _summed(families: Iterable[Metric]) -> dict[str, dict[str, float]]:
    sums: dict[str, dict[str, float]] = {name: defaultdict(float) for name in KEPT}
    for family in families:
        for sample in family.samples:
            if sample.name in KEPT and math.isfinite(sample.value):
                of_name = sums[sample.name]
                label = str(sample.labels.get(KEPT[sample.name], ""))[:LONGEST_LABEL]
                of_name[label if label in of_name or len(of_name) < MOST_LABELS else OTHERS] += sample.value
    return {name: dict(of_name) for name, of_name in sums.items() if of_name}


def health_of(answer: Any) -> Health:
    """What is kept of an answer of `/api/health`. Raises Unreadable."""
    try:
        checks = answer["checks"]
        return Health(
            str(answer["status"])[:LONGEST_LABEL],
            {
                str(name)[:LONGEST_LABEL]: str(part["status"])[:LONGEST_LABEL]
                for name, part in list(checks.items())[:MOST_LABELS]
            },
            _number(checks.get("queue", {}).get("oldest_seconds")),
            _number(checks.get("scanner", {}).get("definitions_age_hours")),
            _number(checks.get("database", {}).get("latency_ms")),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unreadable("/api/health does not say what it should") from error


def _number(value: Any) -> float | None:
    return float(value) if value is not None else None
