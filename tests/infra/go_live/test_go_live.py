"""The checklist tells what is wrong, in an account that moto answers for and on a server of this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import httpx
import pytest

from chalicelib.settings import VERSION
from infra.deploy.aws import Aws
from infra.go_live import __main__ as command
from infra.go_live import account, checklist, document, outside
from infra.go_live.checklist import LINES, Line
from infra.go_live.world import NotLookedAt, World
from infra.smoke.__main__ import Wish
from infra.smoke.report import Wrong
from tests.house import REGION, Cloud

ACCOUNT = "123456789012"
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "Properties": {
        "VersioningConfiguration": {"Status": "Enabled"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    },
}
TEMPLATE = {
    "Parameters": {"Environment": {"Type": "String", "Default": "dev"}},
    "Resources": {
        "UploadBucket": BUCKET,
        "LowDeadLetters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "recruitpro-dev-low-dlq"}},
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "DBInstanceIdentifier": "recruitpro-dev",
                "Engine": "postgres",
                "DBInstanceClass": "db.t4g.micro",
                "AllocatedStorage": "20",
                "MasterUsername": "recruitpro",
                "MasterUserPassword": "only-moto-reads-this",
                "StorageEncrypted": True,
                "PubliclyAccessible": False,
                "BackupRetentionPeriod": 35,
            },
        },
        "AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "recruitpro-dev-alarms"}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/recruitpro-dev-api"}},
        "Relay": {
            "Type": "AWS::Events::Rule",
            "Properties": {"Name": "recruitpro-dev-relay", "ScheduleExpression": "rate(1 minute)", "State": "ENABLED"},
        },
    },
}


ALARM = {
    "AlarmName": "recruitpro-dev-restore-test-old",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "restore_test_age_hours",
    "Namespace": "RecruitPro",
    "Period": 300,
    "Statistic": "Maximum",
    "Threshold": 168,
}


class Transport(httpx.BaseTransport):
    """A server that answers what it is told to."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        self.answers = answers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        status, body = self.answers[request.url.path]
        return httpx.Response(status, json=body)


HEALTHY = {
    "scanner": {"status": "up", "definitions_age_hours": 7},
    "backup": {"status": "up", "newest_age_hours": 9},
}


def server(checks: dict[str, Any] | None = None, **other: tuple[int, Any]) -> dict[str, tuple[int, Any]]:
    return {
        "/api/health": (200, {"checks": HEALTHY | (checks or {})}),
        "/api/version": (200, {"version": VERSION, "environment": "dev"}),
        "/api/auth/register": (403, {"code": "registration_closed"}),
    } | {f"/api/{name.replace('_', '/')}": answer for name, answer in other.items()}


def world_of(
    answers: dict[str, tuple[int, Any]] | None = None, aws: Aws | None = None, url: str = "https://api.example.com"
) -> World:
    http = httpx.Client(base_url=url, transport=Transport(answers or server()))
    return World("dev", url, http, Wish(url), aws)


