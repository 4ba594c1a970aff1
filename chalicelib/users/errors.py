"""What can go wrong with users, invitations and links to set a new password."""

from __future__ import annotations

from uuid import UUID

from chalicelib.errors import BadRequest, Conflict, NotFound


class UserNotFound(NotFound):
    """No such user in this organization."""

    code = "user_not_found"


class LastAdmin(Conflict):
    """Somebody has to be able to manage the organization."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("this is the last active admin; make somebody else an admin first")


class AlreadyMember(Conflict):
    """The organization has a user with this address."""

    code = "already_member"

    def __init__(self, user_id: UUID, *, is_active: bool) -> None:
        hint = "" if is_active else ", who is disabled and can be enabled again"
        super().__init__(f"there is a user with this address in your organization{hint}", user_id=str(user_id))


class AlreadyInvited(Conflict):
    """An invitation to this address is open."""

    code = "already_invited"

    def __init__(self) -> None:
        super().__init__("there is an open invitation to this address; send it again, or revoke it")


class InvitationNotFound(NotFound):
    """No such open invitation in this organization."""

    code = "invitation_not_found"


class BadInvitation(BadRequest):
    """Unknown, spent, revoked, expired, or of an address that has an account by now: the same words for all of them."""

    code = "bad_invitation"

    def __init__(self) -> None:
        super().__init__("this invitation is not valid; ask for a new one")


class BadResetLink(BadRequest):
    """Unknown, spent, revoked or expired, or the password has changed since: the same words for all of them."""

    code = "bad_reset_link"

    def __init__(self) -> None:
        super().__init__("this link is not valid; ask for a new one")
