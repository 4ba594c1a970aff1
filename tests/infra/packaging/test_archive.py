"""The zip."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from infra.packaging import archive
from infra.packaging.archive import Archive
from infra.packaging.errors import PackageRefused


def test_the_same_content_makes_the_same_bytes_whenever_it_was_written(tmp_path: Path) -> None:
    made = []
    for name, mtime in (("first", 1_000_000_000), ("second", 1_700_000_000)):
        folder = tmp_path / name
        folder.mkdir()
        for path in ("b.py", "a.py"):
            (folder / path).write_text(path)
            os.utime(folder / path, (mtime, mtime))
        made.append(archive.pack(folder, tmp_path / f"{name}.zip"))

    assert made[0] == made[1]
    assert made[0].files == 2


def test_every_user_may_read_what_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "app.py").write_text("private")
    (tmp_path / "task" / "app.py").chmod(0o600)

    archive.pack(tmp_path / "task", tmp_path / "task.zip")

    with zipfile.ZipFile(tmp_path / "task.zip") as packed:
        assert packed.getinfo("app.py").external_attr >> 16 == 0o644


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (Archive(45_100_000, 90_000_000, 1, ""), "the package is 45.1 MB zipped, more than 45 MB"),
        (Archive(40_000_000, 250_900_000, 1, ""), "the package is 250.9 MB unzipped, more than 250 MB"),
    ],
)
def test_a_package_that_is_too_large_is_refused(made: Archive, line: str) -> None:
    with pytest.raises(PackageRefused) as refusal:
        archive.check_size(made)

    assert str(refusal.value) == line


def test_a_module_that_does_not_compile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def :")

    with pytest.raises(PackageRefused) as refusal:
        archive.add_bytecode(tmp_path, Path(sys.executable))

    assert str(refusal.value) == 'not everything compiles: File "broken.py", line 1: SyntaxError: invalid syntax'
