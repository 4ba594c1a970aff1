"""What stands before the API's function, and how that function starts."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import parameters
from infra.packaging.errors import PackageRefused
from tests.infra import packaged
from tests.infra.packaged import Template
from tests.infra.parts import of_type, properties

ENVIRONMENTS = ("dev", "staging", "production")
CONSUMERS = {
    "ScanDocument": "ScanConsumers",
    "RunScreening": "HighConsumers",
    "RunDefaultJobs": "DefaultConsumers",
    "RunLowJobs": "LowConsumers",
    "DeliverWebhooks": "WebhookConsumers",
}


def functions(translated: Template) -> dict[str, dict[str, Any]]:
    return of_type(translated, "AWS::Lambda::Function")


def body(translated: Template) -> dict[str, Any]:
    (api,) = of_type(translated, "AWS::ApiGateway::RestApi").values()
    found: dict[str, Any] = api["Body"]
    return found


def stage(translated: Template) -> dict[str, Any]:
    (found,) = of_type(translated, "AWS::ApiGateway::Stage").values()
    return found


def version_of(template: Template, **changed: Any) -> str:
    """The logical id of the API's version when its function has these properties too."""
    another = copy.deepcopy(template)
    another["Resources"]["APIHandler"]["Properties"] |= changed
    (name,) = of_type(packaged.translate(another), "AWS::Lambda::Version")
    return name


def test_a_package_is_for_arm64_unless_another_processor_is_asked_for() -> None:
    config = json.loads((packaged.ROOT / ".chalice" / "config.json").read_text())

    asked = {name: config["stages"][name]["lambda_architecture"] for name in ENVIRONMENTS}
    assert asked == dict.fromkeys(ENVIRONMENTS, "arm64")


def test_every_request_goes_to_the_alias_which_alone_may_be_asked(translated: Template) -> None:
    integrations = [
        operation["x-amazon-apigateway-integration"]
        for operations in body(translated)["paths"].values()
        for operation in operations.values()
    ]
    asked = {each["uri"]["Fn::Sub"] for each in integrations if "uri" in each}
    (alias_name,) = of_type(translated, "AWS::Lambda::Alias")
    alias = properties(translated, alias_name)

    assert len(integrations) > 100
    assert {uri.rsplit("functions/", 1)[1] for uri in asked} == {"${APIHandler.Arn}:live/invocations"}
    assert (alias["Name"], alias["FunctionName"]) == ("live", {"Ref": "APIHandler"})
    assert properties(translated, "APIHandlerInvokePermission")["FunctionName"] == {"Ref": alias_name}


def test_a_new_version_is_published_when_anything_of_the_function_changes(template: Template) -> None:
    """A version keeps what it was made with, its environment above all."""
    before = version_of(template)

    assert version_of(template) == before
    assert version_of(template, MemorySize=2048) != before
    assert version_of(template, Environment={"Variables": {"RECRUITPRO_LOG_LEVEL": "DEBUG"}}) != before


def test_a_new_version_is_published_when_a_parameter_changes(translated: Template, tmp_path: Path) -> None:
    """Of parameters the version's name tells nothing; its description does, and cannot change but in a new version."""
    (version,) = of_type(translated, "AWS::Lambda::Version").values()
    told = (parameters.ENVIRONMENTS / "dev.yaml").read_text()
    (tmp_path / "dev.yaml").write_text(told)
    before = parameters.parameters_of("dev", folder=tmp_path)["SettingsDigest"]
    (tmp_path / "dev.local.yaml").write_text("LogLevel: DEBUG\n")
    after = parameters.parameters_of("dev", folder=tmp_path)["SettingsDigest"]

    assert version["Description"] == {"Fn::Sub": "settings ${SettingsDigest}"}
    assert re.fullmatch(r"[0-9a-f]{16}", before)
    assert before != after
    (tmp_path / "dev.local.yaml").write_text("SettingsDigest: none\n")
    with pytest.raises(PackageRefused, match="no parameter SettingsDigest that could be set"):
        parameters.parameters_of("dev", folder=tmp_path)


def test_snapshots_are_of_published_versions_where_the_environment_says_so(translated: Template) -> None:
    assert properties(translated, "APIHandler")["SnapStart"] == {"ApplyOn": {"Ref": "ApiSnapStart"}}
    told = {name: parameters.parameters_of(name)["ApiSnapStart"] for name in ENVIRONMENTS}
    assert told == {"dev": "None", "staging": "PublishedVersions", "production": "PublishedVersions"}
    # SnapStart takes none with more than 512 MB of disk.
    assert "EphemeralStorage" not in properties(translated, "APIHandler")


def test_every_function_has_a_log_group_that_forgets(translated: Template) -> None:
    groups = of_type(translated, "AWS::Logs::LogGroup")
    names = {json.dumps(group["LogGroupName"]) for group in groups.values()}

    assert {name for name in functions(translated) if not any(f"${{{name}}}" in group for group in names)} == set()
    assert all("RetentionInDays" in group for group in groups.values())


