"""An export is of one moment, of every row, under a lock; or there is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chalicelib.backups import export_role, exports
from chalicelib.backups.export_manifest import Manifest, Table
from chalicelib.backups.export_role import EXPORTER
from chalicelib.clients import StorageUnavailable
from chalicelib.migrations.roles import driver_url, url_for
from infra.logical_export import dump, source, taking
from infra.logical_export.dump import DumpFailed
from infra.logical_export.fetching import fetch
from infra.logical_export.proving import Expected, prove
from infra.logical_export.source import ExporterBlind, Source
from infra.logical_export.taking import Place, take
from tests import house
from tests.house import Cloud
from tests.infra.logical_export.conftest import NOW, bucket_of
from tests.infra.logical_export.exported import Exported, pg_dump

PASSWORD = "exporter-of-tests"
MASTER = "master_like_rds"


def run(origin: Source, *statements: str) -> None:
    engine = sa.create_engine(driver_url(origin.url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def owned(people: Source) -> Source:
    return Source(url_for(people.url, user="recruitpro_owner", password=house.OWNER_PASSWORD, database="recruitpro"))


@pytest.fixture
def as_exporter(people: Source) -> Iterator[Source]:
    """The exporter's own sign-in; forgotten again."""
    yield Source(url_for(people.url, user=EXPORTER, password=PASSWORD, database="recruitpro"))
    run(people, f"reassign owned by {EXPORTER} to postgres", f"drop owned by {EXPORTER}", f"drop role {EXPORTER}")


def holds(manifest: Manifest) -> dict[str, Table]:
    """What an export holds but for the record of exports, to which other tests add."""
    return {name: table for name, table in manifest.tables.items() if name != "backups"}


def place_in(cloud: Cloud, exported: Exported, bucket: str) -> Place:
    return Place(bucket_of(cloud, bucket), exported.place.keys, "local", timedelta(days=35))


def test_the_owner_of_the_tables_is_refused_before_anything_is_written(
    owned: Source, exported: Exported, cloud: Cloud
) -> None:
    place = place_in(cloud, exported, "of-the-owner")

    with pytest.raises(ExporterBlind, match="may not see every row"):
        take(owned, place, now=NOW)

    assert place.store.kept() == {}
    # What a dump by the owner would have held: pg_dump succeeds, and no user is in it.
    sql = pg_dump(owned, ("--enable-row-security", "--data-only", "--table=users")).decode()
    assert sql.split("COPY public.users")[1].split("\n")[1] == "\\."


def test_a_role_that_bypasses_policies_exports_every_row_and_records_it(
    people: Source, as_exporter: Source, exported: Exported, cloud: Cloud, throwaway: str
) -> None:
    assert export_role.prepare(people.url, password=PASSWORD) == []
    assert export_role.prepare(people.url, password=PASSWORD) == []
    place = place_in(cloud, exported, "bypassing")

    manifest = take(as_exporter, place, now=NOW)

    assert holds(manifest) == holds(exported.now)
    assert prove(place.store, place.keys, throwaway, Expected("local", "recruitpro", NOW)).failures == []


def test_where_nobody_may_give_that_policies_show_every_row_and_a_new_table_is_noticed(
    people: Source, as_exporter: Source, exported: Exported, cloud: Cloud, throwaway: str
) -> None:
    run(
        people,
        f"create role {MASTER} login createrole createdb password '{PASSWORD}'",
        f"grant recruitpro_owner to {MASTER} with inherit true, set true",
        f"grant connect on database recruitpro to {MASTER}",
    )
    master = Source(url_for(people.url, user=MASTER, password=PASSWORD, database="recruitpro"))
    place = place_in(cloud, exported, "by-policies")
    try:
        seen = export_role.prepare(master.url, password=PASSWORD)
        assert "candidates" in seen

        manifest = take(as_exporter, place, now=NOW)

        assert holds(manifest) == holds(exported.now)
        assert prove(place.store, place.keys, throwaway, Expected("local", "recruitpro", NOW)).failures == []

        run(people, "create table newcomers (id int)", "alter table newcomers enable row level security")
        with pytest.raises(ExporterBlind, match="newcomers"):
            take(as_exporter, place, now=NOW + timedelta(days=1))
    finally:
        run(people, "drop table if exists newcomers", f"drop owned by {EXPORTER}")
        run(people, f"drop owned by {MASTER}")
        run(people, f"grant {EXPORTER} to postgres", f"revoke {EXPORTER} from {MASTER} cascade", f"drop role {MASTER}")


