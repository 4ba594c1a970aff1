"""Whatever becomes of an export, its proof tells it; and a whole one holds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from rich.console import Console
from rich.table import Table

from infra.logical_export.proving import Expected, Proof, prove
from infra.logical_export.store import ExportStore
from tests.house import Cloud
from tests.infra.logical_export.conftest import NOW, bucket_of
from tests.infra.logical_export.corruptions import CORRUPTIONS, Corruption, Old
from tests.infra.logical_export.exported import Copy, Exported, pg_dump, put

# As the schedule proves it: some hours after it was taken.
EXPECTED = Expected("local", "recruitpro", NOW + timedelta(hours=4), timedelta(hours=24))
_told: dict[str, str] = {}


def proof_of(exported: Exported, copy: Copy, cloud: Cloud, server: str, bucket: str) -> Proof:
    """What proving says of a copy in a bucket of its own."""
    store: ExportStore = bucket_of(cloud, bucket)
    put(copy, store)
    return prove(store, exported.place.keys, server, EXPECTED)


def unpacks(content: bytes) -> bool:
    """What `gunzip -t` says."""
    try:
        gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return False
    return True


@pytest.fixture(scope="module")
def old(exported: Exported) -> Old:
    sql = pg_dump(exported.source, ())
    return Old(sql, gzip.compress(sql, 1))


@pytest.fixture(scope="module", autouse=True)
def table(old: Old) -> Iterator[None]:
    """Shows beside each other what was caught (pytest -s)."""
    yield
    shown = Table("what became of it", "restored and compared", "gunzip -t")
    by_old = {each.name: not unpacks(each.old(old)) for each in CORRUPTIONS}
    for name, told in _told.items():
        shown.add_row(name, told, "caught" if by_old[name] else "passes")
    Console(width=150).print(shown)
    print(f"caught: {len(_told)} of {len(CORRUPTIONS)} by restoring, {sum(by_old.values())} by gunzip -t")


def test_an_untouched_copy_holds(exported: Exported, cloud: Cloud, throwaway: str) -> None:
    proof = proof_of(exported, exported.copy(), cloud, throwaway, "copy-untouched")

    assert proof.failures == []
    assert proof.name == exported.now.name


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda each: each.name)
def test_no_corruption_passes(corruption: Corruption, exported: Exported, cloud: Cloud, throwaway: str) -> None:
    copy = exported.copy()
    corruption.do(exported, copy)

    proof = proof_of(exported, copy, cloud, throwaway, f"copy-{CORRUPTIONS.index(corruption)}")

    assert any(corruption.told in failure for failure in proof.failures), proof.failures
    _told[corruption.name] = next(failure for failure in proof.failures if corruption.told in failure)


def test_the_check_of_before_lets_most_of_it_pass(old: Old) -> None:
    caught = {each.name for each in CORRUPTIONS if not unpacks(each.old(old))}

    assert unpacks(old.packed)
    assert len(caught) < len(CORRUPTIONS) / 3
    assert "cut off before it was compressed" not in caught
