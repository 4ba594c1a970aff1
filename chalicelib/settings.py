"""Settings: every environment variable, read, typed and checked in one place.

`settings()` reads `RECRUITPRO_*` once per process. All mistakes are named at once, a misspelt variable included, so
that a start-up is corrected in one go and not one variable at a time. `docs/settings.md` is generated from this file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from chalicelib.declared import Declared, Mistakes, Secret, field

VERSION = "0.1.0"
PREFIX = "RECRUITPRO_"
RATE = re.compile(r"(\d+)/(second|minute|hour)")
POSTGRESQL_URL = re.compile(r"postgres(ql)?(\+\w+)?://")
SHORTEST_SECRET = 32
LOCAL_SENDER = "hello@recruitpro.example"
LOCAL_FRONTEND = "http://localhost:3000"
WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~-]+)*")
SENTRY_DSN = re.compile(r"https?://[\w-]+(:[\w-]+)?@[A-Za-z0-9.-]+(:\d{1,5})?(/[\w.-]+)*/\d+")
SECONDS_IN = {"second": 1, "minute": 60, "hour": 3600}


class Environment(StrEnum):
    """Where the system runs (Chalice says "stage", we do not: a stage is a step in a position's pipeline)."""

    LOCAL = "local"
    DEV = "dev"
    STAGING = "staging"
    PRODUCTION = "production"


class ScannerKind(StrEnum):
    CLAMD = "clamd"
    EICAR_ONLY = "eicar_only"


class SettingsMistake(SystemExit):
    """The environment cannot be used as it is; the text names every variable that is wrong."""


def _long_enough(value: Secret) -> Secret:
    if len(value.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"at least {SHORTEST_SECRET} characters")
    return value


def _of_the_web(value: str) -> str:
    if WEB_ADDRESS.fullmatch(value.rstrip("/")) is None:
        raise ValueError("write it like https://hire.example.com, without a query or fragment")
    return value.rstrip("/")


def _of_sentry(value: Secret) -> Secret:
    if SENTRY_DSN.fullmatch(value.get_secret_value()) is None:
        raise ValueError("write it like https://key@host/project")
    return value


def _of_postgresql(value: Secret) -> Secret:
    if POSTGRESQL_URL.match(value.get_secret_value()) is None:
        raise ValueError("it must begin with postgresql://")
    return value


class Settings(Declared):
    """All that can differ between two installations. Field `x_y` is the variable `RECRUITPRO_X_Y`."""

    prefix = PREFIX

    environment: Environment = field(Environment.LOCAL, description="local, dev, staging or production")
    log_level: str = field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe level logged")
    log_sample_rate: float = field(
        0, ge=0, le=1, description="share of requests and jobs that are logged in detail, each statement with its time"
    )

    database_url: Secret | None = field(
        None,
        check=_of_postgresql,
        description="postgresql://user:password@host:port/name of the application role; else host, name and user",
    )
    database_host: str | None = field(None, description="RDS Proxy endpoint, when there is no database_url")
    database_port: int = field(5432, ge=1, le=65535, description="port of database_host")
    database_name: str = field("recruitpro", description="database at database_host")
    database_user: str = field(
        "recruitpro_app", description="application role at database_host, signed in by IAM token"
    )
    database_ca_file: str | None = field(None, description="CA bundle that the database's certificate must chain to")
    database_pool_size: int = field(
        1, ge=1, le=100, description="connections kept; 1 on Lambda, 20 on a long-lived server"
    )
    database_max_overflow: int = field(0, ge=0, le=100, description="connections above the pool under load")
    database_pool_timeout_seconds: float = field(5, gt=0, le=60, description="longest wait for a free connection")
    database_pool_recycle_seconds: int = field(1500, ge=1, description="age at which a connection is replaced")
    database_pool_pre_ping: bool = field(True, description="test a connection before it is used")
    database_connect_timeout_seconds: float = field(5, gt=0, le=60, description="longest wait for a new connection")
    database_answer_timeout_seconds: float = field(
        30, gt=0, le=900, description="longest silence of the database before a connection counts as lost"
    )
    migration_database_url: Secret | None = field(
        None, check=_of_postgresql, description="the owner's URL; used by migrations alone"
    )
    database_direct_host: str | None = field(
        None, description="the database itself, past the proxy; for what prepares and migrates it"
    )
    database_direct_ca_file: str | None = field(
        None, description="CA bundle that the certificate of database_direct_host must chain to"
    )
    database_master_secret_arn: str | None = field(
        None, description="Secrets Manager ARN of the master's user name and password, as RDS keeps them"
    )
    database_app_secret_arn: str | None = field(
        None, description="Secrets Manager ARN of the application role's password, by which the proxy signs in"
    )

    aws_endpoint_url: str | None = field(None, description="where moto answers for AWS; empty on AWS itself")
    aws_region: str = field("eu-central-1", description="region of buckets and queues")
    upload_bucket: str = field("recruitpro-local-uploads", description="bucket that receives uploads")
    clean_bucket: str = field("recruitpro-local-clean", description="bucket of documents with a clean verdict")
    quarantine_bucket: str = field(
        "recruitpro-local-quarantine", description="bucket with object lock that keeps malware"
    )
    export_bucket: str = field("recruitpro-local-exports", description="bucket of exports and of pieces of imports")
    backup_bucket: str = field(
        "recruitpro-local-backups", description="bucket with object lock of logical exports and of the log of erasures"
    )
    export_key_id: str | None = field(
        None,
        description="KMS key that wraps the data keys of logical exports; needed outside local to take or prove one",
    )
    export_lock_days: int = field(
        35, ge=1, le=3650, description="how long nobody may delete a logical export of the database"
    )
    export_database_url: Secret | None = field(
        None,
        description="postgresql:// URL of recruitpro_exporter, who sees every row; else database_host and an IAM token",
    )
    quarantine_days: int = field(90, ge=1, le=3650, description="how long malware is locked in quarantine")
    release_hours: int = field(
        24, ge=1, le=168, description="how long a second admin may approve the release of a false alarm"
    )
    backup_instance: str | None = field(
        None, description="RDS instance that a snapshot is taken of every night; empty: none is taken"
    )
    backup_copy_region: str | None = field(None, description="region that snapshots are copied to; empty: none")
    backup_copy_kms_key: str = field(
        "alias/aws/rds", description="KMS key of that region by which the copies are encrypted"
    )
    restore_test_instance_class: str = field(
        "db.t4g.micro", description="machine that a snapshot is restored to for a test"
    )
    restore_test_subnet_group: str | None = field(
        None, description="RDS subnet group of restore tests; empty: none are made"
    )
    restore_test_security_group: str | None = field(
        None,
        description="security group of restore tests, which lets in the function that looks at them and nobody else",
    )
    scan_queue_url: str = field("", description="SQS queue of S3 notifications and scans")
    high_queue_url: str = field("", description="SQS queue of jobs that somebody waits for")
    default_queue_url: str = field("", description="SQS queue of ordinary jobs")
    low_queue_url: str = field("", description="SQS queue of jobs that can wait")
    webhook_queue_url: str = field("", description="SQS queue of deliveries to webhooks")

    scan_dead_letter_queue_url: str = field("", description="SQS queue of scan messages that were given up")
    high_dead_letter_queue_url: str = field("", description="SQS queue of high messages that were given up")
    default_dead_letter_queue_url: str = field("", description="SQS queue of default messages that were given up")
    low_dead_letter_queue_url: str = field("", description="SQS queue of low messages that were given up")
    webhook_dead_letter_queue_url: str = field("", description="SQS queue of webhook messages that were given up")

    scanner: ScannerKind = field(ScannerKind.CLAMD, description="clamd, or eicar_only (local environment only)")
    clamd_host: str = field("127.0.0.1", description="host of clamd")
    clamd_port: int = field(3310, ge=1, le=65535, description="TCP port of clamd")
    clamd_socket: str | None = field(None, description="unix socket of clamd; wins over host and port")
    clamd_connect_timeout_seconds: float = field(3, gt=0, le=60, description="longest wait for a connection to clamd")
    clamd_timeout_seconds: float = field(
        30, gt=0, le=300, description="longest wait for clamd's whole answer; a second more for every 20 MiB sent"
    )
    clamd_failures_before_pause: int = field(
        5, ge=1, le=100, description="scans without a verdict in a row after which a container asks clamd no more"
    )
    clamd_pause_seconds: float = field(30, ge=0, le=900, description="how long it then waits before it tries again")
    clamd_definitions_max_age_hours: int = field(24, ge=1, description="older definitions are refused outside local")

    upload_max_bytes: int = field(10 * 1024 * 1024, ge=1, le=5 * 1024**3, description="largest document accepted")
    upload_import_max_bytes: int = field(
        1024**3, ge=1, le=5 * 1024**3, description="largest file of candidates accepted for a bulk import"
    )
    archive_max_entries: int = field(
        2_000, ge=1, le=10_000, description="files that a DOCX, XLSX or ZIP may hold, archives within it included"
    )
    archive_max_unpacked_bytes: int = field(
        64 * 1024**2, ge=1024, le=1024**3, description="largest size of a DOCX or ZIP unpacked"
    )
    archive_import_max_unpacked_bytes: int = field(
        1024**3, ge=1024, le=1024**3, description="largest size of a workbook for a bulk import unpacked"
    )
    archive_max_ratio: int = field(
        100, ge=2, le=1000, description="how many times its packed size a part above 1 MiB may unpack to"
    )
    archive_max_depth: int = field(
        3, ge=1, le=10, description="levels of archives within archives, the upload itself being the first"
    )
    upload_link_seconds: int = field(900, ge=60, le=3600, description="how long an upload form works")
    upload_lost_after_seconds: int = field(
        120, ge=1, description="an upload whose notification has not come for so long is looked for"
    )
    download_link_seconds: int = field(60, ge=5, le=900, description="how long a download link works")
    reading_timeout_seconds: float = field(20, gt=0, le=600, description="longest time to read one document's text")
    reading_memory_mib: int = field(
        512, ge=64, le=8192, description="address space of the process that reads a document"
    )
    reading_max_pages: int = field(100, ge=1, le=5000, description="a résumé with more pages is refused")

    token_secret: Secret | None = field(
        None, check=_long_enough, description="signs access tokens and cursors, 32 characters or more"
    )
    token_secret_previous: Secret | None = field(
        None, check=_long_enough, description="the token secret before it was changed; what it signed is accepted still"
    )
    token_secret_arn: str | None = field(
        None, description="Secrets Manager ARN of the token secret; needed outside local"
    )
    metrics_token: Secret | None = field(
        None, description="bearer token of GET /metrics; without one nobody reads metrics"
    )
    metrics_token_secret_arn: str | None = field(
        None, description="Secrets Manager ARN of the metrics token; used in place of the token itself"
    )
    access_token_seconds: int = field(900, ge=30, le=86400, description="life of an access token")
    refresh_token_days: int = field(30, ge=1, le=365, description="life of a refresh token")
    open_registration: bool = field(False, description="whether anyone may register an organization")
    password_history_count: int = field(5, ge=0, le=24, description="past passwords refused at a change")

    invitation_hours: int = field(72, ge=1, le=720, description="how long a link to accept an invitation works")
    password_reset_minutes: int = field(60, ge=5, le=1440, description="how long a link to set a new password works")
    frontend_url: str | None = field(
        None,
        check=_of_the_web,
        description="where links in mails lead, https:// outside local; without it no link is mailed there",
    )

    event_address_days: int = field(
        180, ge=1, le=3650, description="how long an event tells the address that a request came from"
    )

    rate_limit_enabled: bool = field(True, description="whether requests are counted and limited")
    rate_limit_default: str = field("100/minute", pattern=RATE.pattern, description="requests per user or address")
    rate_limit_login: str = field(
        "5/minute", pattern=RATE.pattern, description="sign-in attempts per address and account"
    )
    rate_limit_password_reset: str = field(
        "3/hour", pattern=RATE.pattern, description="links to set a new password mailed to an account"
    )
    rate_limit_invitations: str = field(
        "50/hour", pattern=RATE.pattern, description="invitations of an organization, those sent again included"
    )
    login_free_failures: int = field(
        5, ge=1, le=100, description="failed sign-ins in a row after which the next one has to wait"
    )
    login_delay_seconds: int = field(1, ge=0, le=60, description="first such wait; doubles with each failure")
    login_delay_max_seconds: int = field(900, ge=0, le=86400, description="longest such wait")
    trusted_proxy_hops: int = field(
        0, ge=0, le=5, description="proxies of ours in front of API Gateway, a CDN for example"
    )
    force_https: bool = field(False, description="redirect plain HTTP GETs and refuse the rest")
    allowed_hosts: tuple[str, ...] = field(
        (), description="host names that plain HTTP is redirected to, separated by commas; without them it is refused"
    )
    cors_origins: tuple[str, ...] = field((), description="origins of frontends, separated by commas")
    body_max_bytes: int = field(1024 * 1024, ge=1024, le=6 * 1024**2, description="largest request body")

    job_max_attempts: int = field(5, ge=1, le=20, description="attempts before a job is failed")
    job_lease_seconds: int = field(
        360, ge=1, description="a running job with no sign of life for so long is taken over"
    )
    job_retry_base_seconds: int = field(
        1, ge=0, le=60, description="first delay before another attempt; doubles each time"
    )
    job_lost_after_seconds: int = field(900, ge=5, description="a queued job unheard of for so long is sent again")
    outbox_grace_seconds: int = field(20, ge=0, description="age at which an unsent job is sent by the sweep")
    job_result_hours: int = field(1, ge=1, description="how long a succeeded job keeps its result")
    job_failure_hours: int = field(24, ge=1, description="how long a failed job keeps its error")

    mail_sender: str | None = field(
        None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="address that all mail comes from, verified in SES; hello@recruitpro.example in local",
    )
    mail_configuration_set: str | None = field(None, description="SES configuration set, for bounces and complaints")

    webhooks_enabled: bool = field(
        True,
        description="whether webhooks are delivered and can be added; off where functions cannot reach the internet",
    )
    webhook_allowed_ports: tuple[int, ...] = field(
        (443,), description="ports that webhooks may be sent to, separated by commas; any in local"
    )
    webhook_timeout_seconds: float = field(15, ge=1, le=60, description="longest time to deliver a webhook once")
    webhook_delivery_days: int = field(30, ge=1, le=365, description="how long deliveries of webhooks are kept")
    outbound_allowed_hosts: tuple[str, ...] = field(
        (), description="hosts that webhooks may reach though their addresses are private, separated by commas"
    )
    outbound_ca_file: str | None = field(
        None, description="CA bundle trusted for webhooks beside those that the system trusts"
    )

    sentry_dsn: Secret | None = field(
        None,
        check=_of_sentry,
        description="https://key@host/project of Sentry, where errors are reported; empty: nowhere",
    )
    sentry_traces_share: float = field(
        0.1, ge=0, le=1, description="share of requests and runs of functions that Sentry gets a trace of"
    )

    def _together(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        environment = values.get("environment", Environment.LOCAL)
        if environment not in set(Environment) or environment == Environment.LOCAL:
            return []
        return _unsafe(values)

    @property
    def sender_address(self) -> str | None:
        """The address that messages come from; None where nobody has set one, and nothing can be sent."""
        return self.mail_sender or (LOCAL_SENDER if self.is_local else None)

    @property
    def frontend_address(self) -> str | None:
        """Where links in mails lead; None where nobody has set it, and no link can be mailed."""
        return self.frontend_url or (LOCAL_FRONTEND if self.is_local else None)

    @property
    def is_local(self) -> bool:
        return self.environment is Environment.LOCAL


def _unsafe(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What does not go together outside the local environment."""
    unsafe = []
    if values.get("scanner") == ScannerKind.EICAR_ONLY:
        unsafe.append(("scanner", "eicar_only exists in the local environment alone"))
    if not values.get("token_secret_arn"):
        unsafe.append(("token_secret_arn", "needed outside local, the secret itself is not accepted"))
    for name in ("frontend_url", "sentry_dsn"):
        value = values.get(name)
        address = value.get_secret_value() if isinstance(value, Secret) else value
        if address is not None and not address.startswith("https://"):
            unsafe.append((name, "it must begin with https:// outside local"))
    return unsafe


def parse_rate(rate: str) -> tuple[int, int]:
    """`100/minute` as (100 requests, 60 seconds)."""
    match = RATE.fullmatch(rate)
    if match is None:
        raise ValueError(f"not a rate: {rate!r}")
    return int(match[1]), SECONDS_IN[match[2]]


def read(environ: Mapping[str, str]) -> Settings:
    """Settings from `environ`; raises SettingsMistake naming every variable that is wrong or unknown."""
    values: dict[str, Any] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX) and value
    }
    try:
        return Settings.of(values)
    except Mistakes as mistake:
        raise SettingsMistake("settings are wrong:\n  " + "\n  ".join(mistake.lines)) from None


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ)
