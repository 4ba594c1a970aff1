"""Metrics as lines of the log, in the embedded format of CloudWatch: telling a figure costs no call and cannot fail."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.settings import settings

NAMESPACE = "RecruitPro"


def count(name: str, **dimensions: str) -> None:
    """Count one occurrence of `name` (lower_snake). Dimensions are few and small sets of values, never ids or
    addresses: CloudWatch keeps a metric of its own for each combination."""
    gauge(name, 1, MetricUnit.Count, **dimensions)


def gauge(name: str, value: float, unit: MetricUnit = MetricUnit.NoUnit, **dimensions: str) -> None:
    """Tell how `name` (lower_snake, its unit in the name) stands now. What is not known is not told: an alarm knows
    what to make of missing data, and nothing of an invented figure."""
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="environment", value=settings().environment.value)
        for dimension, content in dimensions.items():
            metric.add_dimension(name=dimension, value=content)
