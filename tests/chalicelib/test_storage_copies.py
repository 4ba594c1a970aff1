"""Copies in S3, bound to a version and a SHA-256, and the names under which browsers save files."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from chalicelib import clients
from chalicelib.clients import Bucket, Copy, ObjectVersion, StorageUnavailable
from chalicelib.storage import attachment
from tests.house import Cloud

TEXT = "text/plain"


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
    storage.copy(source, other_type, reuse_since=moment_ago)
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

    found = re.fullmatch(r"attachment; filename=\"([A-Za-z0-9._ -]*)\"; filename\*=UTF-8''(\S*)", header)
    assert found is not None, header
    plain, encoded = found.groups()
    assert plain == NAMES[name]
    assert header.isascii()
    assert header.isprintable()
    shown = unquote(encoded, errors="strict")
    assert not re.search(r"[\x00-\x1f\x7f/\\\u2028\u202e]", shown)
    assert re.fullmatch(r"[A-Za-z0-9._~%-]*", encoded)
