"""What stands in the account: read alone, nothing is changed."""

from __future__ import annotations

import json
from typing import Any

from infra.deploy.aws import code_of
from infra.go_live.world import NotLookedAt, World
from infra.smoke.report import expect

WHOLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
LOCKED = ("QuarantineBucket", "BackupBucket")
FEWEST_BACKUP_DAYS = 35
# An event that is none of the schedule's (functions/check_health.py).
TRY_SENTRY = {
    "version": "0",
    "id": "go-live-check",
    "detail-type": "Try Sentry",
    "source": "recruitpro.go-live-check",
    "account": "",
    "time": "1970-01-01T00:00:00Z",
    "region": "",
    "resources": [],
    "detail": {},
}
CAPACITY_KEPT = 100  # what Lambda keeps for functions without a reservation


def stack_is_whole(world: World) -> str:
    (stack,) = world.client("cloudformation").describe_stacks(StackName=f"recruitpro-{world.environment}")["Stacks"]
    expect(stack["StackStatus"] in WHOLE, f"it is {stack['StackStatus']}")
    told = {each["ParameterKey"]: each.get("ParameterValue") for each in stack.get("Parameters", [])}
    expect(told.get("Environment") == world.environment, f"its environment is {told.get('Environment')}")
    return f"{stack['StackStatus']}, {len(world.resources)} resources"


def nothing_to_migrate(world: World) -> str:
    name = world.of_type("AWS::Lambda::Function")["MigrateDatabase"]
    answer = world.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"action": "check"}).encode())
    told = json.loads(answer["Payload"].read())
    expect("FunctionError" not in answer, f"the function that migrates failed: {told}")
    expect(not told["pending"], f"waiting: {', '.join(told['pending'])}: run make deploy")
    return f"the schema stands at {told['current']}"


def firewall_is_in_front(world: World) -> str:
    associated = world.of_type("AWS::WAFv2::WebACLAssociation")
    return ", ".join(associated)


def buckets_are_closed(world: World) -> str:
    s3, buckets = world.client("s3"), world.of_type("AWS::S3::Bucket")
    for logical_id, name in buckets.items():
        blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        expect(all(blocked.values()), f"{logical_id} is not closed to the public")
        versioning = s3.get_bucket_versioning(Bucket=name).get("Status")
        expect(versioning == "Enabled", f"{logical_id} keeps no versions")
        encrypted = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        expect(bool(encrypted), f"{logical_id} is not encrypted")
    return f"{len(buckets)} buckets"


def locks_are_on(world: World) -> str:
    s3, buckets = world.client("s3"), world.of_type("AWS::S3::Bucket")
    for logical_id in LOCKED:
        lock = s3.get_object_lock_configuration(Bucket=buckets[logical_id])["ObjectLockConfiguration"]
        expect(lock.get("ObjectLockEnabled") == "Enabled", f"{logical_id} has no object lock")
    return ", ".join(LOCKED)


def _database(world: World) -> dict[str, Any]:
    (name,) = world.of_type("AWS::RDS::DBInstance").values()
    (found,) = world.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return dict(found)


def database_is_kept(world: World) -> str:
    database = _database(world)
    expect(not database["PubliclyAccessible"], "it can be reached from the internet")
    expect(database["StorageEncrypted"], "it is not encrypted")
    if world.is_production:
        expect(database["DeletionProtection"], "it can be deleted: set DatabaseDeletionProtection to true")
        expect(database["MultiAZ"], "it has no standby: set DatabaseMultiAz to true")
    return f"{database['DBInstanceClass']}, {database['Engine']} {database['EngineVersion']}"


def point_in_time(world: World) -> str:
    days = _database(world)["BackupRetentionPeriod"]
    fewest = FEWEST_BACKUP_DAYS if world.is_production else 1
    expect(days >= fewest, f"{days} days, {fewest} are wanted: set DatabaseBackupDays")
    return f"{days} days"


def secrets_rotate(world: World) -> str:
    secrets = world.client("secretsmanager")
    scheduled = world.of_type("AWS::SecretsManager::RotationSchedule")
    for name, arn in scheduled.items():
        secret = secrets.describe_secret(SecretId=arn)
        expect(bool(secret.get("RotationEnabled")), f"{name} is not rotated")
    return ", ".join(scheduled)


def restores_are_verified(world: World) -> str:
    for alarm in ("RestoreTestOld", "ExportOld"):
        state = _alarm_states(world).get(alarm)
        expect(state == "OK", f"the alarm {alarm} is {state or 'not there'}")
    return "both alarms are OK"


