"""What can go wrong when signing in."""

from __future__ import annotations

from chalicelib.errors import Conflict, Forbidden, Unauthenticated


class BadCredentials(Unauthenticated):
    """Unknown address or wrong password: the same words for both."""

    code = "bad_credentials"

    def __init__(self) -> None:
        super().__init__("email or password is wrong")


class BadRefreshToken(Unauthenticated):
    """The refresh token is unknown, expired, revoked, or was used before."""

    code = "bad_refresh_token"


class RegistrationClosed(Forbidden):
    """This installation takes no registrations."""

    code = "registration_closed"


class EmailTaken(Conflict):
    """Somebody has an account with this address."""

    code = "email_taken"
