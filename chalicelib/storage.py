"""The bucket of uploads, on S3."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import quote

from chalicelib.clients import StorageUnavailable, StoredObject, UploadForm, errors_as

CHUNK_BYTES = 256 * 1024
PART_BYTES = 8 * 1024 * 1024  # S3 takes at most 10,000 parts, of 5 MiB or more but for the last
DOWN = "the file storage does not answer now"


class S3Storage:
    """Uploads in one versioned bucket. Every method raises StorageUnavailable when S3 does not answer."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def upload_form(self, key: str, *, content_type: str, size_bytes: int, expires_seconds: int) -> UploadForm:
        """A form that takes exactly this key, this type and this many bytes. Signed locally, no call is made."""
        fields = {"Content-Type": content_type}
        conditions = [{"Content-Type": content_type}, ["content-length-range", size_bytes, size_bytes]]
        form = self._s3.generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=expires_seconds
        )
        return UploadForm(form["url"], form["fields"])

    def download_link(self, key: str, version: str, *, filename: str, content_type: str, expires_seconds: int) -> str:
        """A link to one version, which a browser saves under `filename` and never shows in place. Signed locally."""
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in filename)
        disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
        parameters = {
            "Bucket": self._bucket,
            "Key": key,
            "VersionId": version,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition,
        }
        return str(self._s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=expires_seconds))

    def find(self, key: str) -> StoredObject | None:
        """The newest version under `key` as it really is, or None when there is none."""
        with errors_as(StorageUnavailable, DOWN):
            try:
                head = self._s3.head_object(Bucket=self._bucket, Key=key)
            except self._s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
                    return None
                raise
        return StoredObject(key, head.get("VersionId", "null"), head["ContentLength"], head.get("ContentType", ""))

    def fetch(self, key: str, version: str, into: BinaryIO) -> None:
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

    def delete(self, key: str, version: str) -> None:
        """Remove one version for good."""
        with errors_as(StorageUnavailable, DOWN):
            self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

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
