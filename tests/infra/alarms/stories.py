"""The story of every alarm of the template, by its logical id. One without a story fails the tests."""

from __future__ import annotations

from tests.infra.alarms.reading import Reader
from tests.infra.alarms.scenarios import (
    DAY,
    HOUR,
    Scenario,
    both,
    every,
    gauge,
    mixed,
    occurs,
    requests,
    stops,
)
from tests.infra.alarms.series import Metric

OFTEN = (
    "APIHandler",
    "ScanDocument",
    "RunScreening",
    "RunDefaultJobs",
    "RunLowJobs",
    "DeliverWebhooks",
    "RelayJobs",
    "RollUpMetrics",
    "CheckHealth",
    "ApplyRetention",
    "TakeSnapshot",
    "VerifyRestore",
)
# Functions that run once a day or less: one run that broke is told until one ends well.
SELDOM = (
    "RescanDocuments",
    "ExpireCandidates",
    "VerifyEvents",
    "ResealSecrets",
    "MigrateDatabase",
    "RotateDatabaseSecret",
    "RotateTokenSecret",
)
# Each scheduled function or container with what it is called in `function_ran`, its period in minutes, and how many
# empty ones are an alarm.
SCHEDULED = {
    "RelayJobs": ("relay_jobs", 1, 5),
    "RollUpMetrics": ("roll_up_metrics", 1, 5),
    "CheckHealth": ("check_health", 5, 3),
    "ApplyRetention": ("apply_retention", 10, 3),
    "TakeSnapshot": ("take_snapshot", 10, 3),
    "VerifyRestore": ("verify_restore", 10, 3),
    "RescanDocuments": ("rescan_documents", DAY, 2),
    "ExpireCandidates": ("expire_candidates", DAY, 2),
    "VerifyEvents": ("verify_events", DAY, 2),
    "ResealSecrets": ("reseal_secrets", DAY, 2),
    "Mirror": ("mirror_definitions", 3 * HOUR, 3),
}
# Each queue with the age in seconds that is too much.
QUEUES = {"Scan": 1800, "High": 900, "Default": 3600, "Low": 21600, "Webhook": 14400}
PRIORITIES = {"High": 1800, "Default": 7200, "Low": 43200}


def stem(function: str) -> str:
    return "Api" if function == "APIHandler" else function


def stories(reader: Reader, environment: str) -> dict[str, Scenario]:
    """Every story, as it goes in `environment`."""
    return {
        **_of_the_api(reader, environment),
        **_of_functions(),
        **_of_schedules(environment),
        **_of_queues(environment),
        **_of_health(reader, environment),
        **_of_backups(environment),
        **_of_the_database(reader),
    }


def _of_the_api(reader: Reader, environment: str) -> dict[str, Scenario]:
    def burn(rate: float, within: int, clears: int) -> Scenario:
        failing = requests(environment, rate * 0.1 * 1.0001)  # sums of floats fall short of the threshold by a hair
        return Scenario(requests(environment, 0.02), failing, within, clears, warm_up=within)

    latency = Metric.of("AWS/ApiGateway", "Latency", ApiName=f"recruitpro-{environment}", Stage=environment)
    slow = float(reader.text({"Ref": "ApiSlowMilliseconds"}))
    blocked = Metric.of(
        "AWS/WAFV2", "BlockedRequests", WebACL=f"recruitpro-{environment}", Region="eu-central-1", Rule="ALL"
    )
    return {
        "ApiFailsNow": burn(14.4, 5, 5),
        "ApiBurnsFourteenLong": burn(14.4, HOUR, HOUR),
        "ApiBurnsFourteenShort": burn(14.4, 5, 5),
        "ApiBurnsSixLong": burn(6, 6 * HOUR, 6 * HOUR),
        "ApiBurnsSixShort": burn(6, 30, 30),
        "ApiBurnsOneThreeDays": burn(1, 3 * DAY, DAY),
        "ApiBurnsThreeOneDay": burn(3, DAY, DAY),
        "ApiBurnsOneShort": burn(1, 6 * HOUR, 6 * HOUR),
        "ApiUnavailable": burn(14.4, 5, 5),
        "ApiBudget": burn(1, 3 * DAY, 6 * HOUR),
        "ApiSlow": Scenario(mixed(1, latency, {80: 96, slow + 1: 4}), mixed(1, latency, {80: 94, slow + 1: 6}), 15, 15),
        "FirewallBlocks": occurs(every(1, blocked, 1, times=3000), fires_within=15, clears_within=30),
    }


def _of_functions() -> dict[str, Scenario]:
    found = {}
    for function in OFTEN:
        errors = Metric.of("AWS/Lambda", "Errors", FunctionName=function)
        found[f"{stem(function)}Errors"] = Scenario(
            every(1, errors, 0, times=100), mixed(1, errors, {0: 94, 1: 6}), 15, 15
        )
    for function in SELDOM:
        errors = Metric.of("AWS/Lambda", "Errors", FunctionName=function)
        once_a_day = every(DAY, errors, 0)
        found[f"{function}Errors"] = Scenario(once_a_day, every(DAY, errors, 1), DAY, DAY, warm_up=DAY)
    for function in (*OFTEN, *SELDOM):
        throttles = Metric.of("AWS/Lambda", "Throttles", FunctionName=function)
        found[f"{stem(function)}Throttles"] = Scenario(every(1, throttles, 0), every(1, throttles, 1), 5, 10)
    return found


