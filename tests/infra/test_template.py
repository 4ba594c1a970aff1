"""The template as CloudFormation gets it, for each environment."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chalicelib.settings import PREFIX, Settings, read
from infra import package
from tests.infra import packaged
from tests.infra.packaged import Template
from tests.infra.parts import actions, allowed_on, function_roles, of_type, properties, queue_arns, statements

ENVIRONMENTS = ("dev", "staging", "production")
QUEUES = ("Scan", "High", "Default", "Low", "Webhook")
DAY_SECONDS = 24 * 3600
CONSUMERS = {
    "ScanDocument": "Scan",
    "RunScreening": "High",
    "RunDefaultJobs": "Default",
    "RunLowJobs": "Low",
    "DeliverWebhooks": "Webhook",
}
RECEIVE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cfn_lint_has_nothing_to_say(environment: str) -> None:
    # A package with an error is not even made; this is about remarks and warnings.
    assert packaged.build(environment, with_zip=False).manifest["linter_remarks"] == []


def test_no_mapping_is_merged_of_several_of_which_one_would_have_to_win() -> None:
    """PyYAML 6.0.3 lets the first win, as YAML says, and 6.0.4 the last."""
    merged = re.compile(r"<<: *\[")

    assert [path.name for path in package.TEMPLATES.glob("*.yaml") if merged.search(path.read_text())] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_package_is_for_its_environment_alone(environment: str) -> None:
    built = packaged.build(environment, with_zip=False)

    parameter = built.template["Parameters"]["Environment"]
    assert (parameter["Default"], parameter["AllowedValues"]) == (environment, [environment])
    assert properties(built.template, "RestAPI")["StageName"] == environment


@pytest.mark.parametrize("name", QUEUES)
def test_every_queue_hands_its_poison_to_a_queue_that_keeps_it_longer(template: Template, name: str) -> None:
    queue, dead_letters = properties(template, f"{name}Queue"), properties(template, f"{name}DeadLetters")

    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}
    assert queue["MessageRetentionPeriod"] == 4 * DAY_SECONDS
    assert dead_letters["MessageRetentionPeriod"] == 14 * DAY_SECONDS
    assert queue["SqsManagedSseEnabled"] is dead_letters["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("function", CONSUMERS)
def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(template: Template, function: str) -> None:
    queue = properties(template, f"{CONSUMERS[function]}Queue")

    assert queue["VisibilityTimeout"] >= 6 * properties(template, function)["Timeout"]


@pytest.mark.parametrize("function", CONSUMERS)
def test_a_job_is_not_taken_over_while_its_function_may_still_run(template: Template, function: str) -> None:
    lease_seconds = read(packaged.variables(template)).job_lease_seconds

    assert lease_seconds > properties(template, function)["Timeout"]


@pytest.mark.parametrize("function", CONSUMERS)
def test_a_queue_feeds_its_function_and_takes_back_only_what_failed(translated: Template, function: str) -> None:
    sources = of_type(translated, "AWS::Lambda::EventSourceMapping")
    source = next(made for made in sources.values() if made["FunctionName"] == {"Ref": function})

    assert len(sources) == len(CONSUMERS)
    assert source["EventSourceArn"] == {"Fn::Sub": f"${{{CONSUMERS[function]}Queue.Arn}}"}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert 1 <= source["BatchSize"] <= 10
    parameter = translated["Parameters"][source["ScalingConfig"]["MaximumConcurrency"]["Ref"]]
    assert parameter["MinValue"] >= 2


def test_schedules_start_each_function_when_it_is_due(translated: Template) -> None:
    rules = {name: rule["ScheduleExpression"] for name, rule in of_type(translated, "AWS::Events::Rule").items()}

    assert rules == {
        "RelayJobsRelayJobsEvent": "rate(1 minute)",
        "CheckHealthCheckHealthEvent": "rate(5 minutes)",
        "RollUpMetricsRollUpMetricsEvent": "rate(1 minute)",
        "ApplyRetentionApplyRetentionEvent": "rate(10 minutes)",
        "RescanDocumentsRescanDocumentsEvent": "cron(0 3 * * ? *)",
        "ExpireCandidatesExpireCandidatesEvent": "cron(0 1 * * ? *)",
        "VerifyEventsVerifyEventsEvent": "cron(0 4 * * ? *)",
        "ResealSecretsResealSecretsEvent": "cron(30 4 * * ? *)",
        # One of these begins at 02:00; the others see to it that the snapshot is good, copied and pruned.
        "TakeSnapshotTakeSnapshotEvent": "cron(0/10 * * * ? *)",
        "VerifyRestoreVerifyRestoreEvent": "cron(5/10 * * * ? *)",
    }


BUCKETS = ("UploadBucket", "CleanBucket", "QuarantineBucket", "ExportBucket", "BackupBucket")


@pytest.mark.parametrize("name", [*BUCKETS, "DefinitionsBucket"])
def test_buckets_are_versioned_encrypted_and_closed_to_the_public(template: Template, name: str) -> None:
    bucket = properties(template, name)

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert template["Resources"][name]["DeletionPolicy"] == "Retain"
    denials = properties(template, f"{name}Policy")["PolicyDocument"]["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [denial["Condition"] for denial in denials]
    assert {"NumericLessThan": {"s3:TlsVersion": "1.2"}} in [denial["Condition"] for denial in denials]
    assert {denial["Effect"] for denial in denials} == {"Deny"}


def test_every_bucket_is_one_of_these_and_each_is_told_to_the_functions(template: Template) -> None:
    assert set(of_type(template, "AWS::S3::Bucket")) == {*BUCKETS, "DefinitionsBucket"}
    told = packaged.variables(template)
    names = {told[f"RECRUITPRO_{each}_BUCKET"] for each in ("UPLOAD", "CLEAN", "QUARANTINE", "EXPORT", "BACKUP")}
    assert names == {
        f"recruitpro-dev-{each}-123456789012" for each in ("uploads", "clean", "quarantine", "exports", "backups")
    }


def test_browsers_may_send_uploads_and_fetch_clean_files_and_nothing_else(template: Template) -> None:
    allowed = {}
    for name in BUCKETS:
        _, cors, _ = properties(template, name).get("CorsConfiguration", {"Fn::If": ["", {"CorsRules": []}, ""]})[
            "Fn::If"
        ]
        allowed[name] = [rule["AllowedMethods"] for rule in cors["CorsRules"]]

    assert allowed == {
        "UploadBucket": [["POST"]],
        "CleanBucket": [["GET"]],
        "QuarantineBucket": [],
        "ExportBucket": [],
        "BackupBucket": [],
    }
    notified = [name for name in BUCKETS if "NotificationConfiguration" in properties(template, name)]
    assert notified == ["UploadBucket"]


def test_malware_is_locked_and_goes_when_the_lock_is_over(template: Template) -> None:
    bucket = properties(template, "QuarantineBucket")

    assert bucket["ObjectLockEnabled"] is True
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "GOVERNANCE", "Days": {"Ref": "QuarantineDays"}}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == {"Ref": "QuarantineDays"}
    assert template["Parameters"]["QuarantineDays"]["Default"] == read({}).quarantine_days
    every_action = {action for role in ROLES for action in actions(statements(template, role))}
    assert not {action for action in every_action if "Bypass" in action or "LegalHold" in action}


def test_no_rule_removes_a_version_of_a_clean_document(template: Template) -> None:
    assert "LifecycleConfiguration" not in properties(template, "CleanBucket")
    (rule,) = properties(template, "UploadBucket")["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]) == (30, 30)


READERS = {
    "UploadBucket": {"ScanDocumentRole", "RelayJobsRole", "ApplyRetentionRole"},
    "QuarantineBucket": {"ScanDocumentRole", "ApplyRetentionRole"},
}


@pytest.mark.parametrize("name", READERS)
def test_what_has_no_clean_verdict_is_read_by_the_scan_and_what_belongs_to_it(template: Template, name: str) -> None:
    """The relay looks for uploads that nobody told of; retention puts into quarantine what a dead scan has left."""
    policy = properties(template, f"{name}Policy")["PolicyDocument"]["Statement"]
    (closed,) = [each for each in policy if each["Sid"] == "ReadByTheScanAlone"]
    kept_out = closed["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]

    assert kept_out == [{"Fn::GetAtt": [role, "Arn"]} for role in kept_out_order(kept_out)]
    assert set(kept_out_order(kept_out)) == READERS[name]
    assert set(closed["Action"]) == {"s3:GetObject", "s3:GetObjectVersion"}
    readers = {
        role
        for role in ROLES
        for action in ("s3:GetObject", "s3:GetObjectVersion")
        for resource in allowed_on(template, role, action)
        if name in resource
    }
    assert readers == READERS[name]


def kept_out_order(arns: list[dict[str, Any]]) -> list[str]:
    return [str(arn["Fn::GetAtt"][0]) for arn in arns]


OBJECTS = {
    ("ApiHandlerRole", "s3:PutObject"): {"UploadBucket"},
    ("ApiHandlerRole", "s3:GetObjectVersion"): {"CleanBucket", "ExportBucket"},
    ("ScanDocumentRole", "s3:GetObjectVersion"): {"UploadBucket", "CleanBucket", "QuarantineBucket"},
    ("ScanDocumentRole", "s3:PutObject"): {"CleanBucket", "QuarantineBucket"},
    ("ScanDocumentRole", "s3:PutObjectRetention"): {"QuarantineBucket"},
    ("ScanDocumentRole", "s3:DeleteObjectVersion"): {"UploadBucket", "CleanBucket"},
    ("RunDefaultJobsRole", "s3:GetObjectVersion"): {"CleanBucket"},
    ("RunLowJobsRole", "s3:GetObjectVersion"): {"CleanBucket", "ExportBucket"},
    ("RunLowJobsRole", "s3:PutObject"): {"ExportBucket", "BackupBucket"},
    ("RunLowJobsRole", "s3:DeleteObjectVersion"): {"UploadBucket", "CleanBucket", "QuarantineBucket", "ExportBucket"},
    ("ApplyRetentionRole", "s3:DeleteObjectVersion"): {"UploadBucket", "CleanBucket"},
    ("ApplyRetentionRole", "s3:PutObject"): {"QuarantineBucket"},
    ("RelayJobsRole", "s3:GetObject"): {"UploadBucket"},
}


@pytest.mark.parametrize(("role", "action"), OBJECTS)
def test_a_role_reaches_the_objects_of_its_own_buckets_alone(template: Template, role: str, action: str) -> None:
    found = allowed_on(template, role, action)

    assert {name for name in BUCKETS for resource in found if name in resource} == OBJECTS[role, action]
    assert all(any(folder in each for folder in folders_of(each)) for each in found)


def folders_of(resource: str) -> tuple[str, ...]:
    """Below what a role may reach in a bucket; of backups the log of erasures alone, which no function takes back."""
    return ("/erasures/*",) if "BackupBucket" in resource else ("/organizations/*", "/exports/*", "/imports/*")


def test_an_upload_is_told_to_the_scan_queue_which_takes_it_from_that_bucket_alone(template: Template) -> None:
    bucket = properties(template, "UploadBucket")
    (notification,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    allowed = properties(template, "ScanQueuePolicy")["PolicyDocument"]["Statement"][0]

    assert notification["Queue"] == {"Fn::GetAtt": ["ScanQueue", "Arn"]}
    assert notification["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "organizations/"}]
    assert template["Resources"]["UploadBucket"]["DependsOn"] == "ScanQueuePolicy"
    assert allowed["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(bucket["BucketName"]["Fn::Sub"])
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_every_variable_is_a_setting_and_together_they_are_valid(template: Template) -> None:
    settings = read(packaged.variables(template))

    assert settings.environment == "dev"
    assert settings.database_host == "127.0.0.1"
    assert settings.scan_queue_url.endswith("/recruitpro-dev-scan")
    assert settings.token_secret_arn is not None
    assert settings.cors_origins == ()


def test_no_secret_stands_in_the_template(template: Template) -> None:
    secrets = {PREFIX + name.upper() for name, field in Settings.fields.items() if field.kind.startswith("Secret")}
    variables = packaged.variables(template)

    assert PREFIX + "TOKEN_SECRET" in secrets
    # Whoever has a DSN can send reports and read none (egress.yaml); it comes from whoever deploys.
    assert secrets & set(variables) == {PREFIX + "SENTRY_DSN"}
    assert variables[PREFIX + "SENTRY_DSN"] == ""
    # Whether RDS makes the master's password is no password.
    told = r"(?i)\"[a-z]*password\": (?!true|false)|resolve:|://[^/\"]+:[^/\"]+@"
    assert not re.search(told, json.dumps(template))


@pytest.mark.parametrize(
    "function",
    [
        "APIHandler",
        *CONSUMERS,
        "RelayJobs",
        "CheckHealth",
        "ApplyRetention",
        "RescanDocuments",
        "MigrateDatabase",
        "RotateTokenSecret",
        "RotateDatabaseSecret",
        "ExpireCandidates",
        "VerifyEvents",
        "ResealSecrets",
        "RollUpMetrics",
        "TakeSnapshot",
        "VerifyRestore",
    ],
)
def test_every_function_knows_its_queues(translated: Template, function: str) -> None:
    made = properties(translated, function)

    assert made["Environment"]["Variables"]["RECRUITPRO_SCAN_QUEUE_URL"] == {"Ref": "ScanQueue"}
    assert made["Architectures"] == ["x86_64"]
    assert made["MemorySize"] >= 512


def test_the_api_function_gives_up_when_the_gateway_does(template: Template) -> None:
    assert properties(template, "APIHandler")["Timeout"] == 29


def test_the_log_group_of_the_api_belongs_to_a_function_that_exists(template: Template) -> None:
    assert properties(template, "ApiHandlerLogGroup")["LogGroupName"] == {"Fn::Sub": "/aws/lambda/${APIHandler}"}
    groups = of_type(template, "AWS::Logs::LogGroup").values()
    of_functions = [group for group in groups if "/aws/lambda/" in json.dumps(group["LogGroupName"])]
    assert {group["RetentionInDays"] for group in of_functions} == {14}


ROLES = {
    "ApiHandlerRole": {
        "s3:PutObject", "s3:GetObjectVersion", "s3:ListBucket", "sqs:SendMessage",
        "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
        "secretsmanager:GetSecretValue",
    },
    "ScanDocumentRole": {
        *RECEIVE, "sqs:SendMessage", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject",
        "s3:PutObjectRetention", "s3:DeleteObjectVersion", "s3:ListBucketVersions",
    },
    "RunDefaultJobsRole": {
        *RECEIVE, "sqs:SendMessage", "s3:GetObjectVersion", "ses:SendEmail", "ses:SendRawEmail",
    },
    "RunLowJobsRole": {
        *RECEIVE, "sqs:SendMessage", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload", "s3:ListBucketVersions",
    },
    "RunScreeningRole": {*RECEIVE, "sqs:SendMessage"},
    "DeliverWebhooksRole": {*RECEIVE, "sqs:SendMessage", "secretsmanager:GetSecretValue"},
    "RelayJobsRole": {"sqs:SendMessage", "s3:GetObject", "s3:ListBucket"},
    "CheckHealthRole": {"s3:ListBucket", "sqs:GetQueueAttributes"},
    "ApplyRetentionRole": {
        "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:ListBucketVersions", "s3:ListBucket",
        "s3:PutObject", "s3:PutObjectRetention",
    },
    "RescanDocumentsRole": {"sqs:SendMessage"},
    "ExpireCandidatesRole": {"sqs:SendMessage"},
    "VerifyEventsRole": set(),
    "RollUpMetricsRole": set(),
    "ResealSecretsRole": {"secretsmanager:GetSecretValue"},
    "TakeSnapshotRole": {
        "rds:DescribeDBSnapshots", "rds:CreateDBSnapshot", "rds:AddTagsToResource", "rds:DeleteDBSnapshot",
        "rds:CopyDBSnapshot", "kms:CreateGrant", "kms:DescribeKey",
    },
    "VerifyRestoreRole": {
        "rds:DescribeDBSnapshots", "rds:DescribeDBInstances", "rds:RestoreDBInstanceFromDBSnapshot",
        "rds:AddTagsToResource", "rds:ModifyDBInstance", "rds:DeleteDBInstance", "secretsmanager:CreateSecret",
        "secretsmanager:TagResource", "secretsmanager:GetSecretValue", "kms:DescribeKey",
    },
    "MigrateDatabaseRole": {"secretsmanager:GetSecretValue"},
    "RotateTokenSecretRole": {
        "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    },
    "RotateDatabaseSecretRole": {
        "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    },
}  # fmt: skip


def test_each_function_may_do_what_its_code_does_and_nothing_else(template: Template) -> None:
    roles = function_roles(template)

    assert {role: actions(statements(template, role)) for role in roles} == ROLES


@pytest.mark.parametrize("function", CONSUMERS)
def test_a_consumer_receives_from_its_own_queue_alone(template: Template, function: str) -> None:
    assert allowed_on(template, f"{function}Role", "sqs:ReceiveMessage") == queue_arns(CONSUMERS[function])


def test_jobs_are_sent_by_those_who_ask_for_them(template: Template) -> None:
    assert allowed_on(template, "ApiHandlerRole", "sqs:SendMessage") == queue_arns(*QUEUES)
    assert allowed_on(template, "ScanDocumentRole", "sqs:SendMessage") == queue_arns("Scan", "Default", "Webhook")
    for role in ("RunScreeningRole", "RunDefaultJobsRole", "DeliverWebhooksRole"):
        assert allowed_on(template, role, "sqs:SendMessage") == queue_arns("Webhook")
    for role in ("RunLowJobsRole", "ExpireCandidatesRole"):
        assert allowed_on(template, role, "sqs:SendMessage") == queue_arns("Low", "Webhook")
    assert allowed_on(template, "RelayJobsRole", "sqs:SendMessage") == queue_arns(*QUEUES)


def test_no_role_reaches_beyond_what_is_named(template: Template) -> None:
    assert all(statement["Resource"] != "*" for role in ROLES for statement in statements(template, role))
    assert allowed_on(template, "ApiHandlerRole", "s3:PutObject") == {
        json.dumps({"Fn::Sub": "${UploadBucket.Arn}/organizations/*"})
    }


def test_the_token_secret_changes_every_thirty_days_by_a_function_of_no_other_use(template: Template) -> None:
    schedule = properties(template, "TokenSecretRotation")
    permission = properties(template, "RotateTokenSecretPermission")

    assert schedule["SecretId"] == {"Ref": "TokenSecret"}
    assert schedule["RotationLambdaARN"] == {"Fn::GetAtt": ["RotateTokenSecret", "Arn"]}
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert (permission["Principal"], permission["SourceArn"]) == (
        "secretsmanager.amazonaws.com",
        {"Ref": "TokenSecret"},
    )
    rights = statements(template, "RotateTokenSecretRole")
    assert [right["Resource"] for right in rights] == [{"Ref": "TokenSecret"}]


def test_only_what_needs_no_rows_does_not_sign_in_as_the_application(template: Template) -> None:
    roles = function_roles(template)

    without = {name for name, role in roles.items() if {"Ref": "DatabasePolicy"} not in role["ManagedPolicyArns"]}
    assert without == {"MigrateDatabaseRole", "RotateTokenSecretRole", "RotateDatabaseSecretRole"}


def test_the_gateway_is_regional_and_throttled(translated: Template) -> None:
    (api,) = of_type(translated, "AWS::ApiGateway::RestApi").values()
    (stage,) = of_type(translated, "AWS::ApiGateway::Stage").values()

    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert stage["MethodSettings"][0]["ResourcePath"] == "/*"
    assert "ThrottlingRateLimit" in stage["MethodSettings"][0]
    assert properties(translated, "ApiDomain")["SecurityPolicy"] == "TLS_1_2"


def test_what_the_gateway_answers_by_itself_looks_like_our_own(translated: Template) -> None:
    (api,) = of_type(translated, "AWS::ApiGateway::RestApi").values()
    responses = api["Body"]["x-amazon-apigateway-gateway-responses"]

    statuses = {name: int(response["statusCode"]) for name, response in responses.items()}
    assert statuses["MISSING_AUTHENTICATION_TOKEN"] == 404
    assert statuses["THROTTLED"] == 429
    assert statuses["REQUEST_TOO_LARGE"] == 413
    for response in responses.values():
        problem = json.loads(response["responseTemplates"]["application/json"])
        assert problem["status"] == int(response["statusCode"])
        assert problem["request_id"] == "$context.requestId"
        assert problem["type"] == f"urn:recruitpro:problem:{problem['code']}"
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.X-Content-Type-Options"] == "'nosniff'"
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"]["Fn::If"][0] == "HasOneFrontend"
        assert "gatewayresponse.header.Strict-Transport-Security" in headers
