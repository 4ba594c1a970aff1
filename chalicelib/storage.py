"""The bucket of uploads, on S3."""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import quote

from chalicelib.clients import StorageUnavailable, StoredObject, UploadForm, errors_as

CHUNK_BYTES = 256 * 1024
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

    def check(self) -> None:
        """Raises StorageUnavailable unless the bucket answers."""
        with errors_as(StorageUnavailable, DOWN):
            self._s3.head_bucket(Bucket=self._bucket)
