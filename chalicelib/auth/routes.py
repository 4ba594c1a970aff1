"""HTTP for signing in and for one's own profile."""

from __future__ import annotations

from typing import Any

from chalicelib import db
from chalicelib.auth import repository, service
from chalicelib.auth.attempts import SignInUnavailable
from chalicelib.auth.errors import (
    BadCredentials,
    BadRefreshToken,
    EmailTaken,
    PasswordMoved,
    PasswordReused,
    RegistrationClosed,
    UnknownSignIn,
    WrongPassword,
)
from chalicelib.auth.models import SignIn
from chalicelib.auth.passwords import PasswordWeak
from chalicelib.auth.schemas import (
    Login,
    Logout,
    PasswordChange,
    ProfileChange,
    Refresh,
    Registration,
    RegistrationView,
    SignInView,
    TokensView,
    UserView,
)
from chalicelib.auth.service import SignedIn
from chalicelib.db import Role
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, PageQuery, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.second_factor.errors import BadSecondFactor, SecondFactorRequired

routes = Routes(__name__, tag="auth")


@routes.serve(
    "POST",
    "/api/auth/register",
    access=Access.PUBLIC,
    role=Role.SIGN_IN,
    body=Registration,
    answer=RegistrationView,
    status=201,
    refusals=(RegistrationClosed, EmailTaken, PasswordWeak),
)
def register(call: Call[Registration, Nothing]) -> Answer:
    """A new organization with its first admin, where registration is open."""
    organization, user = service.register(
        call.session,
        **call.body.model_dump(),
        request_id=call.request.id,
        address=call.request.address,
        now=call.now,
    )
    view = RegistrationView.model_validate({"organization": organization, "user": user}, from_attributes=True)
    return created(view, "/api/users/me")


@routes.serve(
    "POST",
    "/api/auth/login",
    access=Access.PUBLIC,
    body=Login,
    answer=TokensView,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(BadCredentials, SecondFactorRequired, BadSecondFactor, SignInUnavailable),
)
def login(call: Call[Login, Nothing]) -> TokensView:
    """Sign in with email and password, and with a code where there is a second factor; tokens and the user."""
    signed_in = service.sign_in(
        call.body.email,
        call.body.password,
        call.body.code,
        address=call.request.address,
        request_id=call.request.id,
        now=call.now,
    )
    return _tokens(signed_in)


@routes.serve(
    "POST",
    "/api/auth/refresh",
    access=Access.PUBLIC,
    body=Refresh,
    answer=TokensView,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(BadRefreshToken,),
)
def refresh(call: Call[Refresh, Nothing]) -> TokensView:
    """New tokens for a refresh token, which is spent by it; a spent one that comes back revokes its whole family."""
    with db.transaction(role=Role.SIGN_IN) as session:
        result = service.refresh(session, call.body.refresh_token, address=call.request.address, now=call.now)
    if isinstance(result, BadRefreshToken):
        raise result
    return _tokens(result)


@routes.serve(
    "POST",
    "/api/auth/logout",
    body=Logout,
    status=204,
    is_body_optional=True,
    keeps_answer=False,
    serves_restricted=True,
)
def logout(call: Call[Logout, Nothing]) -> Answer:
    """End this sign-in at once, access token and refresh token both."""
    service.sign_out(call.session, call.organization_id, call.caller.sign_in_id, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    "/api/auth/change-password",
    body=PasswordChange,
    status=204,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(PasswordWeak, WrongPassword, PasswordReused, PasswordMoved, SignInUnavailable),
)
def change_password(call: Call[PasswordChange, Nothing]) -> Answer:
    """Take a new password; every other sign-in of one's own ends, and this one stays."""
    service.change_password(
        call.organization_id,
        call.caller.sign_in_id,
        call.body.current_password,
        call.body.new_password,
        address=call.request.address,
        actor=call.actor,
        now=call.now,
    )
    return no_content()


@routes.serve("GET", "/api/users/me/sign-ins", query=PageQuery, answer=Page[SignInView])
def list_my_sign_ins(call: Call[Nothing, PageQuery]) -> Page[SignInView]:
    """Where one is signed in at present, newest first."""
    query = repository.standing(call.organization_id, call.caller.user_id, call.now)

    def seen(row: Any) -> SignInView:
        is_current = row.id == call.caller.sign_in_id
        return SignInView(id=row.id, created_at=row.created_at, expires_at=row.expires_at, is_current=is_current)

    return page(call.session, query, Order.by_id(SignIn.id), call.query, SignInView, read=seen)


@routes.serve("DELETE", "/api/users/me/sign-ins/{sign_in_id}", status=204, refusals=(UnknownSignIn,))
def end_my_sign_in(call: Call[Nothing, Nothing]) -> Answer:
    """End one of one's own sign-ins, at once."""
    service.end_one_of_mine(call.session, call.organization_id, call.ids["sign_in_id"], actor=call.actor, now=call.now)
    return no_content()


@routes.serve("GET", "/api/users/me", answer=UserView, serves_restricted=True)
def get_me(call: Call[Nothing, Nothing]) -> Answer:
    """Who is signed in."""
    user = service.get_user(call.session, call.organization_id, call.caller.user_id)
    return versioned(UserView.model_validate(user), user.version)


@routes.serve("PATCH", "/api/users/me", body=ProfileChange, answer=UserView)
def change_me(call: Call[ProfileChange, Nothing]) -> Answer:
    """Change one's own profile."""
    user = service.get_user(call.session, call.organization_id, call.caller.user_id, lock=True)
    call.check_fresh(user.version)
    service.rename(call.session, user, call.body.name, actor=call.actor, now=call.now)
    return versioned(UserView.model_validate(user), user.version)


def _tokens(signed_in: SignedIn) -> TokensView:
    return TokensView(
        access_token=signed_in.access_token,
        expires_in=signed_in.expires_in,
        refresh_token=signed_in.refresh_token,
        user=UserView.model_validate(signed_in.user),
    )
