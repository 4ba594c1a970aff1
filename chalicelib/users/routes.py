"""HTTP for the users of an organization."""

from __future__ import annotations

from chalicelib.auth.models import User
from chalicelib.auth.schemas import UserView
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.users import repository, service
from chalicelib.users.errors import LastAdmin, UserNotFound
from chalicelib.users.schemas import UserChange, UserQuery

routes = Routes(__name__, tag="users")
ONE = "/api/users/{user_id}"


@routes.serve("GET", "/api/users", access=Access.ADMIN, query=UserQuery, answer=Page[UserView])
def list_users(call: Call[Nothing, UserQuery]) -> Page[UserView]:
    """The users of the organization, newest first. Who is invited and has not come yet is among the invitations."""
    wish = call.query
    query = repository.matching(call.organization_id, text=wish.q, role=wish.role, is_active=wish.is_active)
    return page(call.session, query, Order.by_id(User.id), wish, UserView)


@routes.serve("GET", ONE, access=Access.ADMIN, answer=UserView, refusals=(UserNotFound,))
def get_user(call: Call[Nothing, Nothing]) -> Answer:
    """One user."""
    user = service.get(call.session, call.organization_id, call.ids["user_id"])
    return versioned(UserView.model_validate(user), user.version)


@routes.serve("PATCH", ONE, access=Access.ADMIN, body=UserChange, answer=UserView, refusals=(UserNotFound, LastAdmin))
def change_user(call: Call[UserChange, Nothing]) -> Answer:
    """Change what is given. Another role and disabling hold at once: all sign-ins of the user end."""
    user = service.take(call.session, call.organization_id, call.ids["user_id"])
    call.check_fresh(user.version)
    service.change(call.session, user, call.body.given(), actor=call.actor, now=call.now)
    return versioned(UserView.model_validate(user), user.version)


@routes.serve("DELETE", f"{ONE}/sign-ins", access=Access.ADMIN, status=204, refusals=(UserNotFound,))
def end_sign_ins_of_user(call: Call[Nothing, Nothing]) -> Answer:
    """End every sign-in of a user at once, for a lost device or stolen tokens. They may sign in again: to shut somebody
    out, disable them."""
    user = service.get(call.session, call.organization_id, call.ids["user_id"], lock=True)
    service.sign_out(call.session, user, actor=call.actor, now=call.now)
    return no_content()
