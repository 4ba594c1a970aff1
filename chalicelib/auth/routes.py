"""HTTP for signing in and for one's own profile."""

from __future__ import annotations

import hashlib

from chalicelib import db
from chalicelib.auth import service
from chalicelib.auth.errors import BadCredentials, BadRefreshToken, EmailTaken, RegistrationClosed
from chalicelib.auth.passwords import PasswordWeak
from chalicelib.auth.schemas import (
    Login,
    Logout,
    ProfileChange,
    Refresh,
    Registration,
    RegistrationView,
    TokensView,
    UserView,
)
from chalicelib.auth.service import SignedIn
from chalicelib.db import Role
from chalicelib.http.admission import Access, limit_sign_ins
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.routes import Call, Nothing, Routes

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
        call.session, **call.body.model_dump(), request_id=call.request.id, now=call.now
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
    refusals=(BadCredentials,),
)
def login(call: Call[Login, Nothing]) -> TokensView:
    """Sign in with email and password; tokens and the user."""
    account_name = hashlib.sha256(call.body.email.encode()).hexdigest()
    limit_sign_ins(call.request.address, account_name)
    account = service.find_account(call.body.email)
    return _tokens(service.sign_in(account, call.body.password, request_id=call.request.id, now=call.now))


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
        result = service.refresh(session, call.body.refresh_token, now=call.now)
    if isinstance(result, BadRefreshToken):
        raise result
    return _tokens(result)


@routes.serve("POST", "/api/auth/logout", body=Logout, status=204, is_body_optional=True, keeps_answer=False)
def logout(call: Call[Logout, Nothing]) -> Answer:
    """End this sign-in at once, access token and refresh token both."""
    service.sign_out(call.session, call.organization_id, call.caller.sign_in_id, actor=call.actor, now=call.now)
    return no_content()


@routes.serve("GET", "/api/users/me", answer=UserView)
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
