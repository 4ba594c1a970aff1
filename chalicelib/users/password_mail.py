"""The mails about somebody's password: the link to set a new one, and that it was changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from chalicelib.auth import repository as accounts
from chalicelib.auth.models import Organization, User
from chalicelib.notices.errors import NoticeObsolete
from chalicelib.notices.models import Notice, NoticeKind
from chalicelib.notices.writing import Note, in_words, shown
from chalicelib.users import links, repository

RESET_SUBJECT = "Your new RecruitPro password"
RESET = """\
Hello {name},

somebody, most likely you, has asked for a new password of your RecruitPro account. Set it here:

{link}

The link works once, until {until}. All sign-ins of before will end.

If it was not you, do nothing: your password stays as it is.
"""
CHANGED_SUBJECT = "Your RecruitPro password was changed"
CHANGED = """\
Hello {name},

the password of your RecruitPro account was changed on {when}, and all sign-ins of before have ended.

If it was not you, tell an admin of {organization} at once.
"""


def write_reset(session: Session, notice: Notice, now: datetime) -> Note:
    """The mail with a link, which is made here and of which the hash alone is kept. Raises NoticeObsolete when the link
    would not work any more."""
    reset = repository.find_reset_of_notice(session, notice.organization_id, notice.id)
    if reset is None or reset.expires_at <= now:
        raise NoticeObsolete("this link is not wanted any more")
    user = _recipient(session, notice)
    token = links.new_token()
    reset.token_hash = links.hash_of(token)
    link = links.link_to(links.RESET_PASSWORD, token)
    if link is None:
        raise NoticeObsolete("this installation has no frontend that a link could lead to")
    body = RESET.format(name=shown(user.name), link=link, until=in_words(reset.expires_at))
    return Note(user.name, user.email, RESET_SUBJECT, body)


def write_changed(session: Session, notice: Notice, _now: datetime) -> Note:
    """The mail that says that the password is another one."""
    user = _recipient(session, notice)
    organization = shown(session.get_one(Organization, notice.organization_id).name)
    body = CHANGED.format(name=shown(user.name), when=in_words(notice.created_at), organization=organization)
    return Note(user.name, user.email, CHANGED_SUBJECT, body)


def _recipient(session: Session, notice: Notice) -> User:
    assert notice.user_id is not None
    user = accounts.find_user(session, notice.organization_id, notice.user_id)
    if user is None or not user.is_active:
        raise NoticeObsolete("this account is not active")
    return user


WRITERS = {NoticeKind.PASSWORD_RESET: write_reset, NoticeKind.PASSWORD_CHANGED: write_changed}
