"""A mail as it goes over the wire (RFC 5322), whoever writes it."""

from __future__ import annotations

import re
import unicodedata
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

LINE_END = "\r\n"
PLAIN_NAME = re.compile(r"[A-Za-z0-9' -]{1,60}")
PLAIN_SUBJECT = re.compile(r"(?!.*=\?)[ -~]{1,60}")
# Bounces come back with the message's headers: these say which message it was, to SES as a tag of the same meaning.
OUTREACH_HEADER = "X-RecruitPro-Outreach"
NOTICE_HEADER = "X-RecruitPro-Notice"
TRACE_HEADER = "X-RecruitPro-Trace"
TAGS = {OUTREACH_HEADER: "outreach_id", NOTICE_HEADER: "notice_id", TRACE_HEADER: "trace_id"}


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


class NotAnAddress(ValueError):
    """Mail cannot be sent there."""


def person(name: str, address: str) -> Address:
    """Somebody in a header; raises NotAnAddress for what is no address that mail can be sent to."""
    local, _, domain = address.rpartition("@")
    if not local.isascii() or any(character.isspace() for character in address):
        raise NotAnAddress(address)
    try:
        # A domain has a spelling in ASCII, the part before the @ has none that every server takes.
        ascii_domain = domain.encode("idna").decode("ascii")
        return Address(one_line(name), addr_spec=f"{local}@{ascii_domain}")
    except (ValueError, IndexError, MessageError) as error:
        raise NotAnAddress(address) from error


def one_line(text: str) -> str:
    """`text` without control characters and line ends, its spaces single: fit for a header and for a sentence."""
    plain = "".join(" " if is_control(character) else character for character in text)
    return " ".join(plain.split())


def is_control(character: str) -> bool:
    """Whether the character ends a line, steers a device, or is no character at all."""
    return unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}