def nothing_was_given_up(world: World) -> str:
    sqs = world.client("sqs")
    dead = {name: url for name, url in world.of_type("AWS::SQS::Queue").items() if name.endswith("DeadLetters")}
    asked = ["ApproximateNumberOfMessages"]
    for name, url in dead.items():
        waiting = int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"][asked[0]])
        expect(waiting == 0, f"{name} holds {waiting}: see docs/operations.md")
    return f"{len(dead)} queues"


def queues_feed_functions(world: World) -> str:
    functions = world.client("lambda")
    mappings = world.of_type("AWS::Lambda::EventSourceMapping")
    for name, uuid in mappings.items():
        state = functions.get_event_source_mapping(UUID=uuid)["State"]
        expect(state == "Enabled", f"{name} is {state}")
    return f"{len(mappings)} queues"


def schedules_are_on(world: World) -> str:
    events = world.client("events")
    rules = world.of_type("AWS::Events::Rule")
    for name, rule in rules.items():
        state = events.describe_rule(Name=rule.rsplit("|", 1)[-1])["State"]
        expect(state == "ENABLED", f"{name} is {state}")
    return f"{len(rules)} schedules"


def mail_may_leave(world: World) -> str:
    ses = world.client("sesv2")
    expect(bool(ses.get_account().get("ProductionAccessEnabled")), "SES is in its sandbox: ask AWS to let you out")
    identities = ses.list_email_identities()["EmailIdentities"]
    verified = [each["IdentityName"] for each in identities if each.get("SendingEnabled")]
    expect(bool(verified), "no sender is verified")
    return ", ".join(verified)


def _alarm_states(world: World) -> dict[str, str]:
    """The state of each alarm of the stack, by its logical id."""
    names: dict[str, str] = {}
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        names |= {each: name for name, (type_, each) in world.resources.items() if type_ == kind}
    pages = world.client("cloudwatch").get_paginator("describe_alarms")
    kinds = ["MetricAlarm", "CompositeAlarm"]
    prefix = f"recruitpro-{world.environment}-"
    found = [
        alarm
        for page in pages.paginate(AlarmNamePrefix=prefix, AlarmTypes=kinds)
        for alarm in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    ]
    disarmed = [alarm["AlarmName"] for alarm in found if not alarm.get("ActionsEnabled", True)]
    expect(not (world.is_production and disarmed), f"disarmed: {', '.join(disarmed[:5])}")
    return {names.get(alarm["AlarmName"], alarm["AlarmName"]): alarm["StateValue"] for alarm in found}


def alarms_are_armed(world: World) -> str:
    states = _alarm_states(world)
    expect(bool(states), "there is no alarm")
    ringing = [name for name, state in states.items() if state == "ALARM"]
    expect(not ringing, f"ringing: {', '.join(sorted(ringing))}")
    return f"{len(states)} alarms"


def alarms_are_heard(world: World) -> str:
    topic = world.of_type("AWS::SNS::Topic")["AlarmTopic"]
    told = world.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    confirmed = [each for each in told if each["SubscriptionArn"].startswith("arn:")]
    expect(bool(confirmed), "nobody has confirmed a subscription of the alarm topic")
    return f"{len(confirmed)} subscriptions"


def budget_is_set(world: World) -> str:
    budgets = world.of_type("AWS::Budgets::Budget")
    return ", ".join(budgets)


def errors_reach_sentry(world: World) -> str:
    name = world.of_type("AWS::Lambda::Function")["CheckHealth"]
    answer = world.client("lambda").invoke(FunctionName=name, Payload=json.dumps(TRY_SENTRY).encode())
    told = json.loads(answer["Payload"].read())
    expect("FunctionError" not in answer, f"the function that tries it failed: {told}")
    if told["sentry"] == "no DSN":
        raise NotLookedAt("SentryDsn is empty, errors are in the logs alone: note who decided so")
    expect(
        told["sentry"] == "taken",
        "Sentry took no test report: are SentryAddressA to C where the DSN's host is, and is the DSN valid?",
    )
    return "Sentry took a test report"


def logs_are_kept(world: World) -> str:
    logs, groups = world.client("logs"), world.of_type("AWS::Logs::LogGroup")
    for name, group in groups.items():
        found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        days = next((each.get("retentionInDays") for each in found if each["logGroupName"] == group), None)
        expect(days is not None, f"{name} is kept for ever")
    return f"{len(groups)} groups"


def concurrency_fits(world: World) -> str:
    functions = world.client("lambda")
    limit = functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    reserved = 0
    for name in world.of_type("AWS::Lambda::Function").values():
        reserved += functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", 0)
    expect(reserved + CAPACITY_KEPT <= limit, f"{reserved} are reserved and {limit} allowed: ask AWS for more")
    return f"{reserved} of {limit}"


def reason(error: Any) -> str:
    """Why AWS gave no answer, in one line."""
    return f"AWS said {code_of(error)}" if hasattr(error, "response") else type(error).__name__
