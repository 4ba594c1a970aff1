"""The commands of docs/disaster-recovery.md do what the page says, and the drill that it shows is one of this drill."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local import processes
from infra.restore_drill import report
from tests import house
from tests.conftest import Tenant
from tests.docs.serving import only
from tests.factories import new_candidate, read_document
from tests.house import Cloud, Database
from tests.samples import pdf_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "disaster-recovery.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = {"erase again": "reapply_erasures", "objects": "restore_objects", "smoke": "infra.smoke"}
# Run, with its options, by tests/infra/restore_drill/test_drill.py.
DRILL = "make restore-drill\n"
RESTORES = ("point", "end")


def block(name: str) -> str:
    """The one block that holds these words."""
    return only(SHELL, BLOCKS[name])


@pytest.fixture
def run(database: Database, cloud: Cloud, tmp_path: Path) -> Callable[..., str]:
    """Runs a block in a shell with the settings of this house, and gives what it prints."""

    def run_block(name: str, *, codes: tuple[int, ...] = (0,), **variables: str) -> str:
        environment = {**os.environ, **house.settings_for(database, cloud), **variables}
        environment |= {
            "COLUMNS": "200",
            "PYTHONPATH": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["bash", "-ec", block(name)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in codes, (done.stdout, done.stderr)
        return done.stdout

    return run_block


@pytest.mark.own_database
def test_the_erased_are_erased_again_and_chains_verified(run: Callable[..., str], tenant: Tenant, cloud: Cloud) -> None:
    candidate = new_candidate(tenant.api)
    assert tenant.api.post(f"/api/candidates/{candidate['id']}/erase").status == 202
    cloud.drain()

    printed = run("erase again", SINCE=datetime.now(UTC).date().isoformat())

    assert str(tenant.id) not in printed
    assert "erasures remembered: 0 asked for again, 0 under way" in printed
    assert "organizations verified" in printed


@pytest.mark.own_database
def test_files_are_looked_for_and_brought_back(run: Callable[..., str], tenant: Tenant, cloud: Cloud) -> None:
    document = read_document(tenant.api, cloud, "cv.pdf", pdf_of(["Grace Hopper", "grace@navy.example"]))
    assert document["status"] == "clean"

    printed = run("objects")

    assert document["id"] not in printed
    assert "files of the bucket clean, dry run" in printed
    assert "files of the bucket uploads" in printed


def test_a_deployment_is_looked_at_from_outside(
    run: Callable[..., str], database: Database, cloud: Cloud, tmp_path: Path
) -> None:
    port = processes.free_port()
    environment = {**os.environ, **house.settings_for(database, cloud)}
    command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
    server = processes.start("server", command, log=tmp_path / "server.log", environment=environment, cwd=ROOT)
    try:
        processes.wait_until(lambda: processes.answers(port), server, seconds=60)
        # Health has deadlines, which a busy machine may miss; what else is looked at is the matter of test_smoke.py.
        printed = run("smoke", codes=(0, 1), API=f"http://127.0.0.1:{port}")
        assert re.search(r"pass\s+version", printed), printed
        assert re.search(r"smoke test: \d+ passed", printed), printed
    finally:
        server.stop()


def test_no_command_of_the_page_is_left_untried() -> None:
    assert set(SHELL) - set(map(block, BLOCKS)) == {DRILL}


def test_every_page_that_this_one_names_is_there() -> None:
    named = set(re.findall(r"\]\(([a-z-]+\.md)\)", PAGE))

    assert named - {path.name for path in (ROOT / "docs").glob("*.md")} == set()
    assert "incident-response.md" in named


def test_the_drill_that_the_page_shows_is_whole_and_brought_everything_back() -> None:
    shown = PAGE.split(report.BEGIN)[1].split(report.END)[0]

    assert re.search(r"On \d{4}-\d\d-\d\d, PostgreSQL [\d.]+, \d+ CPUs shared with others: [\d,]+ rows of \d+", shown)
    for name, part in zip(RESTORES, re.split(r"Restore to the \w+", shown)[1:], strict=True):
        assert f"Restore to the {name}" in shown
        assert "- RPO: 0 of the transactions committed up to the target" in part
        assert re.search(r"- RTO: [\d.]+ s \(copy .*, recover .*, compare .*, verify history .*, use .*\)", part)
        for check in ("rows and hashes", "commits up to the point", "migrations", "event chains", "recruiting"):
            assert f"- {check}: " in part
