"""A message to a candidate as a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from chalicelib.mail_form import OUTREACH_HEADER, WIRE, NotAnAddress, person
from chalicelib.outreach.errors import BadAddress


@dataclass(frozen=True, slots=True)
class Letter:
    """All that goes into one mail. `sender_address` is the installation's own, replies go to the person who sends."""

    outreach_id: UUID
    subject: str
    body: str
    to_name: str
    to_address: str
    sender_name: str
    sender_address: str
    reply_address: str

    def as_message(self, now: datetime) -> EmailMessage:
        """The mail. Raises BadAddress for what is no address that mail can be sent to, and ValueError for a subject
        of several lines."""
        message = EmailMessage(policy=WIRE)
        message["From"] = _address(self.sender_name, self.sender_address)
        message["To"] = _address(self.to_name, self.to_address)
        message["Reply-To"] = _address(self.sender_name, self.reply_address)
        message["Subject"] = self.subject
        message["Date"] = format_datetime(now)
        message[OUTREACH_HEADER] = str(self.outreach_id)
        message.set_content(self.body)
        return message


def _address(name: str, address: str) -> Address:
    try:
        return person(name, address)
    except NotAnAddress:
        raise BadAddress("mail cannot be sent to this email address; correct it first") from None
