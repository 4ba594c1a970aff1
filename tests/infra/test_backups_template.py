"""What snapshots and restore tests may touch: their own, by name and by tags, and never the live database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.backups import rds
from tests.infra.packaged import Template
from tests.infra.parts import actions, of_type, properties, statements

SNAPSHOTS, RESTORED = ":snapshot:recruitpro-${Environment}-*", ":db:recruitpro-${Environment}-restore-*"


def allowing(template: Template, role: str, action: str) -> list[dict[str, Any]]:
    return [each for each in statements(template, role) if action in actions([each])]


def resources(statement: dict[str, Any]) -> list[str]:
    each = statement["Resource"]
    return [json.dumps(one) for one in (each if isinstance(each, list) else [each])]


def test_only_what_it_made_itself_is_deleted(template: Template) -> None:
    [snapshots] = allowing(template, "TakeSnapshotRole", "rds:DeleteDBSnapshot")
    [instances] = allowing(template, "VerifyRestoreRole", "rds:DeleteDBInstance")

    for statement, name, maker in ((snapshots, SNAPSHOTS, rds.TAKER), (instances, RESTORED, rds.TESTER)):
        assert all(name in each for each in resources(statement))
        assert statement["Condition"]["StringEquals"] == {
            f"aws:ResourceTag/{rds.ENVIRONMENT}": {"Ref": "Environment"},
            f"aws:ResourceTag/{rds.MADE_BY}": maker,
        }


def test_the_name_of_the_live_instance_is_none_that_a_restore_test_may_change(template: Template) -> None:
    name = properties(template, "Database")["DBInstanceIdentifier"]
    assert name == {"Fn::Sub": "recruitpro-${Environment}"}

    changing = {"rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:RestoreDBInstanceFromDBSnapshot"}
    for action in sorted(changing):
        [statement] = allowing(template, "VerifyRestoreRole", action)
        assert [each for each in resources(statement) if ":db:" in each] == [
            each for each in resources(statement) if RESTORED in each
        ]
    roles = of_type(template, "AWS::IAM::Role")
    others = {
        role for role in roles if changing & actions(statements(template, role) if "Policies" in roles[role] else [])
    }
    assert others == {"VerifyRestoreRole"}


def test_what_is_made_is_marked_as_it_is_made(template: Template) -> None:
    [making] = allowing(template, "TakeSnapshotRole", "rds:AddTagsToResource")
    restoring, marking = allowing(template, "VerifyRestoreRole", "rds:AddTagsToResource")

    for statement, maker in ((making, rds.TAKER), (restoring, rds.TESTER)):
        assert statement["Condition"]["StringEquals"][f"aws:RequestTag/{rds.MADE_BY}"] == maker
    assert marking["Condition"]["ForAllValues:StringEquals"] == {"aws:TagKeys": [rds.RESTORE_TEST]}


def test_lists_of_all_are_the_only_rights_without_a_name_of_ours(template: Template) -> None:
    """DescribeDBSnapshots and DescribeDBInstances without a name ask for all; that of the key names it by its alias."""
    for role in ("TakeSnapshotRole", "VerifyRestoreRole"):
        wide = [
            each
            for each in statements(template, role)
            if any(one.endswith((':*"}', 'key/*"}')) for one in resources(each))
        ]
        assert actions(wide) <= {"rds:DescribeDBSnapshots", "rds:DescribeDBInstances", "kms:DescribeKey"}


def test_of_the_secrets_of_masters_only_those_of_restored_copies_are_read(template: Template) -> None:
    [reading] = allowing(template, "VerifyRestoreRole", "secretsmanager:GetSecretValue")

    assert "secret:rds!db-*" in resources(reading)[0]
    [(tag, arn)] = reading["Condition"]["ArnLike"].items()
    assert tag == "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
    assert arn["Fn::Sub"].endswith(RESTORED)


def test_a_restored_copy_is_reached_by_one_function_and_calls_nobody(template: Template) -> None:
    rules = of_type(template, "AWS::EC2::SecurityGroupIngress")
    [let_in] = [rule for rule in rules.values() if rule["GroupId"] == {"Ref": "RestoreTestSecurityGroup"}]
    outward = of_type(template, "AWS::EC2::SecurityGroupEgress").values()

    assert (let_in["SourceSecurityGroupId"], let_in["FromPort"]) == ({"Ref": "RestoreTesterSecurityGroup"}, 5432)
    assert [rule for rule in outward if rule["GroupId"] == {"Ref": "RestoreTestSecurityGroup"}] == []
    functions = of_type(template, "AWS::Serverless::Function")
    inside = {name for name, made in functions.items() if "RestoreTesterSecurityGroup" in json.dumps(made)}
    assert inside == {"VerifyRestore"}
    told = properties(template, "VerifyRestore")["Environment"]["Variables"]
    assert told["RECRUITPRO_RESTORE_TEST_SECURITY_GROUP"] == {"Ref": "RestoreTestSecurityGroup"}
    assert told["RECRUITPRO_RESTORE_TEST_SUBNET_GROUP"] == {"Ref": "DatabaseSubnets"}


@pytest.mark.parametrize("function", ["TakeSnapshot", "VerifyRestore"])
def test_both_are_told_which_instance_is_the_live_one(template: Template, function: str) -> None:
    told = properties(template, function)["Environment"]["Variables"]
    assert told["RECRUITPRO_BACKUP_INSTANCE"] == {"Ref": "Database"}


def test_copies_are_made_from_where_there_is_a_way_out(translated: Template) -> None:
    place = properties(translated, "TakeSnapshot")["VpcConfig"]
    assert place["SubnetIds"]["Fn::If"][:2] == [
        "BackupCopiesGoOut",
        [{"Ref": "WebhookSubnetA"}, {"Ref": "WebhookSubnetB"}],
    ]
    assert {"Ref": "WebhookSecurityGroup"} in place["SecurityGroupIds"]["Fn::If"][1]
    assert properties(translated, "VerifyRestore")["VpcConfig"]["SecurityGroupIds"] == [
        {"Ref": "FunctionSecurityGroup"},
        {"Ref": "RestoreTesterSecurityGroup"},
    ]
