"""`make admin-user`: the first admin of a closed installation, and each mistake in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra import admin_user
from tests import records
from tests.chalicelib.auth.accounts import PASSWORD, login, new_email
from tests.house import SETTINGS, Database

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: its exit code, and what it said to both."""

    def command(*arguments: str, password: str | None = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["admin_user", *arguments])
        if password is not None:
            monkeypatch.setenv(admin_user.PASSWORD_VARIABLE, password)
        code = admin_user.main()
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def asked(email: str, organization: str) -> list[str]:
    return ["--email", email, "--name", "Grace Hopper", "--organization", organization]


def test_an_operator_creates_the_first_admin_of_a_closed_installation(
    database: Database, configure: Callable[..., None]
) -> None:
    configure(open_registration="false")
    email = new_email()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RECRUITPRO_")}
    environment["RECRUITPRO_ADMIN_PASSWORD"] = PASSWORD
    command = [sys.executable, "-m", "infra.admin_user", *asked(email.upper(), f"Navy {email}")]

    made = subprocess.run(
        [*command, "--database-url", database.app_url],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (made.returncode, made.stdout, made.stderr) == (0, f"Navy {email} has its first admin: {email}\n", "")
    user = login(email).json["user"]
    assert (user["name"], user["role"], user["is_active"]) == ("Grace Hopper", "admin", True)
    [row] = records.rows(database, "select organization_id from users where email = :email", email=email)
    assert records.actions(database, row["organization_id"])[:2] == ["organization_founded", "user_created"]


def test_who_exists_is_left_alone(run: Run, database: Database) -> None:
    email = new_email()
    assert run(*asked(email, f"Navy {email}"))[0] == 0
    before = records.rows(database, "select * from users where email = :email", email=email)

    again = run(*asked(email, "Elsewhere"), password="another-horse-8-staples")
    same_name = run(*asked(new_email(), f"NAVY {email}"))

    assert (again[0], again[1]) == (same_name[0], same_name[1]) == (1, "")
    assert again[2].startswith("error: there is an account with this email")
    assert same_name[2].startswith("error: there is an organization named")
    assert records.rows(database, "select * from users where email = :email", email=email) == before
    assert records.rows(database, "select 1 from organizations where name = 'Elsewhere'") == []


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        ([], PASSWORD, "email: "),
        (["--email", "grace", "--name", "", "--organization", "x\ny"], PASSWORD, "organization: "),
        (asked("grace@example.com", "Navy of weak words"), "short-7", "8 to 256 characters"),
        (asked("grace@example.com", "Navy of weak words"), "grace hopper 77", "must not contain your name"),
        (asked("grace@example.com", "Navy of no words"), None, "RECRUITPRO_ADMIN_PASSWORD"),
        ([*asked("grace@example.com", "Navy"), "--password", PASSWORD], PASSWORD, "--password"),
        ([*asked("grace@example.com", "Navy"), "one", "more"], PASSWORD, "unexpected extra arguments"),
    ],
)
def test_each_mistake_is_one_line_and_writes_nothing(
    run: Run, database: Database, arguments: list[str], password: str | None, said: str
) -> None:
    before = records.rows(database, "select count(*) from organizations")

    code, out, err = run(*arguments, password=password)

    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert said in err
    assert (err.count("\n"), PASSWORD in err) == (1, False)
    assert records.rows(database, "select count(*) from organizations") == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://recruitpro_app:wrong-secret@127.0.0.1:1/none", "does not answer"),
        ("mysql://recruitpro_app:wrong-secret@127.0.0.1/none", "postgresql://"),
        ("", "say which database"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    run: Run, configure: Callable[..., None], url: str, said: str
) -> None:
    configure(database_url=url, database_connect_timeout_seconds="1")

    code, _, err = run(*asked("grace@example.com", "Navy"))

    assert (code, err.count("\n")) == (1, 1)
    assert said in err
    assert "wrong-secret" not in err


def test_no_setting_holds_a_password_of_anybody() -> None:
    from chalicelib.settings import Settings

    assert not [name for name in Settings.fields if "admin" in name or "demo" in name]
    assert "RECRUITPRO_ADMIN_PASSWORD" not in SETTINGS
