"""The receiver that the documentation shows takes what we send, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.clock import utc_now
from chalicelib.ids import new_id
from chalicelib.webhooks import signing
from tests.chalicelib.outbound.receivers import receiving
from tests.chalicelib.webhooks.hooks import attempt_all, webhook_to
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.house import Database

DOCUMENT = Path(__file__).parents[3] / "docs" / "webhooks.md"


def is_genuine() -> Callable[[str, dict[str, str], bytes], bool]:
    """The function that the documentation shows."""
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    found: Callable[[str, dict[str, str], bytes], bool] = names["is_genuine"]
    return found


def test_what_we_send_is_taken_for_genuine(tenant: Tenant, database: Database) -> None:
    with receiving() as receiver:
        webhook = webhook_to(tenant.api, receiver)
        rotated = tenant.api.post(f"/api/webhooks/{webhook['id']}/rotate-secret").json
        new_candidate(tenant.api)
        attempt_all(database, tenant)

    [request] = receiver.received
    for secret in (webhook["secret"], rotated["secret"]):
        assert is_genuine()(secret, request.headers, request.body)
    assert not is_genuine()(signing.new_secret(), request.headers, request.body)
    assert not is_genuine()(webhook["secret"], request.headers, request.body + b" ")
    assert not is_genuine()(webhook["secret"], {**request.headers, "webhook-id": str(new_id())}, request.body)


def test_what_is_old_is_not_taken() -> None:
    secret, body = signing.new_secret(), b"{}"
    fresh = signing.headers(new_id(), utc_now(), body, [secret])
    stale = {**fresh, "webhook-timestamp": str(int(time.time()) - 301)}

    assert is_genuine()(secret, fresh, body)
    assert not is_genuine()(secret, stale, body)
