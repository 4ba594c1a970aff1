"""Fixtures for all tests: a database and a cloud per worker, and an organization of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests import house, log_watch, records
from tests.api import ApiClient
from tests.house import Cloud, Database
from tests.pinning import StatementLog

for variable in [name for name in os.environ if name.startswith("RECRUITPRO_")]:
    del os.environ[variable]
os.environ.update(house.SETTINGS)

PASSWORD = "correct-horse-7-staples"
_numbers = count(1)


@pytest.fixture(scope="session", autouse=True)
def _trusting_nobody() -> Iterator[None]:
    with house.trusting_nobody():
        yield


@pytest.fixture(scope="session", autouse=True)
def _reading_along() -> Iterator[None]:
    log_watch.install()
    yield
    log_watch.remove()
    assert log_watch.WATCH.take() == []


@pytest.fixture(autouse=True)
def _nobody_stands_in_the_log(_reading_along: None) -> Iterator[None]:
    """No test ends well in which our logger wrote an address, a name, a number or a secret."""
    yield
    assert log_watch.WATCH.take() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        log_watch.WATCH.read_metrics(report.capstdout)
    return report


@pytest.fixture(scope="session", autouse=True)
def statement_log() -> Iterator[StatementLog]:
    """Every statement that the application's role sends in this worker. None of them pins a connection of RDS Proxy."""
    log = StatementLog()
    yield log
    log.close()
    assert log.pinning == {}, "these statements pin a connection of RDS Proxy, each as first sent in the test named"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "own_database: judges a whole database, so it gets one where nobody else was")


@pytest.fixture(scope="session")
def database_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated PostgreSQL for this worker, and the settings pointing to it."""
    from infra.local import postgres

    server = postgres.start(tmp_path_factory.mktemp("postgres"), durable=False)
    try:
        database = house.build_database(server, "recruitpro")
        house.keep_untouched(database)
        os.environ.update(house.settings_for(database, None))
        house.forget_settings()
        with records.kept_open(database):
            yield database
        house.forget_settings()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def _database_of_file(database_of_worker: Database) -> Iterator[Database]:
    """One for all tests of a file, since making it takes half a second of work with files."""
    with house.own_database(database_of_worker.server) as own:
        yield own


@pytest.fixture(autouse=True)
def _own_database(request: pytest.FixtureRequest) -> Iterator[Database | None]:
    """Comes before, and goes after, whatever else a test changes settings by."""
    marker = request.node.get_closest_marker("own_database")
    if marker is None:
        yield None
        return
    if marker.kwargs.get("for_all"):
        yield request.getfixturevalue("_database_of_file")
        return
    with house.own_database(request.getfixturevalue("database_of_worker").server) as own:
        yield own


@pytest.fixture
def database(request: pytest.FixtureRequest, _own_database: Database | None) -> Database:
    """A migrated PostgreSQL: the worker's, where all other tests leave what they leave, or one of this test's own when
    it is marked with `own_database`."""
    if _own_database is not None:
        return _own_database
    shared: Database = request.getfixturevalue("database_of_worker")
    return shared


@pytest.fixture(scope="session")
def cloud_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = house.build_cloud(tmp_path_factory.mktemp("cloud"))
    os.environ.update(house.settings_for(None, cloud))
    house.forget_settings()
    yield cloud
    cloud.child.stop()


@pytest.fixture
def cloud(cloud_of_worker: Cloud, database: Database) -> Cloud:
    """S3 and SQS with empty queues."""
    cloud_of_worker.purge()
    return cloud_of_worker


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings for one test: `configure(open_registration="false")`."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"RECRUITPRO_{name.upper()}", value)
        house.forget_settings()

    yield change
    monkeypatch.undo()
    house.forget_settings()


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization with its admin, signed in."""

    id: UUID
    user_id: UUID
    email: str
    api: ApiClient


@pytest.fixture
def new_tenant(database: Database) -> Iterator[Callable[[], Tenant]]:
    """Registers an organization and signs its admin in. What a test leaves unfinished is called off at its end: the
    sweep of a later test would revive it, and its pump be busy with it."""
    made: list[UUID] = []

    def make() -> Tenant:
        number = next(_numbers)
        email = f"admin-{number}-{os.getpid()}@tenant.example"
        anyone = ApiClient(address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        wish = {"organization": f"Tenant {number}", "name": "Ada Admin", "email": email, "password": PASSWORD}
        with house.hashed_once(PASSWORD):
            registered = anyone.post("/api/auth/register", wish)
            assert registered.status == 201, registered
            signed_in = anyone.post("/api/auth/login", {"email": email, "password": PASSWORD})
            assert signed_in.status == 200, signed_in
        api = ApiClient(signed_in.json["access_token"], anyone.address)
        ids = registered.json
        made.append(UUID(ids["organization"]["id"]))
        return Tenant(UUID(ids["organization"]["id"]), UUID(ids["user"]["id"]), email, api)

    yield make
    _call_off(database, made)


def _call_off(database: Database, organization_ids: list[UUID]) -> None:
    """End every job that is left of these organizations."""
    of_these = "organization_id = any(cast(:ids as uuid[]))"
    unsent = f"with unsent as (delete from outbox where {of_these}) "
    left = f"update jobs set status = 'cancelled' where {of_these} and status in ('queued', 'running')"
    records.rows(database, unsent + left, ids=[str(each) for each in organization_ids])


@pytest.fixture
def tenant(new_tenant: Callable[[], Tenant]) -> Tenant:
    return new_tenant()


@pytest.fixture
def api(tenant: Tenant) -> ApiClient:
    """The admin of an organization of this test's own."""
    return tenant.api


@pytest.fixture
def other(new_tenant: Callable[[], Tenant]) -> Tenant:
    """Another organization."""
    return new_tenant()


@pytest.fixture
def session(tenant: Tenant) -> Iterator[Session]:
    """A transaction of the tenant, rolled back at the end."""
    from chalicelib import db

    session = Session(db.engine(), expire_on_commit=False, autoflush=False)
    session.info.update(before_commit=[], after_commit=[])
    with session:
        db.act_for(session, tenant.id)
        yield session
        session.rollback()
