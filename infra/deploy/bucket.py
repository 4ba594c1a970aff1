"""The bucket that holds packages, templates and the list of releases: made at the first deployment, kept for good.

What is stored is named by its content, so that nothing is sent twice and nothing that a release names ever changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import Aws, code_of
from infra.deploy.errors import Refused

NOT_THERE = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}
LIFECYCLE: dict[str, Any] = {
    "Rules": [
        {
            "ID": "tidy",
            "Status": "Enabled",
            "Filter": {},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            # Packages of releases are kept: each is a few cents a year, and one of them is the way back.
            "NoncurrentVersionExpiration": {"NoncurrentDays": 365},
        }
    ]
}
ENCRYPTION: dict[str, Any] = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The deployment bucket of one account and region. Every call names the owner: a bucket of this name that belongs
    to somebody else is never written to."""

    aws: Aws

    @property
    def name(self) -> str:
        return f"recruitpro-deployments-{self.aws.account_id}-{self.aws.region}"

    @property
    def _owned(self) -> dict[str, str]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self.aws.account_id}

    def exists(self) -> bool:
        """Whether it is there and ours; raises Refused when it is somebody else's."""
        try:
            self.aws.s3.head_bucket(**self._owned)
        except ClientError as error:
            if code_of(error) in NOT_THERE:
                return False
            raise Refused(f"the deployment bucket {self.name} is not yours to use: {error}") from error
        return True

    def ensure(self) -> None:
        """Make it where it is missing, and set it up as it should be, once more if a first time was cut short."""
        s3 = self.aws.s3
        if not self.exists():
            place = {} if self.aws.region == "us-east-1" else {"LocationConstraint": self.aws.region}
            s3.create_bucket(Bucket=self.name, **({"CreateBucketConfiguration": place} if place else {}))
        s3.put_public_access_block(**self._owned, PublicAccessBlockConfiguration=CLOSED)
        s3.put_bucket_versioning(**self._owned, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(**self._owned, ServerSideEncryptionConfiguration=ENCRYPTION)
        s3.put_bucket_lifecycle_configuration(**self._owned, LifecycleConfiguration=LIFECYCLE)
        s3.put_bucket_policy(**self._owned, Policy=json.dumps(self._policy()))

    def _policy(self) -> dict[str, Any]:
        arn = f"arn:{self.aws.session.get_partition_for_region(self.aws.region)}:s3:::{self.name}"
        statement = {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def put_file(self, folder: str, path: Path) -> tuple[str, bool]:
        """The key under which the content of `path` is stored, and whether it had to be sent."""
        return self._put(folder, path.read_bytes(), path.suffix)

    def put_json(self, folder: str, content: Any) -> tuple[str, bool]:
        """The key under which `content` is stored, and whether it had to be sent."""
        return self._put(folder, json.dumps(content, sort_keys=True, separators=(",", ":")).encode(), ".json")

    def _put(self, folder: str, content: bytes, suffix: str) -> tuple[str, bool]:
        key = f"{folder}/{hashlib.sha256(content).hexdigest()}{suffix}"
        try:
            self.aws.s3.head_object(**self._owned, Key=key)
        except ClientError as error:
            if code_of(error) not in NOT_THERE:
                raise
            self.aws.s3.put_object(**self._owned, Key=key, Body=content, ChecksumAlgorithm="SHA256")
            return key, True
        return key, False

    def write_once(self, key: str, content: Any) -> bool:
        """Store `content` unless the key is taken; whether it was free."""
        body = json.dumps(content, indent=1, sort_keys=True).encode()
        try:
            self.aws.s3.put_object(**self._owned, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json")
        except ClientError as error:
            if code_of(error) in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                return False
            raise
        return True

    def read_json(self, key: str) -> Any:
        """What is stored under `key`."""
        return json.loads(self.aws.s3.get_object(**self._owned, Key=key)["Body"].read())

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`."""
        for page in self.aws.s3.get_paginator("list_objects_v2").paginate(**self._owned, Prefix=prefix):
            yield from (each["Key"] for each in page.get("Contents", []))

    def url(self, key: str) -> str:
        """Where CloudFormation reads a template that is too large to be sent along."""
        suffix = "amazonaws.com.cn" if self.aws.region.startswith("cn-") else "amazonaws.com"
        return f"https://{self.name}.s3.{self.aws.region}.{suffix}/{key}"
