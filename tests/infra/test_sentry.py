"""Errors reach Sentry where an environment asks for it: by one gateway, at Sentry's addresses and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import read
from infra.packaging import parameters, templates
from infra.packaging.errors import PackageRefused
from tests.infra import packaged
from tests.infra.packaged import Template
from tests.infra.parts import of_type, properties

ENVIRONMENTS = ("dev", "staging", "production")
DSN = "https://0123456789abcdef0123456789abcdef@o4500.ingest.de.sentry.io/4501"
WAY_OUT = {"SentryAddresses", "SentryRouteOut", "FunctionToSentry"}


def holds(name: str, conditions: dict[str, Any], values: dict[str, str]) -> bool:
    """Whether the condition `name` is met by the parameters `values`."""
    return _is(conditions[name], conditions, values)


def _is(told: Any, conditions: dict[str, Any], values: dict[str, str]) -> bool:
    match told:
        case {"Condition": name}:
            return holds(name, conditions, values)
        case {"Fn::Not": [inner]}:
            return not _is(inner, conditions, values)
        case {"Fn::Or": parts}:
            return any(_is(part, conditions, values) for part in parts)
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return bool(values[name] == value)
    raise AssertionError(told)


def told_to(environment: str, folder: Path, text: str = "") -> dict[str, str]:
    """The parameters of `environment` as the repository has them, and what a deployer adds."""
    file = parameters.ENVIRONMENTS / f"{environment}.yaml"
    (folder / file.name).write_text(file.read_text())
    (folder / f"{environment}.local.yaml").write_text(text or "{}")
    return parameters.parameters_of(environment, folder=folder)


def made(template: Template, told: dict[str, str]) -> set[str]:
    """What of the way out exists with these parameters."""
    values = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()} | told
    looked_at = WAY_OUT | {"NatGateway", "WebhookAddress", "WebhookSubnetA"}
    conditions = {name: template["Resources"][name]["Condition"] for name in looked_at}
    return {name for name, condition in conditions.items() if holds(condition, template["Conditions"], values)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nobody_reports_to_sentry_until_a_deployer_says_where(environment: str, tmp_path: Path) -> None:
    template = packaged.build(environment, with_zip=False).template

    assert told_to(environment, tmp_path)["SentryDsn"] == ""
    assert not made(template, told_to(environment, tmp_path)) & WAY_OUT
    with_dsn = made(template, told_to(environment, tmp_path, f"SentryDsn: {DSN}\n"))
    assert with_dsn >= WAY_OUT | {"NatGateway", "WebhookAddress"}


def test_the_gateway_is_there_for_either_and_for_neither_it_costs_nothing(template: Template, tmp_path: Path) -> None:
    both, reports = f"Webhooks: true\nSentryDsn: {DSN}\n", f"Webhooks: false\nSentryDsn: {DSN}\n"

    assert made(template, told_to("dev", tmp_path, both)) == WAY_OUT | {
        "NatGateway",
        "WebhookAddress",
        "WebhookSubnetA",
    }
    assert made(template, told_to("dev", tmp_path, reports)) == WAY_OUT | {"NatGateway", "WebhookAddress"}
    assert made(template, told_to("dev", tmp_path, "Webhooks: false\n")) == set()


def test_functions_reach_sentrys_addresses_by_https_and_no_others(template: Template) -> None:
    route, rule = properties(template, "SentryRouteOut"), properties(template, "FunctionToSentry")

    assert route["RouteTableId"] == {"Ref": "PrivateRoutes"}
    assert route["NatGatewayId"] == {"Ref": "NatGateway"}
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    assert rule["GroupId"] == {"Ref": "FunctionSecurityGroup"}
    assert "DestinationCidrBlock" not in route
    assert "CidrIp" not in rule
    assert route["DestinationPrefixListId"] == rule["DestinationPrefixListId"] == {"Ref": "SentryAddresses"}
    entries = json.dumps(properties(template, "SentryAddresses")["Entries"])
    assert all(f'{{"Ref": "{name}"}}' in entries for name in parameters.SENTRY_ADDRESSES)
    assert "0.0.0.0/0" not in {template["Parameters"][name]["Default"] for name in parameters.SENTRY_ADDRESSES}


def test_every_function_is_told_and_stands_where_the_way_leads(translated: Template) -> None:
    for name, function in of_type(translated, "AWS::Lambda::Function").items():
        variables = function["Environment"]["Variables"]
        assert variables["RECRUITPRO_SENTRY_DSN"] == {"Ref": "SentryDsn"}, name
        assert variables["RECRUITPRO_SENTRY_TRACES_SHARE"] == {"Ref": "SentryTracesShare"}, name
        assert '{"Ref": "FunctionSecurityGroup"}' in json.dumps(function["VpcConfig"]["SecurityGroupIds"]), name


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("", True),
        (DSN, True),
        ("https://key@sentry.example.com/path/1", True),
        ("https://key@sentry.example.com:9000/1", False),  # what may leave leaves by 443
        ("http://key@sentry.example.com/1", False),
        ("https://sentry.example.com/1", False),
    ],
)
def test_the_template_takes_no_address_that_functions_would_refuse_or_not_reach(
    value: str, is_taken: bool, tmp_path: Path
) -> None:
    if not is_taken:
        with pytest.raises(PackageRefused, match=r"^SentryDsn is"):
            told_to("dev", tmp_path, f'SentryDsn: "{value}"\n')
        return
    told = told_to("dev", tmp_path, f'SentryDsn: "{value}"\n')
    found = read({"RECRUITPRO_SENTRY_DSN": told["SentryDsn"]}).sentry_dsn
    assert (found and found.get_secret_value()) == (value or None)


def test_a_range_that_is_named_twice_is_refused_before_ec2_does(tmp_path: Path) -> None:
    own = "SentryAddressA: 203.0.113.7/32\nSentryAddressB: 203.0.113.7/32\n"

    with pytest.raises(PackageRefused, match=r"the same range twice: 203\.0\.113\.7/32, 203"):
        told_to("dev", tmp_path, own)
    assert told_to("dev", tmp_path, 'SentryAddressB: ""\nSentryAddressC: ""\n')["SentryAddressB"] == ""


def test_no_environment_of_the_repository_names_a_dsn() -> None:
    for path in (*parameters.ENVIRONMENTS.glob("*.yaml"), *parameters.TEMPLATES.glob("*.yaml")):
        if not path.name.endswith(".local.yaml"):
            assert templates.read(path).get("SentryDsn", "") == "", path.name
