"""What goes past the proxy: preparing and migrating a fresh database as RDS gives it, and changing a password."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from chalicelib import clients, migrations
from chalicelib.auth.rotation import RotationRefused
from chalicelib.migrations import roles
from chalicelib.migrations.administration import NoAdministration
from functions.migrate_database import migrate_database
from functions.rotate_database_secret import rotate_database_secret
from tests import rds
from tests.house import Cloud
from tests.rds import MASTER, PASSWORD, Rds, ask

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Installation:
    """A server with its secrets, and functions that are told of them."""

    server: Rds
    database: str
    app_secret: str
    secrets: Any

    def password(self, stage: str = "AWSCURRENT") -> str | None:
        text = clients.secret_version(self.app_secret, stage)
        return None if text is None else str(json.loads(text)["password"])

    def opens(self, password: str | None) -> bool:
        try:
            return ask(self.server.url_for(roles.APP, password or "", self.database), "select 1") == [(1,)]
        except DBAPIError:
            return False

    def step(self, step: str, version: str) -> None:
        event = {"Step": step, "SecretId": self.app_secret, "ClientRequestToken": version}
        rotate_database_secret(event, None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rds]:
    with rds.started(tmp_path_factory.mktemp("rds")) as server:
        yield server


@pytest.fixture
def fresh(server: Rds, cloud_of_worker: Cloud, configure: Callable[..., None]) -> Installation:
    secrets = cloud_of_worker.client("secretsmanager")

    def keep(username: str, password: str) -> str:
        text = json.dumps({"username": username, "password": password})
        return str(secrets.create_secret(Name=uuid4().hex, SecretString=text)["ARN"])

    installation = Installation(server, f"rds_{next(_numbers)}", keep(roles.APP, "made-up-by-aws"), secrets)
    configure(
        database_direct_host=server.server.host,
        database_port=str(server.server.port),
        database_name=installation.database,
        database_master_secret_arn=keep(MASTER, PASSWORD),
        database_app_secret_arn=installation.app_secret,
    )
    return installation


@pytest.fixture
def prepared(fresh: Installation) -> Installation:
    migrate_database({}, None)
    return fresh


def test_a_fresh_environment_is_prepared_and_migrated_by_one_call(fresh: Installation) -> None:
    before = migrate_database({"action": "check"}, None)
    answer = migrate_database({}, None)
    again = migrate_database({}, None)
    after = migrate_database({"action": "check"}, None)

    everything = migrations.pending(None)
    assert before == {"current": None, "pending": everything, "newest": migrations.newest()}
    assert f"database {fresh.database} created" in answer["prepared"]
    assert answer["applied"] == everything
    assert again == {"prepared": [], "applied": [], "current": migrations.newest()}
    assert after == {"current": migrations.newest(), "pending": [], "newest": migrations.newest()}
    assert fresh.opens("made-up-by-aws")


def test_exports_see_what_a_migration_added(prepared: Installation) -> None:
    tables = "select count(*) filter (where not has_table_privilege('recruitpro_exporter', oid, 'select')), count(*)"
    query = f"{tables} from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    [(unseen, all_tables)] = ask(prepared.server.url_for(MASTER, PASSWORD, prepared.database), query)

    assert (unseen, all_tables > 20) == (0, True)


def test_looking_changes_nothing(fresh: Installation) -> None:
    migrate_database({"action": "check"}, None)

    assert ask(fresh.server.master_url, f"select 1 from pg_database where datname = '{fresh.database}'") == []


def test_an_action_that_there_is_not_is_refused(fresh: Installation) -> None:
    with pytest.raises(ValueError, match=r"^there is no action 'downgrade': migrate, check$"):
        migrate_database({"action": "downgrade"}, None)


def test_a_secret_that_holds_something_else_is_refused_unquoted(fresh: Installation) -> None:
    fresh.secrets.put_secret_value(SecretId=fresh.app_secret, SecretString="only-a-password")

    with pytest.raises(NoAdministration, match=r"^the secret of the app holds no user name and password$"):
        migrate_database({}, None)


def test_four_steps_change_the_password_in_secret_and_database(prepared: Installation) -> None:
    version = str(uuid4())
    for step in STEPS:
        prepared.step(step, version)

    current = prepared.password()
    assert current is not None
    assert len(current) == 48
    assert prepared.opens(current)
    assert not prepared.opens("made-up-by-aws")
    assert prepared.password("AWSPREVIOUS") == "made-up-by-aws"
    assert current not in prepared.server.server.child.log.read_text()


def test_each_step_may_come_twice_and_after_the_end(prepared: Installation) -> None:
    version = str(uuid4())
    for step in STEPS[:-1]:
        prepared.step(step, version)
        pending = prepared.password("AWSPENDING")
        prepared.step(step, version)
        assert prepared.password("AWSPENDING") == pending
        assert prepared.password() == "made-up-by-aws"
    prepared.step("finishSecret", version)
    current = prepared.password()

    for step in STEPS:
        prepared.step(step, version)

    assert prepared.password() == current
    assert prepared.opens(current)


def test_a_password_that_was_not_set_never_becomes_current(prepared: Installation) -> None:
    version = str(uuid4())
    prepared.step("createSecret", version)

    for step in ("testSecret", "finishSecret"):
        with pytest.raises(DBAPIError):
            prepared.step(step, version)
    assert prepared.password() == "made-up-by-aws"
    assert prepared.opens("made-up-by-aws")


def test_after_a_change_that_ended_half_way_another_change_or_a_migration_repairs(prepared: Installation) -> None:
    abandoned = str(uuid4())
    prepared.step("createSecret", abandoned)
    prepared.step("setSecret", abandoned)
    assert not prepared.opens(prepared.password())

    migrate_database({}, None)
    assert prepared.opens(prepared.password())

    version = str(uuid4())
    for step in STEPS:
        prepared.step(step, version)
    assert prepared.opens(prepared.password())
    with pytest.raises(RotationRefused, match="neither pending nor current"):
        prepared.step("finishSecret", abandoned)


def test_other_secrets_other_steps_and_other_roles_are_refused(prepared: Installation) -> None:
    event = {"Step": "createSecret", "SecretId": "another", "ClientRequestToken": str(uuid4())}
    with pytest.raises(RotationRefused, match="and no other"):
        rotate_database_secret(event, None)
    with pytest.raises(RotationRefused, match="there is no step 'dropSecret'"):
        prepared.step("dropSecret", str(uuid4()))
    with pytest.raises(RotationRefused, match="createSecret comes first"):
        prepared.step("setSecret", str(uuid4()))
    theirs = json.dumps({"username": MASTER, "password": "x"})
    prepared.secrets.put_secret_value(SecretId=prepared.app_secret, SecretString=theirs)
    version = str(uuid4())
    prepared.step("createSecret", version)
    with pytest.raises(RotationRefused, match="another role"):
        prepared.step("setSecret", version)
