"""What can become of an export, each by the words in which its proof must tell it; and beside it what the same does to
the file of `pg_dump | gzip` that `gunzip -t` used to look at."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chalicelib.backups import exports
from chalicelib.backups.export_cipher import CHUNK_BYTES, HEADER_BYTES, MAGIC, MARK_BYTES, encrypt
from chalicelib.backups.export_manifest import context_of, seal
from chalicelib.migrations.roles import driver_url
from infra.logical_export.source import Source
from tests.infra.logical_export.exported import Copy, Exported, pg_dump

HEADER, FRAME = len(MAGIC) + HEADER_BYTES, CHUNK_BYTES + MARK_BYTES
Do = Callable[[Exported, Copy], None]


@dataclass(frozen=True, slots=True)
class Old:
    """A dump in SQL, and the same packed by gzip."""

    sql: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Corruption:
    """What is done to a copy, what of it the proof must tell, and what the file of before would be."""

    name: str
    do: Do
    told: str
    old: Callable[[Old], bytes]


def untouched(old: Old) -> bytes:
    """The file is one that unpacks, whatever it holds and wherever it came from."""
    return old.packed


def flipped(content: bytes, place: float) -> bytes:
    """The content with a bit of one byte turned over."""
    at = min(int(len(content) * place), len(content) - 1)
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def swapped(content: bytes, first: int, size: int) -> bytes:
    """The content with two neighbouring blocks swapped."""
    second, third = first + size, first + 2 * size
    return content[:first] + content[second:third] + content[first:second] + content[third:]


def on_dump(change: Callable[[bytes], bytes]) -> Do:
    """Change the newest encrypted dump."""

    def do(exported: Exported, copy: Copy) -> None:
        copy[exported.dump_key] = [change(copy[exported.dump_key][0])]

    return do


def dumped(change: Callable[[bytes], bytes] = bytes, *options: str) -> Do:
    """Dump again by pg_dump with these options, change that, and encrypt and sign it by the key."""

    def do(exported: Exported, copy: Copy) -> None:
        exported.forged(copy, change(pg_dump(exported.source, ("--format=custom", *options))))

    return do


def altered(*statements: str) -> Do:
    """Dump a copy of the database in which something is not as it was."""

    def do(exported: Exported, copy: Copy) -> None:
        url, name = exported.source.url, exported.source.database
        engine = sa.create_engine(driver_url(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("drop database if exists altered with (force)")
        _in_postgres(url, f"create database altered template {name}")
        source = Source(url.rsplit("/", 1)[0] + "/altered")
        changing = sa.create_engine(driver_url(source.url), poolclass=sa.NullPool)
        with changing.begin() as connection:
            connection.exec_driver_sql("set local session_replication_role = replica")
            for statement in statements:
                assert connection.exec_driver_sql(statement).rowcount > 0
        exported.forged(copy, pg_dump(source))
        changing.dispose()
        engine.dispose()

    return do


def _in_postgres(url: str, statement: str) -> None:
    engine = sa.create_engine(
        driver_url(url.rsplit("/", 1)[0] + "/postgres"), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def resigned(**changes: Any) -> Do:
    """Let the manifest say something else, signed by the key."""

    def do(exported: Exported, copy: Copy) -> None:
        exported.resigned(copy, **changes)

    return do


def of_another(environment: str, database: str) -> Do:
    """A whole export of another database, taken with a data key of its own and put under this name."""

    def do(exported: Exported, copy: Copy) -> None:
        name = exported.now.name
        key = exported.place.keys.make(context_of(environment, database, name))
        copy[exported.dump_key] = [b"".join(encrypt([pg_dump(exported.source)], key.plain, name=name))]
        wrapped = {"key_id": key.key_id, "wrapped_key": base64.b64encode(key.wrapped).decode()}
        told = exported.now.model_copy(update={"environment": environment, "database": database, **wrapped})
        copy[exported.manifest_key] = [seal(told, key.plain)]

    return do


def edited(exported: Exported, copy: Copy) -> None:
    """Let the manifest say another version, by somebody without the key."""
    said = exported.now.server_version.encode()
    copy[exported.manifest_key] = [copy[exported.manifest_key][0].replace(b'"' + said + b'"', b'"17.2"')]


def stale(exported: Exported, copy: Copy) -> None:
    copy[exported.dump_key] = copy[f"{exported.last_week.name}/{exports.DUMP}"]


def stale_with_manifest(exported: Exported, copy: Copy) -> None:
    stale(exported, copy)
    copy[exported.manifest_key] = copy[f"{exported.last_week.name}/{exports.MANIFEST}"]


def newest_gone(exported: Exported, copy: Copy) -> None:
    del copy[exported.dump_key], copy[exported.manifest_key]


def without_manifest(exported: Exported, copy: Copy) -> None:
    del copy[exported.manifest_key]


def anothers_manifest(exported: Exported, copy: Copy) -> None:
    copy[exported.manifest_key] = copy[f"{exported.last_week.name}/{exports.MANIFEST}"]


def wrong_key(exported: Exported, copy: Copy) -> None:
    copy[exported.dump_key] = [b"".join(encrypt([pg_dump(exported.source)], bytes(32), name=exported.now.name))]


def replaced(exported: Exported, copy: Copy) -> None:
    """The same bytes once more: even that is not for anybody to do."""
    copy[exported.dump_key] *= 2


def predecessor_changed(exported: Exported, copy: Copy) -> None:
    key = f"{exported.last_week.name}/{exports.MANIFEST}"
    copy[key] = [copy[key][0] + b"\n"]


def packed(change: Callable[[bytes], bytes]) -> Callable[[Old], bytes]:
    return lambda old: change(old.packed)


def unpacked(change: Callable[[bytes], bytes]) -> Callable[[Old], bytes]:
    return lambda old: gzip.compress(change(old.sql), 1)


def cut(content: bytes) -> bytes:
    return content[: len(content) * 6 // 10]


ONE_ROW = "(select id from candidates order by id limit 1)"
CORRUPTIONS = (
    Corruption("cut off before it was compressed", dumped(cut, "--compress=none"), "cannot be restored", unpacked(cut)),
    Corruption("cut off after it was compressed", dumped(cut), "cannot be restored", packed(cut)),
    Corruption("cut off after it was encrypted", on_dump(cut), "chunk 2 is not the one", packed(cut)),
    Corruption("cut off between two chunks", on_dump(lambda c: c[: HEADER + FRAME]), "ends where chunk 2", packed(cut)),
    Corruption(
        "a byte of its header flipped",
        on_dump(lambda c: flipped(c, 10 / len(c))),
        "chunk 1 is not the one",
        packed(lambda c: flipped(c, 0)),
    ),
    Corruption(
        "a byte in its middle flipped",
        on_dump(lambda c: flipped(c, 0.5)),
        "chunk 2 is not the one",
        packed(lambda c: flipped(c, 0.5)),
    ),
    Corruption(
        "its last byte flipped",
        on_dump(lambda c: flipped(c, 1)),
        "is not the one",
        packed(lambda c: flipped(c, 1)),
    ),
    Corruption(
        "a byte of a row flipped, then encrypted by the key",
        dumped(lambda c: flipped(c, 0.5), "--compress=none"),
        "ballast: 65 rows as before, but not with the same values",
        unpacked(lambda c: flipped(c, 0.5)),
    ),
    Corruption("a table missing", dumped(bytes, "--exclude-table=ballast"), "ballast: is not there", untouched),
    Corruption("a table empty", dumped(bytes, "--exclude-table-data=ballast"), "ballast: 65 rows missing", untouched),
    Corruption(
        "one row missing",
        altered(f"delete from candidates where id = {ONE_ROW}"),
        "candidates: 1 row missing",
        untouched,
    ),
    Corruption(
        "one row changed",
        altered(f"update candidates set version = version + 1 where id = {ONE_ROW}"),
        "candidates: 6 rows as before, but not with the same values",
        untouched,
    ),
    Corruption(
        "two values swapped",
        altered("update ballast set noise = (select b.noise from ballast b where b.id = 3 - ballast.id) where id < 3"),
        "ballast: 65 rows as before, but not with the same values",
        untouched,
    ),
    Corruption("another revision", resigned(alembic_revision="0001"), "the manifest says 0001", untouched),
    Corruption("another server version", resigned(server_version="17.2"), "its manifest says 17.2", untouched),
    Corruption("a manifest edited without the key", edited, "its signature does not fit", untouched),
    Corruption("last week's dump under this week's name", stale, "chunk 1 is not the one", untouched),
    Corruption("last week's export under this week's name", stale_with_manifest, "holds the manifest of", untouched),
    Corruption("the newest gone, so that last week's is it", newest_gone, "hours old", untouched),
    Corruption("no manifest", without_manifest, "has no manifest", untouched),
    Corruption("the manifest of another export", anothers_manifest, "holds the manifest of", untouched),
    Corruption("encrypted by another key", wrong_key, "chunk 1 is not the one", packed(lambda c: flipped(c, 0))),
    Corruption(
        "chunks in another order",
        on_dump(lambda c: swapped(c, HEADER, FRAME)),
        "chunk 1 is not the one",
        packed(lambda c: swapped(c, 1024, 4096)),
    ),
    Corruption("written over by a later version", replaced, "was replaced: it has 2 versions", untouched),
    Corruption(
        "of another environment", of_another("staging", "recruitpro"), "it is of recruitpro in staging", untouched
    ),
    Corruption("of another database", of_another("local", "billing"), "it is of billing in local", untouched),
    Corruption(
        "nothing, packed and encrypted by the key", dumped(lambda _: b""), "cannot be restored", unpacked(lambda _: b"")
    ),
    Corruption("the export before it changed", predecessor_changed, "has another manifest than", untouched),
)
