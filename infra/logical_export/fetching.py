"""An export in the clear, in a file, for whoever restores a part of it by hand."""

from __future__ import annotations

import os
from pathlib import Path

from chalicelib.backups import export_manifest, exports
from chalicelib.backups.export_cipher import ExportDamaged, decrypt
from chalicelib.errors import NotFound
from infra.logical_export.keys import Keys
from infra.logical_export.store import ExportStore
from infra.logical_export.taking import Metered


class ExportNotFound(NotFound):
    """There is no such export."""

    code = "export_not_found"


def fetch(store: ExportStore, keys: Keys, output: Path, *, name: str | None = None) -> str:
    """Write the dump of an export (the newest unless named), readable by its owner alone; returns its name. Raises
    ExportDamaged when it is not what was written: there is no file then."""
    kept = store.kept()
    names = [each for each in exports.names_in(kept) if f"{each}/{exports.MANIFEST}" in kept]
    if not names or (name is not None and name not in names):
        raise ExportNotFound("there is no such export: python -m infra.logical_export list")
    name = name or names[-1]
    content = store.read(f"{name}/{exports.MANIFEST}", kept[f"{name}/{exports.MANIFEST}"].version)
    manifest, data_key = export_manifest.unseal(content, keys.unwrap)
    key = f"{name}/{exports.DUMP}"
    plain = Metered(decrypt(store.stream(key, kept[key].version), data_key, name=name))
    new = output.with_name(output.name + ".new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for chunk in plain:
                file.write(chunk)
        if plain.stream != manifest.plain:
            raise ExportDamaged("the decrypted dump is not the one that was written")
        new.replace(output)
    finally:
        new.unlink(missing_ok=True)
    return name
