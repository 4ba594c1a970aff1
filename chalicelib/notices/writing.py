"""What a notice says, and the mail that it becomes.

Each kind is written by the room that knows what it is about, in the moment in which it is sent: a link exists from
then on in the mail alone. Names come from users, and may be made to look like a link or another line: `shown` is how
they stand in a mail.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from importlib import import_module
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.mail_form import NOTICE_HEADER, WIRE, one_line, person
from chalicelib.notices.models import Notice, NoticeKind

SENDER_NAME = "RecruitPro"
LONGEST_NAME = 60
# Letters, digits, marks and what stands between them in names; nothing that a mail reader takes for an address.
KEPT = re.compile(r"[^\w\s.,'’&()+-]|_")
DOT_INSIDE = re.compile(r"\.(?=\w)")
# Each module holds a table WRITERS: kind -> Writer.
WRITTEN_IN: Mapping[NoticeKind, str] = {
    NoticeKind.INVITATION: "chalicelib.users.invitation_mail",
    NoticeKind.PASSWORD_RESET: "chalicelib.users.password_mail",
    NoticeKind.PASSWORD_CHANGED: "chalicelib.users.password_mail",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A mail's words. `body` may hold a link that is a secret: it does not show when a note is printed."""

    to_name: str
    to_address: str
    subject: str
    body: str = field(repr=False)

    def as_message(self, notice_id: UUID, *, sender_address: str, now: datetime) -> EmailMessage:
        """The mail; raises NotAnAddress for what mail cannot be sent to."""
        message = EmailMessage(policy=WIRE)
        message["From"] = person(SENDER_NAME, sender_address)
        message["To"] = person(shown(self.to_name), self.to_address)
        message["Subject"] = self.subject
        message["Date"] = format_datetime(now)
        # Whoever is away does not answer it (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message[NOTICE_HEADER] = str(notice_id)
        message.set_content(self.body)
        return message


# Writes a notice, in the transaction that notes it as handed over. Raises NoticeObsolete when it is not to be sent.
Writer = Callable[[Session, Notice, datetime], Note]


def writer_of(kind: NoticeKind) -> Writer:
    """Who writes notices of a kind."""
    table: Mapping[NoticeKind, Writer] = import_module(WRITTEN_IN[kind]).WRITERS
    return table[kind]


def shown(name: str) -> str:
    """A name that somebody chose, fit to stand in a mail: one line of 60 characters at most, without anything that
    reads as an address or turns the direction of the text."""
    composed = unicodedata.normalize("NFKC", name)
    visible = "".join(character for character in composed if unicodedata.category(character) != "Cf")
    plain = DOT_INSIDE.sub(". ", KEPT.sub(" ", one_line(visible)))
    return one_line(plain)[:LONGEST_NAME].rstrip()


def in_words(moment: datetime) -> str:
    """A moment as a mail names it: 3 November 2026, 12:00 UTC."""
    there = moment.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M} UTC"
