"""One run of the restore test: with the real RDS, signed in to the restored copy as its master."""

from __future__ import annotations

from typing import Any

from chalicelib import clients, db, metrics
from chalicelib.backups import repository
from chalicelib.backups.examination import CopyUnreachable, Examination, examine
from chalicelib.backups.models import Backup
from chalicelib.backups.rds import Instance, Place, Snapshot
from chalicelib.backups.restore_testing import RestoreTests
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.logs import log
from chalicelib.migrations import administration, roles
from chalicelib.settings import Settings, settings
from chalicelib.vault import CURRENT

# Of the 15 minutes that Lambda gives, so that the last chain begun has time to be finished.
BUDGET_SECONDS = 600.0
NOT_SET = "no restore tests are set up (RECRUITPRO_RESTORE_TEST_SUBNET_GROUP, RECRUITPRO_RESTORE_TEST_SECURITY_GROUP)"


def run() -> dict[str, Any]:
    """What was done, for the log."""
    config = settings()
    tests = _tests(config)
    if tests is None:
        return {"skipped": NOT_SET}
    report = tests.look_after()
    for problem in report.problems:
        log.error("restore_test_failed", problem=problem)
    if report.problems:
        metrics.count("restore_test_failed")
    return report.as_json()


def _tests(config: Settings) -> RestoreTests | None:
    subnets, group = config.restore_test_subnet_group, config.restore_test_security_group
    if config.backup_instance is None or subnets is None or group is None:
        return None
    return RestoreTests(
        config.environment.value,
        config.backup_instance,
        clients.snapshots(config.aws_region),
        clients.instances(),
        Place(config.restore_test_instance_class, subnets, group),
        look,
        _record,
        utc_now,
    )


def look(instance: Instance, snapshot: Snapshot) -> Examination:
    """Sign in to a restored instance and see whether it is what it should be. Raises Unavailable as long as nobody can
    sign in to it, or the live database does not answer."""
    if instance.host is None or instance.secret_arn is None or snapshot.taken_at is None:
        raise CopyUnreachable("the restored copy has no address or password yet")
    there = {"database_direct_host": instance.host, "database_port": instance.port}
    config = settings().but(**there)
    master = administration.credentials(clients.secret_version(instance.secret_arn, CURRENT), "restored copy")
    engine = administration.engine_as(config, master["username"], master["password"], config.database_name)
    return examine(roles.act_as_owner(engine), snapshot.taken_at, seconds=BUDGET_SECONDS)


def _record(backup: Backup) -> None:
    with db.transaction(role=Role.DISPATCHER) as session:
        repository.record(session, [backup])
