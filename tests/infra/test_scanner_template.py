"""clamd's service and the mirror's task in the template."""

from __future__ import annotations

import json
from typing import Any

from infra.packaging import parameters
from tests.infra.packaged import Template
from tests.infra.parts import actions, allowed_on, properties, statements

OBJECTS = {json.dumps({"Fn::Sub": "${DefinitionsBucket.Arn}/*"})}


def container(template: Template, task: str) -> dict[str, Any]:
    (found,) = properties(template, task)["ContainerDefinitions"]
    return dict(found)


def test_clamd_runs_twice_in_production_and_a_release_that_does_not_get_well_is_taken_back(
    template: Template,
) -> None:
    service = properties(template, "ScannerService")
    deployment = service["DeploymentConfiguration"]

    told = {name: parameters.parameters_of(name)["ScannerTasks"] for name in ("dev", "staging", "production")}
    assert told == {"dev": "1", "staging": "1", "production": "2"}
    assert service["DesiredCount"] == {"Fn::If": ["HasScannerImage", {"Ref": "ScannerTasks"}, 0]}
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100
    assert service["AvailabilityZoneRebalancing"] == "ENABLED"
    place = service["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert place["Subnets"] == [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]
    assert (place["SecurityGroups"], place["AssignPublicIp"]) == ([{"Ref": "ScannerSecurityGroup"}], "DISABLED")


def test_functions_find_clamd_by_the_name_that_its_service_registers(template: Template) -> None:
    told = template["Globals"]["Function"]["Environment"]["Variables"]
    name, space = properties(template, "ScannerName"), properties(template, "ScannerNamespace")

    assert told["RECRUITPRO_CLAMD_HOST"]["Fn::Sub"] == f"{name['Name']}.{space['Name']['Fn::Sub']}"
    assert name["HealthCheckCustomConfig"] == {"FailureThreshold": 1}
    (registry,) = properties(template, "ScannerService")["ServiceRegistries"]
    assert registry == {"RegistryArn": {"Fn::GetAtt": ["ScannerName", "Arn"]}}
    assert told["RECRUITPRO_CLAMD_DEFINITIONS_MAX_AGE_HOURS"] == {"Ref": "DefinitionsMaxAgeHours"}


def test_a_task_is_healthy_when_clamd_answers_with_definitions_that_are_young_enough(template: Template) -> None:
    task, clamd = properties(template, "ScannerTask"), container(template, "ScannerTask")

    assert (task["Cpu"], task["Memory"]) == ("1024", "4096")
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert clamd["HealthCheck"]["Command"] == ["CMD", "python", "-m", "infra.scanner.check"]
    assert clamd["HealthCheck"]["StartPeriod"] == 300
    environment = {each["Name"]: each["Value"] for each in clamd["Environment"]}
    assert environment["DEFINITIONS_MAX_AGE_HOURS"] == {"Fn::Sub": "${DefinitionsMaxAgeHours}"}
    assert environment["DEFINITIONS_BUCKET"] == {"Ref": "DefinitionsBucket"}


def test_containers_write_to_their_volumes_and_their_log_alone(template: Template) -> None:
    for task in ("ScannerTask", "MirrorTask"):
        made = container(template, task)
        volumes = {volume["Name"] for volume in properties(template, task)["Volumes"]}
        assert made["ReadonlyRootFilesystem"] is True
        assert {mount["SourceVolume"] for mount in made["MountPoints"]} == volumes
        assert made["LogConfiguration"]["Options"]["awslogs-group"] == {"Ref": "ScannerLogGroup"}
        assert not {"Secrets", "Privileged", "User"} & set(made)
    assert properties(template, "ScannerService")["EnableExecuteCommand"] is False
    assert properties(template, "ScannerLogGroup")["RetentionInDays"] == {"Ref": "LogDays"}


def test_images_are_looked_at_do_not_change_and_do_not_pile_up(template: Template) -> None:
    repository = properties(template, "ScannerRepository")
    (rule,) = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert rule["selection"]["countNumber"] == 10
    condition, image, none = container(template, "ScannerTask")["Image"]["Fn::If"]
    assert (condition, image) == ("HasScannerImage", {"Ref": "ScannerImage"})
    assert "ScannerRepository" in none["Fn::Sub"]


def test_each_role_of_the_scanner_may_do_its_own_work_alone(template: Template) -> None:
    allowed = {
        role: actions(statements(template, role))
        for role in ("ScannerTaskRole", "MirrorTaskRole", "ScannerExecutionRole", "MirrorScheduleRole")
    }

    assert allowed["ScannerTaskRole"] == {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}
    assert allowed["MirrorTaskRole"] == {*allowed["ScannerTaskRole"], "s3:PutObject"}
    assert allowed["ScannerExecutionRole"] == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchCheckLayerAvailability",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert allowed["MirrorScheduleRole"] == {"ecs:RunTask", "iam:PassRole"}
    for role in ("ScannerTaskRole", "MirrorTaskRole"):
        assert allowed_on(template, role, "s3:GetObject") == OBJECTS
    anywhere = [
        statement["Action"]
        for role in allowed
        for statement in statements(template, role)
        if statement["Resource"] == "*"
    ]
    assert anywhere == ["ecr:GetAuthorizationToken"]


def test_definitions_are_written_by_the_mirror_alone_and_old_ones_go(template: Template) -> None:
    policy = properties(template, "DefinitionsBucketPolicy")["PolicyDocument"]["Statement"]
    (closed,) = [each for each in policy if each["Sid"] == "WrittenByTheMirrorAlone"]
    (rule,) = properties(template, "DefinitionsBucket")["LifecycleConfiguration"]["Rules"]

    assert closed["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == [{"Fn::GetAtt": ["MirrorTaskRole", "Arn"]}]
    assert "s3:PutObject" in closed["Action"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 14}
    assert "ExpirationInDays" not in rule  # a main.cvd of last year is still in use


def test_the_mirror_starts_every_three_hours_where_there_is_a_way_out(template: Template) -> None:
    schedule = properties(template, "MirrorSchedule")
    place = schedule["Target"]["EcsParameters"]["NetworkConfiguration"]["AwsvpcConfiguration"]

    assert schedule["ScheduleExpression"] == "rate(3 hours)"
    assert schedule["State"] == {"Fn::If": ["HasScannerImage", "ENABLED", "DISABLED"]}
    # A first deployment without definitions is taken back after about 20 minutes.
    assert template["Resources"]["ScannerService"]["DependsOn"] == "MirrorSchedule"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    assert (place["Subnets"], place["AssignPublicIp"]) == ([{"Ref": "PublicSubnet"}], "ENABLED")
    assert place["SecurityGroups"] == [{"Ref": "MirrorSecurityGroup"}]
    assert schedule["Target"]["RoleArn"] == {"Fn::GetAtt": ["MirrorScheduleRole", "Arn"]}
