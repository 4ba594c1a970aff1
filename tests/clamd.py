"""A real clamd for tests, one for the whole run: `from tests.clamd import running_clamd` where it is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from infra.local import clamav
from infra.local.clamav import RunningClamd

REQUIRED = "REQUIRE_CLAMD"


@pytest.fixture(scope="session")
def running_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClamd]:
    """A clamd that knows EICAR. Skips without clamd installed, and fails instead where REQUIRE_CLAMD=1."""
    if clamav.find_clamd() is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"clamd is not installed, and {REQUIRED}=1 asks for it")
        pytest.skip("clamd is not installed")
    clamd = clamav.start(tmp_path_factory.mktemp("clamd"))
    yield clamd
    clamd.stop()
