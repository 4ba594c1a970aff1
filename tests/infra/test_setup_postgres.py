"""`make setup-postgres` against a real server: as its superuser, as an admin who is none; each mistake in a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from chalicelib import migrations
from chalicelib.migrations import roles
from infra import postgres_checks, setup_postgres
from infra.postgres_checks import Verdict
from tests import rds
from tests.rds import MASTER, PASSWORD, Rds, ask

OWNER_PASSWORD, APP_PASSWORD = "of-the-owner-0123456789", "of-the-app-0123456789"
Run = Callable[..., tuple[int, str, str]]
_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rds]:
    with rds.started(tmp_path_factory.mktemp("external"), durable=True) as server:
        yield server


@pytest.fixture
def name() -> str:
    return f"external_{next(_numbers)}"


@pytest.fixture
def run(server: Rds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: its exit code, and what it said to both."""

    def command(*arguments: str, user: str = MASTER, password: str | None = PASSWORD) -> tuple[int, str, str]:
        url = f"postgresql://{user}@{server.server.host}:{server.server.port}/postgres"
        monkeypatch.setattr(sys, "argv", ["setup_postgres", "--superuser-url", url, *arguments])
        monkeypatch.setenv("SETUP_OWNER_PASSWORD", OWNER_PASSWORD)
        monkeypatch.setenv("SETUP_APP_PASSWORD", APP_PASSWORD)
        if password is not None:
            monkeypatch.setenv("SETUP_ADMIN_PASSWORD", password)
        code = setup_postgres.main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_an_admin_who_is_no_superuser_prepares_and_migrates(server: Rds, run: Run, name: str) -> None:
    code, out, err = run("--database", name, "--migrate")

    assert (code, err) == (0, "")
    assert f"done  database {name} created" in out
    assert f"done  schema at {migrations.newest()}, " in out
    assert f"RECRUITPRO_DATABASE_URL=postgresql://recruitpro_app:***@127.0.0.1:{server.server.port}/{name}" in out
    assert ask(server.url_for(roles.APP, APP_PASSWORD, name), "select count(*) from organizations") == [(0,)]
    assert not {OWNER_PASSWORD, APP_PASSWORD, PASSWORD} & set(out.replace(":", " ").replace("@", " ").split())


def test_run_again_it_finds_nothing_left_to_do(run: Run, name: str) -> None:
    run("--database", name)

    code, out, err = run("--database", name)

    assert (code, err) == (0, "")
    assert [line.strip() for line in out.splitlines() if line.startswith("  done")] == [
        "done  nothing was left to do but to set the passwords"
    ]


def test_what_an_admin_prepared_its_superuser_may_prepare_again(server: Rds, run: Run, name: str) -> None:
    run("--database", name)
    superuser = sa.make_url(server.server.url)

    code, out, _ = run("--database", name, user="postgres", password=superuser.password)

    assert code == 0
    assert "done  nothing was left to do but to set the passwords" in out


def test_looking_changes_nothing(server: Rds, run: Run, name: str) -> None:
    code, out, err = run("--database", name, "--check-only")

    assert (code, err) == (0, "")
    assert "ok    version: " in out
    assert "warn  encryption: none (ssl is off) -> " in out
    assert "ok    durability: a commit survives a crash" in out
    for extension in ("btree_gin", "btree_gist", "fuzzystrmatch", "pg_trgm", "unaccent"):
        assert f"ok    extension {extension}: there" in out
    assert ask(server.master_url, f"select 1 from pg_database where datname = '{name}'") == []


def test_an_unfit_server_is_left_as_it_is(server: Rds, run: Run, name: str) -> None:
    code, out, err = run("--database", name, "--connections", "500")

    assert code == 1
    assert "fail  connections: 197 for all but superusers, 500 needed -> set max_connections to 503 or more" in out
    assert err == "error: the server is unfit, see above; nothing was changed\n"
    assert ask(server.master_url, f"select 1 from pg_database where datname = '{name}'") == []


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("fsync", "off", "fail durability"),
        ("synchronous_commit", "off", "fail durability"),
        ("server_version_num", "150004", "fail version"),
        ("TimeZone", "Europe/Zurich", "warn time zone"),
        ("wal_level", "minimal", "warn restore to a moment"),
        ("log_min_duration_statement", "0", "warn log"),
        ("data_checksums", "off", "warn checksums of pages"),
    ],
)
def test_each_setting_that_is_not_as_it_should_be_comes_with_its_fix(setting: str, value: str, expected: str) -> None:
    """The judgement alone: a server is not restarted for each of them."""
    known = dict.fromkeys(postgres_checks.NAMES, "0") | {
        "server_version_num": "170002",
        "server_version": "17.2",
        "max_connections": "200",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "wal_level": "replica",
        "archive_mode": "on",
        "data_checksums": "on",
        "shared_preload_libraries": "pg_stat_statements",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_parameter_max_length": "-1",
    }

    def judged(settings: dict[str, str]) -> set[str]:
        found = postgres_checks.of_settings(settings, on_rds=False, needed_connections=60)
        assert all(each.fix for each in found if each.verdict is not Verdict.OK)
        return {f"{each.verdict} {each.what}" for each in found if each.verdict is not Verdict.OK}

    assert judged(known) == set()
    assert judged(known | {setting: value}) == {expected}


def test_without_tls_only_a_server_on_this_machine_is_fit() -> None:
    found = {host: postgres_checks.encryption("off", False, host).verdict for host in ("127.0.0.1", "db.example.com")}

    assert found == {"127.0.0.1": Verdict.WARN, "db.example.com": Verdict.FAIL}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://a:secret-word@127.0.0.1/postgres", "holds a password, which everybody on the machine can read"),
        ("mysql://a@127.0.0.1/postgres", "must look like postgresql://"),
        ("postgresql://127.0.0.1/postgres", "names no user"),
        ("postgresql://a@127.0.0.1:1/postgres", "a cannot use 127.0.0.1/postgres: "),
    ],
)
def test_a_url_that_cannot_be_used_is_told_in_a_line(run: Run, url: str, said: str) -> None:
    code, out, err = run("--superuser-url", url)

    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1
    assert "secret-word" not in err


def test_wrong_and_short_passwords_are_told_in_a_line(
    run: Run, name: str, monkeypatch: pytest.MonkeyPatch, server: Rds
) -> None:
    wrong = run("--database", name, password="wrong")
    monkeypatch.setattr(setup_postgres, "SHORTEST_PASSWORD", 16)
    monkeypatch.setattr("tests.infra.test_setup_postgres.APP_PASSWORD", "short")
    short = run("--database", name)

    assert (wrong[0], short[0]) == (1, 1)
    assert "password authentication failed" in wrong[2]
    assert short[2] == "error: the password of the app needs 16 characters or more\n"
    assert run("--database", "No-Plain-Name")[0] == 1
