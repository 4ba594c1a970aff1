"""A message as it goes over the wire (RFC 5322)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from chalicelib.outreach.errors import BadAddress
from chalicelib.outreach.material import one_line

# Bounces come back with the message's headers: this one says which message it was.
ID_HEADER = "X-RecruitPro-Outreach"
LINE_END = "\r\n"
PLAIN_NAME = re.compile(r"[A-Za-z0-9' -]{1,60}")
PLAIN_SUBJECT = re.compile(r"(?!.*=\?)[ -~]{1,60}")


class Wire(EmailPolicy):
    """Mail in seven bits a byte, which pass through every relay as they are.

    Subjects and names are written as encoded words by `Header`: the folding of EmailPolicy adds and loses spaces in
    them, differently from one Python to the next, and before 3.12.5 it let an encoded line end through as a real one.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A subject is kept as it is: parsed, what looks like an encoded word in it would be taken for one."""
        if name != "Subject":
            return super().header_store_parse(name, value)
        if len(value.splitlines()) > 1:
            raise ValueError("a subject is one line")
        return name, value

    def fold(self, name: str, value: Any) -> str:
        """The header as it is sent, line end included."""
        if name == "Subject":
            return f"{name}: {_encoded(value, PLAIN_SUBJECT, name)}{LINE_END}"
        if not hasattr(value, "addresses"):
            folded: str = super().fold(name, value)
            return folded
        [person] = value.addresses
        shown = one_line(person.display_name)
        called = f"{_encoded(shown, PLAIN_NAME, name)}{LINE_END} " if shown else ""
        return f"{name}: {called}<{person.addr_spec}>{LINE_END}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header's bytes."""
        return self.fold(name, value).encode("ascii")


def _encoded(text: str, plain: re.Pattern[str], name: str) -> str:
    return text if plain.fullmatch(text) else Header(text, "utf-8", header_name=name).encode(linesep=LINE_END)


WIRE = Wire(linesep=LINE_END, cte_type="7bit")


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
