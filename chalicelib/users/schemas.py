"""Bodies and answers of users, invitations and links to set a new password."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from chalicelib.auth.models import UserRole
from chalicelib.auth.schemas import Email, KnownEmail, Password
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Line, NotNull, UtcTime, View
from chalicelib.notices.models import NoticeStatus
from chalicelib.users.links import Token


class UserQuery(PageQuery):
    """`q` stands in the name or the address."""

    q: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None
    role: UserRole | None = None
    is_active: bool | None = None


class UserChange(NotNull):
    """Only what is given changes."""

    never_null = ("name", "role", "is_active")

    name: Line | None = None
    role: UserRole | None = None
    is_active: bool | None = None


class NewInvitation(Body):
    email: Email
    name: Line
    role: UserRole


class InvitationView(View):
    """Somebody who is invited and has not come yet. `mail_status` is null where the link was shown and not mailed."""

    id: UUID
    email: str
    name: str
    role: UserRole
    invited_by: UUID
    mail_status: NoticeStatus | None
    created_at: UtcTime
    updated_at: UtcTime
    expires_at: UtcTime


class InvitationSent(InvitationView):
    """`delivery` says how the link goes: by `mail`, and nobody sees it but who is invited; or, where the installation
    has no mail, it is `shown` here and never again: `token`, and `link` where it is known where links lead."""

    delivery: Literal["mail", "shown"]
    token: str | None
    link: str | None


class Acceptance(Body):
    """Who accepts may correct how they are called; address and role are the invitation's."""

    token: Token
    name: Line | None = None
    password: Password


class Forgotten(Body):
    email: KnownEmail


class PasswordByLink(Body):
    token: Token
    new_password: Password


class Accepted(View):
    """The same for every address."""

    detail: Literal["if there is an account with this address, a link is on its way to it"] = (
        "if there is an account with this address, a link is on its way to it"
    )
