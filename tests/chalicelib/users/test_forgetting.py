"""What invitations, links and notices leave behind is deleted a month later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.clock import utc_now
from chalicelib.operations import retention
from chalicelib.users import resets
from tests import records
from tests.chalicelib.users.people import forgot, invite
from tests.conftest import Tenant
from tests.house import Cloud, Database


def test_links_are_forgotten_a_month_after_they_stopped_working(
    tenant: Tenant, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resets, "ASKING_SECONDS", 0)
    invite(tenant.api)
    forgot(tenant.email)
    kinds = ["invitations", "password_resets", "notices"]

    def left() -> list[int]:
        return [records.count(database, kind, tenant.id) for kind in kinds]

    retention.apply(utc_now() + timedelta(days=30))
    assert left() == [1, 1, 2]
    retention.apply(utc_now() + timedelta(days=30, hours=2))
    assert left() == [1, 0, 2]
    retention.apply(utc_now() + timedelta(days=34))
    assert left() == [0, 0, 2]
    retention.apply(utc_now() + timedelta(days=61))
    assert left() == [0, 0, 0]