def _of_schedules(environment: str) -> dict[str, Scenario]:
    return {
        f"{function}Dead": stops(
            Metric.of("RecruitPro", "function_ran", environment=environment, function=name), period, periods
        )
        for function, (name, period, periods) in SCHEDULED.items()
    }


def _of_queues(environment: str) -> dict[str, Scenario]:
    found = {}
    for queue, seconds in QUEUES.items():
        dead = Metric.of("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=f"{queue}DeadLetters.QueueName")
        found[f"{queue}DeadLettersFound"] = gauge(dead, 0, 1, periods=1, every_minutes=1)
        age = Metric.of("AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName=f"{queue}Queue.QueueName")
        found[f"{queue}QueueWaits"] = Scenario(
            every(1, age, seconds), every(1, age, seconds + 1), fires_within=15, clears_within=15
        )
    for priority, seconds in PRIORITIES.items():
        oldest = Metric.of("RecruitPro", "job_oldest_seconds", environment=environment, priority=priority.lower())
        found[f"{priority}JobsWait"] = gauge(oldest, seconds, seconds + 1)
    return found


def _of_health(reader: Reader, environment: str) -> dict[str, Scenario]:
    def told(name: str, **dimensions: str) -> Metric:
        return Metric.of("RecruitPro", name, environment=environment, **dimensions)

    hours = float(reader.text({"Ref": "ScannerDefinitionsHours"}))
    sign_ins = told("limiter_unavailable", limiter="sign_in")
    return {
        "HealthUnhealthy": gauge(told("health_unhealthy"), 0, 1, periods=2),
        "ScannerDown": gauge(told("scanner_down"), 0, 1),
        "ScannerDefinitionsOld": gauge(told("scanner_definitions_age_hours"), hours, hours + 1, periods=2),
        "LimiterUnavailable": occurs(every(1, sign_ins, 1, times=5), fires_within=15, clears_within=30),
        "EventChainBroken": occurs(every(DAY, told("event_chain_broken"), 1), fires_within=1, clears_within=DAY),
    }


def _of_backups(environment: str) -> dict[str, Scenario]:
    def told(name: str) -> Metric:
        return Metric.of("RecruitPro", name, environment=environment)

    return {
        "BackupOld": gauge(told("backup_age_hours"), 26, 26.1, periods=6),
        "RestoreTestOld": gauge(told("restore_test_age_hours"), 168, 168.1, periods=24),
        "ExportOld": gauge(told("export_age_hours"), 192, 192.1, periods=6),
        "ExportProofOld": gauge(told("export_proof_age_hours"), 192, 192.1, periods=6),
        "BackupFailed": occurs(every(DAY, told("backup_failed"), 1), fires_within=1, clears_within=HOUR),
        "RestoreTestFailed": occurs(every(DAY, told("restore_test_failed"), 1), fires_within=1, clears_within=DAY),
    }


def _of_the_database(reader: Reader) -> dict[str, Scenario]:
    def instance(name: str) -> Metric:
        return Metric.of("AWS/RDS", name, DBInstanceIdentifier="Database")

    def proxy(name: str) -> Metric:
        return Metric.of("AWS/RDS", name, ProxyName="DatabaseProxy")

    def figure(metric: Metric, well: float, trouble: float) -> Scenario:
        return gauge(metric, well, trouble, periods=15, every_minutes=1)

    memory, storage, most = (
        float(reader.text({"Ref": name}))
        for name in ("DatabaseFreeMemoryBytes", "DatabaseFreeStorageBytes", "DatabaseMaxConnections")
    )
    allowed = every(1, proxy("MaxDatabaseConnectionsAllowed"), 100)
    return {
        "DatabaseCpu": figure(instance("CPUUtilization"), 80, 81),
        "DatabaseCredits": figure(instance("CPUCreditBalance"), 30, 29),
        "DatabaseMemory": figure(instance("FreeableMemory"), memory, memory - 1),
        "DatabaseStorage": figure(instance("FreeStorageSpace"), storage, storage - 1),
        "DatabaseConnectionsHigh": figure(instance("DatabaseConnections"), 0.8 * most, 0.8 * most + 1),
        "ProxyConnectionsHigh": Scenario(
            both(allowed, every(1, proxy("DatabaseConnections"), 80)),
            both(allowed, every(1, proxy("DatabaseConnections"), 81)),
            fires_within=5,
            clears_within=5,
        ),
        "ProxyPins": figure(proxy("DatabaseConnectionsCurrentlySessionPinned"), 0, 1),
    }
