"""The mail that carries an invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth import repository as accounts
from chalicelib.auth.models import Organization
from chalicelib.db import Role
from chalicelib.notices.errors import NoticeObsolete
from chalicelib.notices.models import Notice, NoticeKind
from chalicelib.notices.writing import Note, in_words, shown
from chalicelib.users import links, repository
from chalicelib.users.models import Invitation

SUBJECT = "You are invited to RecruitPro"
INVITED = """\
Hello {name},

{inviter} ({organization}) invites you to RecruitPro, as {role}. Choose your password here:

{link}

The link works once, until {until}.

If you do not know who invites you, do nothing: there is no account without you.
"""
HAS_ACCOUNT = """\
Hello {name},

{inviter} ({organization}) invites you to RecruitPro, as {role}. This address has an account already, and an address
belongs to one account: to join, ask for an invitation to another address of yours. Whoever invites you has not been
told of your account, and nothing about it has changed.
"""
ROLES = {"viewer": "a viewer", "recruiter": "a recruiter", "admin": "an admin"}


def write(session: Session, notice: Notice, now: datetime) -> Note:
    """The mail of an open invitation. Its link is made here, and its hash alone is kept; there is none for an address
    that has an account. Raises NoticeObsolete when it was revoked, used, sent anew, or has expired."""
    invitation = repository.find_invitation_of_notice(session, notice.organization_id, notice.id)
    if invitation is None or invitation.expires_at <= now:
        raise NoticeObsolete("this invitation is not open any more")
    inviter = accounts.find_user(session, notice.organization_id, invitation.invited_by)
    assert inviter is not None
    words = {
        "name": shown(invitation.name),
        "inviter": shown(inviter.name),
        "organization": shown(session.get_one(Organization, notice.organization_id).name),
        "role": ROLES[invitation.role],
        "until": in_words(invitation.expires_at),
    }
    if _has_account(session, invitation):
        invitation.token_hash = None
        return Note(invitation.name, invitation.email, SUBJECT, HAS_ACCOUNT.format(**words))
    token = links.new_token()
    invitation.token_hash = links.hash_of(token)
    link = links.link_to(links.ACCEPT_INVITATION, token)
    if link is None:
        raise NoticeObsolete("this installation has no frontend that a link could lead to")
    return Note(invitation.name, invitation.email, SUBJECT, INVITED.format(link=link, **words))


def _has_account(session: Session, invitation: Invitation) -> bool:
    """Whether the address has an account in any organization, which this one's rights alone do not tell."""
    session.flush()
    db.act_for(session, invitation.organization_id, Role.SIGN_IN)
    account = accounts.find_user_by_email(session, invitation.email)
    db.act_for(session, invitation.organization_id)
    return account is not None


WRITERS = {NoticeKind.INVITATION: write}
