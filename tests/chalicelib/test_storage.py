"""What jobs keep in S3: small objects by version, long files part by part."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import clients
from chalicelib.clients import Bucket, Copy, ObjectVersion, Storage, StorageUnavailable, Wiped
from chalicelib.storage import PART_BYTES
from infra.local.resources import BUCKETS
from tests.house import Cloud

TEXT = "text/plain"


def fetched(key: str, version: str) -> bytes:
    content = io.BytesIO()
    clients.storage(Bucket.EXPORTS).fetch(key, version, content)
    return content.getvalue()


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES + 5])
def test_a_stream_is_stored_as_one_object(cloud: Cloud, size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    chunks = (content[start : start + 1_000_003] for start in range(0, size, 1_000_003))

    stored = clients.storage(Bucket.EXPORTS).upload_stream("exports/test/stream", chunks, content_type=TEXT)

    assert (stored.size_bytes, stored.content_type) == (size, TEXT)
    assert fetched(stored.key, stored.version) == content


def test_a_stream_that_breaks_leaves_nothing(cloud: Cloud) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(PART_BYTES)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        clients.storage(Bucket.EXPORTS).upload_stream("exports/test/broken", breaking(), content_type=TEXT)

    assert clients.storage(Bucket.EXPORTS).find("exports/test/broken") is None
    left = cloud.client("s3").list_multipart_uploads(Bucket=BUCKETS[Bucket.EXPORTS])
    assert left.get("Uploads", []) == []


def test_each_version_is_read_and_removed_by_itself(cloud: Cloud) -> None:
    storage = clients.storage(Bucket.EXPORTS)
    first, second = (storage.put("imports/test/piece", content, content_type=TEXT) for content in (b"one", b"two"))

    storage.delete("imports/test/piece", first)

    assert fetched("imports/test/piece", second) == b"two"
    with pytest.raises(StorageUnavailable):
        fetched("imports/test/piece", first)


def test_everything_below_a_prefix_is_wiped_but_for_what_a_lock_keeps(cloud: Cloud) -> None:
    clean, quarantine = clients.storage(Bucket.CLEAN), clients.storage(Bucket.QUARANTINE)
    for content in (b"first", b"second"):
        clean.put("organizations/x/wiped", content, content_type="text/plain")
    clean.put("organizations/x/other", b"stays", content_type="text/plain")
    source = ObjectVersion(Bucket.CLEAN, "organizations/x/wiped", clean.versions("organizations/x/wiped")[0].version)
    sha256 = hashlib.sha256(_content_of(clean, source)).hexdigest()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    quarantine.copy(source, Copy("organizations/x/wiped", "text/plain", sha256, locked_until=until))
    quarantine.copy(source, Copy("organizations/x/wiped", "text/plain", sha256))

    assert clean.wipe("organizations/x/wiped") == Wiped(2, 0)
    assert quarantine.wipe("organizations/x/wiped") == Wiped(1, 1)

    assert clean.versions("organizations/x/wiped") == []
    assert len(clean.versions("organizations/x/other")) == 1
    assert clean.wipe("organizations/x/wiped") == Wiped(0, 0)


def _content_of(storage: Storage, version: ObjectVersion) -> bytes:
    stream = io.BytesIO()
    storage.fetch(version.key, version.version, stream)
    return stream.getvalue()
