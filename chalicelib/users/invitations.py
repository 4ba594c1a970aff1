"""Inviting somebody into an organization.

An address belongs to one account over all organizations, and that it does is nobody else's business: an admin is
answered alike whether or not the address has an account elsewhere. Only its owner learns of it, by the mail, which has
no link then. Where no mail can be sent and the link is shown to the admin, it opens nothing, like one that has expired.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth import passwords
from chalicelib.auth.models import Organization, User, UserRole
from chalicelib.db import Role
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.notices import service as notices
from chalicelib.notices.models import NoticeKind
from chalicelib.settings import settings
from chalicelib.users import limits, links, repository
from chalicelib.users.errors import AlreadyInvited, AlreadyMember, BadInvitation, InvitationNotFound
from chalicelib.users.models import Invitation


def invite(
    session: Session, organization_id: UUID, *, email: str, name: str, role: UserRole, actor: Actor, now: datetime
) -> tuple[Invitation, str | None]:
    """Invite an address. The link goes by mail; where none can be sent, its token is answered, this once.

    Raises AlreadyMember, AlreadyInvited and TooManyRequests. An invitation that has expired makes room for a new one.
    """
    member = repository.find_by_email(session, organization_id, email)
    if member is not None:
        raise AlreadyMember(member.id, is_active=member.is_active)
    before = repository.find_invitation_to(session, organization_id, email)
    if before is not None:
        if before.expires_at > now:
            raise AlreadyInvited
        revoke(session, before, actor=actor, now=now)
        session.flush()
    assert actor.id is not None
    invitation = Invitation(
        id=new_id(),
        organization_id=organization_id,
        email=email,
        name=name,
        role=role.value,
        invited_by=actor.id,
        created_at=now,
        updated_at=now,
        expires_at=now,
        version=1,
    )
    token = _give_link(session, invitation, actor=actor, now=now)
    _add(session, invitation)
    after = {"email": email, "name": name, "role": role.value, "expires_at": invitation.expires_at}
    events.record(session, "invitation_created", invitation.about, actor=actor, now=now, after=after)
    return invitation, token


def _add(session: Session, invitation: Invitation) -> None:
    session.add(invitation)
    try:
        session.flush()
    except IntegrityError as error:
        if db.constraint_of(error) != "invitations_open":
            raise
        raise AlreadyInvited from error


def _give_link(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> str | None:
    """Let a new link be made and the one before be worth nothing; the token, where no mail can carry it."""
    limits.check(session, f"invitations:{invitation.organization_id}", settings().rate_limit_invitations)
    invitation.expires_at = now + timedelta(hours=settings().invitation_hours)
    invitation.token_hash = invitation.notice_id = None
    if notices.can_send_links():
        invitation.notice_id = notices.ask(session, NoticeKind.INVITATION, actor=actor, now=now).id
        return None
    token = links.new_token()
    invitation.token_hash = links.hash_of(token)
    return token


def get(session: Session, organization_id: UUID, invitation_id: UUID) -> Invitation:
    """An open invitation, locked; raises InvitationNotFound."""
    invitation = repository.find_invitation(session, organization_id, invitation_id)
    if invitation is None:
        raise InvitationNotFound("there is no such open invitation")
    return invitation


def send_again(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> str | None:
    """Send an open invitation (locked) with a new link, which works as long as the first one did; that one does not
    work any more. The token is answered where no mail can carry it. Raises TooManyRequests."""
    before = {"expires_at": invitation.expires_at}
    token = _give_link(session, invitation, actor=actor, now=now)
    invitation.updated_at, invitation.version = now, invitation.version + 1
    after = {"expires_at": invitation.expires_at}
    events.record(session, "invitation_sent_again", invitation.about, actor=actor, now=now, before=before, after=after)
    return token


def revoke(session: Session, invitation: Invitation, *, actor: Actor, now: datetime) -> None:
    """Take an open invitation (locked) back: its link opens nothing from now on."""
    events.change(
        session, invitation, {"revoked_at": now}, "invitation_revoked", invitation.about, actor=actor, now=now
    )


def accept(
    token: str,
    *,
    name: str | None,
    password: str,
    request_id: str | None,
    now: datetime,
    address: str | None = None,
) -> User:
    """Become a user by an invitation's link. Raises BadInvitation and PasswordWeak, after which the link still works.

    Opens its own transactions: hashing a password takes its time.
    """
    with db.transaction(role=Role.SIGN_IN) as session:
        found = repository.find_invitation_by_token(session, links.hash_of(token), now)
        if found is None:
            raise BadInvitation
        organization = session.get_one(Organization, found.organization_id)
    name = name or found.name
    passwords.check_strength(password, name=name, email=found.email, organization=organization.name)
    password_hash = passwords.hash_password(password)
    with db.transaction(found.organization_id) as session:
        invitation = repository.find_invitation(session, found.organization_id, found.id)
        if invitation is None or invitation.token_hash != found.token_hash:
            raise BadInvitation
        actor = Actor("user", new_id(), request_id, address)
        return _join(session, invitation, name, password_hash, actor=actor, now=now)


def _join(
    session: Session, invitation: Invitation, name: str, password_hash: str, *, actor: Actor, now: datetime
) -> User:
    """The invited as a user: `actor` is already who they are from now on."""
    assert actor.id is not None
    user = User(
        id=actor.id,
        organization_id=invitation.organization_id,
        email=invitation.email,
        name=name,
        role=invitation.role,
        password_hash=password_hash,
        is_active=True,
        created_at=now,
        updated_at=now,
        version=1,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        if db.constraint_of(error) != "users_email":
            raise
        raise BadInvitation from error
    values = {"used_at": now, "user_id": user.id}
    events.change(session, invitation, values, "invitation_accepted", invitation.about, actor=actor, now=now)
    after = {"name": name, "email": user.email, "role": user.role, "invited_by": invitation.invited_by}
    events.record(session, "user_created", Subject("user", user.id), actor=actor, now=now, after=after)
    return user
