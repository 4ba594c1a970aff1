"""What can go wrong with messages to candidates."""

from __future__ import annotations

from chalicelib.errors import Conflict, NotFound, RecruitProError


class OutreachNotFound(NotFound):
    """No such message in this organization."""

    code = "outreach_not_found"


class NotADraft(Conflict):
    """The message is not a draft (any more)."""

    code = "outreach_not_a_draft"


class NotSendable(Conflict):
    """The message is being written or sent, or was sent."""

    code = "outreach_not_sendable"


class NoApplication(Conflict):
    """A rejection needs an application."""

    code = "no_application"


class ApplicationClosed(Conflict):
    """Who was rejected or stepped back is not written to about the same position."""

    code = "application_closed"


class PositionNotOffered(Conflict):
    """The position is closed or deleted: nobody is to be won for it."""

    code = "position_not_offered"


class CandidateGone(Conflict):
    """The candidate was deleted."""

    code = "candidate_deleted"


class NoEmail(Conflict):
    """The candidate has no email address."""

    code = "no_email"


class BadAddress(Conflict):
    """The candidate's email address is none that mail can be sent to."""

    code = "bad_address"


class SenderNotConfigured(Conflict):
    """The installation has no address to send from."""

    code = "mail_sender_not_configured"


class ConfirmationNeeded(Conflict):
    """A person has to say that they mean it; `reasons` says why: `unconfirmed`, `not_rejected`."""

    code = "confirmation_needed"

    def __init__(self, reasons: dict[str, str]) -> None:
        told = "; ".join(reasons.values())
        super().__init__(f"{told}. Send it with confirm: true if it is to go out all the same.", reasons=list(reasons))


class InventedClaim(RecruitProError):
    """The writer said something that no fact proves; nothing of it is kept."""

    code = "invented_claim"


class SendUnconfirmed(RecruitProError):
    """The message was handed over, and nobody knows whether it was taken."""

    code = "send_unconfirmed"

    def __init__(self) -> None:
        super().__init__("the message may have been sent: the mail service's answer is not known. Look before sending")
