"""The clean copy that is packaged: what Lambda runs, and nothing that happens to lie beside it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from infra.packaging.errors import PackageRefused

FOLDERS = {"chalicelib": "chalicelib", "functions": "vendor/functions"}  # chalice ships what stands in vendor/
FILES = ("app.py", "requirements.txt", ".chalice/config.json", ".chalice/policy-none.json")
# What tools leave behind. Everything else in these folders is ours and is shipped, whatever its kind.
LEFT_BEHIND = ("__pycache__", ".*", "*~", "*.pyc", "*.orig", "*.rej", "*.swp")


def stage(root: Path, target: Path, *, architecture: str | None = None) -> None:
    """Copy from the checkout at `root` to the new folder `target` what is packaged.

    `architecture` replaces the one that config.json names. Chalice's cache of earlier packages never comes along: its
    key covers contents and no names, so that a renamed module would ship under its old name.
    """
    for source, path in sources(root):
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    shutil.rmtree(target / ".chalice" / "deployments", ignore_errors=True)
    if architecture is not None:
        _use_architecture(target / ".chalice" / "config.json", architecture)


def sources(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file that is packaged, with its path in the copy, in one order on every machine."""
    for name in FILES:
        if not (root / name).is_file():
            raise PackageRefused(f"{name} is missing")
        yield root / name, name
    for folder, place in FOLDERS.items():
        for source in sorted((root / folder).rglob("*")):
            path = source.relative_to(root / folder)
            if source.is_file() and not any(_is_left_behind(part) for part in path.parts):
                yield source, f"{place}/{path.as_posix()}"


def _is_left_behind(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in LEFT_BEHIND)


def digest(root: Path, *also: object) -> str:
    """A name for exactly this content (paths included) and `also`; 16 hex digits."""
    whole = hashlib.sha256(repr(also).encode())
    for source, path in sources(root):
        whole.update(f"\0{path}\0".encode() + source.read_bytes())
    return whole.hexdigest()[:16]


def environments(root: Path) -> list[str]:
    """The environments that can be deployed, as config.json names them."""
    stages: dict[str, object] = json.loads((root / ".chalice" / "config.json").read_text())["stages"]
    return [name for name in stages if name != "local"]


def _use_architecture(config: Path, architecture: str) -> None:
    content = json.loads(config.read_text())
    for stage_settings in content["stages"].values():
        stage_settings["lambda_architecture"] = architecture
    config.write_text(json.dumps(content))
