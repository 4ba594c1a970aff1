"""What is answered about second factors is what is published."""

from __future__ import annotations

from collections.abc import Callable

import pyotp

from tests.api import ApiClient
from tests.chalicelib.auth.accounts import PASSWORD
from tests.chalicelib.http.test_published_answers import UNKNOWN, HeldToTheDocument
from tests.chalicelib.second_factor.factors import MINE


def test_second_factors_answer_as_published(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(rate_limit_login="100/minute")
    held, password = HeldToTheDocument(api, api.get("/api/openapi.json").json), {"current_password": PASSWORD}
    begun = held.call("POST", MINE, password)
    totp = pyotp.TOTP(begun.json["secret"])
    confirmed = held.call("POST", f"{MINE}/confirm", {"code": totp.now()})
    again = [held.call("POST", MINE, password), held.call("POST", f"{MINE}/confirm", {"code": totp.now()})]
    code = confirmed.json["recovery_codes"][0]
    renewed = [held.call("POST", f"{MINE}/recovery-codes", {"code": code}) for _ in range(2)]
    held.call("GET", MINE)
    reset = held.call("POST", "/api/users/{user_id}/second-factor/reset", user_id=UNKNOWN)
    wish = {**password, "code": renewed[0].json["recovery_codes"][0]}
    disabled = [held.call("POST", f"{MINE}/disable", wish) for _ in range(2)]

    assert [reply.status for reply in (begun, confirmed, *again)] == [201, 200, 409, 409]
    assert [reply.status for reply in (*renewed, reset, *disabled)] == [200, 422, 404, 204, 409]
