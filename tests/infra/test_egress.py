"""Who reaches all of the internet: deliveries to webhooks where there are any, the mirror of definitions, no other."""

from __future__ import annotations

import json
from typing import Any

from infra.packaging import parameters
from tests.infra.packaged import Template
from tests.infra.parts import of_type

EVERYWHERE = "0.0.0.0/0"
COPYING = ("TakeSnapshot",)
PRIVATE = [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]


def ways_out(template: Template) -> dict[str, Any]:
    """Every route to the internet, by the table that it is in."""
    routes = of_type(template, "AWS::EC2::Route").values()
    return {each["RouteTableId"]["Ref"]: each for each in routes if each.get("DestinationCidrBlock") == EVERYWHERE}


def tables(template: Template) -> dict[str, str]:
    """The route table of each subnet."""
    pairs = of_type(template, "AWS::EC2::SubnetRouteTableAssociation").values()
    return {pair["SubnetId"]["Ref"]: pair["RouteTableId"]["Ref"] for pair in pairs}


def test_private_subnets_have_no_way_out(template: Template) -> None:
    out = ways_out(template)

    assert set(out) == {"PublicRoutes", "WebhookRoutes"}
    assert {subnet for subnet, table in tables(template).items() if table in out} == {
        "PublicSubnet",
        "WebhookSubnetA",
        "WebhookSubnetB",
    }
    assert out["WebhookRoutes"]["NatGatewayId"] == {"Ref": "NatGateway"}  # out, and no way in
    assert out["PublicRoutes"]["GatewayId"] == {"Ref": "InternetGateway"}


def test_only_deliveries_and_copies_to_another_region_stand_where_there_is_a_way_out(translated: Template) -> None:
    places = {name: made["VpcConfig"] for name, made in of_type(translated, "AWS::Lambda::Function").items()}
    delivering = places.pop("DeliverWebhooks")
    # Copies of snapshots are asked for in the other region, where no endpoint of ours leads.
    copying = {name: places.pop(name)["SubnetIds"]["Fn::If"][0] for name in COPYING if name in places}

    assert delivering["SubnetIds"]["Fn::If"] == [
        "HasWebhooks",
        [{"Ref": "WebhookSubnetA"}, {"Ref": "WebhookSubnetB"}],
        PRIVATE,
    ]
    assert delivering["SecurityGroupIds"]["Fn::If"] == [
        "HasWebhooks",
        [{"Ref": "FunctionSecurityGroup"}, {"Ref": "WebhookSecurityGroup"}],
        [{"Ref": "FunctionSecurityGroup"}],
    ]
    assert set(copying.values()) <= {"BackupCopiesGoOut"}
    assert all(place["SubnetIds"] == PRIVATE for place in places.values())
    assert not any("Webhook" in json.dumps(place) for place in places.values())


def test_without_webhooks_there_is_no_gateway_to_pay_for_and_the_app_knows(template: Template) -> None:
    conditional = {name for name, made in template["Resources"].items() if made.get("Condition") == "HasWebhooks"}

    assert {"WebhookSubnetA", "WebhookSubnetB", "WebhookRoutes", "WebhookRouteOut"} <= conditional
    # Reports of errors take the same gateway (tests/infra/test_sentry.py).
    assert {template["Resources"][name]["Condition"] for name in ("NatGateway", "WebhookAddress")} == {"HasWayOut"}
    assert "WebhookQueue" not in conditional  # what waits is taken, and refused with its reason
    told = template["Globals"]["Function"]["Environment"]["Variables"]
    assert told["RECRUITPRO_WEBHOOKS_ENABLED"] == {"Ref": "Webhooks"}
    assert {each: parameters.parameters_of(each)["Webhooks"] for each in ("dev", "staging", "production")} == {
        "dev": "false",
        "staging": "true",
        "production": "true",
    }


def test_what_may_leave_leaves_by_https(template: Template) -> None:
    groups = of_type(template, "AWS::EC2::SecurityGroup")
    open_rules = {
        name: (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
        for name, group in groups.items()
        for rule in group.get("SecurityGroupEgress", [])
        if rule.get("CidrIp") == EVERYWHERE
    }

    assert open_rules == {"WebhookSecurityGroup": ("tcp", 443, 443), "MirrorSecurityGroup": ("tcp", 443, 443)}
    alone = of_type(template, "AWS::EC2::SecurityGroupEgress").values()
    assert not [rule for rule in alone if rule.get("CidrIp") == EVERYWHERE]
    inward = [*of_type(template, "AWS::EC2::SecurityGroupIngress").values()]
    assert not [rule for rule in inward if "CidrIp" in rule]
    assert not any(group.get("SecurityGroupIngress") for group in groups.values())


def test_subnets_do_not_overlap(template: Template) -> None:
    blocks = [made["CidrBlock"]["Fn::Select"][0] for made in of_type(template, "AWS::EC2::Subnet").values()]

    assert sorted(int(block) for block in blocks) == [0, 1, 2, 3, 4]
