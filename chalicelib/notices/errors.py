"""What can go wrong with a notice. All of it is found by its job."""

from __future__ import annotations

from chalicelib.errors import Conflict, RecruitProError


class NoticeObsolete(Conflict):
    """What the notice was to say does not hold any more: it is not sent."""

    code = "notice_obsolete"


class NoticeUnconfirmed(RecruitProError):
    """The notice was handed over, and nobody knows whether it was taken."""

    code = "send_unconfirmed"

    def __init__(self) -> None:
        super().__init__("the mail may have been sent: the mail service's answer is not known")


class MailNotConfigured(Conflict):
    """The installation has no address to send from."""

    code = "mail_sender_not_configured"
