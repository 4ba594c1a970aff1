"""The demo login exists in the local environment alone, with a password of each checkout's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.demo import seed
from infra.local import environment
from tests import records
from tests.house import Database


@pytest.mark.parametrize("elsewhere", ["dev", "staging", "production"])
def test_outside_local_there_is_no_demo_login(
    database: Database, configure: Callable[..., None], elsewhere: str
) -> None:
    configure(environment=elsewhere, token_secret_arn="arn:aws:secretsmanager:x", scanner="clamd")
    before = records.rows(database, "select count(*) from users")

    with pytest.raises(RuntimeError, match="local environment alone"):
        seed.seed("welcome-to-production")

    assert records.rows(database, "select count(*) from users") == before


def test_each_checkout_makes_up_a_password_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    passwords = {environment.secrets_in(tmp_path_factory.mktemp("checkout")).demo_password for _ in range(3)}

    assert len(passwords) == 3
    assert all(len(password) >= 20 for password in passwords)
