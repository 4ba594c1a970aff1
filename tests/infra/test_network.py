"""The network of the template: what can reach what, and that nothing else can."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.packaging.parameters import ENVIRONMENTS, read_values
from tests.infra.packaged import Template
from tests.infra.parts import of_type, properties

SERVICES = {"sqs", "secretsmanager", "logs", "email", "rds", "ecs", "ecr.api", "ecr.dkr"}
LOOPBACK = {"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}
GROUPS = {"Function", "Administration", "Proxy", "Database", "Scanner", "Endpoint"}
# Of our own rooms: whoever adds a room adds its line.
REACHES = {
    ("Function", "Proxy", 5432),
    ("Function", "Scanner", 3310),
    ("Function", "Endpoint", 443),
    ("Proxy", "Database", 5432),
    ("Administration", "Database", 5432),
    ("Scanner", "Endpoint", 443),
}
# By NAT, where there is one (egress.yaml): to webhooks, and to RDS of the region that snapshots are copied to, since an
# endpoint leads to its own region alone.
WITH_A_WAY_OUT = {"DeliverWebhooks", "TakeSnapshot"}
TO_S3 = {"Function", "Scanner"}


def group(reference: Any) -> str:
    """The short name of a security group that is referred to: `Function` of FunctionSecurityGroup."""
    return str(reference["Ref"]).removesuffix("SecurityGroup") if "Ref" in reference else json.dumps(reference)


def test_the_subnets_are_private_and_stand_in_two_zones(template: Template) -> None:
    subnets = [properties(template, f"PrivateSubnet{each}") for each in "AB"]

    assert [subnet["AvailabilityZone"]["Fn::Select"][0] for subnet in subnets] == [0, 1]
    assert [subnet["CidrBlock"]["Fn::Select"][0] for subnet in subnets] == [0, 1]
    assert [subnet["MapPublicIpOnLaunch"] for subnet in subnets] == [False, False]
    tables = {
        association["SubnetId"]["Ref"]: association["RouteTableId"]["Ref"]
        for association in of_type(template, "AWS::EC2::SubnetRouteTableAssociation").values()
    }
    assert (tables["PrivateSubnetA"], tables["PrivateSubnetB"]) == ("PrivateRoutes", "PrivateRoutes")
    routes = of_type(template, "AWS::EC2::Route").values()
    ways_out = [route for route in routes if route["RouteTableId"] == {"Ref": "PrivateRoutes"}]
    # Where an environment reports errors (test_sentry.py): to Sentry's addresses and nowhere else.
    assert [route.get("DestinationPrefixListId") for route in ways_out] == [{"Ref": "SentryAddresses"}]
    assert not any("DestinationCidrBlock" in route for route in ways_out)


def test_no_rule_of_our_groups_names_the_whole_internet(template: Template) -> None:
    rules = [
        (name, rule)
        for kind in ("Ingress", "Egress")
        for name, rule in of_type(template, f"AWS::EC2::SecurityGroup{kind}").items()
        if group(rule["GroupId"]) in GROUPS
    ]
    groups = [(name, properties(template, f"{name}SecurityGroup")) for name in GROUPS]

    assert rules
    assert not re.search(r"0\.0\.0\.0/0|::/0", json.dumps([*rules, *groups]))


def test_each_group_reaches_what_it_needs_by_one_port_and_nothing_else(template: Template) -> None:
    egress = of_type(template, "AWS::EC2::SecurityGroupEgress").values()
    ingress = of_type(template, "AWS::EC2::SecurityGroupIngress").values()

    ours = [rule for rule in egress if group(rule["GroupId"]) in GROUPS]
    out = [
        (group(rule["GroupId"]), group(rule["DestinationSecurityGroupId"]), rule["ToPort"])
        for rule in ours
        if "DestinationSecurityGroupId" in rule
    ]
    among = {edge for edge in out if edge[1] in GROUPS}
    assert among == REACHES
    into = {
        (group(rule["SourceSecurityGroupId"]), group(rule["GroupId"]), rule["ToPort"])
        for rule in ingress
        if group(rule["GroupId"]) in GROUPS and group(rule["SourceSecurityGroupId"]) in GROUPS
    }
    assert into == REACHES
    assert all(rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"] for rule in [*ours, *ingress])
    by_prefix = {group(rule["GroupId"]) for rule in ours if "DestinationPrefixListId" in rule}
    assert by_prefix == TO_S3
    assert not [rule for rule in ours if "CidrIp" in rule or "CidrIpv6" in rule]


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_group_lets_nothing_out_by_itself(template: Template, name: str) -> None:
    made = properties(template, f"{name}SecurityGroup")

    (rule,) = made["SecurityGroupEgress"]
    assert {key: rule[key] for key in LOOPBACK} == LOOPBACK
    assert "SecurityGroupIngress" not in made


def test_nothing_falls_into_the_default_group_and_nothing_leaves_it(translated: Template) -> None:
    (rule,) = [
        rule
        for rule in of_type(translated, "AWS::EC2::SecurityGroupEgress").values()
        if rule["GroupId"] == {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    ]
    assert {key: rule[key] for key in LOOPBACK} == LOOPBACK
    for made in of_type(translated, "AWS::Lambda::Function").values():
        assert made["VpcConfig"]["SecurityGroupIds"]
    interfaces = of_type(translated, "AWS::EC2::VPCEndpoint").values()
    named = [made["SecurityGroupIds"] for made in interfaces if made["VpcEndpointType"] == "Interface"]
    named += [properties(translated, "Database")["VPCSecurityGroups"]]
    named += [properties(translated, "DatabaseProxy")["VpcSecurityGroupIds"]]
    assert all(groups and "Default" not in json.dumps(groups) for groups in named)


def test_every_function_stands_in_private_subnets(translated: Template) -> None:
    for name, made in of_type(translated, "AWS::Lambda::Function").items():
        subnets = set(re.findall(r"\w*Subnet\w*", json.dumps(made["VpcConfig"]["SubnetIds"])))
        outside = {"WebhookSubnetA", "WebhookSubnetB"} if name in WITH_A_WAY_OUT else set()
        assert subnets - outside == {"PrivateSubnetA", "PrivateSubnetB"}, name


def test_only_what_administers_the_database_reaches_it_past_the_proxy(translated: Template) -> None:
    functions = of_type(translated, "AWS::Lambda::Function").items()
    past = {name for name, made in functions if "AdministrationSecurityGroup" in json.dumps(made["VpcConfig"])}

    assert past == {"MigrateDatabase", "RotateDatabaseSecret"}
    told = {name for name, made in functions if "RECRUITPRO_DATABASE_MASTER_SECRET_ARN" in json.dumps(made)}
    assert told == past


def test_each_service_has_an_endpoint_that_private_dns_leads_to(template: Template) -> None:
    endpoints = of_type(template, "AWS::EC2::VPCEndpoint").values()
    interfaces = [made for made in endpoints if made["VpcEndpointType"] == "Interface"]

    assert {service(made) for made in interfaces} >= SERVICES
    for made in interfaces:
        assert made["PrivateDnsEnabled"] is True
        assert made["SecurityGroupIds"] == [{"Ref": "EndpointSecurityGroup"}]
        if service(made) not in SERVICES:
            continue
        condition, both, one = made["SubnetIds"]["Fn::If"]
        assert (condition, len(both), len(one)) == ("EndpointsInBothZones", 2, 1)
    vpc = properties(template, "Vpc")
    assert (vpc["EnableDnsSupport"], vpc["EnableDnsHostnames"]) == (True, True)


def service(endpoint: dict[str, Any]) -> str:
    name: str = endpoint["ServiceName"]["Fn::Sub"]
    return name.removeprefix("com.amazonaws.${AWS::Region}.")


def test_by_an_endpoint_only_identities_of_this_account_pass(template: Template) -> None:
    for name, made in of_type(template, "AWS::EC2::VPCEndpoint").items():
        statements = made["PolicyDocument"]["Statement"]
        if name == "S3Endpoint":
            ours, layers = statements
            assert ours["Condition"] == {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}
            assert layers["Action"] == "s3:GetObject"
            assert layers["Resource"]["Fn::Sub"].endswith(":s3:::prod-${AWS::Region}-starport-layer-bucket/*")
        else:
            (ours,) = statements
            assert ours["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}


def test_s3_is_reached_by_a_route_that_costs_nothing(template: Template) -> None:
    endpoint = properties(template, "S3Endpoint")

    assert endpoint["VpcEndpointType"] == "Gateway"
    assert {"Ref": "PrivateRoutes"} in endpoint["RouteTableIds"]


def test_what_was_refused_is_written_down_where_it_is_wanted(template: Template) -> None:
    log = properties(template, "FlowLog")

    assert template["Resources"]["FlowLog"]["Condition"] == "HasFlowLogs"
    assert (log["ResourceId"], log["TrafficType"]) == ({"Ref": "Vpc"}, {"Ref": "FlowLogs"})
    assert {value["FlowLogs"] for value in values().values()} == {"none", "REJECT"}
    role = properties(template, "FlowLogRole")
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": ["FlowLogGroup", "Arn"]}


def test_networks_do_not_overlap_and_production_survives_the_loss_of_a_zone() -> None:
    told = values()

    assert len({each["VpcCidr"] for each in told.values()}) == 3
    assert told["production"]["EndpointZones"] == "both"


def values() -> dict[str, dict[str, str]]:
    return {name: read_values(ENVIRONMENTS / f"{name}.yaml") for name in ("dev", "staging", "production")}
