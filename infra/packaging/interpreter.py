"""Which Python makes the package. `chalice package` takes the Lambda runtime, the wheels and (through us) the bytecode
from the interpreter that runs it, so this choice is the choice of runtime."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.errors import PackageRefused

RUNTIMES = ("3.13", "3.12")  # newest first
# A Python without these cannot make the environment that the package is built in.
PROBE = "import ensurepip, ssl, venv, zlib, sys; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can package, and its version as Lambda names it (`3.13`)."""

    executable: Path
    version: str

    @property
    def is_wanted(self) -> bool:
        """Whether its version is a runtime that we deploy on."""
        return self.version in RUNTIMES


def running() -> Interpreter:
    """The Python that runs this very process."""
    return Interpreter(Path(sys.executable), "{}.{}".format(*sys.version_info[:2]))


def choose(environ: Mapping[str, str] = os.environ) -> Interpreter:
    """The newest runtime that this machine has a working Python of; the running Python when it has none."""
    for version in RUNTIMES:
        for executable in candidates(version, environ):
            if _version_of(executable) == version:
                return Interpreter(executable, version)
    return running()


def candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where a Python of `version` may be: this one, PATH, pyenv's versions (newest patch first)."""
    if running().version == version:
        yield running().executable
    for folder in environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(f"python{version}", path=folder) if folder else None
        if found is not None:
            yield Path(found)
    root = _pyenv_root(environ)
    if root is not None:
        patches = sorted((root / "versions").glob(f"{version}.*/bin/python"), key=_patch, reverse=True)
        yield from patches


def _patch(executable: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", executable.parents[1].name))


def _pyenv_root(environ: Mapping[str, str]) -> Path | None:
    if environ.get("PYENV_ROOT"):
        return Path(environ["PYENV_ROOT"])
    program = shutil.which("pyenv", path=environ.get("PATH", ""))
    if program is None:
        return None
    told = subprocess.run([program, "root"], capture_output=True, text=True, check=False)
    return Path(told.stdout.strip()) if told.returncode == 0 and told.stdout.strip() else None


def _version_of(executable: Path) -> str | None:
    """The version that `executable` really is; None when it does not start (a pyenv shim may not) or cannot package."""
    try:
        told = subprocess.run([executable, "-I", "-c", PROBE], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told.stdout.strip() if told.returncode == 0 else None


def environment_of(interpreter: Interpreter, root: Path) -> Path:
    """The Python of a small environment in `.local/` that holds chalice and what the package holds, made once.

    Chalice imports the app to see its routes, so it needs the app's requirements too. Raises PackageRefused.
    """
    if not interpreter.is_wanted:
        return interpreter.executable
    folder = root / ".local" / f"package-venv-{interpreter.version}"
    folder.parent.mkdir(exist_ok=True)
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = f"{interpreter.executable}\n{chalice_pin(root)}\n{(root / 'requirements.txt').read_text()}"
    with locked(folder.with_suffix(folder.suffix + ".lock")):
        if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
            print(f"Making {folder.relative_to(root)} with Python {interpreter.version}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            _run([interpreter.executable, "-m", "venv", folder], "no environment can be made")
            install: list[str | Path] = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ]
            _run([*install, chalice_pin(root), "-r", root / "requirements.txt"], "chalice cannot be installed")
            stamp.write_text(wanted)
    return python


def chalice_pin(root: Path) -> str:
    """Chalice as requirements-dev.txt pins it."""
    pin = re.search(r"^chalice==\S+", (root / "requirements-dev.txt").read_text(), re.MULTILINE)
    if pin is None:
        raise PackageRefused("requirements-dev.txt pins no chalice==")
    return pin[0]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however it ends."""
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str | Path], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise PackageRefused(f"{what}: {last}")
