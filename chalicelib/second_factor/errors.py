"""What can go wrong with second factors."""

from __future__ import annotations

from chalicelib.errors import Conflict, Invalid, Unauthenticated


class SecondFactorRequired(Unauthenticated):
    """The password is right, and this account has a second factor."""

    code = "second_factor_required"

    def __init__(self) -> None:
        super().__init__("send the code of your authenticator app, or a recovery code, along with the password")


class BadSecondFactor(Unauthenticated):
    """The password is right and the code is not, or it was used before."""

    code = "bad_second_factor"

    def __init__(self) -> None:
        super().__init__("this code is wrong or was used before; wait for the next one")


class WrongCode(Invalid):
    """Who is signed in and changes their second factor has to show that they have it."""

    code = "wrong_code"

    def __init__(self) -> None:
        wrong = {"field": "code", "message": "this code is wrong or was used before"}
        super().__init__("this code is wrong or was used before; wait for the next one", errors=[wrong])


class SecondFactorEnabled(Conflict):
    """There is a second factor already."""

    code = "second_factor_enabled"

    def __init__(self) -> None:
        super().__init__("you have a second factor; disable it before you set up another one")


class SecondFactorNotEnabled(Conflict):
    """There is no second factor to work with."""

    code = "second_factor_not_enabled"


class SecondFactorNeeded(Conflict):
    """The organization requires a second factor of everybody."""

    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__("your organization requires a second factor; ask an admin to reset yours if the app is lost")


class OwnSecondFactor(Conflict):
    """A reset asks for no code, so nobody resets their own."""

    code = "own_second_factor"

    def __init__(self) -> None:
        super().__init__("disable your own second factor with a code, or ask another admin to reset it")
