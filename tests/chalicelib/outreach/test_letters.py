"""Mail as it goes over the wire: readable by any reader, and closed to whoever would slip a header in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.mail_form import OUTREACH_HEADER, one_line
from chalicelib.outreach.errors import BadAddress
from chalicelib.outreach.letters import Letter

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
LETTER = Letter(
    outreach_id=UUID(int=7),
    subject="Ingénieure principale chez Søn – 95 000 €",
    body="Guten Tag Zoë Ångström,\n\n„Grüße“ aus Zürich.\n" + "lang " * 300,
    to_name="Zoë Ångström, PhD",
    to_address="zoe@example.org",
    sender_name='Ada "The Countess" Lovelace',
    sender_address="hello@recruitpro.example",
    reply_address="ada@agency.example",
)


def received(letter: Letter) -> EmailMessage:
    raw = letter.as_message(NOON).as_bytes()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return message_from_bytes(raw, _class=EmailMessage, policy=policy.default)


def test_what_is_sent_is_what_is_received() -> None:
    message = received(LETTER)

    assert message["Subject"] == LETTER.subject
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == LETTER.body
    assert message.get_content_type() == "text/plain"
    [to], [sender], [reply] = (message[name].addresses for name in ("To", "From", "Reply-To"))
    assert (to.display_name, to.addr_spec) == (LETTER.to_name, LETTER.to_address)
    assert (sender.display_name, sender.addr_spec) == (LETTER.sender_name, LETTER.sender_address)
    assert reply.addr_spec == LETTER.reply_address
    assert message[OUTREACH_HEADER] == str(LETTER.outreach_id)
    assert message["Date"].datetime == NOON


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert LETTER.as_message(NOON).as_bytes() == LETTER.as_message(NOON).as_bytes()


ENDS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", ENDS)
def test_a_subject_of_several_lines_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        replace(LETTER, subject=f"Hello{end}Bcc: all@example.org").as_message(NOON)


# Before Python 3.12.5 the library itself decoded such a word and sent its line end as a real one.
SMUGGLED = "=?utf-8?q?Hello=0D=0ABcc:_all@example.org?="


def test_a_line_end_in_an_encoded_word_stays_in_it() -> None:
    message = received(replace(LETTER, subject=SMUGGLED, to_name=SMUGGLED, sender_name=SMUGGLED))

    assert {name.lower() for name in message} == {name.lower() for name in received(LETTER)}
    assert message["Subject"] == SMUGGLED
    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@example.org"]


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=200)


@settings(max_examples=200, deadline=None)
@given(words.map(str.strip).filter(bool), words.map(one_line).filter(bool))
@example("Ingénieure " * 30 + "fin", "Ångström " * 20 + "x")
@example("Ingénieure principale chez Søn – 95 000 €", "Zoë Ångström")
@example("  two  spaces".strip(), 'Ada "The Countess", <Lovelace>')
def test_whatever_a_subject_or_a_name_holds_it_arrives_as_it_left(subject: str, name: str) -> None:
    raw = replace(LETTER, subject=subject, to_name=name).as_message(NOON).as_bytes()

    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))
    headers = message_from_bytes(raw)  # an old reader: each header as it stands on the wire
    assert str(make_header(decode_header(headers["Subject"]))) == subject
    shown = str(make_header(decode_header(headers["To"].replace("\r\n", ""))))
    assert shown == f"{name} <zoe@example.org>"


@pytest.mark.parametrize("end", ENDS)
def test_a_name_of_several_lines_adds_no_header(end: str) -> None:
    message = received(replace(LETTER, to_name=f"Zoë{end}Bcc: all@example.org", sender_name=f"Ada{end}Cc: x@y.example"))

    assert {name.lower() for name in message} == {name.lower() for name in received(LETTER)}
    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoe",
        "zoe@",
        "@example.org",
        "zoe @example.org",
        "zoe@ex ample.org",
        "zoe@example.org, all@example.org",
        "zoe@example.org\r\nBcc: all@example.org",
        "<zoe@example.org>",
        "zoé@example.org",
        f"zoe@{'a' * 64}.org",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        replace(LETTER, to_address=address).as_message(NOON)


def test_a_domain_of_other_letters_is_written_as_the_net_writes_it() -> None:
    [to] = received(replace(LETTER, to_address="zoe@zürich.example"))["To"].addresses
    assert to.addr_spec == "zoe@xn--zrich-kva.example"
