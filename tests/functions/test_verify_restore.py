"""The restore test as Lambda runs it: moto's RDS, a copy on a real PostgreSQL, and what is recorded of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import db
from chalicelib.backups import repository, restoring
from chalicelib.backups.examination import CopyUnreachable
from chalicelib.backups.models import Kind, Status
from chalicelib.backups.rds import Instance, Snapshot
from chalicelib.clock import utc_now
from functions.take_snapshot import take_snapshot
from functions.verify_restore import verify_restore
from infra.local import delivery
from tests import factories
from tests.chalicelib.backups.copies import MASTER, PASSWORD, a_copy, spoil
from tests.conftest import Tenant
from tests.house import Cloud, Database

INSTANCE = "recruitpro-local"


def run(handler: Callable[[Any, Any], Any], name: str) -> dict[str, Any]:
    event = delivery.scheduled_event(name, region="eu-central-1")
    done: dict[str, Any] = handler(event, delivery.context(name))
    return done


@pytest.fixture
def rds(cloud: Cloud, configure: Callable[..., None]) -> Iterator[Any]:
    """moto's RDS with an instance and a good snapshot of it, and nothing left of it afterwards."""
    client = cloud.client("rds")
    client.create_db_subnet_group(
        DBSubnetGroupName="restore-tests", DBSubnetGroupDescription="x", SubnetIds=[_subnet(cloud)]
    )
    client.create_db_instance(
        DBInstanceIdentifier=INSTANCE,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername=MASTER,
        MasterUserPassword="a-password-of-a-test",
        DeletionProtection=True,
    )
    configure(
        backup_instance=INSTANCE, restore_test_subnet_group="restore-tests", restore_test_security_group="sg-1234"
    )
    run(take_snapshot, "take_snapshot")
    yield client
    client.modify_db_instance(DBInstanceIdentifier=INSTANCE, DeletionProtection=False)
    for instance in client.describe_db_instances()["DBInstances"]:
        client.modify_db_instance(DBInstanceIdentifier=instance["DBInstanceIdentifier"], DeletionProtection=False)
        client.delete_db_instance(DBInstanceIdentifier=instance["DBInstanceIdentifier"], SkipFinalSnapshot=True)
    for snapshot in client.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        client.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    client.delete_db_subnet_group(DBSubnetGroupName="restore-tests")


def _subnet(cloud: Cloud) -> str:
    found: str = cloud.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    return found


def names(client: Any) -> list[str]:
    return [each["DBInstanceIdentifier"] for each in client.describe_db_instances()["DBInstances"]]


def instance_of(database: Database, cloud: Cloud, password: str = PASSWORD) -> Instance:
    """What RDS would say of the server of this test, were it a restored instance."""
    secrets = cloud.client("secretsmanager")
    text = json.dumps({"username": MASTER, "password": password})
    arn = secrets.create_secret(Name=f"rds!db-{utc_now().timestamp()}", SecretString=text)["ARN"]
    server = database.server
    return Instance("restored", "available", {}, server.host, server.port, MASTER, has_secret=True, secret_arn=arn)


def snapshot_of(moment: Any) -> Snapshot:
    return Snapshot("one", "arn:one", "eu-central-1", "available", moment, {})


@pytest.mark.own_database
def test_a_test_goes_its_steps_by_runs_and_deletes_its_instance(
    rds: Any,
    cloud: Cloud,
    tenant: Tenant,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    configure: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The one step that moto cannot take is to be a database: the copy is one of the server of this test."""
    factories.new_candidate(tenant.api)
    looked = restoring.look
    steps = [run(verify_restore, "verify_restore") for _ in range(2)]
    [restored] = [name for name in names(rds) if "restore" in name]
    described = rds.describe_db_instances(DBInstanceIdentifier=restored)["DBInstances"][0]
    assert (described["DBInstanceClass"], described["MultiAZ"]) == ("db.t4g.micro", False)
    assert described["DBSubnetGroup"]["DBSubnetGroupName"] == "restore-tests"
    with a_copy(database) as name:
        there = instance_of(database, cloud)
        monkeypatch.setattr(restoring, "look", lambda _instance, snapshot: looked(there, snapshot))
        configure(database_name=name)
        steps += [run(verify_restore, "verify_restore") for _ in range(4)]

    assert steps[0]["requested"] == [restored]
    [outcome] = [each for each in steps if each["outcome"]]
    assert (outcome["outcome"], outcome["wrong"]) == ("verified", [])
    assert names(rds) == [INSTANCE]
    with db.transaction() as session:
        [kept] = repository.newest(session, Kind.RESTORE_TEST)
        assert repository.ages(session, utc_now()).verified_restore_hours is not None
    assert (kept.name, kept.status) == (restored, Status.VERIFIED)
    assert kept.detail["rows"]["candidates"] >= 1
    assert "restore_test_failed" not in capsys.readouterr().out


@pytest.mark.own_database
def test_a_copy_is_signed_in_to_as_its_master(
    tenant: Tenant, database: Database, cloud: Cloud, configure: Callable[..., None]
) -> None:
    factories.new_candidate(tenant.api)
    with a_copy(database) as name:
        configure(database_name=name)
        instance, snapshot = instance_of(database, cloud), snapshot_of(utc_now() + timedelta(hours=2))
        assert restoring.look(instance, snapshot).wrong == []
        spoil(database, name, "drop table scorecards cascade")
        assert restoring.look(instance, snapshot).wrong == ["table scorecards is missing"]


def test_a_master_whose_password_is_not_right_yet_is_waited_for(
    tenant: Tenant, database: Database, cloud: Cloud
) -> None:
    with pytest.raises(CopyUnreachable) as error:
        restoring.look(instance_of(database, cloud, password="a-wrong-one"), snapshot_of(utc_now()))
    assert "a-wrong-one" not in str(error.value)


def test_a_laptop_makes_no_restore_tests(database: Database) -> None:
    assert run(verify_restore, "verify_restore") == {"skipped": restoring.NOT_SET}
