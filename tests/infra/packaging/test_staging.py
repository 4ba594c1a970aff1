"""The clean copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.packaging import staging
from infra.packaging.errors import PackageRefused


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with all that may lie about in one."""
    root = tmp_path / "checkout"
    for path, text in {
        "app.py": "app",
        "requirements.txt": "boto3==1.0",
        ".chalice/config.json": json.dumps({"stages": {"local": {}, "dev": {"lambda_architecture": "arm64"}}}),
        ".chalice/policy-none.json": "{}",
        ".chalice/deployments/old.zip": "stale",
        "chalicelib/db.py": "db",
        "chalicelib/migrations/versions/0001.sql": "create table",
        "chalicelib/__pycache__/db.cpython-311.pyc": "bytecode",
        "chalicelib/.DS_Store": "a file manager's note",
        "chalicelib/db.py~": "an editor's copy",
        "functions/scan_document.py": "scan",
        "tests/test_db.py": "test",
        "infra/package.py": "package",
        ".env": "SECRET=1",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_the_copy_holds_what_is_packaged_and_nothing_that_lies_beside_it(checkout: Path, tmp_path: Path) -> None:
    staging.stage(checkout, tmp_path / "copy")

    copied = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert copied == {
        ".chalice/config.json",
        ".chalice/policy-none.json",
        "app.py",
        "chalicelib/db.py",
        "chalicelib/migrations/versions/0001.sql",
        "requirements.txt",
        "vendor/functions/scan_document.py",
    }


def test_another_processor_can_be_asked_for(checkout: Path, tmp_path: Path) -> None:
    staging.stage(checkout, tmp_path / "copy", architecture="x86_64")

    stages = json.loads((tmp_path / "copy" / ".chalice" / "config.json").read_text())["stages"]
    assert stages["dev"]["lambda_architecture"] == "x86_64"
    assert "arm64" in (checkout / ".chalice" / "config.json").read_text()


def test_a_renamed_module_is_another_content(checkout: Path) -> None:
    before = staging.digest(checkout)

    (checkout / "chalicelib" / "db.py").rename(checkout / "chalicelib" / "database.py")

    assert staging.digest(checkout) != before


def test_a_checkout_without_its_config_is_refused(checkout: Path, tmp_path: Path) -> None:
    (checkout / ".chalice" / "config.json").unlink()

    with pytest.raises(PackageRefused, match=r"^\.chalice/config\.json is missing$"):
        staging.stage(checkout, tmp_path / "copy")


def test_local_is_no_environment_to_deploy(checkout: Path) -> None:
    assert staging.environments(checkout) == ["dev"]
