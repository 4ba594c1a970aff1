"""The load tests themselves, on few people and few rows."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import postgres
from tests.benchmarks.report import ROOT
from tests.load import bouncer, town, words
from tests.load.scenarios import SCENARIOS
from tests.load.shot import Request, Shot, percentile
from tests.load.verdict import SCREENED, in_containers, looking_p95

needs_pooler = pytest.mark.skipif(
    bouncer.program() is None and not os.environ.get("REQUIRE_PGBOUNCER"),
    reason="pgbouncer is not installed: apt-get install pgbouncer",
)


# Each foreign key with a query that counts the rows that it does not hold for.
FOREIGN_KEYS = """
    select conname, format('select count(*) from %s as a where %s and not exists (select 1 from %s as b where %s)',
        conrelid::regclass, string_agg(format('a.%I is not null', mine.attname), ' and '), confrelid::regclass,
        string_agg(format('a.%I = b.%I', mine.attname, theirs.attname), ' and '))
    from pg_constraint
        join lateral unnest(conkey, confkey) as pair(mine, theirs) on true
        join pg_attribute as mine on mine.attrelid = conrelid and mine.attnum = pair.mine
        join pg_attribute as theirs on theirs.attrelid = confrelid and theirs.attnum = pair.theirs
    where contype = 'f' and connamespace = 'public'::regnamespace
    group by pg_constraint.oid, conname, conrelid, confrelid
"""


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5, 1, 4, 2, 3], 50) == 3
    assert percentile(range(1, 101), 95) == 95
    assert percentile([7], 99) == 7
    assert math.isnan(percentile([], 95))


def test_only_requests_that_somebody_waits_for_count_and_only_after_everybody_has_come() -> None:
    scenario = SCENARIOS["browse"]
    requests = [
        Request(1.0, "GET /api/candidates", 900.0, True),
        Request(8.0, "GET /api/candidates", 20.0, True),
        Request(8.5, "GET /api/jobs/{id} (polled)", 500.0, True),
        Request(9.0, "screening, asked to done", 700.0, False),
    ]
    shot = Shot(scenario, 0.0, 20.0, requests, {}, [], 1.0)
    assert shot.p95() == 20.0
    assert shot.p95("screening, asked to done") == 700.0
    assert shot.error_count == 1
    assert shot.per_second == 2 / 15


def test_a_job_counts_after_everybody_has_come_and_who_imports_is_not_taken_for_who_looks() -> None:
    requests = [
        Request(2.0, SCREENED, 4000.0, True),
        Request(8.0, SCREENED, 300.0, True),
        Request(8.0, "GET /api/candidates", 20.0, True),
        Request(8.0, "POST /api/imports", 500.0, True),
    ]
    shot = Shot(SCENARIOS["beside"], 0.0, 20.0, requests, {}, [], 1.0)
    assert shot.p95(SCREENED) == 300.0
    assert shot.p95() == 500.0
    assert looking_p95(shot) == 20.0


def test_time_in_a_container_is_told_apart_from_the_wait_for_one() -> None:
    shot = Shot(SCENARIOS["browse"], 100.0, 25.0, [], {}, [], 1.0)
    answers = [(101.0, 9000.0), (110.0, 20.0), (111.0, 30.0), (112.0, 1950.0), (130.0, 9000.0)]
    assert in_containers(shot, answers) == "p50 30 ms, p95 1,950 ms; 0.1 containers at work"


def test_words_are_literals_that_postgresql_can_read() -> None:
    assert len(words.WORDS["first_names"]) == len(set(words.WORDS["first_names"]))
    assert words.quoted("O'Neill") == "'O''Neill'"
    assert all("%1$s" in sentence and "%2$s" in sentence for sentence in words.WORDS["sentences"])


@needs_pooler
def test_a_few_users_are_served_without_an_error_through_the_pooler(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    output = tmp_path / "report"
    size = ["--rows", "400", "--users", "6", "--minutes", "0.1", "--containers", "3"]
    command = [sys.executable, "-m", "tests.load", *size, "--scenario", "mixed", "--scenario", "depth"]
    places = ["--data", str(tmp_path / "data"), "--output", str(output)]
    result = subprocess.run([*command, *places], check=False, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads((output / "summary.json").read_text())
    mixed = told["scenarios"]["mixed"]
    assert told["errors"] == mixed["errors"] == 0
    assert mixed["requests"] >= 6
    assert mixed["cores"]["server"] > 0
    assert told["depth"]["depth"] == 0, "so few candidates have no page far down"
    assert told["made"]["candidates"] == 400
    assert {line["metric"] for line in told["table"]} >= {
        "API p95, 6 users",
        "of that in a container",
        "pool use, p95 of the seconds",
    }
    assert told["slowest_statements_p95_ms"] or mixed["requests"] < 40
    page = (output / "report.html").read_text()
    assert "data:image/svg+xml;base64," in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert _loose_ends(tmp_path / "data") == []


def _loose_ends(data: Path) -> list[str]:
    """Foreign keys that point to nothing: the town's tables are filled without looking them up."""
    server = postgres.start(data / "postgres")
    try:
        with town.connected(server.url.rsplit("/", 1)[0] + "/recruitpro") as connection:
            keys = connection.run(FOREIGN_KEYS)
            assert len(keys) > 50
            return [name for name, query in keys if connection.run(query)[0][0]]
    finally:
        server.stop()
