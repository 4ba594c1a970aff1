"""The database of the template and the proxy before it: how they are kept, who signs in, how many at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.migrations import roles
from chalicelib.settings import read
from infra.packaging.parameters import ENVIRONMENTS, read_values
from tests.infra.packaged import Template
from tests.infra.parts import actions, allowed_on, of_type, properties, statements

NAMES = ("dev", "staging", "production")
GIB = 1024**3
# What AWS lists for each class; RDS leaves a part of it to the system, which the margin below is for.
MEMORY = {"db.t4g.micro": 1 * GIB, "db.t4g.small": 2 * GIB, "db.t4g.medium": 4 * GIB, "db.m7g.large": 8 * GIB}
BYTES_OF_A_CONNECTION = 9_531_392  # LEAST({DBInstanceClassMemory/9531392},5000), the default of max_connections
MASTER = {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}
UNRESERVED_SCHEDULED = 1  # a schedule starts one at a time


def values(environment: str) -> dict[str, str]:
    return read_values(ENVIRONMENTS / f"{environment}.yaml")


def test_no_database_can_be_seen_or_read_from_outside(template: Template) -> None:
    for database in of_type(template, "AWS::RDS::DBInstance").values():
        assert database["PubliclyAccessible"] is False
        assert database["StorageEncrypted"] is True
        assert database["VPCSecurityGroups"] == [{"Ref": "DatabaseSecurityGroup"}]
        assert database["DBSubnetGroupName"] == {"Ref": "DatabaseSubnets"}
    subnets = properties(template, "DatabaseSubnets")["SubnetIds"]
    assert subnets == [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]


def test_a_deleted_database_leaves_a_snapshot_and_its_backups(template: Template) -> None:
    resource, made = template["Resources"]["Database"], properties(template, "Database")

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert made["DeletionProtection"] == {"Ref": "DatabaseDeletionProtection"}
    assert made["BackupRetentionPeriod"] == {"Ref": "DatabaseBackupDays"}
    assert made["DeleteAutomatedBackups"] is False
    assert made["CopyTagsToSnapshot"] is True
    assert made["DBInstanceIdentifier"] == {"Fn::Sub": "recruitpro-${Environment}"}


def test_production_has_a_second_machine_and_every_day_of_backups_by_its_values() -> None:
    production, staging, dev = values("production"), values("staging"), values("dev")

    assert production["DatabaseMultiAz"] == "true"
    assert production["DatabaseDeletionProtection"] == staging["DatabaseDeletionProtection"] == "true"
    assert production["DatabaseBackupDays"] == staging["DatabaseBackupDays"] == "35"
    assert ".t" not in production["DatabaseInstanceClass"]
    assert (dev["DatabaseMultiAz"], dev["DatabaseDeletionProtection"]) == ("false", "false")
    for told in (production, staging, dev):
        # RDS wants a tenth more than there is.
        assert int(told["DatabaseMaxStorageGb"]) >= 1.1 * int(told["DatabaseStorageGb"])


def test_it_is_watched_and_grows_by_itself(template: Template) -> None:
    made = properties(template, "Database")

    assert made["EnablePerformanceInsights"] is True
    assert (made["StorageType"], made["MaxAllocatedStorage"]) == ("gp3", {"Ref": "DatabaseMaxStorageGb"})
    assert made["EnableCloudwatchLogsExports"] == ["postgresql"]
    group = properties(template, "DatabaseLogGroup")
    assert group["RetentionInDays"] == {"Ref": "LogDays"}
    assert template["Resources"]["Database"]["DependsOn"] == "DatabaseLogGroup"


@pytest.mark.parametrize("environment", NAMES)
def test_logs_are_kept_as_long_as_those_of_functions(environment: str) -> None:
    config = json.loads((ENVIRONMENTS.parents[1] / ".chalice" / "config.json").read_text())

    assert int(values(environment)["LogDays"]) == config["stages"][environment]["log_retention_in_days"]


def test_connections_are_encrypted_and_logs_hold_no_values(template: Template) -> None:
    group = properties(template, "DatabaseParameters")
    parameters = group["Parameters"]

    assert group["Family"] == {"Fn::Sub": "postgres${DatabaseVersion}"}
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["shared_preload_libraries"] == "pg_stat_statements"
    assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"
    assert parameters["log_error_verbosity"] == "terse"
    assert parameters["log_statement"] == "ddl"
    versions = template["Parameters"]["DatabaseVersion"]["AllowedValues"]
    assert min(int(version) for version in versions) >= roles.OLDEST_POSTGRES


def test_the_masters_password_is_made_by_rds_and_read_by_two_functions_alone(template: Template) -> None:
    made = properties(template, "Database")
    assert made["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in made

    readers = {
        name
        for name in of_type(template, "AWS::IAM::Role")
        if json.dumps(MASTER) in json.dumps(properties(template, name).get("Policies", []))
    }
    assert readers == {"MigrateDatabaseRole", "RotateDatabaseSecretRole"}
    assert actions(statements(template, "MigrateDatabaseRole")) == {"secretsmanager:GetSecretValue"}
    writable = allowed_on(template, "RotateDatabaseSecretRole", "secretsmanager:PutSecretValue")
    assert writable == {json.dumps({"Ref": "ApplicationDatabaseSecret"})}


def test_the_proxy_takes_tokens_of_iam_by_tls_and_nothing_else(template: Template) -> None:
    proxy = properties(template, "DatabaseProxy")

    assert proxy["RequireTLS"] is True
    secret = {"Ref": "ApplicationDatabaseSecret"}
    assert proxy["Auth"] == [{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED", "SecretArn": secret}]
    assert proxy["DebugLogging"] is False
    (statement,) = statements(template, "DatabaseProxyRole")
    assert statement["Resource"] == secret
    # A container never meets a connection that the proxy has closed for being idle.
    assert proxy["IdleClientTimeout"] > read({}).database_pool_recycle_seconds


def test_functions_may_sign_in_to_this_proxy_as_the_application_and_no_one_else(template: Template) -> None:
    (statement,) = properties(template, "DatabasePolicy")["PolicyDocument"]["Statement"]
    arn, told = statement["Resource"]["Fn::Sub"]

    assert statement["Action"] == "rds-db:connect"
    assert arn.endswith(f":dbuser:${{Proxy}}/{roles.APP}")
    index, parts = told["Proxy"]["Fn::Select"]
    proxy_arn = "arn:aws:rds:eu-central-1:123456789012:db-proxy:prx-0123456789abcdef0"
    assert parts == {"Fn::Split": [":", {"Fn::GetAtt": ["DatabaseProxy", "DBProxyArn"]}]}
    assert proxy_arn.split(":")[index] == "prx-0123456789abcdef0"
    assert read({}).database_user == roles.APP


def test_the_proxy_repeats_the_time_outs_of_the_role(template: Template) -> None:
    pool = properties(template, "DatabaseProxyTargets")["ConnectionPoolConfigurationInfo"]

    said = dict(each.strip().removeprefix("SET ").split("=") for each in pool["InitQuery"].split(";"))
    assert {name: value.strip("'") for name, value in said.items()} == roles.TIMEOUTS
    assert pool["ConnectionBorrowTimeout"] < 15


def test_the_proxys_password_changes_once_a_month(template: Template) -> None:
    schedule = properties(template, "ApplicationDatabaseSecretRotation")
    secret = properties(template, "ApplicationDatabaseSecret")["GenerateSecretString"]
    permission = properties(template, "RotateDatabaseSecretPermission")

    assert schedule["SecretId"] == permission["SourceArn"] == {"Ref": "ApplicationDatabaseSecret"}
    assert schedule["RotationLambdaARN"] == {"Fn::GetAtt": ["RotateDatabaseSecret", "Arn"]}
    assert schedule["RotateImmediatelyOnUpdate"] is False
    assert schedule["RotationRules"]["ScheduleExpression"] == "cron(0 5 1 * ? *)"
    assert json.loads(secret["SecretStringTemplate"]) == {"username": roles.APP}
    assert secret["PasswordLength"] >= 32


@pytest.mark.parametrize("environment", NAMES)
def test_the_machine_bears_the_connections_that_it_is_told_to_take(environment: str) -> None:
    told = values(environment)
    bearable = MEMORY[told["DatabaseInstanceClass"]] / BYTES_OF_A_CONNECTION

    assert int(told["DatabaseMaxConnections"]) <= 0.95 * bearable


@pytest.mark.parametrize("environment", NAMES)
def test_all_functions_at_once_find_a_connection_each(template: Template, environment: str) -> None:
    """Each container keeps one connection at most, so functions reserve no more than the proxy may open."""
    told, demand = values(environment), {}
    for name, function in of_type(template, "AWS::Serverless::Function").items():
        if {"Ref": "DatabasePolicy"} in properties(template, _role(template, name)).get("ManagedPolicyArns", []):
            demand[name] = _at_once(function, told, template)

    share = properties(template, "DatabaseProxyTargets")["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"]
    offered = int(told["DatabaseMaxConnections"]) * share / 100
    assert sum(demand.values()) <= 0.9 * offered, demand


def _role(template: Template, function: str) -> str:
    role: str = properties(template, function)["Role"]["Fn::GetAtt"][0]
    return role


def _at_once(function: dict[str, Any], told: dict[str, str], template: Template) -> int:
    """How many of `function` run at once: what is reserved for it, what its queue starts, or one on schedule."""

    def number(value: Any) -> int:
        if isinstance(value, dict):
            name = value["Ref"]
            return int(told.get(name, template["Parameters"][name].get("Default", 0)))
        return int(value)

    if "ReservedConcurrentExecutions" in function:
        return number(function["ReservedConcurrentExecutions"])
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            return number(event["Properties"]["ScalingConfig"]["MaximumConcurrency"])
    assert "Events" in function, f"{function['FunctionName']} is called by others and reserves nothing: it has no end"
    return UNRESERVED_SCHEDULED
