"""The commands of docs/logical-export.md do what the page says, and its table is what the tests find."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url
from infra.local.postgres import binaries
from tests import house
from tests.house import Cloud
from tests.infra.logical_export.conftest import bucket_of, exported, people, server_of_exports, throwaway
from tests.infra.logical_export.corruptions import CORRUPTIONS, Old
from tests.infra.logical_export.exported import Exported, pg_dump
from tests.infra.logical_export.test_proving import unpacks

__all__ = ["exported", "people", "server_of_exports", "throwaway"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "logical-export.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r"^\| (.+?) \| (?:caught) \| (caught|passes) \|$", PAGE, re.MULTILINE)


@pytest.fixture
def lost(exported: Exported) -> Iterator[tuple[str, str]]:
    """A candidate that will be lost, and its organization."""
    engine = sa.create_engine(driver_url(exported.source.url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        row = connection.exec_driver_sql("select id::text, organization_id::text from candidates limit 1").one()
    yield row[0], row[1]
    engine.dispose()


def test_the_commands_take_prove_and_bring_back(
    exported: Exported, lost: tuple[str, str], throwaway: str, cloud: Cloud, tmp_path: Path
) -> None:
    candidate, organization = lost
    store = bucket_of(cloud, "page")
    environment = {
        **os.environ,
        **house.settings_for(None, cloud),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{binaries()}:{os.environ['PATH']}",
        "RECRUITPRO_BACKUP_BUCKET": store.bucket,
        "SUPERUSER_URL": exported.source.url,
        "EXPORTER_PASSWORD": "exporter-of-the-page",
        "RECRUITPRO_EXPORT_DATABASE_URL": re.sub(
            r"//.*@", "//recruitpro_exporter:exporter-of-the-page@", exported.source.url
        ),
        "RECRUITPRO_EXPORT_KEY_ID": getattr(exported.place.keys, "key_id", ""),
        "SCRATCH_SERVER": throwaway.rsplit("/", 1)[0],
        "FOLDER": str(tmp_path),
        "TABLE": "candidates",
        "ORGANIZATION_ID": organization,
    }
    ask = 'psql --tuples-only --no-align "$SUPERUSER_URL" --command'
    lose = f"{ask} \"delete from candidates where id = '{candidate}'\""
    count = f"{ask} \"select 'there', count(*) from candidates where id = '{candidate}'\""
    script = "\n".join(["set -eo pipefail", *SHELL[:-1], lose, count, SHELL[-1], count])

    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "restored and equal" in done.stdout
    assert re.findall(r"there\|(\d)", done.stdout) == ["0", "1"]
    assert list(tmp_path.iterdir()) == []
    assert {key.rsplit("/", 1)[1] for key in store.kept()} == {"database.dump.enc", "manifest.json"}


def test_the_table_says_what_gunzip_would_have_caught(exported: Exported) -> None:
    sql = pg_dump(exported.source, ())
    old = Old(sql, gzip.compress(sql, 1))

    assert {each.name: "passes" if unpacks(each.old(old)) else "caught" for each in CORRUPTIONS} == dict(ROWS)
