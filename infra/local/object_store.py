"""moto's S3 objects on disk: every version of every key, with its version id.

One folder per key holds one file per version and `versions.json`, the versions in order, replaced atomically. What
RecruitPro uses is kept: bytes, content type and metadata, etag, encryption, checksum, lock, time, delete markers.
Access lists and tags are not.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend, s3_backends

INDEX = "versions.json"
Json = dict[str, Any]


class ObjectStore:
    """The objects of moto's default account below `folder`, one folder per bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._request = threading.local()
        self._guard = threading.Lock()

    @property
    def _backend(self) -> Any:
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def watch(self) -> None:
        """Notice every key that moto stores or deletes from now on."""
        for name in ("put_object", "put_object_retention", "delete_object"):
            setattr(S3Backend, name, self._noticing(getattr(S3Backend, name)))

    def _noticing(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def noticed(backend: Any, bucket_name: str, key_name: str, *args: Any, **options: Any) -> Any:
            self._changed_in_this_request().add((bucket_name, key_name))
            return method(backend, bucket_name, key_name, *args, **options)

        return noticed

    def _changed_in_this_request(self) -> set[tuple[str, str]]:
        # By thread: another request must not save a key of this one before moto has stored it whole.
        changed: set[tuple[str, str]] = self._request.__dict__.setdefault("changed", set())
        return changed

    def save_changes(self) -> None:
        """Write the versions of every key that this thread's request stored or deleted."""
        changed = self._changed_in_this_request()
        with self._guard:
            while changed:
                self._save(*changed.pop())

    def _save(self, bucket_name: str, key_name: str) -> None:
        bucket = self._backend.buckets.get(bucket_name)
        versions = bucket.keys.getlist(key_name, []) if bucket is not None else []
        folder = self._folder / bucket_name / hashlib.sha256(key_name.encode()).hexdigest()[:32]
        if not versions:
            shutil.rmtree(folder, ignore_errors=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for version in versions:
            path = folder / version.version_id
            # A version never changes, but an unversioned key is one version that does.
            if isinstance(version, FakeKey) and (version.version_id == "null" or not path.exists()):
                _replace(path, version.value)
        index = {
            "key": key_name,
            "versioned": bucket.is_versioned,
            "has_lock": bucket.object_lock_enabled,
            "versions": [_described(v) for v in versions],
        }
        _replace(folder / INDEX, json.dumps(index).encode())
        kept = {version.version_id for version in versions} | {INDEX}
        for path in folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def load(self, region: str) -> None:
        """Put everything below the folder into moto, which must not have these buckets yet."""
        for index_path in sorted(self._folder.glob(f"*/*/{INDEX}")):
            index = json.loads(index_path.read_text())
            bucket_name = index_path.parent.parent.name
            if bucket_name not in self._backend.buckets:
                self._backend.create_bucket(bucket_name, region)
                self._backend.buckets[bucket_name].object_lock_enabled = index.get("has_lock", False)
                self._backend.put_bucket_versioning(bucket_name, "Enabled" if index["versioned"] else "Suspended")
            versions: list[Any] = []
            for described in index["versions"]:
                last = next((v for v in reversed(versions) if isinstance(v, FakeKey)), None)
                versions.append(_restored(described, index["key"], bucket_name, index_path.parent, region, last))
            self._backend.buckets[bucket_name].keys.setlist(index["key"], versions)


def _replace(path: Path, content: bytes) -> None:
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.replace(path)


def _described(version: Any) -> Json:
    described: Json = {"version_id": version.version_id, "last_modified": version.last_modified.isoformat()}
    if isinstance(version, FakeDeleteMarker):
        return described | {"delete_marker": True}
    return described | {
        "etag": version.etag.strip('"'),
        "metadata": dict(version.metadata),
        "encryption": version.encryption,
        "kms_key_id": version.kms_key_id,
        "checksum": [version.checksum_algorithm, version.checksum_value],
        "lock": [version.lock_mode, version.lock_until],
    }


def _restored(described: Json, key_name: str, bucket_name: str, folder: Path, region: str, last: Any) -> Any:
    modified = datetime.fromisoformat(described["last_modified"])
    if described.get("delete_marker"):
        marker = FakeDeleteMarker(last or FakeKey(key_name, b"", DEFAULT_ACCOUNT_ID, region, bucket_name=bucket_name))
        marker._version_id, marker.last_modified = described["version_id"], modified
        return marker
    version = FakeKey(
        name=key_name,
        value=(folder / described["version_id"]).read_bytes(),
        account_id=DEFAULT_ACCOUNT_ID,
        region_name=region,
        etag=described["etag"],
        is_versioned=described["version_id"] != "null",
        version_id=described["version_id"],
        bucket_name=bucket_name,
        encryption=described["encryption"],
        kms_key_id=described["kms_key_id"],
    )
    version.checksum_algorithm, version.checksum_value = described.get("checksum", (None, None))
    version.lock_mode, version.lock_until = described.get("lock", (None, None))
    version.last_modified = modified
    version.set_metadata(dict(described["metadata"]))
    return version
