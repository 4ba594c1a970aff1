"""Looking into the buckets, and storage that is watched or fails at a chosen call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.clients import Bucket
from infra.local.resources import BUCKETS
from tests import records
from tests.house import Cloud, Database

CHANGING = ("fetch", "copy", "delete")


class Killed(BaseException):
    """The process dies here."""


def stored(cloud: Cloud, bucket: Bucket, key: str) -> dict[str, bytes]:
    """Every version under a key with its bytes."""
    s3, name = cloud.client("s3"), BUCKETS[bucket]
    versions = s3.list_object_versions(Bucket=name, Prefix=key).get("Versions", [])
    return {
        each["VersionId"]: s3.get_object(Bucket=name, Key=key, VersionId=each["VersionId"])["Body"].read()
        for each in versions
    }


def row_of(database: Database, document_id: str) -> dict[str, Any]:
    """A document's row."""
    [row] = records.rows(database, "select * from documents where id = cast(:id as uuid)", id=document_id)
    return row


@dataclass(slots=True)
class Watched:
    """A storage of which each call goes through `around(bucket, name, call)`."""

    storage: Any
    bucket: Bucket
    around: Callable[[Bucket, str, Callable[[], Any]], Any]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.storage, name)

        def call(*given: Any, **named: Any) -> Any:
            return self.around(self.bucket, name, lambda: method(*given, **named))

        return call


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, around: Callable[[Bucket, str, Callable[[], Any]], Any]) -> Iterator[None]:
    """Let every call to a storage go through `around`."""
    real = clients.storage
    with monkeypatch.context() as patch:
        patch.setattr(clients, "storage", lambda bucket: Watched(real(bucket), bucket, around))
        yield


def killed_at(number: int, *, is_after: bool) -> Callable[[Bucket, str, Callable[[], Any]], Any]:
    """The process dies before, or right after, the call of this number that reads or changes an object."""
    calls = 0

    def around(_bucket: Bucket, name: str, call: Callable[[], Any]) -> Any:
        nonlocal calls
        calls += name in CHANGING
        is_here = name in CHANGING and calls == number
        if is_here and not is_after:
            raise Killed
        result = call()
        if is_here:
            raise Killed
        return result

    return around
