"""The shorter run: five hundred jobs, a hundred faults, another seed each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

ROOT_COMMAND = (sys.executable, "-m", "tests.chaos", "--jobs", "500", "--faults", "100", "--visibility", "25")


@pytest.mark.timeout(240)
def test_five_hundred_jobs_under_a_hundred_faults_all_end_once(pytestconfig: pytest.Config) -> None:
    run = subprocess.run(
        [*ROOT_COMMAND, "--minutes", "2"], capture_output=True, text=True, check=False, cwd=pytestconfig.rootpath
    )

    print(run.stdout.splitlines()[0])
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
