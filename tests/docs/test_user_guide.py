"""The guide's commands run in order on a server, and print what the page shows. After a change:
`WRITE_DOCS=1 pytest tests/docs/test_user_guide.py`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from infra.local import processes
from tests import house
from tests.conftest import PASSWORD, Tenant
from tests.docs import transcripts
from tests.house import Cloud, Database

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "user-guide.md"
RESUME = ROOT / "infra" / "demo" / "resumes" / "amelia-hartley.pdf"
OWN_VALUES = 1  # the first block is where a reader puts in their own

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the commands are written for curl")


def test_a_recruiters_day_goes_as_the_guide_says(
    database: Database, cloud: Cloud, tenant: Tenant, tmp_path: Path
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    environment = {**os.environ, **house.settings_for(database, cloud), "PYTHONPATH": str(ROOT)}
    environment["RECRUITPRO_RATE_LIMIT_ENABLED"] = "false"
    port = processes.free_port()
    server = processes.start(
        "server",
        [sys.executable, "-m", "infra.local.server", "--port", str(port)],
        log=tmp_path / "server.log",
        environment=environment,
    )
    pump = processes.start(
        "pump", [sys.executable, "-m", "infra.local.pump"], log=tmp_path / "pump.log", environment=environment
    )
    try:
        processes.wait_until(lambda: processes.answers(port), server, seconds=30)
        reader = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "API": f"http://127.0.0.1:{port}",
            "EMAIL": tenant.email,
            "PASSWORD": PASSWORD,
            "RESUME": str(RESUME),
        }
        printed = transcripts.run(page, skip=OWN_VALUES, environment=reader, folder=tmp_path)
    finally:
        pump.stop()
        server.stop()
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(transcripts.with_outputs(page, printed), encoding="utf-8")
    assert printed[OWN_VALUES:] == transcripts.outputs(PAGE.read_text(encoding="utf-8"))[OWN_VALUES:]