def test_every_function_and_the_gateway_are_traced_without_a_library(translated: Template) -> None:
    assert {made["TracingConfig"]["Mode"] for made in functions(translated).values()} == {"Active"}
    assert stage(translated)["TracingEnabled"] is True
    allowed = properties(translated, "RuntimePolicy")["PolicyDocument"]["Statement"]
    assert ["xray:PutTraceSegments", "xray:PutTelemetryRecords"] in [each.get("Action") for each in allowed]
    requirements = (packaged.ROOT / "requirements.txt").read_text()
    assert "xray" not in requirements


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_functions_run_no_more_at_once_than_the_database_has_connections(
    translated: Template, environment: str
) -> None:
    reserved = {name: made.get("ReservedConcurrentExecutions") for name, made in functions(translated).items()}
    values = parameters.parameters_of(environment)

    assert reserved["APIHandler"] == {"Ref": "ApiConcurrency"}
    assert {name: reserved[name] for name in CONSUMERS} == {name: {"Ref": each} for name, each in CONSUMERS.items()}
    together = sum(int(values[each]) for each in ("ApiConcurrency", *CONSUMERS.values()))
    others = len(reserved) - len(CONSUMERS) - 1  # each of them once
    assert together + others <= 0.9 * int(values["DatabaseMaxConnections"])
    assert together <= 900  # of the 1,000 that an account may run, 100 stay without a reservation


def test_access_logs_tell_what_was_asked_and_nothing_of_who_asked(translated: Template) -> None:
    setting = stage(translated)["AccessLogSetting"]
    line = json.loads(setting["Format"].replace(":$context.requestTimeEpoch", ":1"))

    assert setting["DestinationArn"] == {"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]}
    assert "\n" not in setting["Format"]
    assert line["requestId"] == "$context.requestId"
    assert line["resource"] == "$context.resourcePath"
    for told in ("identity", "sourceIp", "userAgent", "$context.path", "querystring", "authorizer", "header"):
        assert told not in setting["Format"]
    (everything,) = stage(translated)["MethodSettings"]
    assert (everything["LoggingLevel"], everything["DataTraceEnabled"]) == ("OFF", False)


def test_one_frontend_may_read_refusals_of_the_gateway_and_of_several_any(translated: Template) -> None:
    for response in body(translated)["x-amazon-apigateway-gateway-responses"].values():
        condition, one, several = response["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"][
            "Fn::If"
        ]
        assert (condition, several) == ("HasOneFrontend", "'*'")
        assert one["Fn::Sub"][0] == "'${Origin}'"


def test_api_gateway_is_given_its_role_before_the_stage_writes_logs(translated: Template) -> None:
    (tag,) = properties(translated, "ApiAccessLogGroup")["Tags"]
    condition, account, _ = tag["Value"]["Fn::If"]

    assert (condition, account) == ("GivesApiGatewayRole", {"Ref": "ApiGatewayAccount"})
    for name in ("ApiGatewayAccount", "ApiGatewayLogRole"):
        made = translated["Resources"][name]
        assert (made["Condition"], made["DeletionPolicy"]) == ("GivesApiGatewayRole", "Retain")


def test_a_domain_of_ones_own_gets_its_record_where_its_zone_is_named(translated: Template) -> None:
    record = translated["Resources"]["ApiDomainRecord"]

    assert record["Condition"] == "HasHostedZone"
    assert record["Properties"]["AliasTarget"]["DNSName"] == {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
    assert translated["Conditions"]["HasHostedZone"]["Fn::And"][0] == {"Condition": "HasDomain"}


def test_the_firewall_stands_before_the_stage_and_limits_each_address(translated: Template) -> None:
    firewall = properties(translated, "Firewall")
    rules = {rule["Name"]: rule for rule in firewall["Rules"]}
    association = properties(translated, "FirewallOfApi")
    (stage_name,) = of_type(translated, "AWS::ApiGateway::Stage")

    assert [rule["Priority"] for rule in firewall["Rules"]] == [0, 1, 2, 3]
    limit = rules["rate-of-an-address"]
    assert limit["Action"] == {"Block": {}}
    assert limit["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"
    groups = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in firewall["Rules"]]
    assert groups[1:] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    # AWS's own decisions stand, but for those that would refuse what people may send.
    assert all(rule["OverrideAction"] == {"None": {}} for rule in firewall["Rules"][1:])
    counted = rules["common"]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert {each["Name"]: each["ActionToUse"] for each in counted} == {
        "SizeRestrictions_BODY": {"Count": {}},
        "CrossSiteScripting_BODY": {"Count": {}},
        "GenericRFI_BODY": {"Count": {}},
    }
    assert f"${{{stage_name}}}" in association["ResourceArn"]["Fn::Sub"]
    assert association["WebACLArn"] == {"Fn::GetAtt": ["Firewall", "Arn"]}


def test_the_firewall_logs_refusals_without_tokens_and_searches(translated: Template) -> None:
    logging = properties(translated, "FirewallLogs")

    assert {"SingleHeader": {"Name": "authorization"}} in logging["RedactedFields"]
    assert {"QueryString": {}} in logging["RedactedFields"]
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    assert {each["ActionCondition"]["Action"] for each in kept["Conditions"]} == {"BLOCK", "COUNT"}
    group = properties(translated, "FirewallLogGroup")
    assert group["LogGroupName"]["Fn::Sub"].startswith("aws-waf-logs-")
    assert group["RetentionInDays"] == 30
    (destination,) = logging["LogDestinationConfigs"]
    assert not destination["Fn::Sub"].endswith("*")
