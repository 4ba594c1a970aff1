"""Our own rules for code, each shown on a line that it finds and on one that it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = ROOT / "infra" / "semgrep"
SEMGREP = ROOT / "build" / "semgrep" / "bin" / "semgrep"
REPOSITORY, ANYWHERE = "chalicelib/room/repository.py", "chalicelib/room/service.py"

QUIETLY = ["--metrics=off", "--disable-version-check", "--json", "--quiet", "--no-git-ignore", "--jobs", "1"]

# The rule, the file, lines that it finds, lines that it leaves alone.
CASES: list[tuple[str, str, list[str], list[str]]] = [
    (
        "sql-with-values",
        ANYWHERE,
        [
            "sa.text(f\"select * from users where name = '{name}'\")",
            "sa.text(\"select * from users where name = '%s'\" % name)",
            "sa.text(\"select * from users where name = '{}'\".format(name))",
            'sa.text("select * from " + table)',
            'session.execute(f"delete from {table}")',
            'connection.exec_driver_sql(f"delete from {table}")',
        ],
        ['sa.text("select * from users where name = :name")', 'sa.text(f"select {COLUMNS} from users")'],
    ),
    (
        "query-without-organization",
        REPOSITORY,
        [
            "def find(session, id):\n    return session.scalars(sa.select(User).where(User.id == id)).first()",
            "def end(session, id):\n    session.execute(sa.update(User).where(User.id == id))",
            "def drop(session, id):\n    query = sa.delete(User).where(User.id == id)\n    session.execute(query)",
        ],
        ["def find(session, org, id):\n    return session.scalars(sa.select(User).where(User.organization_id == org))"],
    ),
    (
        "sql-that-pins-rds-proxy",
        ANYWHERE,
        [
            'sa.text("set search_path = public")',
            'sa.text("create temp table kept (id int)")',
            'sa.text("select pg_advisory_lock(1)")',
            'sa.text("listen jobs")',
            'sa.text("prepare one as select 1")',
            "sa.text(\"select nextval('numbers')\")",
        ],
        ['sa.text("update jobs set done = true")', 'sa.text("select pg_advisory_xact_lock(1)")'],
    ),
    (
        "log-is-no-constant",
        ANYWHERE,
        ['log.info(f"scanned {document_id}")', 'log.info("scanned %s" % document_id)', "log.warning(what)"],
        ['log.info("document_scanned", document_id=document_id)'],
    ),
    (
        "secret-in-log",
        ANYWHERE,
        ['log.info("signed_in", email=email)', 'log.info("kept", value=key.secret)', 'log.info("x", new_password=p)'],
        ['log.info("signed_in", user_id=user.id)'],
    ),
    (
        "secret-in-event",
        ANYWHERE,
        [
            'events.record(session, "changed", subject, after={"password": wish.password})',
            'events.record(session, "made", subject, after=made.token)',
        ],
        ['events.record(session, "made", subject, after={"name": wish.name})'],
    ),
    ("print-in-product", ANYWHERE, ['print("done")'], ['log.info("done")']),
    (
        "http-outside-outbound",
        ANYWHERE,
        ["import requests", "import urllib.request", "from urllib3 import PoolManager", "import http.client"],
        ["from urllib.parse import quote", "from http import HTTPStatus"],
    ),
    ("boto3-outside-clients", ANYWHERE, ["import boto3", 'boto3.client("s3")'], ["from chalicelib import clients"]),
    (
        "token-not-checked-in-full",
        ANYWHERE,
        ["jwt.decode(token, key)", 'jwt.decode(token, key, algorithms=["HS256"])'],
        ["jwt.decode(token, key, algorithms=[A], audience=B, issuer=C)"],
    ),
    (
        "weak-hash",
        ANYWHERE,
        ["hashlib.md5(content)", "hashlib.sha1(content)", 'hashlib.new("md5", content)'],
        ["hashlib.sha256(content)"],
    ),
    (
        "guessable-random",
        ANYWHERE,
        ["random.randint(0, 9)", "random.seed(7)"],
        ["secrets.token_urlsafe(32)", "random.seed()"],
    ),
    (
        "time-without-zone",
        ANYWHERE,
        ["datetime.now()", "datetime.utcnow()", "date.today()"],
        ["datetime.now(UTC)"],
    ),
    (
        "shell",
        ANYWHERE,
        ["subprocess.run(command, shell=True)", "os.system(command)"],
        ["subprocess.run([program, argument])"],
    ),
    (
        "data-run-as-code",
        ANYWHERE,
        ["eval(text)", "exec(text)", "pickle.loads(content)", "yaml.load(text)"],
        ["yaml.safe_load(text)", "json.loads(text)"],
    ),
]


def found_in(folder: Path) -> dict[str, set[str]]:
    """The ids of the rules that found something, by file."""
    done = subprocess.run(
        [SEMGREP, "scan", "--config", RULES, *QUIETLY, "."],
        cwd=folder,
        env={**os.environ, "SEMGREP_SETTINGS_FILE": str(folder / "settings.yml")},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert answer["errors"] == [], answer["errors"]
    found: dict[str, set[str]] = {}
    for result in answer["results"]:
        found.setdefault(result["path"], set()).add(result["check_id"].rsplit(".", 1)[-1])
    return found


@pytest.mark.skipif(not SEMGREP.exists(), reason="semgrep is not installed here: infra/local/semgrep.sh --install")
def test_each_rule_finds_what_it_is_for_and_nothing_else(tmp_path: Path) -> None:
    wanted: dict[str, set[str]] = {}
    for rule, path, bad, good in CASES:
        for number, lines in enumerate([*bad, *good]):
            file = tmp_path / rule / str(number) / path
            file.parent.mkdir(parents=True)
            file.write_text(f"{lines}\n", encoding="utf-8")
            if number < len(bad):
                wanted[str(file.relative_to(tmp_path))] = {rule}

    assert found_in(tmp_path) == wanted


def test_each_rule_has_its_case() -> None:
    rules = {
        line.split("id:")[1].strip()
        for file in RULES.glob("*.yaml")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "- id:" in line
    }

    assert rules == {rule for rule, _, _, _ in CASES}
