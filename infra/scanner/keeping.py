"""The definitions that a clamd uses: taken from the bucket, compared with the manifest, and switched in one step."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from infra.scanner.bucket import Definitions
from infra.scanner.manifest import KEY, DefinitionsRefused, Manifest, digest_of

CURRENT = "current"


class Shelf:
    """A folder with each set of definitions in a folder of its own, and a link `current` to the one in use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def current(self) -> Path:
        return self._folder / CURRENT

    def manifest(self) -> Manifest | None:
        """Of the set in use; None without one."""
        try:
            return Manifest.of_json((self.current / KEY).read_text())
        except FileNotFoundError:
            return None

    def take(self, bucket: Definitions, *, now: datetime, max_age_hours: float) -> bool:
        """Bring the set that is published into use; whether it is another one than before. Raises DefinitionsRefused
        for what is broken, too old, or older than what is in use: that stays then."""
        wanted, used = bucket.manifest(), self.manifest()
        if wanted is None:
            raise DefinitionsRefused("nothing has been published yet")
        if used is not None and wanted.id == used.id:
            return False
        check_age(wanted, now, max_age_hours)
        if used is not None and wanted.version < used.version:
            raise DefinitionsRefused(f"version {wanted.version} is older than {used.version}, which is in use")
        self._clear()
        self._fill(bucket, wanted, used)
        self._switch(wanted)
        return True

    def _fill(self, bucket: Definitions, wanted: Manifest, used: Manifest | None) -> None:
        folder = self._folder / wanted.id
        shutil.rmtree(folder, ignore_errors=True)  # half a set, left by whoever was interrupted
        folder.mkdir(parents=True)
        try:
            for file in wanted.files:
                at_hand = self.current / file.name
                if used is not None and at_hand.exists() and digest_of(at_hand) == file.sha256:
                    os.link(at_hand, folder / file.name)
                else:
                    bucket.fetch(file, folder)
            (folder / KEY).write_text(wanted.as_json())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _switch(self, wanted: Manifest) -> None:
        link = self._folder / f"{CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(wanted.id)
        link.replace(self.current)

    def _clear(self) -> None:
        """Remove the sets that are not in use. Not right after a switch: clamd may be loading the one of before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        used = self.current.resolve()
        for folder in self._folder.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.resolve() != used:
                shutil.rmtree(folder, ignore_errors=True)


def check_age(manifest: Manifest, now: datetime, max_age_hours: float) -> None:
    """Raises DefinitionsRefused when the set is older than it may be."""
    age_hours = manifest.age_hours(now)
    if age_hours > max_age_hours:
        raise DefinitionsRefused(f"the definitions are {age_hours:.1f} hours old, and may be {max_age_hours:g}")
