"""The private mirror's refresh: what ClamAV has published comes into our bucket, after it has been proved.

Runs as a scheduled task that alone may reach the internet: `python -m infra.scanner.mirror`. Whatever goes wrong, the
definitions of before stay published, and their age is what raises the alarm.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.scanner import proving
from infra.scanner.bucket import Definitions
from infra.scanner.manifest import NAME, DefinitionsFile, DefinitionsRefused, Manifest, digest_of
from infra.scanner.programs import ProgramFailed, count, run, say

# freshclam notes here that the CDN asked it to stay away, and until when; without it each task would ask anew.
COOL_DOWN = "freshclam.dat"
FRESHCLAM_CONF = Path(__file__).with_name("freshclam.conf")
FRESHCLAM_SECONDS = 1200
DAILY = "daily"
FUNCTION = "mirror_definitions"

Download = Callable[[Path], None]
Prove = Callable[[Path], proving.Container]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What is published after a refresh, and whether it is something new."""

    manifest: Manifest
    is_new: bool


def freshclam(folder: Path) -> None:
    """Bring `folder` up to date from ClamAV's CDN, asking for what has changed alone. Raises ProgramFailed."""
    config = f"--config-file={FRESHCLAM_CONF}"
    run(["freshclam", config, f"--datadir={folder}", "--stdout", "--no-warnings"], seconds=FRESHCLAM_SECONDS)


def refresh(
    bucket: Definitions,
    folder: Path,
    *,
    now: datetime,
    download: Download = freshclam,
    prove: Prove = proving.container,
) -> Refreshed:
    """Download, prove, publish. Raises ProgramFailed or DefinitionsRefused, and has published nothing then."""
    published = bucket.manifest()
    _restore(bucket, published, folder)
    try:
        download(folder)
    finally:
        _keep_cool_down(bucket, folder)
    made = _manifest(bucket, published, folder, now, prove)
    if published is not None and made.id == published.id:
        return Refreshed(published, is_new=False)
    bucket.publish(made)
    return Refreshed(made, is_new=True)


def _restore(bucket: Definitions, published: Manifest | None, folder: Path) -> None:
    for file in published.files if published else ():
        try:
            bucket.fetch(file, folder)
        except DefinitionsRefused as refusal:
            say("definitions_lost", reason=str(refusal))  # it is downloaded anew
    cool_down = bucket.read(COOL_DOWN)
    if cool_down is not None:
        (folder / COOL_DOWN).write_bytes(cool_down)


def _keep_cool_down(bucket: Definitions, folder: Path) -> None:
    path = folder / COOL_DOWN
    if path.exists():
        bucket.write(COOL_DOWN, path.read_bytes())


def _manifest(bucket: Definitions, published: Manifest | None, folder: Path, now: datetime, prove: Prove) -> Manifest:
    """What was downloaded, proved and put into the bucket."""
    paths = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    proved = {path.stem: prove(path) for path in paths}
    if DAILY not in proved:
        raise DefinitionsRefused("there is no file of daily definitions")
    daily = proved[DAILY]
    if published is not None and daily.version < published.version:
        raise DefinitionsRefused(f"version {daily.version} is older than {published.version}, which is published")
    proving.find_eicar(folder)
    known = {(file.name, file.sha256): file for file in (published.files if published else ())}
    files = tuple(_kept(bucket, known.get((path.name, digest_of(path))), path) for path in paths)
    return Manifest(daily.version, daily.built_at, now, files)


def _kept(bucket: Definitions, known: DefinitionsFile | None, path: Path) -> DefinitionsFile:
    return known or bucket.put(path)


def main(refreshing: Callable[..., Refreshed] = refresh) -> int:
    """The exit code: 0 when what is published is as new as the CDN gives it; the dead man's alarm waits for that."""
    import boto3

    bucket = Definitions(boto3.client("s3"), os.environ["DEFINITIONS_BUCKET"])
    with tempfile.TemporaryDirectory(prefix="definitions-") as folder:
        try:
            refreshed = refreshing(bucket, Path(folder), now=datetime.now(UTC))
        except (ProgramFailed, DefinitionsRefused) as failure:
            say("definitions_kept", reason=str(failure))
            return 1
    manifest = refreshed.manifest
    say("definitions_published" if refreshed.is_new else "definitions_unchanged",
        version=manifest.version, built_at=manifest.built_at.isoformat())  # fmt: skip
    count("function_ran", function=FUNCTION)
    return 0


if __name__ == "__main__":
    sys.exit(main())
