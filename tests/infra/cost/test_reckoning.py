"""What a month costs is reckoned from figures that are written down, and the page tells what is reckoned."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from infra.cost import __main__ as command
from infra.cost import reckoning
from infra.cost.reckoning import Assumptions, Prices, Size
from tests.infra.packaged import Template
from tests.infra.parts import of_type, properties


@pytest.fixture(scope="module")
def prices() -> Prices:
    return reckoning.read_prices()


@pytest.fixture(scope="module")
def assumed() -> Assumptions:
    return reckoning.read_assumptions()


@pytest.fixture
def medium(assumed: Assumptions) -> Size:
    return next(size for size in assumed.sizes if size.name == "medium")


def usd(size: Size, prices: Prices, assumed: Assumptions, part: str) -> float:
    (line,) = [line for line in reckoning.bill(size, prices, assumed) if line.part == part]
    return line.usd


def test_a_bill_adds_up_by_hand(medium: Size, prices: Prices, assumed: Assumptions) -> None:
    assert usd(medium, prices, assumed, "RDS PostgreSQL") == pytest.approx(0.168 * 1.15 * 730 * 2)
    assert usd(medium, prices, assumed, "API Gateway") == pytest.approx(500 * 300 * 21 * 3.5e-6 * 1.15)
    tasks = 2 * (1 * 0.03238 + 4 * 0.00356) * 1.15 * 730
    assert usd(medium, prices, assumed, "Fargate, clamd") == pytest.approx(tasks)


def test_a_standby_doubles_instance_and_disk_and_nothing_else_of_the_database(
    medium: Size, prices: Prices, assumed: Assumptions
) -> None:
    alone = replace(medium, zones=1)

    for part, ratio in {"RDS PostgreSQL": 2, "RDS storage": 2, "RDS Proxy": 1}.items():
        assert usd(medium, prices, assumed, part) == pytest.approx(ratio * usd(alone, prices, assumed, part))


def test_more_people_and_more_candidates_never_cost_less(medium: Size, prices: Prices, assumed: Assumptions) -> None:
    whole = reckoning.total(reckoning.bill(medium, prices, assumed))

    for more in (
        replace(medium, users=1_000),
        replace(medium, candidates=10_000_000),
        replace(medium, new_candidates_per_month=100_000),
        replace(medium, scanner_tasks=3),
    ):
        assert reckoning.total(reckoning.bill(more, prices, assumed)) > whole


def test_sentry_costs_a_gateway_where_webhooks_have_none_and_cents_where_they_have(
    medium: Size, prices: Prices, assumed: Assumptions
) -> None:
    def whole(*, webhooks: bool, sentry: bool) -> float:
        return reckoning.total(reckoning.bill(replace(medium, webhooks=webhooks, sentry=sentry), prices, assumed))

    alone = whole(webhooks=False, sentry=True) - whole(webhooks=False, sentry=False)
    beside = whole(webhooks=True, sentry=True) - whole(webhooks=True, sentry=False)

    assert alone == pytest.approx(0.045 * 1.15 * 730 + beside)
    assert 0 < beside < 0.1


def test_the_share_of_traces_that_is_reckoned_is_the_templates(translated: Template) -> None:
    assert translated["Parameters"]["SentryTracesShare"]["Default"] == reckoning.SENTRY_TRACES_SHARE


def test_the_bill_is_told_dearest_first_and_its_lines_make_its_sum(prices: Prices, assumed: Assumptions) -> None:
    for size in assumed.sizes:
        lines = reckoning.bill(size, prices, assumed)
        assert [line.usd for line in lines] == sorted((line.usd for line in lines), reverse=True)
        assert reckoning.total(lines) == pytest.approx(sum(line.usd for line in lines))
        assert len({line.part for line in lines}) == len(lines)


def test_what_stands_whatever_the_size_is_stands_in_the_template(translated: Template, assumed: Assumptions) -> None:
    endpoints = of_type(translated, "AWS::EC2::VPCEndpoint").values()
    interfaces = [each for each in endpoints if each["VpcEndpointType"] == "Interface"]
    alarms = of_type(translated, "AWS::CloudWatch::Alarm").values()
    (firewall,) = of_type(translated, "AWS::WAFv2::WebACL").values()
    databases = of_type(translated, "AWS::RDS::DBInstance").values()
    counted = {
        "interface_endpoints": len(interfaces),
        "endpoints_in_one_zone": len([each for each in interfaces if isinstance(each["SubnetIds"], list)]),
        "secrets": len(of_type(translated, "AWS::SecretsManager::Secret"))
        + len([each for each in databases if each["ManageMasterUserPassword"]]),
        "keys": len(of_type(translated, "AWS::KMS::Key")),
        "firewall_rules": len(firewall["Rules"]),
        "alarms": len(alarms),
        "alarm_metrics": sum(len(looked_at(each)) for each in alarms),
        "composite_alarms": len(of_type(translated, "AWS::CloudWatch::CompositeAlarm")),
    }

    assert {name: value for name, value in assumed.fixed.items() if name != "custom_metrics"} == counted
    ours = {json.dumps(each, sort_keys=True) for alarm in alarms for each in looked_at(alarm)}
    assert len([each for each in ours if '"RecruitPro"' in each]) <= assumed.fixed["custom_metrics"]


def looked_at(alarm: dict[str, Any]) -> list[Any]:
    """The metrics of an alarm, each of which is charged for."""
    if "Metrics" not in alarm:
        return [[alarm["Namespace"], alarm["MetricName"], alarm.get("Dimensions")]]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


@pytest.mark.parametrize(
    ("task", "vcpus", "gb"),
    [
        ("ScannerTask", reckoning.SCANNER_VCPUS, reckoning.SCANNER_GB),
        ("MirrorTask", reckoning.SCANNER_VCPUS, reckoning.SCANNER_GB),
        ("TakeExportTask", reckoning.EXPORT_VCPUS, reckoning.EXPORT_GB),
        ("ProveExportTask", reckoning.PROOF_VCPUS, reckoning.PROOF_GB),
    ],
)
def test_containers_are_reckoned_as_large_as_they_are(translated: Template, task: str, vcpus: int, gb: int) -> None:
    made = properties(translated, task)

    assert (int(made["Cpu"]), int(made["Memory"])) == (vcpus * 1024, gb * 1024)


def test_what_comes_and_goes_is_reckoned_as_often_as_it_does(translated: Template, assumed: Assumptions) -> None:
    assert translated["Parameters"]["RestoreTestInstanceClass"]["Default"] == reckoning.RESTORE_TEST_CLASS
    every = properties(translated, "MirrorSchedule")["ScheduleExpression"]
    assert every == f"rate({24 / assumed.unit['mirror_runs_per_day']:.0f} hours)"
    for name in ("TakeExportSchedule", "ProveExportSchedule"):
        assert "SUN" in properties(translated, name)["ScheduleExpression"]
    assert assumed.unit["restore_test_runs_per_month"] == pytest.approx(2 * reckoning.WEEKS_PER_MONTH, abs=0.1)


def test_the_page_tells_what_is_reckoned(prices: Prices, assumed: Assumptions) -> None:
    """After a change of figures: `python -m infra.cost --write-doc`."""
    bills = {size: reckoning.bill(size, prices, assumed) for size in assumed.sizes}

    page = command.PAGE.read_text()
    assert command.with_figures(page, bills) == page


def test_the_command_shows_one_size_and_refuses_a_size_that_there_is_not() -> None:
    shown = CliRunner().invoke(command.main, ["--size", "small"])
    refused = CliRunner().invoke(command.main, ["--size", "huge"])

    assert shown.exit_code == 0
    assert "10 users" in shown.output
    assert "500 users" not in shown.output
    assert refused.exit_code == 1
    assert "there is no size 'huge'" in refused.output
