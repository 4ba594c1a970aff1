"""HTTP for whoever is not signed in and holds a link, or asks for one."""

from __future__ import annotations

from chalicelib.auth.errors import PasswordReused
from chalicelib.auth.passwords import PasswordWeak
from chalicelib.auth.schemas import UserView
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.users import invitations, resets
from chalicelib.users.errors import BadInvitation, BadResetLink
from chalicelib.users.schemas import Acceptance, Accepted, Forgotten, PasswordByLink

routes = Routes(__name__, tag="auth")


@routes.serve(
    "POST",
    "/api/auth/accept-invitation",
    access=Access.PUBLIC,
    body=Acceptance,
    answer=UserView,
    status=201,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(BadInvitation, PasswordWeak),
)
def accept_invitation(call: Call[Acceptance, Nothing]) -> Answer:
    """Become a user, by the link of an invitation; then sign in."""
    user = invitations.accept(
        call.body.token,
        name=call.body.name,
        password=call.body.password,
        request_id=call.request.id,
        address=call.request.address,
        now=call.now,
    )
    return created(UserView.model_validate(user), "/api/users/me")


@routes.serve(
    "POST",
    "/api/auth/forgot-password",
    access=Access.PUBLIC,
    body=Forgotten,
    answer=Accepted,
    status=202,
    opens_transaction=False,
    keeps_answer=False,
)
def forgot_password(call: Call[Forgotten, Nothing]) -> Accepted:
    """Ask for a link to set a new password. The answer is the same, after the same time, whether or not there is an
    account with this address."""
    resets.ask(call.body.email, address=call.request.address, request_id=call.request.id, now=call.now)
    return Accepted()


@routes.serve(
    "POST",
    "/api/auth/reset-password",
    access=Access.PUBLIC,
    body=PasswordByLink,
    status=204,
    opens_transaction=False,
    keeps_answer=False,
    refusals=(BadResetLink, PasswordWeak, PasswordReused),
)
def reset_password(call: Call[PasswordByLink, Nothing]) -> Answer:
    """Set a new password, by a link; every sign-in and every other such link of the user ends. Then sign in."""
    resets.reset(
        call.body.token,
        call.body.new_password,
        address=call.request.address,
        request_id=call.request.id,
        now=call.now,
    )
    return no_content()
