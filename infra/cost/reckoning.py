"""What a month on AWS costs, line by line, from prices and assumptions that are written down. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
KB_PER_GB, SECONDS_PER_HOUR = 1_000_000, 3600
KEPT_VERSIONS = 2  # the one that is asked, and the one before (infra/deploy/versions.py)
API_GB, SCAN_GB, READ_GB, SCREENING_GB = 1.0, 0.5, 1.73, 1.0
SCANNER_VCPUS, SCANNER_GB = 1, 4
EXPORT_VCPUS, EXPORT_GB, PROOF_VCPUS, PROOF_GB = 2, 4, 2, 8
RESTORE_TEST_CLASS = "db.t4g.micro"
WEEKS_PER_MONTH, DAYS_PER_MONTH = 52 / 12, 365 / 12
SHORTEST_TASK_HOURS = 0.25
SCHEDULED_GB_SECONDS = 40_000  # the relay once a minute for half a second, health, retention, and the nightly ones
SCHEDULED_RUNS = 60_000
WEBHOOK_KB = 4
SENTRY_TRACES_SHARE, SENTRY_TRACE_KB = 0.1, 1  # packed; errors are few beside them


@dataclass(frozen=True, slots=True)
class Size:
    """An installation to reckon with."""

    name: str
    title: str
    users: int
    candidates: int
    requests_per_user_day: int
    new_candidates_per_month: int
    screenings_per_candidate: float
    database: str
    zones: int
    scanner_tasks: int
    webhooks: bool
    sentry: bool
    snapstart: bool


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per unit in the region, and what is needed to multiply by."""

    each: Mapping[str, float]
    database_hour: Mapping[str, float]
    database_vcpus: Mapping[str, int]
    hours_per_month: int


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What one of each takes (`unit`), and what stands whatever the size is (`fixed`)."""

    unit: Mapping[str, float]
    fixed: Mapping[str, int]
    sizes: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the bill: what is paid for, how much of it, and USD a month."""

    part: str
    why: str
    usd: float


@dataclass(frozen=True, slots=True)
class Volume:
    """What happens in a month, and what has gathered."""

    requests: float
    documents: float
    screenings: float
    jobs: float
    database_gb: float
    documents_gb: float
    log_gb: float


def read_prices(path: Path = FOLDER / "prices.toml") -> Prices:
    """The price list of `path`, its region's factor applied."""
    told = tomllib.loads(path.read_text())
    factor = told["region_factor"]
    each = {name: usd * factor for name, usd in told["each"].items()}
    hours = {name: usd * factor for name, usd in told["database_hour"].items()}
    return Prices(each, hours, told["database_vcpus"], told["hours_per_month"])


def read_assumptions(path: Path = FOLDER / "sizes.toml") -> Assumptions:
    """The sizes of `path`; raises TypeError for a size with a figure too many or too few."""
    told = tomllib.loads(path.read_text())
    return Assumptions(told["unit"], told["fixed"], tuple(Size(**size) for size in told["size"]))


def volume(size: Size, assumed: Assumptions) -> Volume:
    """What `size` means in requests, files, jobs and bytes."""
    unit = assumed.unit
    requests = size.users * size.requests_per_user_day * unit["working_days"]
    documents = size.new_candidates_per_month * unit["documents_per_candidate"]
    screenings = size.new_candidates_per_month * size.screenings_per_candidate
    jobs = 2 * documents + screenings
    logs_kb = requests * unit["log_kb_per_request"] + jobs * unit["log_kb_per_job"]
    return Volume(
        requests=requests,
        documents=documents,
        screenings=screenings,
        jobs=jobs,
        database_gb=max(20.0, size.candidates * unit["database_kb_per_candidate"] / KB_PER_GB),
        documents_gb=size.candidates * unit["documents_per_candidate"] * unit["document_kb"] / KB_PER_GB,
        log_gb=logs_kb / KB_PER_GB,
    )


