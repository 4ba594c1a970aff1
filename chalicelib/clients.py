"""What lives outside this process: S3, SQS, SES, ClamAV, the rater and the writer, each behind a Protocol and built
once per container.

Nothing is imported or connected before it is asked for: boto3 alone takes longer to import than most requests to
answer. This is the only module that knows boto3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.errors import Unavailable
from chalicelib.settings import ScannerKind, Settings, settings

if TYPE_CHECKING:
    from email.message import EmailMessage

    from chalicelib.auth.rotation import Vault
    from chalicelib.backups.rds import Instances, Snapshots
    from chalicelib.documents.scanner import Scanner
    from chalicelib.jobs.models import JobMessage
    from chalicelib.outreach.material import Writer
    from chalicelib.screening.rating import Rater

SQS_BATCH = 10
PROMPT_SECONDS = 1.0
MAKING = Lock()
DOWN = "the queue does not answer now"


class StorageUnavailable(Unavailable):
    """S3 does not answer."""

    code = "storage_unavailable"


class QueueUnavailable(Unavailable):
    """SQS does not answer, or took only a part of a batch."""

    code = "queue_unavailable"


class Bucket(StrEnum):
    """Where files are kept, by what may be done with them."""

    UPLOADS = "uploads"
    """Written by forms; read by the scan and by nobody else."""
    CLEAN = "clean"
    """Copies of exactly what a scan found clean: the only ones that anybody reads."""
    QUARANTINE = "quarantine"
    """Malware, under object lock."""
    EXPORTS = "exports"
    """What jobs write: exports, and pieces of imports."""
    BACKUPS = "backups"
    """What outlives the database, under object lock: logical exports of it, and which erasures it has to repeat."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of one object."""

    bucket: Bucket
    key: str
    version: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object version as it really is in the bucket."""

    key: str
    version: str
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version under a key, or (`is_marker`) the mark that an object was deleted."""

    version: str
    stored_at: datetime
    is_marker: bool = False


@dataclass(frozen=True, slots=True)
class Wiped:
    """How many versions were deleted for good, and how many a lock keeps."""

    versions: int
    kept: int


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy is to be: its key, its type, and the SHA-256 that its bytes must have. Until `locked_until` nobody
    deletes it."""

    key: str
    content_type: str
    sha256: str
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class UploadForm:
    """An S3 presigned POST: where to send a file, and the fields to send before it."""

    url: str
    fields: dict[str, str]


class Sink(Protocol):
    """Takes bytes in chunks: a file, a stream."""

    def write(self, chunk: bytes, /) -> object: ...


class Storage(Protocol):
    """One bucket."""

    def upload_form(self, key: str, *, content_type: str, size_bytes: int, expires_seconds: int) -> UploadForm: ...
    def download_link(
        self, key: str, version: str, *, filename: str, expires_seconds: int, content_type: str | None = None
    ) -> str: ...
    def find(self, key: str) -> StoredObject | None: ...
    def fetch(self, key: str, version: str, into: Sink) -> None: ...
    def put(self, key: str, content: bytes, *, content_type: str) -> str: ...
    def upload_stream(self, key: str, chunks: Iterable[bytes], *, content_type: str) -> StoredObject: ...
    def copy(self, source: ObjectVersion, copy: Copy, *, reuse_since: datetime | None = None) -> str: ...
    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]: ...
    def versions(self, key: str) -> list[KeptVersion]: ...
    def delete(self, key: str, version: str) -> None: ...
    def wipe(self, prefix: str) -> Wiped: ...
    def check(self) -> None: ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, in hand for half a minute."""

    id: str
    body: str
    receipt_handle: str


class Queues(Protocol):
    """The queues of jobs."""

    def send(self, queue: str, messages: Sequence[JobMessage]) -> None: ...
    def delay(self, queue_arn: str, receipt_handle: str, seconds: int) -> None: ...
    def count_dead(self, queue: str) -> int: ...
    def take_dead(self, queue: str) -> list[DeadLetter]: ...
    def delete_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None: ...
    def release_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None: ...
    def check(self) -> None: ...


class Mail(Protocol):
    """The mail service. A message that was not certainly refused is not handed over twice (chalicelib/mail.py)."""

    def send(self, message: EmailMessage) -> str: ...


def _boto_client(
    service: str, *, tries: int = 4, region: str | None = None, connect_seconds: float = 3, answer_seconds: float = 10
) -> Any:
    import boto3
    from botocore.config import Config

    config = settings()
    options = Config(
        connect_timeout=connect_seconds,
        read_timeout=answer_seconds,
        retries={"total_max_attempts": tries, "mode": "standard"},
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path" if config.aws_endpoint_url else "virtual"},
    )
    make: Any = boto3.client
    where = {"region_name": region or config.aws_region, "endpoint_url": config.aws_endpoint_url}
    # The session behind it is made by the first call, and two threads at once would get half of one.
    with MAKING:
        return make(service, config=options, **where)