def test_what_changes_while_it_is_taken_is_in_the_next_export(
    people: Source, exported: Exported, cloud: Cloud, throwaway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, dumped = place_in(cloud, exported, "one-moment"), dump.dump

    def change_first(*arguments: object) -> Iterator[bytes]:
        run(people, "insert into ballast (noise) values ('between counting and dumping')")
        return dumped(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "dump", change_first)
    manifest = take(people, place, now=NOW)
    run(people, "delete from ballast where noise like 'between%'")

    assert holds(manifest) == holds(exported.now)
    assert prove(place.store, place.keys, throwaway, Expected("local", "recruitpro", NOW)).failures == []


def test_a_dump_that_breaks_off_leaves_nothing(people: Source, exported: Exported, cloud: Cloud) -> None:
    place = place_in(cloud, exported, "broken-off")

    with pytest.raises(DumpFailed, match="no matching tables"):
        take(people, place, now=NOW, options=["--strict-names", "--table=nothing_of_this_name"])

    assert place.store.kept() == {}
    assert place.store.s3.list_multipart_uploads(Bucket=place.store.bucket).get("Uploads", []) == []


def test_every_object_is_locked_and_written_once(people: Source, exported: Exported, cloud: Cloud) -> None:
    place, asked = place_in(cloud, exported, "locked"), list[Any]()
    for call in ("CreateMultipartUpload", "CompleteMultipartUpload", "PutObject"):
        place.store.s3.meta.events.register(
            f"before-parameter-build.s3.{call}", lambda params, **_: asked.append(params)
        )

    take(people, place, now=NOW)

    # moto forgets the lock of an upload in parts, and does not look whether there is one already.
    upload, completed, manifest = asked
    until = NOW + timedelta(days=35)
    for each in (upload, manifest):
        assert (each["ObjectLockMode"], each["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert completed["IfNoneMatch"] == manifest["IfNoneMatch"] == "*"
    with pytest.raises(StorageUnavailable) as refused:
        place.store.put(manifest["Key"], b"{}", locked_until=until)
    assert "PreconditionFailed" in str(refused.value.__cause__)


def test_each_export_names_the_one_before_it(exported: Exported) -> None:
    assert exported.last_week.predecessor is None
    assert exported.now.predecessor is not None
    assert exported.now.predecessor.name == exported.last_week.name == "exports/2026/W46/20261115T030000Z"


def test_the_bucket_holds_nothing_that_can_be_read(exported: Exported) -> None:
    for key, versions in exported.copy().items():
        assert b"Exported 1" not in versions[0]
        assert b"ada-1@" not in versions[0]
        assert b"PGDMP" not in versions[0], key


def test_an_export_is_fetched_in_the_clear_for_who_restores_a_part(exported: Exported, tmp_path: Path) -> None:
    output = tmp_path / "database.dump"

    assert fetch(exported.place.store, exported.place.keys, output) == exported.now.name

    assert output.read_bytes().startswith(b"PGDMP")
    assert output.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["database.dump"]
    assert exports.names_in(exported.copy()) == [exported.last_week.name, exported.now.name]


def test_moments_end_with_what_they_were_for(people: Source) -> None:
    with source.moment(people) as held:
        assert held.by_policies is False
        assert held.shape["constraints not valid"] == 0
    left = sa.text("select count(*) from pg_stat_activity where application_name = 'recruitpro-export'")
    engine = sa.create_engine(driver_url(people.url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.scalar(left) == 0
    engine.dispose()
