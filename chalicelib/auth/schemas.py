"""Bodies and answers of signing in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints

from chalicelib.auth.models import UserRole
from chalicelib.http.schemas import Body, Line, LowerCase, UtcTime, View

Email = Annotated[EmailStr, LowerCase, Field(max_length=254)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class Registration(Body):
    organization: Line
    name: Line
    email: Email
    password: Password


class Login(Body):
    email: Annotated[str, LowerCase, StringConstraints(min_length=1, max_length=254)]
    password: Password


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
