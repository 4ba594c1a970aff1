"""The commands of docs/from-the-old-system.md do what the page says, and its table names what the code knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from infra.migrate_sqlite.keeping import KEPT
from infra.migrate_sqlite.legacy import KEYS, LEFT_BEHIND
from tests import house, records
from tests.house import Database
from tests.infra.migrate_sqlite import old

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "from-the-old-system.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def test_every_command_of_the_page_works(database: Database, tmp_path: Path) -> None:
    # A database of its own: addresses of the sample sign in once in each.
    target = house.build_database(database.server, f"page_{os.getpid()}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")}
    environment |= {
        "RECRUITPRO_DATABASE_URL": target.app_url,
        "OLD": str(old.sample(tmp_path)),
        "ORGANIZATION": "Old & Sons",
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", "set -eo pipefail\n" + "\n".join(SHELL)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("What becomes of the old rows") == 2
    assert done.stdout.count("Read back and compared") == 1
    assert (tmp_path / "tried.jsonl").read_bytes() == (tmp_path / "report.jsonl").read_bytes()
    assert re.search(r"^candidates [0-9a-f-]{36} .*perhaps_two_people", done.stdout, re.MULTILINE)
    assert re.search(r"^1,719 events of 1 organizations verified", done.stdout, re.MULTILINE)
    assert records.rows(target, "select count(*) as n from candidates") == [{"n": 569}]


def test_every_table_stands_on_the_page(database: Database) -> None:
    comes_over = PAGE.partition("## What comes over")[2].partition("## What does not")[0]
    named = {name for line in re.findall(r"^\| ([a-z_, ]+) \|", comes_over, re.MULTILINE) for name in line.split(", ")}
    assert named - {"old table"} == KEYS.keys() - LEFT_BEHIND.keys()
    assert set(KEPT) <= named


def test_make_names_its_mistake(database: Database) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")}
    command = [
        "make",
        "--no-print-directory",
        "-o",
        "install",
        "migrate-sqlite",
        "SQLITE=/nowhere/old.db",
        "ORGANIZATION=X",
    ]
    told = {**environment, "RECRUITPRO_DATABASE_URL": database.app_url}
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "error: old.db cannot be opened: No such file or directory" in done.stderr
