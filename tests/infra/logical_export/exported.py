"""Two exports that hold, and what somebody could make of a copy of them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.backups import export_manifest, exports
from chalicelib.backups.export_cipher import encrypt
from chalicelib.backups.export_manifest import Manifest
from infra.local.postgres import binaries
from infra.logical_export.source import Source
from infra.logical_export.store import ExportStore
from infra.logical_export.taking import Metered, Place

Copy = dict[str, list[bytes]]
"""By key, the contents of its versions in their order."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The exports of last week and of now."""

    source: Source
    place: Place
    last_week: Manifest
    now: Manifest

    @property
    def dump_key(self) -> str:
        return f"{self.now.name}/{exports.DUMP}"

    @property
    def manifest_key(self) -> str:
        return f"{self.now.name}/{exports.MANIFEST}"

    def copy(self) -> Copy:
        """All that lies in the bucket."""
        store = self.place.store
        return {key: [store.read(key, kept.version)] for key, kept in store.kept().items()}

    def stored(self, manifest: Manifest) -> bytes:
        """A manifest as it is stored."""
        key = f"{manifest.name}/{exports.MANIFEST}"
        return self.place.store.read(key, self.place.store.kept()[key].version)

    def data_key(self) -> bytes:
        return export_manifest.unseal(self.stored(self.now), self.place.keys.unwrap)[1]

    def forged(self, copy: Copy, plain: bytes, **changes: Any) -> None:
        """Put a dump in place of the newest one, encrypted and signed by one who has the key. What the manifest says of
        the database stays as it was, but for `changes`."""
        key, metered = self.data_key(), Metered([plain])
        encrypted = Metered(encrypt(metered, key, name=self.now.name))
        copy[self.dump_key] = [b"".join(encrypted)]
        sums = {"plain": metered.stream, "encrypted": encrypted.stream}
        copy[self.manifest_key] = [export_manifest.seal(self.now.model_copy(update=sums | changes), key)]

    def resigned(self, copy: Copy, **changes: Any) -> None:
        """Change what the manifest says, and sign it with the key."""
        copy[self.manifest_key] = [export_manifest.seal(self.now.model_copy(update=changes), self.data_key())]


def pg_dump(source: Source, options: Sequence[str] = ("--format=custom",)) -> bytes:
    """What pg_dump writes."""
    command = [str(binaries() / "pg_dump"), "--no-password", *options]
    return subprocess.run(command, env=source.variables, capture_output=True, check=True).stdout


def put(copy: Copy, store: ExportStore) -> None:
    """Write the copy into an empty bucket, past our own rule that nothing is written over."""
    for key, versions in copy.items():
        for content in versions:
            store.s3.put_object(Bucket=store.bucket, Key=key, Body=content)
