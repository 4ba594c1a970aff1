"""A database with people in it, exported twice: last week and now."""

from __future__ import annotations

import base64
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from infra.local import postgres
from infra.logical_export.keys import KmsKeys
from infra.logical_export.source import Source
from infra.logical_export.store import ExportStore
from infra.logical_export.taking import Place, take
from tests import house
from tests.api import ApiClient
from tests.factories import new_candidate
from tests.house import Cloud
from tests.infra.logical_export.exported import Exported

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
WEEK = timedelta(days=7)
# Incompressible, so that the dump is of several chunks.
NOISE_BYTES, NOISE_ROWS = 48_000, 64
_numbers = count(os.getpid() * 1000)


def bucket_of(cloud: Cloud, name: str) -> ExportStore:
    """A bucket under object lock, whose name begins so."""
    name = f"{name}-{next(_numbers)}"
    s3 = cloud.client("s3")
    place = {"LocationConstraint": house.REGION}
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    return ExportStore(s3, name)


@pytest.fixture(scope="session")
def server_of_exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.PostgresServer]:
    """A server of its own: that its roles see everything is no matter of other tests."""
    server = postgres.start(tmp_path_factory.mktemp("exported"), durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def people(server_of_exports: postgres.PostgresServer) -> Source:
    """Two organizations, as the application writes them, and a table that makes the dump large."""
    made = house.build_database(server_of_exports, "recruitpro")
    before = os.environ.get("RECRUITPRO_DATABASE_URL")
    os.environ["RECRUITPRO_DATABASE_URL"] = made.app_url
    house.forget_settings()
    try:
        for number in (1, 2):
            _fill(number)
    finally:
        os.environ.pop("RECRUITPRO_DATABASE_URL")
        if before is not None:
            os.environ["RECRUITPRO_DATABASE_URL"] = before
        house.forget_settings()
    noise = random.Random(5)
    rows = [{"noise": base64.b64encode(noise.randbytes(NOISE_BYTES)).decode()} for _ in range(NOISE_ROWS)]
    engine = sa.create_engine(driver_url(made.superuser_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("set local role recruitpro_owner")
        connection.exec_driver_sql("create table ballast (id int generated always as identity primary key, noise text)")
        connection.execute(sa.text("insert into ballast (noise) values (:noise)"), rows)
    engine.dispose()
    return Source(made.superuser_url)


def _fill(number: int) -> None:
    wish = {"organization": f"Exported {number}", "name": "Ada Admin", "password": "correct-horse-7-staples"}
    anyone, email = ApiClient(address=f"10.200.0.{number}"), f"ada-{number}@exported.example"
    with house.hashed_once(wish["password"]):
        assert anyone.post("/api/auth/register", wish | {"email": email}).status == 201
        signed_in = anyone.post("/api/auth/login", {"email": email, "password": wish["password"]})
    for _ in range(3):
        new_candidate(ApiClient(signed_in.json["access_token"], anyone.address))


@pytest.fixture(scope="session")
def exported(people: Source, cloud_of_worker: Cloud) -> Exported:
    """The exports of last week and of now, in a bucket that tests copy and leave as it is."""
    kms = cloud_of_worker.client("kms")
    keys = KmsKeys(kms, kms.create_key()["KeyMetadata"]["Arn"])
    place = Place(bucket_of(cloud_of_worker, "exports-whole"), keys, "local", timedelta(days=35))
    last_week = take(people, place, now=NOW - WEEK)
    engine = people.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("update candidates set version = version")
        connection.exec_driver_sql("insert into ballast (noise) values ('of this week')")
    engine.dispose()
    return Exported(people, place, last_week, take(people, place, now=NOW))


@pytest.fixture(scope="session")
def throwaway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that exports are restored to."""
    folder: Path = tmp_path_factory.mktemp("throwaway")
    server = postgres.start(folder, durable=False)
    yield server.url
    server.stop()
