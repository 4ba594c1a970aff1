"""A little of `make fuzz` in every test run: the same bytes each time, of hypothesis and of good files spoilt."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import house
from tests.fuzz.targets import TARGETS

SEEDS_USED = 60


@pytest.fixture(scope="module", autouse=True)
def _settings() -> Iterator[None]:
    """Cursors are signed, and the key is a setting."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.SETTINGS.items():
            patch.setenv(name, value)
        house.forget_settings()
        yield
    house.forget_settings()


@pytest.mark.parametrize("name", TARGETS)
@settings(derandomize=True, deadline=None, max_examples=80, database=None)
@given(content=st.binary(max_size=600) | st.text(max_size=300).map(str.encode))
def test_arbitrary_bytes_raise_only_what_is_declared(name: str, content: bytes) -> None:
    TARGETS[name].run(content)


@pytest.mark.parametrize("name", TARGETS)
def test_good_files_spoilt_in_a_few_bytes_raise_only_what_is_declared(name: str) -> None:
    chance = random.Random(2026)
    seeds = TARGETS[name].seeds()
    for seed in chance.sample(seeds, min(SEEDS_USED, len(seeds))):
        TARGETS[name].run(seed)
        for _ in range(3):
            TARGETS[name].run(_spoilt(seed, chance))


def _spoilt(seed: bytes, chance: random.Random) -> bytes:
    content = bytearray(seed or b"\0")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        content[at : at + chance.choice((0, 1, 1, 4))] = chance.choice(
            (b"\xff", b"\x00", b"<", b'"', chance.randbytes(2))
        )
        content = content or bytearray(b"\0")
    return bytes(content[: chance.randrange(len(content)) + 1]) if chance.random() < 0.1 else bytes(content)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed: it exists for Linux")
def test_the_fuzzer_runs_and_finds_nothing_in_a_second() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", "1", "keys"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "nothing found" in ended.stdout
