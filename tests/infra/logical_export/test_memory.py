"""Memory holds a part, whatever passes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chalicelib.backups.export_cipher import encrypt
from infra.logical_export.store import PART_BYTES, ExportStore
from infra.logical_export.taking import Metered

MIB = 1024 * 1024
SIZE_MIB = 256


class Forgetful:
    """S3 that keeps the sizes of parts, and nothing of them."""

    def __init__(self) -> None:
        self.parts: list[int] = []

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "1"}

    def upload_part(self, *, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803 - boto3's name
        self.parts.append(len(Body))
        return {"ETag": "1"}

    def complete_multipart_upload(self, **_: Any) -> None:
        pass


def dump() -> Iterator[bytes]:
    chunk = bytes(MIB // 4)
    for _ in range(SIZE_MIB * 4):
        yield chunk


def test_a_dump_of_any_size_is_encrypted_and_stored_in_the_memory_of_a_few_parts() -> None:
    s3, encrypted = Forgetful(), Metered(encrypt(dump(), bytes(32), name="exports/2026/W47/20261122T030000Z"))
    tracemalloc.start()
    try:
        ExportStore(s3, "backups").put_stream("key", encrypted, locked_until=datetime(2027, 1, 1, tzinfo=UTC))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert sum(s3.parts) == encrypted.size_bytes > SIZE_MIB * MIB
    assert set(s3.parts[:-1]) == {PART_BYTES}
    assert peak < 6 * PART_BYTES
