"""Names that users chose stand in mails as names, and never as a header, a link or another line."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.mail_form import NotAnAddress
from chalicelib.notices.models import NoticeKind
from chalicelib.notices.writing import LONGEST_NAME, Note, in_words, shown, writer_of

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def received(note: Note) -> EmailMessage:
    raw = note.as_message(UUID(int=7), sender_address="hello@recruitpro.example", now=NOON).as_bytes()
    assert raw.isascii()
    return message_from_bytes(raw, _class=EmailMessage, policy=policy.default)


@pytest.mark.parametrize(
    ("name", "stands_as"),
    [
        ("Zoë Ångström-O’Neill, PhD", "Zoë Ångström-O’Neill, PhD"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("Harbour & Lane (UK)", "Harbour & Lane (UK)"),
        ("山田 太郎", "山田 太郎"),
        ("Ada\r\nBcc: victim@example.com", "Ada Bcc victim example. com"),
        ("Ada\u2028Bcc: x", "Ada Bcc x"),
        ("Click https://evil.example/x?y=1#z", "Click https evil. example x y 1 z"),
        ("www.evil.example", "www. evil. example"),
        ("evil。example", "evil example"),
        ("evil\uff0eexample", "evil. example"),
        ("a\u202egnp.exe", "agnp. exe"),
        ("e\u200bvil", "evil"),
        ("<b>Ada</b> [x](y) `z` _w_", "b Ada b x (y) z w"),
        ("x" * 200, "x" * LONGEST_NAME),
        ("{link}", "link"),
        ("", ""),
    ],
)
def test_a_name_stands_in_a_mail_as_a_name(name: str, stands_as: str) -> None:
    assert shown(name) == stands_as


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
@example("Ada\r\nBcc: victim@example.com", "\r\n\r\nNew body")
@example('"Ada" <a@b.example>,', "=?utf-8?q?=0D=0ABcc:_x?=")
def test_no_name_becomes_a_header_or_another_recipient(name: str, said: str) -> None:
    message = received(Note(name, "grace@navy.example", "You are invited", f"Hello {shown(said)},\n"))

    assert {header.lower() for header in message} == {
        "from",
        "to",
        "subject",
        "date",
        "auto-submitted",
        "x-recruitpro-notice",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
    }
    assert [each.addr_spec for each in message["To"].addresses] == ["grace@navy.example"]
    assert len(message.get_content().splitlines()) == 1


@pytest.mark.parametrize(
    "address", ["grace@navy.example\r\nBcc: x@y.example", "grace", "grace@", "gr ace@navy.example"]
)
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    with pytest.raises(NotAnAddress):
        received(Note("Grace", address, "You are invited", "Hello\n"))


def test_a_note_does_not_show_its_link() -> None:
    assert "secret" not in repr(Note("Grace", "grace@navy.example", "You are invited", "secret"))


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_its_writer(kind: NoticeKind) -> None:
    assert callable(writer_of(kind))


def test_a_moment_is_said_in_words() -> None:
    assert in_words(NOON) == "3 November 2026, 12:00 UTC"
