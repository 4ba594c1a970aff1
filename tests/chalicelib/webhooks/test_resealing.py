"""A webhook to which nothing was sent for months still signs with the secret that its receiver knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest

from chalicelib import db
from chalicelib.webhooks import repository, resealing, secrets
from tests import house
from tests.chalicelib.webhooks.hooks import new_webhook
from tests.conftest import Tenant

pytestmark = pytest.mark.own_database


def test_a_secret_outlives_two_changes_of_the_token_secret(
    tenant: Tenant, other: Tenant, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "PAGE", 1)
    ours, _theirs = new_webhook(tenant.api), new_webhook(other.api)
    keys = [house.SETTINGS["RECRUITPRO_TOKEN_SECRET"], "m" * 40, "n" * 40]

    for previous, current in pairwise(keys):
        configure(token_secret=current, token_secret_previous=previous)
        assert resealing.reseal_all() == {"resealed": 2, "unreadable": 0}
        assert resealing.reseal_all() == {"resealed": 0, "unreadable": 0}

    with db.transaction(tenant.id) as session:
        webhook = repository.find(session, tenant.id, UUID(ours["id"]))
        assert webhook is not None
        assert secrets.open_all(webhook, datetime.now(UTC)) == [ours["secret"]]


def test_what_no_key_opens_is_counted_and_left_as_it_is(tenant: Tenant, configure: Callable[..., None]) -> None:
    new_webhook(tenant.api)
    configure(token_secret="z" * 40)

    assert resealing.reseal_all() == {"resealed": 0, "unreadable": 1}
