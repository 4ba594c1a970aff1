"""The night's snapshot as Lambda takes it: with moto's RDS in two regions, recorded, and without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import db
from chalicelib.backups import nightly, repository
from chalicelib.backups.models import Kind, Status
from chalicelib.backups.recording import record
from chalicelib.clock import utc_now
from functions.take_snapshot import take_snapshot
from infra.local import delivery, resources
from tests import records
from tests.house import Cloud, Database

HOME, ABROAD, INSTANCE = "eu-central-1", "eu-west-1", "recruitpro-local"
Metric = dict[str, Any]
pytestmark = pytest.mark.own_database


@pytest.fixture
def rds(cloud: Cloud) -> Iterator[Any]:
    """moto's RDS with an instance, and nothing left of it afterwards."""
    client = cloud.client("rds")
    client.create_db_instance(
        DBInstanceIdentifier=INSTANCE,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="recruitpro_master",
        MasterUserPassword="a-password-of-a-test",
    )
    yield client
    for region in (HOME, ABROAD):
        there = resources.client("rds", cloud.endpoint_url, region)
        for snapshot in there.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
            there.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    client.delete_db_instance(DBInstanceIdentifier=INSTANCE, SkipFinalSnapshot=True)


def run() -> dict[str, Any]:
    event = delivery.scheduled_event("take_snapshot", region=HOME)
    done: dict[str, Any] = take_snapshot(event, delivery.context("take_snapshot"))
    return done


def described(client: Any) -> dict[str, str]:
    return {
        each["DBSnapshotIdentifier"]: each["Status"]
        for each in client.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    }


def test_a_night_is_taken_once_copied_and_recorded(
    rds: Any, cloud: Cloud, configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(backup_instance=INSTANCE, backup_copy_region=ABROAD)
    done = [run() for _ in range(4)]

    [name] = done[0]["requested"]
    assert name.startswith("recruitpro-local-20")
    assert [each["requested"] for each in done[1:]] == [[name], [], []]
    abroad = resources.client("rds", cloud.endpoint_url, ABROAD)
    assert described(rds) == described(abroad) == {name: "available"}
    copy = abroad.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
    assert {"Key": "recruitpro:copy-of", "Value": name} in copy["TagList"]
    assert copy["Encrypted"]
    with db.transaction() as session:
        known = repository.newest(session, Kind.SNAPSHOT)
        age = repository.ages(session, utc_now()).newest_good_snapshot_hours
    assert {(each.region, each.name, each.status) for each in known} == {
        (region, name, Status.AVAILABLE) for region in (HOME, ABROAD)
    }
    assert age is not None
    assert age < 0.1
    assert "backup_failed" not in capsys.readouterr().out


def test_what_rds_no_longer_has_is_recorded_as_deleted(
    rds: Any, database: Database, configure: Callable[..., None]
) -> None:
    configure(backup_instance=INSTANCE)
    [name] = run()["requested"]
    run()
    rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    record(HOME, [], "local", utc_now())

    assert [row["status"] for row in records.rows(database, "select status from backups")] == ["deleted"]


def test_a_table_that_lost_its_rows_is_written_anew(
    rds: Any, database: Database, configure: Callable[..., None]
) -> None:
    configure(backup_instance=INSTANCE)
    run()
    run()
    [before] = records.rows(database, "select name, status, taken_at, arn, attempts from backups")
    records.rows(database, "delete from backups")
    run()

    assert records.rows(database, "select name, status, taken_at, arn, attempts from backups") == [before]


def test_news_that_is_known_writes_nothing(rds: Any, database: Database, configure: Callable[..., None]) -> None:
    configure(backup_instance=INSTANCE)
    for _ in range(3):
        run()
    [before] = records.rows(database, "select xmin::text, finished_at from backups")
    run()

    assert records.rows(database, "select xmin::text, finished_at from backups") == [before]


def test_without_a_database_the_snapshot_is_taken_and_recorded_later(rds: Any, configure: Callable[..., None]) -> None:
    configure(backup_instance=INSTANCE, database_url="postgresql://recruitpro_app:x@127.0.0.1:1/nowhere")

    done = run()

    assert len(done["requested"]) == 1
    assert done["recorded"] is False
    assert done["problems"] == []


def test_what_goes_wrong_is_told_to_alarms(
    rds: Any, configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(backup_instance="recruitpro-another")

    assert run()["problems"] == ["snapshot: there is no instance recruitpro-another to take a snapshot of"]
    assert '"backup_failed":[1' in capsys.readouterr().out.replace(" ", "")


def test_a_laptop_has_nothing_to_take_and_does_not_pretend(database: Database) -> None:
    assert run() == {"skipped": nightly.NO_INSTANCE}
    assert records.rows(database, "select 1 from backups where kind = 'snapshot'") == []


def test_elsewhere_an_instance_that_is_not_set_is_a_failure(
    configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(environment="staging", token_secret_arn="arn:aws:secretsmanager:eu-central-1:1:secret:x", scanner="clamd")

    assert run() == {"skipped": nightly.NO_INSTANCE}
    assert "backup_failed" in capsys.readouterr().out
