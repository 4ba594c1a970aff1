"""The previous release keeps working on the schema of this one: its own tests say so, and revisions only expand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.chalicelib.migrations.expanding import breaches, statements

ROOT = Path(__file__).parents[3]
PREVIOUS = (ROOT / "infra" / "previous_release").read_text(encoding="utf-8").strip()
VERSIONS = ROOT / "chalicelib" / "migrations" / "versions"
BOUND_SINCE = "0016"  # earlier ones were never deployed apart from each other
REVISIONS = sorted(path for path in VERSIONS.glob("*.sql") if path.name >= BOUND_SINCE)
# The main story, and what touches most tables by the least tests.
STORIES = (
    "tests/journeys/test_from_upload_to_rating.py",
    "tests/journeys/test_infected_files.py",
    "tests/chalicelib/candidates/test_lists.py",
    "tests/chalicelib/webhooks/test_telling.py",
)


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def previous_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the previous release, with the migrations of this one."""
    archive = git("archive", PREVIOUS)
    if archive.returncode != 0:
        told = f"the previous release {PREVIOUS[:12]} is not in this clone: git fetch --unshallow"
        if os.environ.get("CI"):
            pytest.fail(f"{told} (nobody knows whether it works on the new schema)")
        pytest.skip(told)
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    # Only the schema is new: its tests build their database from the migrations that lie beside the code.
    shutil.rmtree(folder / "chalicelib" / "migrations")
    shutil.copytree(ROOT / "chalicelib" / "migrations", folder / "chalicelib" / "migrations")
    return folder


@pytest.mark.timeout(300)
def test_the_previous_release_passes_its_own_tests_on_the_new_schema(previous_release: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RECRUITPRO_", "PYTEST"))}
    stories = [story for story in STORIES if (previous_release / story).exists()]
    assert stories[0] == STORIES[0]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *stories],
        cwd=previous_release,
        env={**environment, "PYTHONPATH": str(previous_release)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 10


def test_the_previous_release_is_a_commit_that_this_one_comes_from() -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", PREVIOUS)
    if git("cat-file", "-e", PREVIOUS).returncode == 0:
        assert git("merge-base", "--is-ancestor", PREVIOUS, "HEAD").returncode == 0


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_only_expands(path: Path) -> None:
    sql = path.read_text(encoding="utf-8")

    assert breaches(sql) == []
    beside = path.with_suffix(".py").read_text(encoding="utf-8")
    assert not re.search(r"\bop\.", beside), "what a revision does stands in its .sql, where it is checked"
    for statement in statements(sql):
        since = statement.marks.get("contract")
        if since is not None and git("cat-file", "-e", since).returncode == 0:
            # The previous release must be one that reads it no more.
            assert git("merge-base", "--is-ancestor", since, PREVIOUS).returncode == 0, statement.text


@pytest.mark.parametrize(
    "sql",
    [
        "drop table candidates",
        "alter table candidates drop column name",
        "alter table candidates drop name",
        "alter table candidates rename column name to full_name",
        "alter table candidates rename to people",
        "alter table candidates alter column name type varchar(20)",
        "alter table candidates alter name set not null",
        "alter table candidates alter column status drop default",
        "alter table candidates add column badge text not null",
        "alter table candidates add badge text not null, add column other int default 1",
        "alter table candidates add constraint named check (name <> '')",
        "create unique index one on candidates (name)",
        "create index slow on candidates (name)",
        "drop function new_id()",
        "revoke select on candidates from recruitpro_app",
        "truncate candidates",
        "-- a comment; with an end\nalter table candidates\n  drop\n  column name",
    ],
)
def test_what_the_previous_release_would_not_survive_is_found(sql: str) -> None:
    assert breaches(f"create table other (id uuid not null);\n{sql};") != []


@pytest.mark.parametrize(
    "sql",
    [
        "create table badges (id uuid primary key, name text not null); create unique index one on badges (name)",
        "alter table candidates add column badge text, add column seen boolean not null default false",
        "create index concurrently quick on candidates (name)",
        "-- brief: a hundred rows at most\ncreate index small on organizations (name)",
        "-- expands: a value more\nalter table outbox drop constraint c, add constraint c check (queue in ('a', 'b'))",
        "drop function f(int); create function f(int, int) returns int language sql as $$ select 1; $$",
        "create function g() returns void language plpgsql as $x$ begin drop table candidates; end $x$",
        "comment on table candidates is 'drop table candidates; alter table x drop column y'",
        "alter table candidates alter column name drop not null",
        "revoke execute on function f(int) from public",
        "-- contract: 1a3b0a9\nalter table candidates drop column name",
    ],
)
def test_what_only_expands_and_what_is_marked_passes(sql: str) -> None:
    assert breaches(f"{sql};") == []
