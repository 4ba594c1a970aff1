"""Builder of a CSV file of nasty rows: the corners of RFC 4180 and of real exports, each with what has to become of it.

What is expected is known from how a row is built, never from reading it. A row that is accepted keeps its name.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

HEADER = ("name", "email", "phone", "summary", "skills")
MEGABYTE = 1_000_000
HUGE_EVERY = 90
"""Rows of a megabyte are rare, or the file would have hundreds."""


@dataclass(frozen=True, slots=True)
class NastyRow:
    """One row as written; `code` is why it has to be refused, None when it has to be accepted as `name`.

    A row that is None in both is blank and no row at all.
    """

    text: str
    name: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class NastyFile:
    """The file, and for each of its rows the line it starts on, in order."""

    content: bytes
    expected: tuple[tuple[int, NastyRow], ...]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _row(name: str, *, email: str = "", phone: str = "", summary: str = "", skills: str = "") -> str:
    return ",".join((name, email, phone, summary, skills))


def _accepted(written: str, name: str, **cells: str) -> Callable[[int], NastyRow]:
    return lambda number: NastyRow(_row(written.format(n=number), **cells), name.format(n=number))


def _refused(code: str, written: str, **cells: str) -> Callable[[int], NastyRow]:
    return lambda number: NastyRow(_row(written.format(n=number), **cells), None, code)


def _text(code: str | None, text: str, name: str | None = None) -> Callable[[int], NastyRow]:
    return lambda number: NastyRow(
        text.replace("{n}", str(number)), name.replace("{n}", str(number)) if name else None, code
    )


KINDS: tuple[Callable[[int], NastyRow], ...] = (
    _accepted("Plain Person {n}", "Plain Person {n}", email="plain@example.com"),
    _accepted('"Ada ""The Countess"" Lovelace {n}"', 'Ada "The Countess" Lovelace {n}'),
    _accepted('"Comma, Person {n}"', "Comma, Person {n}"),
    _accepted("Lines {n}", "Lines {n}", summary='"one\ntwo\n\nfour"'),
    _accepted("Windows Lines {n}", "Windows Lines {n}", summary='"one\r\ntwo, with ""quotes""\r\n"'),
    _accepted("Old Mac Lines {n}", "Old Mac Lines {n}", summary='"one\rtwo"'),
    _accepted('"Broken\nName {n}"', "Broken Name {n}"),
    _accepted("Inch {n}", "Inch {n}", summary='a 5" pipe and a 3" one'),
    _accepted('"Half" quoted {n}', "Half quoted {n}"),
    _accepted("Quotes {n}", "Quotes {n}", summary='""""""'),
    _accepted("=cmd|' /C calc'!A0 {n}", "=cmd|' /C calc'!A0 {n}", summary="@SUM(1+1)*cmd"),
    _accepted("+Formula {n}", "+Formula {n}", skills="=1+1;-2+3;@x"),
    _accepted("עדה לאבלייס {n}", "עדה לאבלייס {n}", summary="مهندسة برمجيات"),
    _accepted("علی‌رضا {n}", "علی‌رضا {n}"),
    _accepted("Zoë 👩🏽‍💻 {n}", "Zoë 👩🏽‍💻 {n}"),
    _accepted("  Space\t{n}  ", "Space {n}"),
    _accepted("Hidden\u202e Turn {n}", "Hidden Turn {n}"),
    _accepted("Long {n}", "Long {n}", summary="x" * 20_000),
    _accepted("Bell\x07 {n}", "Bell {n}"),
    _text(None, "Trailing {n},,,,,,,", "Trailing {n}"),
    _refused("too_long", "Too Long {n}", summary="x" * 20_001),
    _refused("too_long", "N" * 201),
    _refused("character_lost", "Nul\x00 {n}"),
    _refused("character_lost", "Nul {n}", summary='"in\x00\nquotes"'),
    _refused("character_lost", "Lost \ufffd {n}"),
    _refused("email_invalid", "Bad Address {n}", email="no.at.sign"),
    _refused("email_invalid", "Bad Address {n}", email="a@b@c.example"),
    _refused("hidden_character", "Spoof {n}", email="\u202emoc.elpmaxe@ada"),
    _refused("phone_invalid", "Bad Phone {n}", phone="call me"),
    _refused("too_many", "Too Many {n}", skills=";".join(f"s{number}" for number in range(201))),
    _refused("name_missing", "   ", email="somebody@example.com"),
    _refused("name_missing", '""', email="somebody@example.com"),
    _text("cells_missing", "Too Few {n},few@example.com"),
    _text("cells_missing", "Alone {n}"),
    _text("cells_too_many", "Too Many {n},,,,,one more"),
    _text(None, ""),
    _text(None, ",,,,"),
    _text(None, ' , ,"", '),
)
HUGE: tuple[Callable[[int], NastyRow], ...] = (
    _refused("cell_too_long", "Huge {n}", summary="y" * MEGABYTE),
    _refused("cell_too_long", "Huge Quoted {n}", summary='"' + 'say ""hello"", ' * (MEGABYTE // 15) + '"'),
    _refused("cell_too_long", "Huge Lines {n}", summary='"' + "line\n" * (MEGABYTE // 5) + '"'),
    _refused("row_too_long", "Over The Row {n}", summary='"' + "line\r\n" * (2 * MEGABYTE // 6) + '"'),
    _refused("row_too_long", "Over The Row {n}", summary="," * (2 * MEGABYTE)),
)


def nasty_file(rows: int = 1000, *, seed: int = 4180) -> NastyFile:
    """A file of `rows` nasty rows with LF, CR and CRLF in turn; the last one opens a quote that never closes."""
    draw = random.Random(seed)
    written, expected, line = [",".join(HEADER) + "\r\n"], [], 2
    for number in range(rows - 1):
        kinds = HUGE if number % HUGE_EVERY == HUGE_EVERY - 1 else KINDS
        row = draw.choice(kinds)(number) if number >= len(KINDS) else KINDS[number](number)
        end = draw.choice(("\n", "\r\n", "\r"))
        # A CR and the LF of a blank line after it would be one line end.
        if end == "\n" and not row.text and written[-1].endswith("\r"):
            end = "\r\n"
        written.append(row.text + end)
        expected.append((line, row))
        line += lines_in(row.text) + 1
    last = NastyRow('Unclosed,,,"to the end\nof the file, and', None, "quote_unclosed")
    return NastyFile("".join([*written, last.text]).encode(), (*expected, (line, last)))


def lines_in(text: str) -> int:
    """How many line ends a row's text holds, a CRLF being one."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")
