"""Taking an export: dump, encrypt, store, and only then write its manifest. Without that it does not count."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.backups import export_manifest, exports
from chalicelib.backups.export_cipher import encrypt
from chalicelib.backups.export_manifest import FORMAT, Manifest, Predecessor, Stream
from chalicelib.backups.fingerprints import fingerprints
from infra.logical_export import source
from infra.logical_export.dump import compression, dump
from infra.logical_export.keys import DataKey, Keys
from infra.logical_export.source import Moment, Source
from infra.logical_export.store import ExportStore


@dataclass(slots=True)
class Metered:
    """Chunks that are counted and hashed on their way."""

    chunks: Iterable[bytes]
    size_bytes: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            self.size_bytes += len(chunk)
            self._digest.update(chunk)
            yield chunk

    @property
    def stream(self) -> Stream:
        """What has passed so far."""
        return Stream(size_bytes=self.size_bytes, sha256=self._digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Place:
    """Where exports go, and how long nobody may delete one."""

    store: ExportStore
    keys: Keys
    environment: str
    lock: timedelta


def take(origin: Source, place: Place, *, now: datetime, options: Sequence[str] = ()) -> Manifest:
    """Export the database of `origin` as it is now; returns the manifest that was stored. `options` go to pg_dump.

    Raises ExporterBlind, DumpFailed, StorageUnavailable and KeysUnavailable: there is no export then.
    """
    name = exports.name_at(now)
    key = place.keys.make(export_manifest.context_of(place.environment, origin.database, name))
    with source.moment(origin) as held:
        tables = export_manifest.tables_of(fingerprints(held.session, by_policies=held.by_policies))
        # By default pg_dump refuses to read a table that has policies for it. Here they hide nothing: moment() looked.
        seen = ["--enable-row-security"] if held.by_policies else []
        plain = Metered(dump(origin, held.snapshot, [*seen, *options]))
        encrypted = Metered(encrypt(plain, key.plain, name=name))
        until = now + place.lock
        place.store.put_stream(f"{name}/{exports.DUMP}", encrypted, locked_until=until)
    manifest = Manifest(
        format=FORMAT,
        name=name,
        environment=place.environment,
        database=origin.database,
        started_at=now,
        finished_at=datetime.now(UTC),
        compression=compression(),
        plain=plain.stream,
        encrypted=encrypted.stream,
        tables=tables,
        predecessor=_newest(place.store),
        **_of_moment(held),
        **_of_key(key),
    )
    place.store.put(f"{name}/{exports.MANIFEST}", export_manifest.seal(manifest, key.plain), locked_until=until)
    return manifest


def _newest(store: ExportStore) -> Predecessor | None:
    """The newest export that has a manifest: asked for last, so that of two that run at once only one is the next."""
    kept = {key: each for key, each in store.kept().items() if key.endswith(exports.MANIFEST) and not each.is_deleted}
    names = exports.names_in(kept)
    if not names:
        return None
    key = f"{names[-1]}/{exports.MANIFEST}"
    return Predecessor(name=names[-1], sha256=export_manifest.digest(store.read(key, kept[key].version)))


def _of_moment(held: Moment) -> dict[str, Any]:
    return {
        "server_version": held.server_version,
        "alembic_revision": held.revision,
        "snapshot": held.snapshot,
        "lsn": held.lsn,
        "shape": held.shape,
        "roles": held.roles,
    }


def _of_key(key: DataKey) -> dict[str, Any]:
    return {"key_id": key.key_id, "wrapped_key": base64.b64encode(key.wrapped).decode()}
