"""A message as it goes over the wire (RFC 5322)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from chalicelib.outreach.errors import BadAddress
from chalicelib.outreach.material import one_line

# Bounces come back with the message's headers: this one says which message it was.
ID_HEADER = "X-RecruitPro-Outreach"
# Seven bits a byte pass through every relay as they are.
WIRE = SMTP.clone(cte_type="7bit")


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
        message[ID_HEADER] = str(self.outreach_id)
        message.set_content(self.body)
        return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    try:
        # A domain has a spelling in ASCII, the part before the @ has none that every server takes.
        ascii_domain = domain.encode("idna").decode("ascii")
        if not local.isascii() or not ascii_domain or any(character.isspace() for character in address):
            raise ValueError(address)
        return Address(one_line(name), addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError, MessageError):
        raise BadAddress("mail cannot be sent to this email address; correct it first") from None