@cache
def _prompt_client(service: str, _config: Settings) -> Any:
    return _boto_client(service, tries=1, connect_seconds=PROMPT_SECONDS, answer_seconds=PROMPT_SECONDS)


def prompt_storage(bucket: Bucket) -> Storage:
    """As `storage`, for a look at whether it is there: gives up after a second of silence."""
    from chalicelib.storage import S3Storage

    return S3Storage(_prompt_client("s3", settings()), bucket_names(settings()), bucket)


def prompt_queues() -> Queues:
    """As `queues`, for a look at whether they are there: gives up after a second of silence."""
    return SqsQueues(_prompt_client("sqs", settings()), settings())


@cache
def storage(bucket: Bucket) -> Storage:
    from chalicelib.storage import S3Storage

    return S3Storage(_s3(), bucket_names(settings()), bucket)


def bucket_names(config: Settings) -> dict[Bucket, str]:
    """What each bucket is called here."""
    return {
        Bucket.UPLOADS: config.upload_bucket,
        Bucket.CLEAN: config.clean_bucket,
        Bucket.QUARANTINE: config.quarantine_bucket,
        Bucket.EXPORTS: config.export_bucket,
        Bucket.BACKUPS: config.backup_bucket,
    }


@cache
def _s3() -> Any:
    return _boto_client("s3")


@cache
def queues() -> Queues:
    return SqsQueues(_boto_client("sqs"), settings())


@cache
def scanner() -> Scanner:
    """ClamAV as configured; the development-only scanner refuses to exist outside the local environment."""
    from datetime import timedelta

    from chalicelib.documents.circuit import Circuit, GuardedScanner
    from chalicelib.documents.scanner import ClamdScanner, EicarOnlyScanner

    config = settings()
    if config.scanner is ScannerKind.EICAR_ONLY:
        return EicarOnlyScanner(environment=config.environment)
    clamd = ClamdScanner(
        host=config.clamd_host,
        port=config.clamd_port,
        socket_path=config.clamd_socket,
        connect_timeout_seconds=config.clamd_connect_timeout_seconds,
        timeout_seconds=config.clamd_timeout_seconds,
        definitions_max_age=None if config.is_local else timedelta(hours=config.clamd_definitions_max_age_hours),
    )
    return GuardedScanner(clamd, Circuit(config.clamd_failures_before_pause, config.clamd_pause_seconds))


@cache
def rater() -> Rater:
    """Who rates applications: the offline engine."""
    from chalicelib.screening.engine import OfflineRater

    return OfflineRater()


@cache
def writer() -> Writer:
    """Who writes messages to candidates: the offline writer."""
    from chalicelib.outreach.writer import OfflineWriter

    return OfflineWriter()


@cache
def mail() -> Mail:
    from chalicelib.mail import SesMail

    # boto3 would send a second time when the answer to the first does not come.
    return SesMail(_boto_client("sesv2", tries=1), settings().mail_configuration_set)


@cache
def snapshots(region: str) -> Snapshots:
    """The snapshots of RDS in a region; copies made there are encrypted as configured."""
    from chalicelib.backups.rds_client import RdsSnapshots

    return RdsSnapshots(_boto_client("rds", region=region), region, kms_key=settings().backup_copy_kms_key)


@cache
def instances() -> Instances:
    """The instances of RDS in our region."""
    from chalicelib.backups.rds_client import RdsInstances

    return RdsInstances(_boto_client("rds"))


