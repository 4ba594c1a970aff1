"""Proof that definitions are ClamAV's own, whole, and good for scanning, before anybody gets them."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.documents.eicar import EICAR
from infra.scanner.manifest import DefinitionsRefused
from infra.scanner.programs import run

SIGTOOL_SECONDS = 120
CLAMSCAN_SECONDS = 300
FOUND = 1
BUILT = "%d %b %Y %H:%M %z"
FIELD = re.compile(r"^(Build time|Version): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Container:
    """A file of definitions, as its head tells it."""

    version: int
    built_at: datetime


def container(path: Path, *, takes_unsigned: bool = False) -> Container:
    """What `path` holds, once sigtool has verified its signature; `takes_unsigned` is for files that tests build.
    Raises DefinitionsRefused, and ProgramFailed when sigtool cannot even read it."""
    _, said = run(["sigtool", "--info", path], seconds=SIGTOOL_SECONDS)
    is_signed = re.search(r"^Verification OK", said, re.MULTILINE) is not None
    is_unsigned = "Verification: Unsigned container" in said
    if not is_signed and not (takes_unsigned and is_unsigned):
        raise DefinitionsRefused(f"{path.name} bears no valid signature of ClamAV")
    fields = dict(FIELD.findall(said))
    try:
        built_at = datetime.strptime(fields["Build time"].strip(), BUILT).astimezone(UTC)
        return Container(int(fields["Version"]), built_at)
    except (KeyError, ValueError):
        raise DefinitionsRefused(f"{path.name} tells neither its version nor when it was built") from None


def find_eicar(folder: Path) -> None:
    """Raises DefinitionsRefused unless the definitions in `folder` find EICAR, and nothing in a line of plain text;
    ProgramFailed when they cannot be loaded."""
    with tempfile.TemporaryDirectory(prefix="proving-") as scratch:
        infected, clean = Path(scratch) / "eicar.com", Path(scratch) / "clean.txt"
        infected.write_bytes(EICAR)
        clean.write_text("Ten years of nursing in Hamburg.\n")
        command: list[str | Path] = ["clamscan", f"--database={folder}", "--no-summary", "--stdout", infected, clean]
        code, said = run(command, seconds=CLAMSCAN_SECONDS, also_good=(FOUND,))
    found = [line for line in said.splitlines() if line.endswith(" FOUND")]
    if code != FOUND or len(found) != 1 or not found[0].startswith(str(infected)):
        raise DefinitionsRefused(f"with them clamscan finds {found or 'nothing'} instead of EICAR alone")