def bill(size: Size, prices: Prices, assumed: Assumptions) -> list[Line]:
    """The month's lines, dearest first."""
    made = volume(size, assumed)
    lines = [
        *_database(size, made, prices, assumed),
        *_functions(size, made, prices, assumed),
        *_by_the_clock(made, prices, assumed),
        *_network(size, made, prices, assumed),
        *_storage(made, prices),
        *_seen(made, prices, assumed),
    ]
    return sorted(lines, key=lambda line: -line.usd)


def total(lines: list[Line]) -> float:
    """USD a month."""
    return sum(line.usd for line in lines)


def _database(size: Size, made: Volume, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    each, hours, unit = prices.each, prices.hours_per_month, assumed.unit
    zones = "with a standby" if size.zones > 1 else "one zone"
    usd = prices.database_hour[size.database] * hours * size.zones
    yield Line("RDS PostgreSQL", f"{size.database}, {zones}", usd)
    disk_gb = made.database_gb * unit["database_headroom"]
    yield Line("RDS storage", f"{disk_gb:,.0f} GB of gp3, {zones}", disk_gb * each["database_gb_month"] * size.zones)
    vcpus = max(2, prices.database_vcpus[size.database])
    yield Line("RDS Proxy", f"{vcpus} vCPU", vcpus * each["proxy_vcpu_hour"] * hours)
    kept = made.database_gb * ((35 + 30) * unit["daily_change"] + 12 * unit["monthly_change"])
    beyond_gb = max(0.0, kept - made.database_gb)
    why = f"{beyond_gb:,.0f} GB beyond the database's own size"
    yield Line("RDS snapshots and point in time", why, beyond_gb * each["database_backup_gb_month"])


def _functions(size: Size, made: Volume, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    each, unit = prices.each, assumed.unit
    yield Line("API Gateway", f"{made.requests:,.0f} requests", made.requests * each["gateway_request"])
    gb_seconds = (
        made.requests * unit["api_seconds"] * API_GB
        + made.documents * (unit["scan_seconds"] * SCAN_GB + unit["read_seconds"] * READ_GB)
        + made.screenings * unit["screening_seconds"] * SCREENING_GB
        + SCHEDULED_GB_SECONDS
    )
    runs = made.requests + made.jobs + SCHEDULED_RUNS
    usd = gb_seconds * each["lambda_gb_second"] + runs * each["lambda_request"]
    yield Line("Lambda", f"{gb_seconds:,.0f} GB seconds in {runs:,.0f} runs", usd)
    if size.snapstart:
        cached = API_GB * prices.hours_per_month * SECONDS_PER_HOUR
        usd = KEPT_VERSIONS * cached * each["snapstart_cached_gb_second"]
        yield Line("Lambda SnapStart", f"{KEPT_VERSIONS} versions of the API kept", usd)
    messages = made.jobs * unit["messages_per_job"]
    yield Line("SQS", f"{messages:,.0f} requests", messages * each["queue_request"])
    task = _task(SCANNER_VCPUS, SCANNER_GB, each)
    why = f"{size.scanner_tasks} of {SCANNER_VCPUS} vCPU and {SCANNER_GB} GB"
    yield Line("Fargate, clamd", why, size.scanner_tasks * task * prices.hours_per_month)
    mails = 2.0 * size.new_candidates_per_month
    yield Line("SES", f"{mails:,.0f} mails", mails * each["mail"])


def _by_the_clock(made: Volume, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    """Containers and instances that come and go."""
    each, unit = prices.each, assumed.unit
    hours = unit["mirror_runs_per_day"] * DAYS_PER_MONTH * unit["mirror_hours"]
    usd = hours * _task(SCANNER_VCPUS, SCANNER_GB, each)
    yield Line("Fargate, mirror of definitions", f"{hours:,.0f} h of {SCANNER_VCPUS} vCPU and {SCANNER_GB} GB", usd)
    taking, proving = (
        WEEKS_PER_MONTH * max(SHORTEST_TASK_HOURS, made.database_gb / unit[pace])
        for pace in ("export_gb_per_hour", "proof_gb_per_hour")
    )
    usd = taking * _task(EXPORT_VCPUS, EXPORT_GB, each) + proving * _task(PROOF_VCPUS, PROOF_GB, each)
    yield Line("Fargate, exports and proofs", f"{taking:,.0f} h and {proving:,.0f} h of {EXPORT_VCPUS} vCPU", usd)
    hours = unit["restore_test_runs_per_month"] * unit["restore_test_hours"]
    disk_gb_months = made.database_gb * unit["database_headroom"] * hours / prices.hours_per_month
    usd = hours * prices.database_hour[RESTORE_TEST_CLASS] + disk_gb_months * each["database_gb_month"]
    yield Line("RDS, restore tests", f"{hours:,.1f} h of {RESTORE_TEST_CLASS} and its disk", usd)


def _task(vcpus: float, gb: float, each: Mapping[str, float]) -> float:
    """USD for an hour of a task on Fargate."""
    return vcpus * each["fargate_vcpu_hour"] + gb * each["fargate_gb_hour"]


def _network(size: Size, made: Volume, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    each, hours = prices.each, prices.hours_per_month
    endpoints, in_one_zone = assumed.fixed["interface_endpoints"], assumed.fixed["endpoints_in_one_zone"]
    usd = ((endpoints - in_one_zone) * size.zones + in_one_zone) * each["endpoint_zone_hour"] * hours
    yield Line("VPC endpoints", f"{endpoints} in {size.zones} zone{'s' * (size.zones > 1)}", usd)
    if size.webhooks or size.sentry:
        webhooks_kb = made.jobs * WEBHOOK_KB * size.webhooks
        traces_kb = (made.requests + made.jobs) * SENTRY_TRACES_SHARE * SENTRY_TRACE_KB * size.sentry
        gb = (webhooks_kb + traces_kb) / KB_PER_GB
        yield Line("NAT gateway", f"one, {gb:,.1f} GB", each["nat_hour"] * hours + gb * each["nat_gb"])
    out_gb = made.requests * assumed.unit["response_kb"] / KB_PER_GB + 0.2 * made.documents_gb / 12
    yield Line("Data to the internet", f"{out_gb:,.0f} GB", out_gb * each["internet_gb"])
    rules = assumed.fixed["firewall_rules"]
    usd = each["firewall_month"] + rules * each["firewall_rule_month"] + made.requests * each["firewall_request"]
    yield Line("WAF", f"{rules} rules, {made.requests:,.0f} requests", usd)


def _storage(made: Volume, prices: Prices) -> Iterator[Line]:
    each = prices.each
    kept_gb = made.documents_gb + 5 * made.database_gb * 0.25  # five weekly exports, compressed to a quarter
    requests = made.documents * (3 * each["s3_write"] + 5 * each["s3_read"])
    yield Line("S3", f"{kept_gb:,.0f} GB: documents, exports", kept_gb * each["s3_gb_month"] + requests)


def _seen(made: Volume, prices: Prices, assumed: Assumptions) -> Iterator[Line]:
    each, fixed, unit = prices.each, assumed.fixed, assumed.unit
    usd = made.log_gb * (each["log_gb"] + unit["log_months"] * each["log_gb_month"])
    yield Line("CloudWatch Logs", f"{made.log_gb:,.1f} GB a month", usd)
    usd = (
        fixed["alarm_metrics"] * each["alarm_month"]
        + fixed["composite_alarms"] * each["composite_alarm_month"]
        + fixed["custom_metrics"] * each["custom_metric_month"]
        + each["dashboard_month"]
    )
    yield Line("CloudWatch alarms and metrics", f"{fixed['alarms']} alarms, {fixed['custom_metrics']} metrics", usd)
    traces = made.requests * unit["trace_share"]
    yield Line("X-Ray", f"{traces:,.0f} traces", traces * each["trace"])
    usd = fixed["secrets"] * each["secret_month"] + fixed["keys"] * each["key_month"]
    yield Line("Secrets and keys", f"{fixed['secrets']} secrets, {fixed['keys']} keys", usd)
