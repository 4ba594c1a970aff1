"""Proving an export: the only check is that a database comes out of it which is the one that went in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.backups import export_chain, export_manifest, exports
from chalicelib.backups.export_chain import Link
from chalicelib.backups.export_cipher import ExportDamaged, decrypt
from chalicelib.backups.export_manifest import Manifest, Stream
from chalicelib.backups.fingerprints import differences, fingerprints
from chalicelib.events import chain
from chalicelib.events.verification import verify as verify_events
from infra.logical_export.keys import Keys
from infra.logical_export.restoring import Restored, RestoreFailed, restored
from infra.logical_export.source import shape
from infra.logical_export.store import ExportStore, Kept
from infra.logical_export.taking import Metered


@dataclass(frozen=True, slots=True)
class Expected:
    """What an export must be of, and how old the newest may be."""

    environment: str
    database: str
    now: datetime
    max_age: timedelta = exports.MAX_AGE


@dataclass(slots=True)
class Proof:
    """What was found: nothing wrong when `failures` is empty. `name` is None when there is no export at all."""

    name: str | None = None
    manifest: Manifest | None = None
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0


def prove(store: ExportStore, keys: Keys, server_url: str, expected: Expected, *, name: str | None = None) -> Proof:
    """Restore an export (the newest unless named) at a throwaway server, and compare it with its manifest.

    Raises StorageUnavailable and KeysUnavailable: nothing is known then.
    """
    started = time.perf_counter()
    proof = Proof(name)
    try:
        _prove(proof, store, keys, server_url, expected)
    except (ExportDamaged, RestoreFailed) as error:
        proof.failures.append(error.detail)
    proof.seconds = time.perf_counter() - started
    return proof


def _prove(proof: Proof, store: ExportStore, keys: Keys, server_url: str, expected: Expected) -> None:
    kept = store.kept()
    names = exports.names_in(kept)
    is_newest = proof.name is None
    proof.name = proof.name or (names[-1] if names else None)
    if proof.name not in names:
        proof.failures.append("there is no export" if proof.name is None else f"there is no export {proof.name}")
        return
    proof.failures += _written_once(kept, proof.name)
    links = _links(store, kept, [each for each in names if each <= proof.name])
    content = _manifest_of(store, kept, proof.name)
    manifest, data_key = export_manifest.unseal(content, keys.unwrap)
    proof.manifest = manifest
    proof.failures += export_chain.breaks(links) + _of_another(manifest, expected)
    if is_newest:
        proof.failures += export_chain.staleness(manifest.started_at, expected.now, expected.max_age)
    key = f"{proof.name}/{exports.DUMP}"
    if key not in kept:
        raise ExportDamaged(f"{proof.name} has no dump")
    encrypted = Metered(store.stream(key, kept[key].version))
    plain = Metered(decrypt(encrypted, data_key, name=proof.name))
    try:
        with restored(server_url, plain, manifest.roles) as database:
            proof.failures += _differences(database, manifest)
    finally:
        # A stream that was given up in the middle is named already.
        proof.failures += _altered("encrypted", encrypted, manifest.encrypted) if _is_whole(encrypted, manifest) else []
        proof.failures += _altered("decrypted", plain, manifest.plain) if _is_whole(encrypted, manifest) else []


def _written_once(kept: dict[str, Kept], name: str) -> list[str]:
    """An export is written once: a second version under a key is somebody's, or something's, replacement."""
    found = []
    for key in (f"{name}/{exports.MANIFEST}", f"{name}/{exports.DUMP}"):
        each = kept.get(key, Kept())
        if each.versions > 1:
            found.append(f"{key} was replaced: it has {each.versions} versions")
        if each.is_deleted:
            found.append(f"{key} was deleted: a marker hides it")
    return found


def _manifest_of(store: ExportStore, kept: dict[str, Kept], name: str) -> bytes:
    key = f"{name}/{exports.MANIFEST}"
    if key not in kept or kept[key].is_deleted:
        raise ExportDamaged(f"{name} has no manifest")
    return store.read(key, kept[key].version)


def _links(store: ExportStore, kept: dict[str, Kept], names: list[str]) -> list[Link]:
    """The chain up to the last of these. One without a manifest was never finished, and is no part of it."""
    links = []
    for name in names:
        key = f"{name}/{exports.MANIFEST}"
        if key in kept and not kept[key].is_deleted:
            content = store.read(key, kept[key].version)
            told = export_manifest.peek(content)
            links.append(Link(name, told.name, export_manifest.digest(content), told.predecessor))
    return links


def _of_another(manifest: Manifest, expected: Expected) -> list[str]:
    wanted = (expected.environment, expected.database)
    if (manifest.environment, manifest.database) == wanted:
        return []
    return [f"it is of {manifest.database} in {manifest.environment}, not of {wanted[1]} in {wanted[0]}"]


def _is_whole(encrypted: Metered, manifest: Manifest) -> bool:
    """Whether all of the stream was read, so that its sums can be compared."""
    return encrypted.size_bytes >= manifest.encrypted.size_bytes


def _altered(which: str, found: Metered, written: Stream) -> list[str]:
    if found.stream == written:
        return []
    return [f"the {which} dump is not the one that was written: {found.size_bytes:,} bytes of another SHA-256"]


def _differences(database: Restored, manifest: Manifest) -> list[str]:
    engine = database.source.engine()
    try:
        with Session(engine) as session:
            found = list(_of_schema(session, database, manifest))
            found += differences(manifest.fingerprints, fingerprints(session))
            session.rollback()
        return found + _broken_chains(engine)
    finally:
        engine.dispose()


def _of_schema(session: Session, database: Restored, manifest: Manifest) -> Iterator[str]:
    if _major(database.dumped_from) != _major(manifest.server_version):
        yield f"it was dumped from PostgreSQL {database.dumped_from}, its manifest says {manifest.server_version}"
    revision = session.scalar(sa.text("select version_num from alembic_version"))
    if revision != manifest.alembic_revision:
        yield f"the schema is of revision {revision}, the manifest says {manifest.alembic_revision}"
    shapes = shape(session)
    for kind in sorted({*shapes, *manifest.shape}):
        if shapes.get(kind) != manifest.shape.get(kind):
            yield f"{kind}: {shapes.get(kind, 0)} restored, {manifest.shape.get(kind, 0)} exported"


def _major(version: str) -> str:
    return version.split(".")[0]


def _broken_chains(engine: sa.Engine) -> list[str]:
    """Every organization's chain of events, verified in the restored database."""
    found = []
    with Session(engine) as session:
        session.info.update(before_commit=[], after_commit=[])
        try:
            db.act_for(session, None, db.Role.AUDITOR)
            for organization_id in chain.organization_ids(session):
                db.act_for(session, organization_id, db.Role.AUDITOR)
                broken = verify_events(session, organization_id).broken
                if broken is not None:
                    found.append(f"organization {organization_id}, event {broken.sequence}: {broken.meaning}")
        except sa.exc.ProgrammingError as error:
            found.append(f"the chains of events cannot be read: {db.sql_state(error)}")
        session.rollback()
    return found
