"""Where exports lie, in which order, and when the newest is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.backups import export_chain, export_manifest, exports
from chalicelib.backups.export_chain import Link
from chalicelib.backups.export_cipher import ExportDamaged
from chalicelib.backups.export_manifest import FORMAT, Manifest, Predecessor, Stream, Table
from chalicelib.backups.models import Kind, Status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUM, KEY = "0" * 64, bytes(32)
ONE, TWO, THREE = (f"exports/2026/W{week}/2026110{week - 44}T030000Z" for week in (45, 46, 47))
MANIFEST = Manifest(
    format=FORMAT,
    name=ONE,
    environment="local",
    database="recruitpro",
    server_version="18.6",
    alembic_revision="0018",
    started_at=NOON,
    finished_at=NOON + timedelta(minutes=5),
    snapshot="00000003-0000001B-1",
    lsn="0/15D6A28",
    compression="zstd:3",
    plain=Stream(size_bytes=10, sha256=SUM),
    encrypted=Stream(size_bytes=60, sha256=SUM),
    tables={"users": Table(rows=2, sha256=SUM), "events": Table(rows=3, sha256=SUM)},
    shape={"indexes": 3},
    roles=["recruitpro_owner"],
    key_id="file",
    wrapped_key="AAAA",
    predecessor=None,
)


def link(place: str, after: str | None = None, *, sha256: str = SUM, name: str | None = None) -> Link:
    return Link(place, name or place, sha256, Predecessor(name=after, sha256=SUM) if after else None)


def test_names_in_their_order_are_in_the_order_of_time() -> None:
    days = [datetime(2025, 12, 20, 4, tzinfo=UTC) + timedelta(days=day) for day in range(400)]
    names = [exports.name_at(day) for day in days]

    assert names == sorted(names) == exports.names_in(f"{name}/{exports.DUMP}" for name in reversed(names))
    assert exports.name_at(datetime(2027, 1, 1, 4, tzinfo=UTC)) == "exports/2026/W53/20270101T040000Z"
    assert exports.names_in(["exports/notes.txt", "erasures/2026/1.json", "exports/2026/W1/x/manifest.json"]) == []


def test_a_chain_without_a_gap_holds_from_whichever_export_is_left() -> None:
    whole = [link(ONE), link(TWO, ONE), link(THREE, TWO)]

    assert export_chain.breaks(whole) == []
    assert export_chain.breaks(whole[1:]) == []
    assert export_chain.breaks([]) == []


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ([link(ONE), link(THREE, TWO)], f"{THREE} follows {TWO}, and {ONE} lies in its place"),
        ([link(ONE), link(TWO)], f"{TWO} says that it follows no export, and {ONE} lies before it"),
        ([link(ONE, sha256="1" * 64), link(TWO, ONE)], f"{ONE} has another manifest than the one that {TWO} follows"),
        ([link(ONE), link(TWO, ONE, name=ONE)], f"{TWO} holds the manifest of {ONE}"),
    ],
)
def test_a_break_is_named(links: list[Link], told: str) -> None:
    assert export_chain.breaks(links) == [told]


def test_an_export_may_be_so_old_and_not_from_tomorrow() -> None:
    week = timedelta(days=7)

    assert export_chain.staleness(NOON - week, NOON, week) == []
    assert export_chain.staleness(NOON - week - timedelta(hours=1), NOON, week) == [
        "the newest export is 169 hours old, more than 168"
    ]
    assert "yet to come" in export_chain.staleness(NOON + timedelta(days=1), NOON, week)[0]


def test_a_manifest_comes_back_for_the_key_of_its_own_context() -> None:
    asked = []

    def unwrap(key_id: str, wrapped: bytes, context: dict[str, str]) -> bytes:
        asked.append((key_id, wrapped, context))
        return KEY

    assert export_manifest.unseal(export_manifest.seal(MANIFEST, KEY), unwrap) == (MANIFEST, KEY)
    context = {"purpose": "logical-export", "environment": "local", "database": "recruitpro", "export": ONE}
    assert asked == [("file", b"\x00\x00\x00", context)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"manifest": {}, "hmac_sha256": ""}',
        export_manifest.seal(MANIFEST, bytes(31) + b"1"),
        export_manifest.seal(MANIFEST, KEY).replace(b'"indexes": 3', b'"indexes": 2'),
        export_manifest.seal(MANIFEST, KEY).replace(b'"format": 1', b'"format": 2'),
    ],
)
def test_what_is_no_manifest_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(ExportDamaged):
        export_manifest.unseal(content, lambda *_: KEY)


def test_what_is_recorded_tells_how_it_ended() -> None:
    taken = exports.taken(MANIFEST, "eu-central-1")
    assert (taken.kind, taken.name, taken.status, taken.taken_at) == (Kind.EXPORT, ONE, Status.AVAILABLE, NOON)
    assert (taken.size_bytes, taken.detail["rows"]) == (60, 5)

    for failures, status in (([], Status.VERIFIED), (["users: 1 row missing"], Status.FAILED)):
        proved = exports.proved(MANIFEST, "eu-central-1", now=NOON, seconds=2.04, failures=failures)
        assert (proved.status, proved.finished_at, proved.detail["failures"]) == (status, NOON, failures)
