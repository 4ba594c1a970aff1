"""Which Python packages."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from infra.packaging import interpreter
from infra.packaging.errors import PackageRefused


def program(path: Path, script: str) -> Path:
    """A program at `path` that does what the shell `script` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture(autouse=True)
def on_a_python_that_lambda_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    old = interpreter.Interpreter(Path(sys.executable), "3.11")
    monkeypatch.setattr(interpreter, "running", lambda: old)


def test_the_newest_runtime_on_the_path_is_chosen(tmp_path: Path) -> None:
    program(tmp_path / "python3.12", "echo 3.12")
    newest = program(tmp_path / "python3.13", "echo 3.13")

    chosen = interpreter.choose({"PATH": str(tmp_path)})

    assert chosen == interpreter.Interpreter(newest, "3.13")
    assert chosen.is_wanted


def test_a_shim_that_starts_nothing_is_passed_over_for_pyenvs_newest_patch(tmp_path: Path) -> None:
    program(tmp_path / "shims" / "python3.13", "echo 'command not found' >&2; exit 127")
    program(tmp_path / "versions" / "3.13.9" / "bin" / "python", "echo 3.13")
    newest = program(tmp_path / "versions" / "3.13.10" / "bin" / "python", "echo 3.13")

    chosen = interpreter.choose({"PATH": str(tmp_path / "shims"), "PYENV_ROOT": str(tmp_path)})

    assert chosen.executable == newest


def test_pyenv_itself_is_asked_where_its_versions_are(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "pyenv", f"echo {tmp_path}")
    found = program(tmp_path / "versions" / "3.12.1" / "bin" / "python", "echo 3.12")

    assert interpreter.choose({"PATH": str(tmp_path / "bin")}).executable == found


def test_a_python_that_cannot_make_an_environment_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "python3.13", "echo \"No module named 'ensurepip'\" >&2; exit 1")
    other = program(tmp_path / "python3.12", "echo 3.12")

    assert interpreter.choose({"PATH": str(tmp_path)}).executable == other


def test_without_a_runtime_the_python_at_hand_packages(tmp_path: Path) -> None:
    chosen = interpreter.choose({"PATH": str(tmp_path)})

    assert not chosen.is_wanted
    assert interpreter.environment_of(chosen, tmp_path) == Path(sys.executable)


def test_chalice_is_the_one_that_requirements_pin(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\nchalice==1.34.0\nclick==8\n")
    assert interpreter.chalice_pin(tmp_path) == "chalice==1.34.0"

    (tmp_path / "requirements-dev.txt").write_text("chalice>=1\n")
    with pytest.raises(PackageRefused, match="pins no chalice"):
        interpreter.chalice_pin(tmp_path)
