"""Buckets on S3."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.clients import (
    Bucket,
    Copy,
    KeptVersion,
    ObjectVersion,
    Sink,
    StorageUnavailable,
    StoredObject,
    UploadForm,
    Wiped,
    errors_as,
)

CHUNK_BYTES = 256 * 1024
PART_BYTES = 8 * 1024 * 1024  # S3 takes at most 10,000 parts, of 5 MiB or more but for the last
DOWN = "the file storage does not answer now"
KINDS = ("Versions", "DeleteMarkers")
# Control characters, line separators, and what turns the direction of writing; see documents/schemas.py.
UNSPEAKABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\]"
)
# Who may lift a governance lock is an operator with s3:BypassGovernanceRetention, which no function has. Under a
# compliance lock nobody could, and a person's right to be erased would have to wait.
LOCK = "GOVERNANCE"


def attachment(filename: str) -> str:
    """The Content-Disposition (RFC 6266, 8187) by which a browser saves a file under this name and never shows it."""
    name = UNSPEAKABLE.sub("_", filename)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class S3Storage:
    """One versioned bucket. Every method raises StorageUnavailable when S3 does not answer."""

    def __init__(self, s3: Any, names: Mapping[Bucket, str], bucket: Bucket) -> None:
        self._s3 = s3
        self._names = names
        self._bucket = names[bucket]
        self._has_locks = bucket is Bucket.QUARANTINE

    def upload_form(self, key: str, *, content_type: str, size_bytes: int, expires_seconds: int) -> UploadForm:
        """A form that takes exactly this key, this type and this many bytes. Signed locally, no call is made."""
        fields = {"Content-Type": content_type}
        conditions = [{"Content-Type": content_type}, ["content-length-range", size_bytes, size_bytes]]
        form = self._s3.generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=expires_seconds
        )
        return UploadForm(form["url"], form["fields"])

    def download_link(
        self, key: str, version: str, *, filename: str, expires_seconds: int, content_type: str | None = None
    ) -> str:
        """A link to one version, which a browser saves under `filename` and never shows in place; with the type that it
        is stored under unless `content_type` is given. Signed locally."""
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "VersionId": version,
            "ResponseContentDisposition": attachment(filename),
        }
        if content_type is not None:
            parameters["ResponseContentType"] = content_type
        return str(self._s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires_seconds))

    def find(self, key: str) -> StoredObject | None:
        """The newest version under `key` as it really is, or None when there is none."""
        with errors_as(StorageUnavailable, DOWN):
            try:
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
            except self._s3.exceptions.ClientError as error:
                if _is_missing(error):
                    return None
                raise
        return StoredObject(key, head.get("VersionId", "null"), head["ContentLength"], head.get("ContentType", ""))

    def fetch(self, key: str, version: str, into: Sink) -> None:
        """Copy one version into a stream, in chunks."""
        with errors_as(StorageUnavailable, DOWN):
            body = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"]
            for chunk in body.iter_chunks(CHUNK_BYTES):
                into.write(chunk)

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        """Store a small object; returns its version."""
        with errors_as(StorageUnavailable, DOWN):
            stored = self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        return str(stored.get("VersionId", "null"))

    def upload_stream(self, key: str, chunks: Iterable[bytes], *, content_type: str) -> StoredObject:
        """Store chunks of any size as one object, part by part: memory holds one part. Whatever `chunks` raises is
        passed on, and nothing is stored then."""
        with errors_as(StorageUnavailable, DOWN):
            upload = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key, ContentType=content_type)
            place = {"Bucket": self._bucket, "Key": key, "UploadId": upload["UploadId"]}
            try:
                parts, size_bytes = self._upload_parts(place, chunks)
                done = self._s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
            except BaseException:
                # An upload that is left open here is ended by the bucket's own rule.
                with suppress(Exception):
                    self._s3.abort_multipart_upload(**place)
                raise
        return StoredObject(key, done.get("VersionId", "null"), size_bytes, content_type)

    def _upload_parts(self, place: dict[str, str], chunks: Iterable[bytes]) -> tuple[list[dict[str, Any]], int]:
        parts, size_bytes = list[dict[str, Any]](), 0
        for number, content in enumerate(_in_parts(chunks), start=1):
            sent = self._s3.upload_part(**place, PartNumber=number, Body=content)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
            size_bytes += len(content)
        return parts, size_bytes

    def copy(self, source: ObjectVersion, copy: Copy, *, reuse_since: datetime | None = None) -> str:
        """Copy exactly one version within S3, up to 5 GB; returns the version of the copy, whose SHA-256 S3 has found
        to be the one wanted. An equal copy since `reuse_since`, which an earlier attempt left, is taken for it. Raises
        StorageUnavailable when the copy is anything else: it is removed then."""
        version = (self._equal_since(copy, reuse_since) if reuse_since else None) or self._copy(source, copy)
        if copy.locked_until is not None:
            retention = {"Mode": LOCK, "RetainUntilDate": copy.locked_until}
            with errors_as(StorageUnavailable, DOWN):
                self._s3.put_object_retention(Bucket=self._bucket, Key=copy.key, VersionId=version, Retention=retention)
        return version

    def _copy(self, source: ObjectVersion, copy: Copy) -> str:
        with errors_as(StorageUnavailable, DOWN):
            answer = self._s3.copy_object(
                Bucket=self._bucket,
                Key=copy.key,
                CopySource={"Bucket": self._names[source.bucket], "Key": source.key, "VersionId": source.version},
                MetadataDirective="REPLACE",
                ContentType=copy.content_type,
                ContentDisposition="attachment",
                TaggingDirective="REPLACE",
                ChecksumAlgorithm="SHA256",
            )
        version = str(answer["VersionId"])
        if self._digest(copy.key, version, answer["CopyObjectResult"]) != copy.sha256:
            with suppress(StorageUnavailable):
                self.delete(copy.key, version)
            raise StorageUnavailable("a copy in the file storage is not what was scanned")
        return version

    def _equal_since(self, copy: Copy, since: datetime) -> str | None:
        """The newest version under the key of `copy`, if it is an equal one that is no older than `since`."""
        with errors_as(StorageUnavailable, DOWN):
            try:
                head = self._s3.head_object(Bucket=self._bucket, Key=copy.key, ChecksumMode="ENABLED")
            except self._s3.exceptions.ClientError as error:
                if _is_missing(error):
                    return None
                raise
        is_equal = _sha256_in(head) == copy.sha256 and head.get("ContentType") == copy.content_type
        return str(head["VersionId"]) if is_equal and head["LastModified"] >= since else None

    def _digest(self, key: str, version: str, told: Mapping[str, Any]) -> str:
        """The SHA-256 of a version in hex: as S3 has told, and from its bytes where it has not."""
        found = _sha256_in(told)
        if found is not None:
            return found
        digest = hashlib.sha256()
        with errors_as(StorageUnavailable, DOWN):
            body = self._s3.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"]
            for chunk in body.iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def keys(self, prefix: str, *, after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in order and from behind `after` on, of objects that are there now."""
        with errors_as(StorageUnavailable, DOWN):
            pages = self._s3.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, StartAfter=after):
                for each in page.get("Contents", []):
                    yield each["Key"]

    def versions(self, key: str) -> list[KeptVersion]:
        """Every version and delete marker under exactly this key, up to 1,000."""
        with errors_as(StorageUnavailable, DOWN):
            listed = self._s3.list_object_versions(Bucket=self._bucket, Prefix=key)
        return [
            KeptVersion(each["VersionId"], each["LastModified"], kind == "DeleteMarkers")
            for kind in KINDS
            for each in listed.get(kind, [])
            if each["Key"] == key
        ]

    def delete(self, key: str, version: str) -> None:
        """Remove one version for good."""
        with errors_as(StorageUnavailable, DOWN):
            self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

    def wipe(self, prefix: str) -> Wiped:
        """Delete every version and delete marker under keys that begin with `prefix`, but for what a lock keeps."""
        versions = kept = 0
        with errors_as(StorageUnavailable, DOWN):
            pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            for each in [each for page in pages for kind in KINDS for each in page.get(kind, [])]:
                if self._delete_unless_locked({"Key": each["Key"], "VersionId": each["VersionId"]}):
                    versions += "Size" in each  # a delete marker has none
                else:
                    kept += 1
        return Wiped(versions, kept)

    def _delete_unless_locked(self, version: Mapping[str, str]) -> bool:
        try:
            self._s3.delete_object(Bucket=self._bucket, **version)
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied" and self._has_locks:
                return False
            raise
        return True

    def check(self) -> None:
        """Raises StorageUnavailable unless the bucket answers."""
        with errors_as(StorageUnavailable, DOWN):
            self._s3.head_bucket(Bucket=self._bucket)


def _in_parts(chunks: Iterable[bytes]) -> Iterable[bytes]:
    """The chunks joined to parts of PART_BYTES or a little more; an empty one when there is nothing at all."""
    waiting, is_first = bytearray(), True
    for chunk in chunks:
        waiting += chunk
        if len(waiting) >= PART_BYTES:
            yield bytes(waiting)
            waiting.clear()
            is_first = False
    if waiting or is_first:
        yield bytes(waiting)


def _is_missing(error: Any) -> bool:
    return error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}


def _sha256_in(answer: Mapping[str, Any]) -> str | None:
    """The SHA-256 of a whole object that S3 tells, in hex; None when it tells none, or one of parts."""
    told = answer.get("ChecksumSHA256")
    is_whole = told is not None and "-" not in told and answer.get("ChecksumType") != "COMPOSITE"
    return base64.b64decode(told).hex() if is_whole and told is not None else None
