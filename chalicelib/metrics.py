"""Metrics as lines of the log, in the embedded format of CloudWatch: counting costs no call and cannot fail."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.settings import settings

NAMESPACE = "RecruitPro"


def count(name: str, **dimensions: str) -> None:
    """Count one occurrence of `name` (lower_snake). Dimensions are few and small sets of values, never ids or
    addresses: CloudWatch keeps a metric of its own for each combination."""
    with single_metric(name=name, unit=MetricUnit.Count, value=1, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="environment", value=settings().environment.value)
        for dimension, value in dimensions.items():
            metric.add_dimension(name=dimension, value=value)
