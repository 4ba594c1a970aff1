"""What can go wrong when signing in."""

from __future__ import annotations

from chalicelib.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated


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


class PasswordReused(Invalid):
    """The password is one of the user's last ones."""

    code = "password_reused"

    def __init__(self, count: int) -> None:
        super().__init__(f"this is one of your last {count} passwords; take a new one")


class WrongPassword(Invalid):
    """Who changes a password has to know the present one."""

    code = "wrong_password"

    def __init__(self) -> None:
        wrong = {"field": "current_password", "message": "this is not your password"}
        super().__init__("your current password is another one", errors=[wrong])


class PasswordMoved(Conflict):
    """The password was changed by somebody else in the same moment."""

    code = "password_moved"


class UnknownSignIn(NotFound):
    """The caller has no such sign-in, or it has ended."""
