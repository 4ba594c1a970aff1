"""The whole drill, small: everything comes back; and whatever is broken makes it fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.backups.fingerprints import Fingerprint
from infra.restore_drill import checks, report

ROOT = Path(__file__).parents[3]
PHASES = {"copy", "recover", "compare", "verify_history", "use"}


def drill(tmp_path: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A drill in a process of its own: its exit code, its summary, and what it printed."""
    summary = tmp_path / "summary.json"
    command = [sys.executable, "-m", "infra.restore_drill", "--rows", "60", "--summary", str(summary), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert summary.exists(), (done.stdout, done.stderr)
    assert not list(tmp_path.glob("restore-drill-*")), "the folder is still there"
    return done.returncode, json.loads(summary.read_text()), done.stdout


def lines_of(block: str) -> list[str]:
    """What each line of the page's block is about."""
    return [line.split(":")[0] for line in block.splitlines() if line.startswith(("- ", "Restore "))]


@pytest.mark.timeout(120)
def test_a_lost_database_comes_back_to_a_point_and_to_the_end_and_is_used(tmp_path: Path) -> None:
    code, told, printed = drill(tmp_path)

    assert (code, told["passed"]) == (0, True), printed
    point, end = told["restores"]
    assert (point["name"], end["name"]) == ("point", "end")
    for restore in (point, end):
        assert set(restore["phases"]) == PHASES
        assert restore["rto_seconds"] == pytest.approx(sum(restore["phases"].values()), abs=0.01)
        assert restore["lost_to_target"] == 0
        assert all(check["holds"] for check in restore["checks"]), restore["checks"]
    assert (point["lost_in_all"], end["lost_in_all"]) == (13, 3)
    assert [check["name"] for check in point["checks"]] == [
        *("rows and hashes", "commits up to the point", "migrations", "event chains"),
        *("recruiting", "smoke test", "schema"),
    ]
    assert told["rows"] > 300
    assert told["tables"] > 40
    assert "RPO: 0 of the transactions" in printed
    assert "RTO: " in printed
    shown = report.PAGE.read_text(encoding="utf-8").split(report.BEGIN)[1].split(report.END)[0]
    assert lines_of(report.doc_block(told)) == lines_of(shown), "run python -m infra.restore_drill --write-doc"


@pytest.mark.timeout(120)
def test_a_drill_on_wal_with_one_wrong_bit_fails_and_says_which_commits_are_lost(tmp_path: Path) -> None:
    code, told, printed = drill(tmp_path, "--only", "end", "--sabotage", "wal-bit")

    (restore,) = told["restores"]
    wrong = {check["name"]: check["detail"] for check in restore["checks"] if not check["holds"]}
    assert (code, told["passed"]) == (1, False)
    # Eleven, unless the server wrote something of its own between the commit and the point.
    lost = restore["lost_to_target"]
    assert lost in {10, 11}
    assert wrong["commits up to the point"].startswith(f"{lost} lost (")
    assert f"candidates: {lost} rows missing" in wrong["rows and hashes"]
    assert "use" not in restore["phases"], "nobody is to work on it"
    assert "NOT everything came back" in printed


def test_commits_that_are_lost_and_commits_of_a_later_time_are_both_wrong() -> None:
    assert checks.commits_are_there(range(1, 4), {1, 2, 3}).holds
    assert checks.commits_are_there(range(1, 4), {1, 3}).detail == "1 lost ([2])"
    assert checks.commits_are_there(range(1, 3), {1, 2, 3}).detail == "1 of a later time ([3])"


def test_rows_that_differ_are_named_by_their_table() -> None:
    before, after = {"users": Fingerprint(2, "a")}, {"users": Fingerprint(2, "b")}

    assert checks.rows_are_equal(before, before).holds
    assert checks.rows_are_equal(before, after).detail.startswith("users: 2 rows as before")


def test_what_a_drill_found_takes_the_place_of_what_the_page_said(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{report.BEGIN}\nold\n{report.END}\n\nthe rest\n")
    told = {
        "on": "2026-01-02",
        "postgres": "18.0",
        "cpus": 2,
        "rows": 1234,
        "tables": 40,
        "passed": True,
        "database_bytes": 1024**3,
        "backup_bytes": 1024**3,
        "wal_bytes": 0,
        "backup_seconds": 4.2,
        "restores": [],
    }

    report.write_doc(told, page)

    text = page.read_text()
    assert "1,234 rows of 40 tables, 1,024 MiB" in text
    assert "old" not in text
    assert text.endswith(f"{report.END}\n\nthe rest\n")
