"""From chalice's zip to ours: without what Lambda never needs, with bytecode, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.errors import PackageRefused
from infra.packaging.pruning import is_needed

MAX_ZIPPED_BYTES = 45_000_000
MAX_UNZIPPED_BYTES = 250_000_000  # Lambda's own limit is 250 MiB, layers included
TASK_ROOT = "/var/task"  # where Lambda unpacks: what a traceback should say
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished zip: its sizes, how many files it holds, and the SHA-256 of its bytes."""

    zipped_bytes: int
    unzipped_bytes: int
    files: int
    sha256: str


def unpack(archive: Path, folder: Path) -> None:
    """Unpack into `folder` what is needed of chalice's zip."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder, [name for name in packed.namelist() if is_needed(name)])


def add_bytecode(folder: Path, python: Path) -> None:
    """Compile every module beside its source, with the Python of the runtime; raises PackageRefused.

    Lambda's code folder cannot be written to, so without this each cold start compiles everything anew. The hash is
    unchecked because a zip's times say nothing.
    """
    options = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", TASK_ROOT]
    command = [str(python), "-I", "-m", "compileall", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()] or ["no message"]
        where = next((line for line in told if line.startswith("File ")), told[0]).replace(f"{TASK_ROOT}/", "")
        raise PackageRefused(f"not everything compiles: {where}: {told[-1]}")


def pack(folder: Path, target: Path) -> Archive:
    """Zip `folder`: sorted, with fixed times and rights. Raises PackageRefused when Lambda would not take it."""
    paths = sorted((path for path in folder.rglob("*") if path.is_file()), key=Path.as_posix)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            # Lambda runs as another user than the one who packs.
            entry.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    unzipped = sum(path.stat().st_size for path in paths)
    made = Archive(target.stat().st_size, unzipped, len(paths), hashlib.sha256(target.read_bytes()).hexdigest())
    check_size(made)
    return made


def check_size(made: Archive) -> None:
    """Raises PackageRefused for a package above a limit, naming both."""
    for what, size, most in (
        ("zipped", made.zipped_bytes, MAX_ZIPPED_BYTES),
        ("unzipped", made.unzipped_bytes, MAX_UNZIPPED_BYTES),
    ):
        if size > most:
            raise PackageRefused(f"the package is {size / 1e6:.1f} MB {what}, more than {most / 1e6:.0f} MB")
