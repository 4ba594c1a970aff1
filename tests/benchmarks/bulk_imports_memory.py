"""Imports a generated file from disk and prints its peak memory in MiB: `bulk_imports_memory <rows> <organization>`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID


class FolderStorage:
    """As much of Storage as an import needs, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")

    def fetch(self, key: str, _version: str, into: Any) -> None:
        with self.path(key).open("rb") as source:
            shutil.copyfileobj(source, into, 256 * 1024)

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        self.path(key).write_bytes(content)
        return "1"

    def delete(self, key: str, _version: str) -> None:
        self.path(key).unlink()


def main() -> None:
    from tests.benchmarks import bulk_imports_case as case

    rows, organization_id = int(sys.argv[1]), UUID(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        storage = FolderStorage(Path(folder))
        with storage.path("file").open("w", encoding="utf-8") as file:
            file.write("Name,E-Mail,Phone,City,Job Title,Skills\n")
            for n in range(rows):
                file.write(f'Person {n},m{n}@example.com,+49 30 {2_000_000 + n},Berlin,Engineer,"Python; SQL; Rust"\n')
        case.imported(organization_id, storage, rows)
    print(case.own_peak_mib())


if __name__ == "__main__":
    main()
