"""Which commit is deployed, and whether it is all of what lies here."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.errors import Refused


@dataclass(frozen=True, slots=True)
class Source:
    """The commit, and the paths that differ from it."""

    commit: str
    changed: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.commit[:12]}{f' and {len(self.changed)} uncommitted changes' if self.changed else ''}"


def look(root: Path) -> Source:
    """What git says of the checkout at `root`; raises Refused where there is none."""
    commit = _git(root, "rev-parse", "HEAD").strip()
    changed = tuple(line[3:] for line in _git(root, "status", "--porcelain").splitlines())
    return Source(commit, changed)


def check(source: Source, *, environment: str, allow_dirty: bool) -> None:
    """Raises Refused for changes that no commit holds: nobody could say later what was deployed."""
    if not source.changed or (allow_dirty and environment != "production"):
        return
    shown = ", ".join(source.changed[:5]) + (", …" if len(source.changed) > 5 else "")
    way = "commit them" if environment == "production" else "commit them, or give --allow-dirty (DIRTY=1)"
    raise Refused(f"{len(source.changed)} changes are in no commit ({shown}): {way}")


def _git(root: Path, *arguments: str) -> str:
    try:
        return subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=60
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Refused(f"git cannot say which commit this is: {error}") from error
