"""The buckets and queues of the local environment, shaped as the CloudFormation template shapes them in AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.clients import Bucket

PREFIX = "recruitpro-local-"
BUCKETS = {bucket: PREFIX + bucket.value for bucket in Bucket}
UPLOAD_BUCKET = BUCKETS[Bucket.UPLOADS]
QUEUES = ("scan", "high", "default", "low", "webhook")
# Below this the bucket's objects belong to an organization; nothing else is scanned.
UPLOAD_PREFIX = "organizations/"
MAX_RECEIVE_COUNT = 5
# A batch of ten résumés takes seconds; AWS has six times the function's time-out here.
VISIBILITY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Queue:
    """A work queue and where its poison messages go."""

    name: str
    url: str
    arn: str
    dead_letter_url: str


def client(service: str, endpoint_url: str, region: str) -> Any:
    """A boto3 client of the local AWS; S3 addressed by path, as 127.0.0.1 has no bucket host names."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - moto accepts any
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}, connect_timeout=5, read_timeout=30),
    )


def ensure_queues(sqs: Any) -> dict[str, Queue]:
    """Every queue with its dead-letter queue, created where missing, by short name."""
    queues = {}
    for short in QUEUES:
        dead_letter_url = sqs.create_queue(QueueName=f"{PREFIX}{short}-dlq")["QueueUrl"]
        redrive = {"deadLetterTargetArn": _arn(sqs, dead_letter_url), "maxReceiveCount": str(MAX_RECEIVE_COUNT)}
        url = sqs.create_queue(
            QueueName=f"{PREFIX}{short}",
            Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": json.dumps(redrive)},
        )["QueueUrl"]
        queues[short] = Queue(short, url, _arn(sqs, url), dead_letter_url)
    return queues


def ensure_sender(ses: Any, address: str) -> None:
    """The address that messages to candidates come from, verified as an operator verifies it in AWS."""
    try:
        ses.create_email_identity(EmailIdentity=address)
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "AlreadyExistsException":
            raise


def _arn(sqs: Any, url: str) -> str:
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


def ensure_buckets(
    s3: Any, names: Mapping[Bucket, str], *, region: str, origins: list[str], scan_queue_arn: str
) -> None:
    """Every bucket as the template makes it: versioned; uploads and clean ones open to the frontends' origins; the scan
    queue told of every upload; quarantine and backups with object lock."""
    for bucket, name in names.items():
        _ensure_bucket(s3, name, region, has_lock=bucket in {Bucket.QUARANTINE, Bucket.BACKUPS})
    for bucket, method in ((Bucket.UPLOADS, "POST"), (Bucket.CLEAN, "GET"), (Bucket.EXPORTS, "GET")):
        rule = {"AllowedMethods": [method], "AllowedOrigins": origins, "AllowedHeaders": ["*"]}
        s3.put_bucket_cors(Bucket=names[bucket], CORSConfiguration={"CORSRules": [rule | {"ExposeHeaders": ["ETag"]}]})
    notification = {
        "QueueArn": scan_queue_arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": UPLOAD_PREFIX}]}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=names[Bucket.UPLOADS], NotificationConfiguration={"QueueConfigurations": [notification]}
    )


def _ensure_bucket(s3: Any, name: str, region: str, *, has_lock: bool) -> None:
    place = {"LocationConstraint": region}
    try:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=has_lock)
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
