"""What the code tells CloudWatch is what the alarms hang on, dimension by dimension: to CloudWatch a metric with one
dimension more is another metric, and the alarm on the first one stays silent for ever."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chalicelib.jobs.models import Priority, QueueName
from chalicelib.metrics import NAMESPACE
from chalicelib.operations import gauges
from chalicelib.operations.health import Health
from tests.infra.alarms.evaluator import MetricAlarm
from tests.infra.alarms.series import Metric
from tests.infra.alarms.test_alarms import alarms
from tests.infra.packaged import ROOT

TELLERS = {"count", "gauge"}
# gauges.py tells by tables, so it is asked by a run; metrics.py and programs.py are how others tell.
NOT_READ = {"chalicelib/operations/gauges.py", "chalicelib/metrics.py", "infra/scanner/programs.py"}


@dataclass(frozen=True, slots=True)
class Told:
    """One place that tells a metric, and its dimensions beside the environment; None for a value that only a run
    knows."""

    name: str
    dimensions: Mapping[str, str | None]
    where: str

    def can_be(self, metric: Metric) -> bool:
        asked = {name: value for name, value in metric.dimensions if name != "environment"}
        return (
            self.name == metric.name
            and set(self.dimensions) == set(asked)
            and all(value in (None, asked[name]) for name, value in self.dimensions.items())
        )


def read_from_code() -> Iterator[Told]:
    """Every call of `metrics.count`, `metrics.gauge`, and of the mirror's own `count`."""
    for folder in ("chalicelib", "functions", "infra"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if where not in NOT_READ and "previous_release" not in where:
                yield from _calls(path, where)


def _calls(path: Path, where: str) -> Iterator[Told]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _tells(node.func):
            continue
        place = f"{where}:{node.lineno}"
        name = _constant(node.args[0], constants)
        assert name is not None, f"{place}: which metric only a run would know"
        assert all(each.arg for each in node.keywords), f"{place}: which dimensions only a run would know"
        values = {str(each.arg): _constant(each.value, constants) for each in node.keywords if each.arg != "unit"}
        yield Told(name, values, place)


def _tells(called: ast.expr) -> bool:
    match called:
        case ast.Attribute(value=ast.Name(id="metrics"), attr=name):
            return name in TELLERS
        case ast.Name(id="count"):
            return True
        case _:
            return False


def _constant(value: ast.expr, constants: Mapping[str, str]) -> str | None:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name)
        case _:
            return None


def told_by_check_health(capsys: pytest.CaptureFixture[str]) -> list[Told]:
    """Every gauge, when everything is known."""
    looks: dict[str, dict[str, Any]] = {
        "backup_ages": dict.fromkeys(gauges.HOURS.values(), 1.0),
        "waiting": {each.value: 1.0 for each in Priority},
        "dead_letters": {each.value: 1 for each in QueueName},
    }
    capsys.readouterr()
    gauges.tell(Health("healthy", {"scanner": {"status": "up", "definitions_age_hours": 1}}), looks)
    found = []
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        ((described, names),) = [(each, each["Dimensions"][0]) for each in line["_aws"]["CloudWatchMetrics"]]
        assert described["Namespace"] == NAMESPACE
        assert "environment" in names
        values = {name: line[name] for name in names if name != "environment"}
        found += [Told(each["Name"], values, "check_health") for each in described["Metrics"]]
    return found


def asked_by_alarms() -> dict[Metric, str]:
    """Each of our own metrics that an alarm hangs on."""
    return {
        query.metric: name
        for name, alarm in alarms("production").items()
        if isinstance(alarm, MetricAlarm)
        for query in alarm.queries
        if query.metric.namespace == NAMESPACE
    }


def test_every_alarm_on_a_figure_of_ours_has_somebody_who_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    told = [*read_from_code(), *told_by_check_health(capsys)]
    asked = asked_by_alarms()

    assert len(asked) > 20
    assert all(("environment", "production") in metric.dimensions for metric in asked)
    deaf = {name: metric for metric, name in asked.items() if not any(each.can_be(metric) for each in told)}
    assert deaf == {}


def test_nobody_tells_an_alarms_figure_in_a_way_that_the_alarm_does_not_hear(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heard = {(metric.name, frozenset(dict(metric.dimensions)) - {"environment"}) for metric in asked_by_alarms()}
    names = {name for name, _ in heard}

    told = [*read_from_code(), *told_by_check_health(capsys)]
    unheard = [each for each in told if each.name in names and (each.name, frozenset(each.dimensions)) not in heard]
    assert unheard == []
    by_name = {each.name for each in told}
    assert {"backup_failed", "function_ran", "restore_test_failed", "export_proof_age_hours"} <= by_name
    assert {"take_export", "prove_export", "mirror_definitions"} <= {
        each.dimensions.get("function") for each in told if each.name == "function_ran"
    }
