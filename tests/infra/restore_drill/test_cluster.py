"""A cluster is restored to a point between two commits, or to the end of its archive; and what is broken is caught."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local.processes import LocalMistake
from infra.restore_drill import cluster, sabotage
from infra.restore_drill.cluster import Places, Point, Target
from infra.restore_drill.sabotage import Sabotage

# pg8000 forgets to close the socket on which a server says that it is starting up still, or gives up.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
BEFORE_BACKUP, BEFORE_POINT, IN_ALL = 3, 8, 12


@dataclass(frozen=True, slots=True)
class Lost:
    """What is left of a primary: its backup and its archive, and a point after the eighth of its twelve commits."""

    places: Places
    point: Point


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lost]:
    places = Places(tmp_path_factory.mktemp("lost"))
    primary = cluster.start_primary(places)
    try:
        cluster.ask(primary, "create table commits as select 0 as number; select 1")
        points = {}
        for number in range(1, IN_ALL + 1):
            cluster.ask(primary, f"insert into commits values ({number}) returning 1")
            points[number] = cluster.here(primary)
            if number == BEFORE_BACKUP:
                cluster.take_base_backup(primary, places)
        cluster.archive_everything(primary)
    except BaseException:
        primary.stop()
        raise
    cluster.kill(primary, places)
    yield Lost(places, points[BEFORE_POINT])
    shutil.rmtree(places.root)


@pytest.fixture
def broken(lost: Lost, tmp_path: Path) -> Lost:
    """A copy that may be broken."""
    shutil.copytree(lost.places.root, tmp_path / "lost")
    return Lost(Places(tmp_path / "lost"), lost.point)


def restored(lost: Lost, name: str, target: Target) -> int:
    """Up to which commit a restored cluster has everything; nothing is missing in between."""
    cluster.lay_out(lost.places, name)
    server = cluster.start_restored(lost.places, name, target)
    try:
        count, last = cluster.ask(server, "select count(*), max(number) from commits")
        cluster.ask(server, "insert into commits values (99) returning 1")
    finally:
        server.stop()
        shutil.rmtree(lost.places.restored(name))
    assert count == last + 1
    return int(last)


@pytest.mark.parametrize("by", ["time", "lsn"])
def test_a_point_between_two_commits_is_met_exactly(lost: Lost, by: str) -> None:
    cluster.verify_base_backup(lost.places)

    assert restored(lost, by, Target(lost.point, by)) == BEFORE_POINT


def test_without_a_point_everything_that_was_archived_is_there(lost: Lost) -> None:
    assert restored(lost, "end", Target()) == IN_ALL


def test_a_changed_byte_of_the_base_backup_is_found_before_anything_is_restored(broken: Lost) -> None:
    done = sabotage.do(Sabotage.BASE_BACKUP, broken.places, lsn=broken.point.lsn)

    with pytest.raises(LocalMistake, match="checksum mismatch") as caught:
        cluster.verify_base_backup(broken.places)
    assert done.rsplit(" ", 1)[-1] in str(caught.value)


@pytest.mark.parametrize("wish", [Sabotage.WAL_BIT, Sabotage.WAL_MISSING])
def test_broken_wal_does_not_reach_the_point_and_says_so(broken: Lost, wish: Sabotage) -> None:
    sabotage.do(wish, broken.places, lsn=broken.point.lsn)

    with pytest.raises(LocalMistake, match="recovery ended before configured recovery target was reached"):
        restored(broken, "point", Target(broken.point))


def test_broken_wal_ends_a_restore_without_a_point_early_which_only_a_comparison_sees(broken: Lost) -> None:
    sabotage.do(Sabotage.WAL_BIT, broken.places, lsn=broken.point.lsn)

    assert BEFORE_POINT - 1 <= restored(broken, "end", Target()) < IN_ALL
