"""The bucket that the mirror writes and every clamd reads: one object for each file, in versions, and the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.scanner.manifest import KEY, DefinitionsFile, DefinitionsRefused, Manifest, digest_of

MISSING = {"NoSuchKey", "404"}
PIECE_BYTES = 1024 * 1024


class Definitions:
    """Definitions in S3. What S3 refuses or cannot answer comes out as botocore's own errors."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def manifest(self) -> Manifest | None:
        """What is published now; None before the first time. Raises DefinitionsRefused when it cannot be read."""
        content = self.read(KEY)
        return None if content is None else Manifest.of_json(content.decode("utf-8", errors="replace"))

    def publish(self, manifest: Manifest) -> None:
        """From now on these are the definitions; a reader sees the old set or the new one."""
        self.write(KEY, manifest.as_json().encode())

    def put(self, path: Path) -> DefinitionsFile:
        """Keep a file. Nobody reads it before a manifest names it."""
        # Versions instead of names that differ: what is no longer named goes by the bucket's lifecycle, and a main.cvd
        # of last year that still is named stays.
        with path.open("rb") as content:
            answer = self._s3.put_object(Bucket=self._bucket, Key=path.name, Body=content)
        return DefinitionsFile(path.name, digest_of(path), path.stat().st_size, answer["VersionId"])

    def fetch(self, file: DefinitionsFile, folder: Path) -> Path:
        """The very file that the manifest names, in `folder`; raises DefinitionsRefused when it is another one."""
        answer = self._s3.get_object(Bucket=self._bucket, Key=file.name, VersionId=file.version_id)
        path = folder / file.name
        with path.open("wb") as kept:
            for piece in answer["Body"].iter_chunks(PIECE_BYTES):
                kept.write(piece)
                if kept.tell() > file.size_bytes:
                    break
        if path.stat().st_size != file.size_bytes or digest_of(path) != file.sha256:
            path.unlink()
            raise DefinitionsRefused(f"{file.name} in the bucket is not what the manifest names")
        return path

    def read(self, key: str) -> bytes | None:
        """A small object; None when there is none."""
        from botocore.exceptions import ClientError

        try:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] in MISSING:
                return None
            raise
        return content

    def write(self, key: str, content: bytes) -> None:
        """Keep a small object."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content)
