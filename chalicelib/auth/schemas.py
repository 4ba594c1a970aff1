"""Bodies and answers of signing in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, StringConstraints, validate_email

from chalicelib.auth.models import UserRole
from chalicelib.http.schemas import Body, Line, LowerCase, UtcTime, View
from chalicelib.second_factor.schemas import Code


def _as_registered(value: object) -> object:
    """An address in the spelling that registration gave it; what is no address as it is, so that it is just unknown."""
    if not isinstance(value, str):
        return value
    lowered = value.strip().lower()
    try:
        return validate_email(lowered)[1].lower()
    except ValueError:
        return lowered


# The library spells what was lowered before in Unicode's composed form, and its domain as IDNA has it.
Email = Annotated[EmailStr, LowerCase, AfterValidator(str.lower), Field(max_length=254)]
KnownEmail = Annotated[str, BeforeValidator(_as_registered), StringConstraints(min_length=1, max_length=254)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class Registration(Body):
    organization: Line
    name: Line
    email: Email
    password: Password


class Login(Body):
    email: KnownEmail
    password: Password
    code: Code | None = None


class PasswordChange(Body):
    current_password: Password
    new_password: Password


class Refresh(Body):
    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Logout(Body):
    """Nothing is needed: the access token says which sign-in ends."""

    refresh_token: Annotated[str, StringConstraints(max_length=200)] | None = None


class ProfileChange(Body):
    name: Line


class UserView(View):
    id: UUID
    organization_id: UUID
    email: str
    name: str
    role: UserRole
    is_active: bool
    last_sign_in_at: UtcTime | None
    created_at: UtcTime
    updated_at: UtcTime


class SignInView(View):
    """A device or browser that is signed in."""

    id: UUID
    created_at: UtcTime
    expires_at: UtcTime
    is_current: bool


class OrganizationView(View):
    id: UUID
    name: str
    created_at: UtcTime


class RegistrationView(View):
    organization: OrganizationView
    user: UserView


class TokensView(View):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme's name
    expires_in: int
    refresh_token: str
    user: UserView
