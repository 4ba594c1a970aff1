"""Who may be written to about what, checked when a draft is asked for and again before it is sent.

| who | standard, executive, technical, follow_up | rejection |
| --- | --- | --- |
| an active application, or none | yes | drafted; sent when the sender confirms that the application is not rejected |
| rejected | no: `application_closed` | yes |
| withdrawn | no: `application_closed` | no: `application_closed`, there is nothing left to turn down |
| no application | yes | no: `no_application` |
| position closed or deleted | no: `position_not_offered` | yes |
| candidate deleted | no | no |
| no email | drafted; not sent: `no_email` | the same |

Consent on file is not asked for: a first message is how a person comes to be asked for it. It is shown with the
candidate, and what an organization's own rules demand is the sender's to weigh.
"""

from __future__ import annotations

from chalicelib.applications.models import Application, ApplicationStatus
from chalicelib.outreach.errors import ApplicationClosed, ConfirmationNeeded, NoApplication, PositionNotOffered
from chalicelib.outreach.material import Template
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.positions.models import Position, PositionStatus

UNCONFIRMED = "this message may have reached the candidate already"
NOT_REJECTED = "this is a rejection, and the application is not rejected"


def check_occasion(template: str, application: Application | None, position: Position | None) -> None:
    """Raises NoApplication, ApplicationClosed or PositionNotOffered when there is no occasion for such a message.
    A deleted position is None."""
    is_rejection = template == Template.REJECTION
    if is_rejection and application is None:
        raise NoApplication("there is no application that could be turned down")
    if application is not None and application.status in _closed_to(is_rejection=is_rejection):
        raise ApplicationClosed(f"this application is {application.status}")
    if not is_rejection and (position is None or position.status == PositionStatus.CLOSED):
        raise PositionNotOffered("this position is closed or deleted")


def _closed_to(*, is_rejection: bool) -> set[str]:
    return {ApplicationStatus.WITHDRAWN} if is_rejection else {ApplicationStatus.WITHDRAWN, ApplicationStatus.REJECTED}


def check_confirmed(outreach: Outreach, application: Application | None, *, is_confirmed: bool) -> None:
    """Raises ConfirmationNeeded, naming every reason, when a person has to mean it and has not said so."""
    reasons = {}
    if outreach.status == OutreachStatus.UNCONFIRMED:
        reasons["unconfirmed"] = UNCONFIRMED
    if outreach.template == Template.REJECTION and application is not None and application.is_active:
        reasons["not_rejected"] = NOT_REJECTED
    if reasons and not is_confirmed:
        raise ConfirmationNeeded(reasons)
