"""The bucket of exports: objects are written once, under a lock, and never written over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.backups.export_cipher import pieces
from chalicelib.backups.exports import PREFIX
from chalicelib.clients import StorageUnavailable, errors_as

# S3 takes at most 10,000 parts: 160 GB in one export. Memory holds one.
PART_BYTES = 16 * 1024 * 1024
READ_BYTES = 256 * 1024
# Who may lift it is an operator with s3:BypassGovernanceRetention, which neither task has.
LOCK = "GOVERNANCE"
DOWN = "the bucket of backups does not answer now"


@dataclass(slots=True)
class Kept:
    """What lies under one key: its newest version, and how many there are. `is_deleted` when a marker hides them."""

    version: str = ""
    versions: int = 0
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class ExportStore:
    """One bucket. Every method raises StorageUnavailable when S3 does not answer."""

    s3: Any = field(repr=False)
    bucket: str

    def kept(self) -> dict[str, Kept]:
        """All that lies under exports/, by key."""
        found: dict[str, Kept] = {}
        with errors_as(StorageUnavailable, DOWN):
            pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=PREFIX)
            for page in pages:
                for each in page.get("Versions", []):
                    key = found.setdefault(each["Key"], Kept())
                    key.versions += 1
                    key.version = each["VersionId"] if each["IsLatest"] else key.version
                for each in page.get("DeleteMarkers", []):
                    key = found.setdefault(each["Key"], Kept())
                    key.is_deleted = key.is_deleted or each["IsLatest"]
        return found

    def put(self, key: str, content: bytes, *, locked_until: datetime) -> None:
        """Store a small object, unless there is one: nothing is ever written over."""
        with errors_as(StorageUnavailable, DOWN):
            self.s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
                **_lock(locked_until),
            )

    def put_stream(self, key: str, chunks: Iterable[bytes], *, locked_until: datetime) -> None:
        """Store chunks as one object, part by part. Whatever `chunks` raises is passed on, and nothing is stored."""
        with errors_as(StorageUnavailable, DOWN):
            upload = self.s3.create_multipart_upload(
                Bucket=self.bucket, Key=key, ContentType="application/octet-stream", **_lock(locked_until)
            )
            place = {"Bucket": self.bucket, "Key": key, "UploadId": upload["UploadId"]}
            try:
                parts = [self._part(place, number, each) for number, each in enumerate(pieces(chunks, PART_BYTES), 1)]
                self.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
            except BaseException:
                # An upload that is left open here is ended by the bucket's own rule.
                with suppress(Exception):
                    self.s3.abort_multipart_upload(**place)
                raise

    def _part(self, place: dict[str, str], number: int, content: bytes) -> dict[str, Any]:
        # boto3 sends a checksum with each part, which S3 compares with what arrived.
        return {"PartNumber": number, "ETag": self.s3.upload_part(**place, PartNumber=number, Body=content)["ETag"]}

    def stream(self, key: str, version: str) -> Iterator[bytes]:
        """One version, in chunks."""
        with errors_as(StorageUnavailable, DOWN):
            body = self.s3.get_object(Bucket=self.bucket, Key=key, VersionId=version)["Body"]
            yield from body.iter_chunks(READ_BYTES)

    def read(self, key: str, version: str) -> bytes:
        """One version of a small object."""
        return b"".join(self.stream(key, version))


def _lock(until: datetime) -> dict[str, Any]:
    return {"ObjectLockMode": LOCK, "ObjectLockRetainUntilDate": until}
