"""Logical exports as CloudFormation gets them: two tasks, each with the rights of its half."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from chalicelib.settings import PREFIX, Settings
from infra.logical_export.__main__ import main
from tests.infra.packaged import Template
from tests.infra.parts import actions, allowed_on, of_type, properties, statements

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "infra" / "logical_export"
EVERYTHING = json.dumps({"Fn::Sub": "${BackupBucket.Arn}/exports/*"})
TASKS = ("TakeExportTask", "ProveExportTask")


def container(template: Template, task: str) -> dict[str, Any]:
    (found,) = properties(template, task)["ContainerDefinitions"]
    assert isinstance(found, dict)
    return found


def test_who_takes_an_export_can_neither_read_nor_delete_one(template: Template) -> None:
    assert actions(statements(template, "TakeExportRole")) == {
        *("s3:PutObject", "s3:PutObjectRetention", "s3:AbortMultipartUpload", "s3:ListBucketVersions"),
        *("s3:GetObjectVersion", "kms:GenerateDataKey", "rds-db:connect"),
    }
    assert allowed_on(template, "TakeExportRole", "s3:PutObject") == {EVERYTHING}
    manifests = json.dumps({"Fn::Sub": "${BackupBucket.Arn}/exports/*/manifest.json"})
    assert allowed_on(template, "TakeExportRole", "s3:GetObjectVersion") == {manifests}


def test_who_proves_an_export_can_write_nothing_beside_it(template: Template) -> None:
    assert actions(statements(template, "ProveExportRole")) == {
        *("s3:GetObjectVersion", "s3:ListBucketVersions", "kms:Decrypt", "rds-db:connect")
    }
    assert allowed_on(template, "ProveExportRole", "s3:GetObjectVersion") == {EVERYTHING}


def test_both_use_one_key_and_sign_in_as_the_exporter_alone(template: Template) -> None:
    for role, action in (("TakeExportRole", "kms:GenerateDataKey"), ("ProveExportRole", "kms:Decrypt")):
        assert allowed_on(template, role, action) == {json.dumps({"Fn::GetAtt": ["ExportKey", "Arn"]})}
        (user,) = allowed_on(template, role, "rds-db:connect")
        assert "${Database.DbiResourceId}/recruitpro_exporter" in user
        (using,) = [each for each in statements(template, role) if action in actions([each])]
        assert using["Condition"] == {"StringEquals": {"kms:EncryptionContext:environment": {"Ref": "Environment"}}}
    assert properties(template, "Database")["EnableIAMDatabaseAuthentication"] is True


def test_the_key_turns_and_outlives_the_stack(template: Template) -> None:
    key = template["Resources"]["ExportKey"]

    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == key["UpdateReplacePolicy"] == "Retain"


def test_no_right_is_for_everything_but_the_token_of_the_registry(template: Template) -> None:
    for role in ("TakeExportRole", "ProveExportRole", "ExportScheduleRole", "ExportExecutionRole"):
        for each in statements(template, role):
            assert each["Resource"] != "*" or each["Action"] == "ecr:GetAuthorizationToken"


def test_tasks_run_on_arm_in_private_with_nothing_to_write_on(template: Template) -> None:
    for task in TASKS:
        made = properties(template, task)
        assert made["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
        assert container(template, task)["ReadonlyRootFilesystem"] is True
        assert {each["ContainerPath"] for each in container(template, task)["MountPoints"]} == {
            *("/tmp", "/var/lib/recruitpro")
        }
    for name in ("TakeExportSchedule", "ProveExportSchedule"):
        network = properties(template, name)["Target"]["EcsParameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "DISABLED"
        assert network["Subnets"] == [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]
        assert network["SecurityGroups"] == [{"Ref": "ExportSecurityGroup"}]


def test_exports_are_taken_and_proved_every_sunday_by_commands_that_there_are(template: Template) -> None:
    schedules = of_type(template, "AWS::Scheduler::Schedule")

    assert schedules["TakeExportSchedule"]["ScheduleExpression"] == "cron(0 4 ? * SUN *)"
    assert schedules["ProveExportSchedule"]["ScheduleExpression"] == "cron(0 12 ? * SUN *)"
    assert container(template, "TakeExportTask")["Command"] == ["run"]
    assert container(template, "ProveExportTask")["Command"] == ["verify", "--max-age-hours", "24"]
    assert {"run", "verify", "list", "fetch", "prepare"} == set(main.commands)
    for schedule, task in (("TakeExportSchedule", "TakeExportTask"), ("ProveExportSchedule", "ProveExportTask")):
        assert schedules[schedule]["Target"]["EcsParameters"]["TaskDefinitionArn"] == {"Ref": task}


def test_every_variable_of_the_tasks_is_a_setting(template: Template) -> None:
    told = {each["Name"] for task in TASKS for each in container(template, task)["Environment"]}

    assert {name.removeprefix(PREFIX).lower() for name in told} <= set(Settings.fields)
    assert {f"{PREFIX}EXPORT_KEY_ID", f"{PREFIX}BACKUP_BUCKET", f"{PREFIX}DATABASE_DIRECT_HOST"} <= told


def test_the_log_of_exports_comes_to_an_end(template: Template) -> None:
    assert properties(template, "ExportLogGroup")["RetentionInDays"] == {"Ref": "LogDays"}


def test_the_image_holds_all_that_the_program_imports() -> None:
    """Pins are those of the application, and what is imported is copied or installed."""
    pins = set((FOLDER / "requirements.txt").read_text().split())
    ours = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text()
    assert pins <= set(re.findall(r"^(?!#)\S+", ours, re.MULTILINE))

    look = """
import sys
import infra.logical_export.__main__, infra.logical_export.fetching, infra.local.postgres, boto3, pg8000
import importlib.metadata as metadata
names = metadata.packages_distributions()
print(*sorted({each.lower().replace("_", "-") for name in sys.modules for each in names.get(name.split(".")[0], [])}))
print(*sorted(name for name in sys.modules if name.startswith("infra.")))
"""
    said = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    imported, modules = (set(line.split()) for line in said.splitlines())
    brought = {  # by those that are pinned
        *("annotated-types", "asn1crypto", "botocore", "cffi", "jmespath", "pycparser", "pydantic-core", "greenlet"),
        *("python-dateutil", "s3transfer", "scramp", "six", "typing-extensions", "typing-inspection", "urllib3"),
        *("certifi", "packaging", "setuptools"),
        "brotli",  # urllib3 takes it where it is, which a load test brings here, and does without it in the image
    }
    assert imported - brought <= {pin.split("==")[0].lower() for pin in pins}
    dockerfile = (FOLDER / "Dockerfile").read_text()
    for module in modules - {"infra.local"}:
        assert module.startswith("infra.logical_export") or f"infra/local/{module.split('.')[-1]}.py" in dockerfile
    assert "infra/local/child.py" in dockerfile
