"""After the token secret changed, every factor is sealed with the key of today."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from chalicelib.auth.keys import Key
from chalicelib.second_factor import resealing
from functions.reseal_secrets import reseal_secrets
from infra.local import delivery
from tests import house, records
from tests.chalicelib.second_factor.factors import enable, let_time_pass, login_with
from tests.conftest import Tenant
from tests.house import Database

pytestmark = pytest.mark.own_database


@pytest.fixture(autouse=True)
def many_tries(configure: Callable[..., None]) -> None:
    configure(rate_limit_login="100/minute")


def test_a_factor_outlives_two_changes_that_its_user_slept_through(
    tenant: Tenant, other: Tenant, database: Database, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "PAGE", 1)
    app, theirs = enable(tenant.api, database), enable(other.api, database)
    secrets = [house.SETTINGS["RECRUITPRO_TOKEN_SECRET"], "m" * 40, "n" * 40]

    for previous, current in pairwise(secrets):
        configure(token_secret=current, token_secret_previous=previous, rate_limit_login="100/minute")
        event = delivery.scheduled_event("reseal_secrets", region="eu-central-1")
        answers = [reseal_secrets(event, delivery.context("reseal_secrets")) for _ in range(2)]
        factors = [answer["second_factors"] for answer in answers]
        assert factors == [{"resealed": 2, "unreadable": 0}, {"resealed": 0, "unreadable": 0}]

    configure(token_secret=secrets[-1], rate_limit_login="100/minute")
    let_time_pass(database, tenant.user_id)
    assert login_with(tenant.email, app.code()).status == 200
    assert login_with(other.email, theirs.code()).status == 200


def test_what_no_key_opens_is_counted_and_left_as_it_is(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    enable(tenant.api, database)
    configure(token_secret="z" * 40)

    assert resealing.reseal_all() == {"resealed": 0, "unreadable": 1}

    (row,) = records.rows(database, "select key_id from second_factors")
    assert row["key_id"] == Key.of(house.SETTINGS["RECRUITPRO_TOKEN_SECRET"]).id
