"""The alarms of a template, as the evaluator takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from infra.packaging import parameters
from tests.infra import packaged
from tests.infra.alarms.evaluator import CompositeAlarm, MetricAlarm, Missing, Query
from tests.infra.alarms.series import Metric, Recording
from tests.infra.packaged import Template

Alarm = MetricAlarm | CompositeAlarm
MINUTE = 60
PSEUDO = {"AWS::Region": packaged.REGION, "AWS::AccountId": packaged.ACCOUNT, "AWS::Partition": "aws"}
# What the guide allows: a day of short periods, a week of long ones.
LONGEST_SECONDS, LONGEST_OF_HOURS_SECONDS = 86_400, 604_800


class Reader:
    """Reads alarms of one environment's template. What only a deployment knows (the name that a function is given)
    goes by its logical id."""

    def __init__(self, template: Template, environment: str) -> None:
        self.resources: Mapping[str, Any] = template["Resources"]
        defaults = {name: each["Default"] for name, each in template["Parameters"].items() if "Default" in each}
        self._values = {**PSEUDO, **defaults, **_own(environment), "Environment": environment}

    def alarms(self) -> dict[str, Alarm]:
        """Every alarm, by its logical id."""
        metric = {name: self._metric(made) for name, made in self._of_type("AWS::CloudWatch::Alarm").items()}
        composite = {
            name: CompositeAlarm(self.text(made["AlarmName"]), self.text(made["AlarmRule"]))
            for name, made in self._of_type("AWS::CloudWatch::CompositeAlarm").items()
        }
        return {**metric, **composite}

    def described(self) -> dict[str, dict[str, Any]]:
        """The properties of every alarm, by its logical id."""
        return {**self._of_type("AWS::CloudWatch::Alarm"), **self._of_type("AWS::CloudWatch::CompositeAlarm")}

    def text(self, value: Any) -> str:
        """`value` as CloudFormation would make it."""
        match value:
            case {"Ref": str(name)}:
                return self._named(name)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return f"{name}.{attribute}"
            case {"Fn::Sub": str(pattern)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._named(found[1]), pattern)
            case str() | int() | float():
                return str(value)
            case _:
                raise ValueError(f"{value} is not understood")

    def _named(self, name: str) -> str:
        if name in self._values:
            return str(self._values[name])
        made = self.resources[name]
        return self.text(made["Properties"]["AlarmName"]) if "AlarmName" in made.get("Properties", {}) else name

    def _of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        return {name: made["Properties"] for name, made in self.resources.items() if made["Type"] == kind}

    def _metric(self, made: dict[str, Any]) -> MetricAlarm:
        queries, expression, seconds = self._queries(made)
        periods = int(made["EvaluationPeriods"])
        _check(self.text(made["AlarmName"]), seconds, periods)
        return MetricAlarm(
            name=self.text(made["AlarmName"]),
            queries=queries,
            expression=expression,
            period=seconds // MINUTE,
            evaluation_periods=periods,
            datapoints_to_alarm=int(made["DatapointsToAlarm"]),
            comparison=made["ComparisonOperator"],
            threshold=float(self.text(made["Threshold"])),
            missing=Missing(made["TreatMissingData"]),
            ignores_few_samples=made.get("EvaluateLowSampleCountPercentile") == "ignore",
        )

    def _queries(self, made: dict[str, Any]) -> tuple[tuple[Query, ...], str, int]:
        """What is asked for, what is made of it, and the period in seconds."""
        if "Metrics" not in made:
            statistic = made.get("Statistic") or made["ExtendedStatistic"]
            return (Query("m", self._which(made), statistic),), "m", int(made["Period"])
        (shown,) = [each for each in made["Metrics"] if each.get("ReturnData", True)]
        asked = [each for each in made["Metrics"] if "MetricStat" in each]
        (seconds,) = {int(each["MetricStat"]["Period"]) for each in asked}
        queries = tuple(
            Query(each["Id"], self._which(each["MetricStat"]["Metric"]), each["MetricStat"]["Stat"]) for each in asked
        )
        return queries, self.text(shown["Expression"]), seconds

    def _which(self, made: dict[str, Any]) -> Metric:
        dimensions = sorted((each["Name"], self.text(each["Value"])) for each in made.get("Dimensions", []))
        return Metric(made["Namespace"], made["MetricName"], tuple(dimensions))


def _own(environment: str) -> dict[str, str]:
    return parameters.read_values(parameters.ENVIRONMENTS / f"{environment}.yaml")


def _check(name: str, seconds: int, periods: int) -> None:
    """Raises ValueError for what CloudWatch refuses: cfn-lint does not look at it."""
    longest = LONGEST_OF_HOURS_SECONDS if seconds >= 3600 else LONGEST_SECONDS
    if seconds % MINUTE or seconds > LONGEST_SECONDS or seconds * periods > longest:
        raise ValueError(f"{name} looks at {periods} times {seconds} s, which CloudWatch does not take")


def states(alarm: Alarm, alarms: Mapping[str, Alarm], recording: Recording) -> list[Any]:
    """The state of `alarm` after each minute; of a composite one, by those of all others that it names."""
    if isinstance(alarm, MetricAlarm):
        return alarm.states(recording)
    named = [each for each in alarms.values() if f'"{each.name}"' in alarm.rule]
    together = zip(*(states(each, alarms, recording) for each in named), strict=True)
    known: dict[tuple[Any, ...], Any] = {}
    found = []
    for each in together:
        if each not in known:
            known[each] = alarm.state(dict(zip((part.name for part in named), each, strict=True)))
        found.append(known[each])
    return found