@pytest.fixture
def world(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An environment whose small stack is as it should be."""
    monkeypatch.setenv("RECRUITPRO_AWS_ENDPOINT_URL", cloud.endpoint_url)
    aws = Aws(boto3.Session("key", "secret", region_name=REGION), REGION, ACCOUNT, "somebody")
    aws.cloudformation.create_stack(StackName="recruitpro-dev", TemplateBody=json.dumps(TEMPLATE))
    aws.client("logs").put_retention_policy(logGroupName="/aws/lambda/recruitpro-dev-api", retentionInDays=14)
    made = world_of(aws=aws)
    # What moto leaves out when it makes a stack.
    block(made)
    (name,) = made.of_type("AWS::S3::Bucket").values()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    aws.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    aws.client("cloudwatch").put_metric_alarm(**ALARM)
    yield made
    aws.cloudformation.delete_stack(StackName="recruitpro-dev")


def empty_dead_letters(world: World) -> None:
    (url,) = world.of_type("AWS::SQS::Queue").values()
    world.client("sqs").send_message(QueueUrl=url, MessageBody="given up")


def open_bucket(world: World) -> None:
    block(world, BlockPublicPolicy=False)


def block(world: World, **but: bool) -> None:
    """Close the bucket to the public."""
    (name,) = world.of_type("AWS::S3::Bucket").values()
    closed = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
    world.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed | but)


def ring(world: World) -> None:
    world.client("cloudwatch").set_alarm_state(
        AlarmName="recruitpro-dev-restore-test-old", StateValue="ALARM", StateReason="tried"
    )


def keep_logs_for_ever(world: World) -> None:
    world.client("logs").delete_retention_policy(logGroupName="/aws/lambda/recruitpro-dev-api")


def keep_fewer_days(world: World) -> None:
    world.client("rds").modify_db_instance(DBInstanceIdentifier="recruitpro-dev", BackupRetentionPeriod=0)


def open_database(world: World) -> None:
    world.client("rds").modify_db_instance(DBInstanceIdentifier="recruitpro-dev", PubliclyAccessible=True)


def stop_the_relay(world: World) -> None:
    world.client("events").disable_rule(Name="recruitpro-dev-relay")


BREAK: dict[Callable[[World], str], tuple[Callable[[World], None], str]] = {
    account.nothing_was_given_up: (empty_dead_letters, "LowDeadLetters holds 1"),
    account.buckets_are_closed: (open_bucket, "UploadBucket is not closed to the public"),
    account.alarms_are_armed: (ring, "ringing: recruitpro-dev-restore-test-old"),
    account.logs_are_kept: (keep_logs_for_ever, "Logs is kept for ever"),
    account.point_in_time: (keep_fewer_days, "0 days, 1 are wanted"),
    account.database_is_kept: (open_database, "can be reached from the internet"),
    account.schedules_are_on: (stop_the_relay, "Relay is DISABLED"),
}


@pytest.mark.parametrize("check", BREAK)
def test_a_line_about_the_account_passes_and_fails_once_something_is_wrong(
    world: World, check: Callable[[World], str]
) -> None:
    break_it, words = BREAK[check]
    line = Line("", "", check)
    assert command.look(line, world).outcome == "pass"

    break_it(world)
    found = command.look(line, world)
    assert found.outcome == "fail"
    assert words in found.detail


def test_the_stack_itself_is_looked_at(world: World) -> None:
    assert "CREATE_COMPLETE" in account.stack_is_whole(world)


def test_nobody_hears_the_alarms_until_somebody_has_subscribed(world: World) -> None:
    with pytest.raises(Wrong, match="nobody has confirmed"):
        account.alarms_are_heard(world)
    topic = world.of_type("AWS::SNS::Topic")["AlarmTopic"]
    world.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.com")
    assert account.alarms_are_heard(world) == "1 subscriptions"


class Lambda:
    """The function that tries it, which answers what it is told to."""

    def __init__(self, told: dict[str, Any], **more: str) -> None:
        self.told, self.more, self.asked = told, more, dict[str, Any]()

    def invoke(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"Payload": io.BytesIO(json.dumps(self.told).encode())} | self.more


@pytest.mark.parametrize(
    ("function", "outcome", "words"),
    [
        (Lambda({"sentry": "taken"}), "pass", "Sentry took a test report"),
        (Lambda({"sentry": "not taken"}), "fail", "SentryAddressA"),
        (Lambda({"sentry": "no DSN"}), "not seen", "note who decided"),
        (Lambda({"errorMessage": "broken"}, FunctionError="Unhandled"), "fail", "broken"),
    ],
)
def test_a_function_tries_the_way_to_sentry(function: Lambda, outcome: str, words: str) -> None:
    stack = {"CheckHealth": ("AWS::Lambda::Function", "recruitpro-dev-check-health")}
    world = world_of()
    world.__dict__["resources"], world.__dict__["client"] = stack, lambda _service: function

    found = command.look(Line("", "", account.errors_reach_sentry), world)

    assert found.outcome == outcome
    assert words in found.detail
    assert function.asked["FunctionName"] == "recruitpro-dev-check-health"


def test_a_part_that_the_stack_lacks_fails(world: World) -> None:
    found = command.look(Line("", "", account.firewall_is_in_front), world)

    assert (found.outcome, found.detail) == ("fail", "the stack has no AWS::WAFv2::WebACLAssociation")


def test_without_credentials_a_line_is_not_seen_and_neither_passes_nor_fails() -> None:
    found = command.look(Line("", "", account.stack_is_whole), world_of())

    assert found.outcome == "not seen"
    assert "sign in" in found.detail


OUTSIDE: dict[str, tuple[Callable[[World], str], dict[str, tuple[int, Any]], str]] = {
    "another release": (
        outside.is_this_release,
        server(version=(200, {"version": "0.0.1", "environment": "dev"})),
        "0.0.1",
    ),
    "another environment": (
        outside.is_this_release,
        server(version=(200, {"version": VERSION, "environment": "staging"})),
        "the server is staging",
    ),
    "open registration": (
        outside.registration_is_closed,
        server(auth_register=(422, {"code": "validation_failed"})),
        "OpenRegistration",
    ),
    "an old backup": (
        outside.backup_is_young,
        server({"backup": {"status": "down", "newest_age_hours": 27}}),
        "27 hours old",
    ),
    "no backup": (
        outside.backup_is_young,
        server({"backup": {"status": "unknown", "newest_age_hours": None}}),
        "no snapshot",
    ),
    "a dead scanner": (
        outside.scanner_is_fresh,
        server({"scanner": {"status": "down", "detail": "no answer"}}),
        "no answer",
    ),
    "old definitions": (
        outside.scanner_is_fresh,
        server({"scanner": {"status": "up", "definitions_age_hours": 80}}),
        "80 hours",
    ),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_seen_from_outside_fails_with_what_is_wrong(name: str) -> None:
    check, answers, words = OUTSIDE[name]
    line = Line("", "", check)

    assert command.look(line, world_of()).outcome == "pass"
    found = command.look(line, world_of(answers))
    assert found.outcome == "fail"
    assert words in found.detail


def test_an_address_without_https_is_refused() -> None:
    found = command.look(Line("", "", outside.only_https), world_of(url="http://127.0.0.1:9"))

    assert (found.outcome, found.detail) == ("fail", "http://127.0.0.1:9 is no HTTPS address")


def test_a_server_that_does_not_answer_fails_each_line_and_ends_none() -> None:
    url = "https://127.0.0.1:9"
    http = httpx.Client(base_url=url, timeout=1)
    world = World("dev", url, http, Wish(url))

    for check in (outside.is_this_release, outside.certificate_lasts, outside.scanner_is_fresh):
        found = command.look(Line("", "", check), world)
        assert found.outcome == "fail"
        assert "no answer" in found.detail


def test_the_smoke_test_is_not_played_without_an_account() -> None:
    with pytest.raises(NotLookedAt, match="SMOKE_TOKEN"):
        outside.smoke_passes(world_of())


def test_the_command_prints_every_line_and_fails_when_one_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "account_at_hand", lambda: None)
    monkeypatch.setenv("COLUMNS", "300")
    code = command.main(["--url", "https://127.0.0.1:9", "--environment", "production"])

    told = capsys.readouterr().out
    assert code == 1
    assert all(line.text in told for line in LINES)
    counts = told.strip().splitlines()[-1]
    by_people = sum(line.check is None for line in LINES)
    assert f"{by_people} manual" in counts
    assert counts.startswith("0 pass, ")


def test_each_line_is_told_in_the_page_and_nothing_else() -> None:
    page = document.PAGE.read_text()

    assert document.with_checklist(page) == page
    assert len({line.text for line in LINES}) == len(LINES)
    assert checklist.as_markdown().count("- [ ]") == len(LINES)


def test_a_certificate_that_ends_soon_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.clock import utc_now

    soon = utc_now() + timedelta(days=3)
    certificate = {"notAfter": f"{soon:%b %d %H:%M:%S %Y} GMT"}
    monkeypatch.setattr(outside, "_certificate", lambda _host, _context: certificate)
    found = command.look(Line("", "", outside.certificate_lasts), world_of())

    assert found.outcome == "fail"
    assert f"{soon:%d %B %Y}" in found.detail
