"""Users with an authenticator app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp

from chalicelib.clock import utc_now
from tests import records
from tests.api import ApiClient, Reply
from tests.chalicelib.auth.accounts import PASSWORD, login, stranger
from tests.house import Database

MINE = "/api/users/me/second-factor"
AGAIN = "update second_factors set last_step = 0 where user_id = :user"


@dataclass(frozen=True, slots=True)
class App:
    """An authenticator app that has the secret, and the recovery codes that were shown."""

    secret: str
    recovery_codes: list[str]

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or so many steps later."""
        return pyotp.TOTP(self.secret).at(utc_now() + timedelta(seconds=30 * steps))


def begin(api: ApiClient, password: str = PASSWORD) -> Reply:
    return api.post(MINE, {"current_password": password})


def enable(api: ApiClient, database: Database) -> App:
    """Set up a factor as a user does; no code is spent afterwards, as if time had passed."""
    begun = begin(api)
    assert begun.status == 201, begun
    app = App(begun.json["secret"], [])
    confirmed = api.post(f"{MINE}/confirm", {"code": app.code()})
    assert confirmed.status == 200, confirmed
    let_time_pass(database, UUID(api.get("/api/users/me").json["id"]))
    return App(app.secret, confirmed.json["recovery_codes"])


def let_time_pass(database: Database, user_id: UUID) -> None:
    """Let the code of now be one that was never used."""
    records.rows(database, AGAIN, user=user_id)


def login_with(email: str, code: str | None, password: str = PASSWORD) -> Reply:
    wish = {"email": email, "password": password} | ({} if code is None else {"code": code})
    return login(email, password) if code is None else stranger().post("/api/auth/login", wish)
