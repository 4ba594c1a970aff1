"""What jobs keep in S3: small objects by version, long files part by part."""

from __future__ import annotations

import hashlib
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import clients
from chalicelib.clients import Bucket, Copy, ObjectVersion, Storage, StorageUnavailable, Wiped
from chalicelib.storage import PART_BYTES, attachment
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

    assert clean.wipe("organizations/x/wiped") == Wiped(2, [])
    wiped = quarantine.wipe("organizations/x/wiped")

    assert clean.versions("organizations/x/wiped") == []
    assert len(clean.versions("organizations/x/other")) == 1
    assert (wiped.versions, [each.until for each in wiped.kept]) == (1, [until])
    assert clean.wipe("organizations/x/wiped") == Wiped(0, [])


def _content_of(storage: Storage, version: ObjectVersion) -> bytes:
    stream = io.BytesIO()
    storage.fetch(version.key, version.version, stream)
    return stream.getvalue()


def uploaded(key: str, content: bytes) -> ObjectVersion:
    version = clients.storage(Bucket.UPLOADS).put(key, content, content_type="application/x-anything")
    return ObjectVersion(Bucket.UPLOADS, key, version)


def copied(key: str) -> list[str]:
    return [each.version for each in clients.storage(Bucket.CLEAN).versions(key)]


def test_a_copy_is_of_exactly_one_version_and_of_exactly_these_bytes(cloud: Cloud) -> None:
    key = "organizations/test/copy"
    first, _ = uploaded(key, b"one"), uploaded(key, b"two")
    copy = Copy(key, TEXT, hashlib.sha256(b"one").hexdigest())

    version = clients.storage(Bucket.CLEAN).copy(first, copy)

    content = io.BytesIO()
    clients.storage(Bucket.CLEAN).fetch(key, version, content)
    assert content.getvalue() == b"one"
    found = clients.storage(Bucket.CLEAN).find(key)
    assert found is not None
    assert (found.version, found.content_type) == (version, TEXT)


def test_a_copy_of_other_bytes_than_wanted_is_none(cloud: Cloud) -> None:
    key = "organizations/test/other"
    source = uploaded(key, b"one")

    with pytest.raises(StorageUnavailable, match="not what was scanned"):
        clients.storage(Bucket.CLEAN).copy(source, Copy(key, TEXT, hashlib.sha256(b"two").hexdigest()))

    assert copied(key) == []
    with pytest.raises(StorageUnavailable):
        clients.storage(Bucket.CLEAN).copy(ObjectVersion(Bucket.UPLOADS, key, "none"), Copy(key, TEXT, "0" * 64))


def test_a_copy_of_a_moment_ago_is_taken_for_a_new_one_if_it_is_equal(cloud: Cloud) -> None:
    key, storage = "organizations/test/again", clients.storage(Bucket.CLEAN)
    source, moment_ago = uploaded(key, b"one"), datetime.now(UTC) - timedelta(minutes=1)
    copy = Copy(key, TEXT, hashlib.sha256(b"one").hexdigest())
    first = storage.copy(source, copy, reuse_since=moment_ago)

    assert storage.copy(source, copy, reuse_since=moment_ago) == first
    assert storage.copy(source, copy, reuse_since=datetime.now(UTC) + timedelta(minutes=1)) != first
    other_type = Copy(key, "text/csv", copy.sha256)
    assert storage.copy(source, other_type, reuse_since=moment_ago) not in copied(key)[3:]
    assert len(copied(key)) == 3


NAMES = {
    "cv.pdf": "cv.pdf",
    'a"b\\c.pdf': "a_b_c.pdf",
    "a\r\nSet-Cookie: x=1\r\n\r\n.pdf": "a__Set-Cookie_ x_1____.pdf",
    "../../etc/passwd": ".._.._etc_passwd",
    "..\\..\\boot.ini": ".._.._boot.ini",
    "\u202efdp.exe": "_fdp.exe",
    "J\u00fcrgen\u2028.pdf": "J_rgen_.pdf",
    "\x00\x1b[31m.pdf": "___31m.pdf",
    "\ud800.pdf": "_.pdf",
    "%0d%0aX: 1.pdf": "_0d_0aX_ 1.pdf",
    "\U0001f600; filename=evil.exe": "_; filename_evil.exe".replace(";", "_"),
}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_of_a_file_says_more_than_a_name(name: str) -> None:
    header = attachment(name)

    plain, encoded = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9._ -]*)\"; filename\*=UTF-8''(\S*)", header
    ).groups()  # type: ignore[union-attr]
    assert plain == NAMES[name]
    assert header.isascii()
    assert header.isprintable()
    shown = unquote(encoded, errors="strict")
    assert not re.search(r"[\x00-\x1f\x7f/\\\u2028\u202e]", shown)
    assert re.fullmatch(r"[A-Za-z0-9._~%-]*", encoded)
