"""HTTP for invitations, as the admin sees them."""

from __future__ import annotations

from typing import Any

from chalicelib.errors import TooManyRequests
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, PageQuery, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.users import invitations, links, repository
from chalicelib.users.errors import AlreadyInvited, AlreadyMember, InvitationNotFound
from chalicelib.users.models import Invitation
from chalicelib.users.schemas import InvitationSent, InvitationView, NewInvitation

routes = Routes(__name__, tag="users")
ALL, ONE = "/api/invitations", "/api/invitations/{invitation_id}"


@routes.serve(
    "POST",
    "/api/users",
    access=Access.ADMIN,
    body=NewInvitation,
    answer=InvitationSent,
    status=201,
    # A link that is shown is not to be kept.
    keeps_answer=False,
    refusals=(AlreadyMember, AlreadyInvited, TooManyRequests),
)
def invite_user(call: Call[NewInvitation, Nothing]) -> Answer:
    """Invite somebody by a one-time link, which goes by mail; there is a user once they have chosen a password. Whether
    the address has an account with another organization is not told."""
    wish = call.body
    invitation, token = invitations.invite(
        call.session,
        call.organization_id,
        email=wish.email,
        name=wish.name,
        role=wish.role,
        actor=call.actor,
        now=call.now,
    )
    return created(_sent(invitation, token), f"{ALL}/{invitation.id}", version=invitation.version)


@routes.serve("GET", ALL, access=Access.ADMIN, query=PageQuery, answer=Page[InvitationView])
def list_invitations(call: Call[Nothing, PageQuery]) -> Page[InvitationView]:
    """Invitations that were neither accepted nor revoked, newest first; those that have expired can be sent again."""
    query = repository.open_invitations(call.organization_id)
    return page(call.session, query, Order.by_id(Invitation.id), call.query, InvitationView)


@routes.serve("GET", ONE, access=Access.ADMIN, answer=InvitationView, refusals=(InvitationNotFound,))
def get_invitation(call: Call[Nothing, Nothing]) -> Answer:
    """One open invitation."""
    query = repository.open_invitations(call.organization_id).where(Invitation.id == call.ids["invitation_id"])
    row = call.session.execute(query).first()
    if row is None:
        raise InvitationNotFound("there is no such open invitation")
    return versioned(InvitationView.model_validate(row), row.version)


@routes.serve("DELETE", ONE, access=Access.ADMIN, status=204, refusals=(InvitationNotFound,))
def revoke_invitation(call: Call[Nothing, Nothing]) -> Answer:
    """Take an invitation back: its link opens nothing from now on."""
    invitation = invitations.get(call.session, call.organization_id, call.ids["invitation_id"])
    call.check_fresh(invitation.version)
    invitations.revoke(call.session, invitation, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    f"{ONE}/resend",
    access=Access.ADMIN,
    answer=InvitationSent,
    keeps_answer=False,
    refusals=(InvitationNotFound, TooManyRequests),
)
def resend_invitation(call: Call[Nothing, Nothing]) -> Answer:
    """Send an invitation again, with a new link; the one before opens nothing any more."""
    invitation = invitations.get(call.session, call.organization_id, call.ids["invitation_id"])
    call.check_fresh(invitation.version)
    token = invitations.send_again(call.session, invitation, actor=call.actor, now=call.now)
    return versioned(_sent(invitation, token), invitation.version)


def _sent(invitation: Invitation, token: str | None) -> InvitationSent:
    shown: dict[str, Any] = {
        name: getattr(invitation, name) for name in InvitationView.model_fields if name != "mail_status"
    }
    if token is None:
        return InvitationSent(**shown, mail_status="queued", delivery="mail", token=None, link=None)
    link = links.link_to(links.ACCEPT_INVITATION, token)
    return InvitationSent(**shown, mail_status=None, delivery="shown", token=token, link=link)
