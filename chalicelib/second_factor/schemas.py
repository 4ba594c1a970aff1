"""Bodies and answers about second factors."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from chalicelib.http.schemas import Body, UtcTime, View

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(description="six digits of the authenticator app, or a recovery code"),
]
AppCode = Annotated[
    str, StringConstraints(min_length=1, max_length=16), Field(description="six digits of the authenticator app")
]
CurrentPassword = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class NewSecondFactor(Body):
    current_password: CurrentPassword


class Confirmation(Body):
    code: AppCode


class Disabling(Body):
    current_password: CurrentPassword
    code: Code


class Renewal(Body):
    code: Code


class EnrolmentView(View):
    """Shown once: the secret to type into an authenticator app, and the same as a link for a QR code."""

    secret: str
    otpauth_uri: str


class RecoveryCodesView(View):
    """Shown once; each of them is good once, in the place of a code of the app."""

    recovery_codes: list[str]


class SecondFactorView(View):
    is_enabled: bool
    is_required: bool
    confirmed_at: UtcTime | None
    recovery_codes_left: int
