"""The program as an operator and the tasks run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from tests import house
from tests.house import Cloud
from tests.infra.logical_export.conftest import bucket_of
from tests.infra.logical_export.exported import Exported

ROOT = Path(__file__).parents[3]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket of backups with nothing in it."""
    return bucket_of(cloud, "program").bucket


@pytest.fixture
def run(exported: Exported, cloud: Cloud, bucket: str, tmp_path: Path) -> Run:
    """Runs it with the settings of a task, but for AWS being moto and the environment local."""
    values = {
        **house.settings_for(None, cloud),
        "RECRUITPRO_EXPORT_DATABASE_URL": exported.source.url,
        "RECRUITPRO_BACKUP_BUCKET": bucket,
        "RECRUITPRO_EXPORT_KEY_ID": getattr(exported.place.keys, "key_id", ""),
        "PYTHONPATH": str(ROOT),
    }

    def program(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "infra.logical_export", *arguments]
        environment = {**os.environ, **values, **changes}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return program


def recorded(exported: Exported) -> list[tuple[str, str]]:
    engine = sa.create_engine(driver_url(exported.source.url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        query = "select status, detail->>'failures' from backups where kind = 'export' order by name"
        rows = [(row[0], row[1]) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return rows


def test_an_export_is_taken_listed_proved_and_recorded(run: Run, exported: Exported, cloud: Cloud, bucket: str) -> None:
    empty = run("verify")
    assert (empty.returncode, empty.stdout) == (1, "FAILED there is no export\n")

    taken = run("run")
    assert taken.returncode == 0, taken.stderr
    name = taken.stdout.split(":")[0]
    assert name in run("list").stdout
    assert [status for status, _ in recorded(exported)] == ["available"]

    proved = run("verify")
    assert proved.returncode == 0, (proved.stdout, proved.stderr)
    assert f"{name}: restored and equal" in proved.stdout
    assert [status for status, _ in recorded(exported)] == ["verified"]

    key = f"{name}/database.dump.enc"
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"something else")
    harmed = run("verify", name)
    assert harmed.returncode == 1
    assert harmed.stdout.splitlines() == [
        f"FAILED {key} was replaced: it has 2 versions",
        "FAILED the encrypted dump does not begin as one",
    ]
    ((status, failures),) = recorded(exported)
    assert (status, "was replaced" in failures) == ("failed", True)


def test_what_cannot_be_asked_is_told_apart_from_what_is_wrong(run: Run) -> None:
    nowhere = run("list", RECRUITPRO_AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")

    assert nowhere.returncode == 2
    assert nowhere.stderr == "the bucket of backups does not answer now\n"


def test_an_export_that_there_is_not_is_named(run: Run) -> None:
    missing = run("verify", "exports/2001/W01/20010101T000000Z")

    assert (missing.returncode, missing.stdout) == (
        1,
        "FAILED there is no export exports/2001/W01/20010101T000000Z\n",
    )


def test_the_key_of_a_laptop_opens_what_it_closed_and_nothing_else(tmp_path: Path) -> None:
    from chalicelib.backups.export_cipher import ExportDamaged
    from infra.logical_export.keys import FileKeys

    keys, other = FileKeys(tmp_path / "one" / "key"), FileKeys(tmp_path / "other")
    made, context = keys.make({"export": "a"}), {"export": "a"}
    other.make(context)

    assert keys.unwrap(made.key_id, made.wrapped, context) == made.plain
    assert (tmp_path / "one" / "key").stat().st_mode & 0o077 == 0
    for who, wrong in ((other, context), (keys, {"export": "b"}), (FileKeys(tmp_path / "none"), context)):
        with pytest.raises(ExportDamaged):
            who.unwrap(made.key_id, made.wrapped, wrong)