@cache
def secret(arn: str) -> str:
    """A secret's text from Secrets Manager, fetched once per container."""
    return str(_boto_client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


class SecretsUnavailable(Unavailable):
    """Secrets Manager does not answer."""

    code = "secrets_unavailable"


def secret_version(arn: str, stage: str) -> str | None:
    """A secret's text at a stage (`AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING`), as it is now; None when none has it.
    Raises SecretsUnavailable."""
    client = _secrets()
    with errors_as(SecretsUnavailable, "the secret store does not answer now"):
        try:
            return str(client.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"])
        except client.exceptions.ResourceNotFoundException:
            return None


def vault(arn: str) -> Vault:
    """A secret whose versions can be changed; for those who rotate it."""
    from chalicelib.vault import SecretsManagerVault

    return SecretsManagerVault(_secrets(), arn)


@cache
def _secrets() -> Any:
    return _boto_client("secretsmanager", tries=2)


def database_token(config: Settings) -> str:
    """An IAM sign-in token for the database: signed locally, good for 15 minutes, checked at connect only."""
    return str(
        _boto_client("rds").generate_db_auth_token(
            DBHostname=config.database_host,
            Port=config.database_port,
            DBUsername=config.database_user,
            Region=config.aws_region,
        )
    )


class SqsQueues:
    """Queues on SQS."""

    def __init__(self, sqs: Any, config: Settings) -> None:
        self._sqs = sqs
        self._urls = {
            "scan": config.scan_queue_url,
            "high": config.high_queue_url,
            "default": config.default_queue_url,
            "low": config.low_queue_url,
            "webhook": config.webhook_queue_url,
        }
        self._dead_urls = {
            "scan": config.scan_dead_letter_queue_url,
            "high": config.high_dead_letter_queue_url,
            "default": config.default_dead_letter_queue_url,
            "low": config.low_dead_letter_queue_url,
            "webhook": config.webhook_dead_letter_queue_url,
        }

    def send(self, queue: str, messages: Sequence[JobMessage]) -> None:
        """Send job messages, ten to a call; raises QueueUnavailable unless every one was taken.

        The message group is the organization: on a standard queue SQS then shares its deliveries out fairly.
        """
        for start in range(0, len(messages), SQS_BATCH):
            entries = [
                {
                    "Id": str(number),
                    "MessageBody": json.dumps(message.as_json()),
                    "MessageGroupId": str(message.organization_id),
                }
                for number, message in enumerate(messages[start : start + SQS_BATCH])
            ]
            with errors_as(QueueUnavailable, DOWN):
                answer = self._sqs.send_message_batch(QueueUrl=self._urls[queue], Entries=entries)
            if answer.get("Failed"):
                raise QueueUnavailable(f"{len(answer['Failed'])} messages were not taken")

    def delay(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        """Bring a received message back after `seconds`."""
        name = queue_arn.rsplit(":", 1)[-1]
        url = next(url for url in self._urls.values() if url.rsplit("/", 1)[-1] == name)
        self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)

    def count_dead(self, queue: str) -> int:
        """About how many messages of a queue were given up. Raises QueueUnavailable."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with errors_as(QueueUnavailable, DOWN):
            answer = self._sqs.get_queue_attributes(QueueUrl=self._dead_urls[queue], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def take_dead(self, queue: str) -> list[DeadLetter]:
        """Up to ten messages that were given up; each comes back after half a minute unless it is deleted, or at once
        when it is released."""
        with errors_as(QueueUnavailable, DOWN):
            # Without a wait SQS asks some of its servers only, and says that a queue is empty which is not.
            answer = self._sqs.receive_message(
                QueueUrl=self._dead_urls[queue],
                MaxNumberOfMessages=SQS_BATCH,
                VisibilityTimeout=30,
                WaitTimeSeconds=1,
            )
        return [
            DeadLetter(each["MessageId"], each["Body"], each["ReceiptHandle"]) for each in answer.get("Messages", [])
        ]

    def delete_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        """Delete given-up messages, at most ten."""
        if not letters:
            return
        entries = [{"Id": str(number), "ReceiptHandle": letter.receipt_handle} for number, letter in enumerate(letters)]
        with errors_as(QueueUnavailable, DOWN):
            self._sqs.delete_message_batch(QueueUrl=self._dead_urls[queue], Entries=entries)

    def release_dead(self, queue: str, letters: Sequence[DeadLetter]) -> None:
        """Let given-up messages be taken by others at once, at most ten."""
        if not letters:
            return
        entries = [
            {"Id": str(number), "ReceiptHandle": letter.receipt_handle, "VisibilityTimeout": 0}
            for number, letter in enumerate(letters)
        ]
        with errors_as(QueueUnavailable, DOWN):
            self._sqs.change_message_visibility_batch(QueueUrl=self._dead_urls[queue], Entries=entries)

    def check(self) -> None:
        """Raises QueueUnavailable unless SQS answers."""
        with errors_as(QueueUnavailable, DOWN):
            self._sqs.get_queue_attributes(QueueUrl=self._urls["high"], AttributeNames=["ApproximateNumberOfMessages"])


class errors_as:  # noqa: N801 - reads as a statement
    """Turns whatever boto3 raises for an unreachable service into one of our errors."""

    def __init__(self, kind: type[Unavailable], detail: str) -> None:
        self._kind, self._detail = kind, detail

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, BotoCoreError | ClientError):
            raise self._kind(self._detail) from error
