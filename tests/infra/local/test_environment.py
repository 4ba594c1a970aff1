from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

from chalicelib.settings import read
from infra.local import environment


def test_what_the_developer_exported_wins() -> None:
    values = environment.defaults("x" * 40) | {"RECRUITPRO_CLAMD_PORT": "1"}
    told = environment.of_child(values, {"RECRUITPRO_CLAMD_PORT": "2", "HOME": "/home/me"})
    assert told["RECRUITPRO_CLAMD_PORT"] == "2"
    assert told["HOME"] == "/home/me"


def test_real_aws_credentials_do_not_reach_the_children() -> None:
    told = environment.of_child({}, {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SESSION_TOKEN": "t"})
    assert "AWS_PROFILE" not in told
    assert "AWS_SESSION_TOKEN" not in told
    assert told["AWS_ACCESS_KEY_ID"] == "local"
    assert told["AWS_EC2_METADATA_DISABLED"] == "true"


def test_the_defaults_are_settings_that_exist() -> None:
    wish = read(environment.defaults("x" * 40))
    assert wish.open_registration
    assert wish.database_pool_size == 20


def test_secrets_are_made_up_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    made = environment.secrets_in(tmp_path)
    assert environment.secrets_in(tmp_path) == made
    assert len({made.token_secret, made.owner_password, made.app_password, made.demo_password}) == 4
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_checkout_from_before_gets_the_secrets_that_it_lacks_and_keeps_the_others(tmp_path: Path) -> None:
    made = environment.secrets_in(tmp_path)
    path = tmp_path / "secrets.json"
    older = json.loads(path.read_text())
    del older["metrics_token"]
    path.write_text(json.dumps(older))

    now = environment.secrets_in(tmp_path)

    assert now.token_secret == made.token_secret
    assert now.metrics_token not in {"", made.metrics_token}
    assert environment.secrets_in(tmp_path) == now


def test_metrics_can_be_read_where_the_stack_runs() -> None:
    token = read(environment.defaults("x" * 40, "a-token")).metrics_token

    assert token is not None
    assert token.get_secret_value() == "a-token"
    assert read(environment.defaults("x" * 40)).metrics_token is None


def test_one_value_is_read_back_from_the_file(tmp_path: Path) -> None:
    odd = 'it\'s $HOME; "quoted"'
    environment.write_file(tmp_path / "environment", {"RECRUITPRO_METRICS_TOKEN": odd, "RECRUITPRO_X": ""})

    assert environment.read_file(tmp_path / "environment", "RECRUITPRO_METRICS_TOKEN") == odd
    assert environment.read_file(tmp_path / "environment", "RECRUITPRO_X") is None
    assert environment.read_file(tmp_path / "environment", "RECRUITPRO_Y") is None
    assert environment.read_file(tmp_path / "none", "RECRUITPRO_METRICS_TOKEN") is None


def test_a_shell_can_read_the_file(tmp_path: Path) -> None:
    odd = 'it\'s $HOME; "quoted"'
    environment.write_file(tmp_path / "environment", {"RECRUITPRO_TOKEN_SECRET": odd, "PATH": "no"})
    script = (
        f'set -a; . {tmp_path}/environment; set +a; printenv RECRUITPRO_TOKEN_SECRET; echo "${{AWS_PROFILE-unset}}"'
    )
    result = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_PROFILE": "p", "PATH": "/usr/bin:/bin"},
    )
    assert result.stdout.splitlines() == [odd, "unset"]
