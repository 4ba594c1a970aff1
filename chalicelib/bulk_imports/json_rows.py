"""JSON objects of a file, one by one: an array of any length, one object a line, or a single object.

Where an object ends is found by its brackets and strings alone, so that each is read by itself: a faulty one is
reported at its line and the next is not lost, and memory is bounded by one object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from chalicelib.bulk_imports.rows import Problem, RawRow

OBJECT_MAX_CHARACTERS = 1024 * 1024
DEPTH_MAX = 32
_BROKEN, _TOO_LONG = "json_broken", "row_too_long"
# What leads up to the next mark: whole strings are passed over in one go. A quote is a mark when its string goes on in
# the next piece; a comma only where it separates values.
_WHOLE_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TO_BRACKET = re.compile(rf'(?:[^"{{}}\[\]]++|{_WHOLE_STRING})*+(["{{}}\[\]])', re.DOTALL)
_TO_SEPARATOR = re.compile(rf'(?:[^"{{}}\[\],]++|{_WHOLE_STRING})*+(["{{}}\[\],])', re.DOTALL)
_INSIDE_STRINGS = re.compile(r'["\\]')


def line_rows(pieces: Iterator[tuple[int, str]]) -> Iterator[RawRow]:
    """One object a line (JSONL); blank lines are no rows."""
    collected = _Collected()
    for number, piece in pieces:
        if collected.line != number:
            yield from collected.take()
        collected.add(number, piece)
    yield from collected.take()


def array_rows(pieces: Iterator[tuple[int, str]]) -> Iterator[RawRow]:
    """The objects of one array `[{...}, {...}]`, each with the line it starts on."""
    splitter = _Splitter(base=1)
    number = 1
    for number, piece in pieces:
        yield from splitter.feed(number, piece)
    is_cut_off = splitter.depth > 0
    last = tuple(splitter.collected.take())
    yield from last
    if is_cut_off and not last:
        yield _refused(number, _BROKEN, "the array never ends: the file was cut off here")


def single_rows(pieces: Iterator[tuple[int, str]]) -> Iterator[RawRow]:
    """The objects that follow one another without an array around them; mostly it is one, over several lines."""
    splitter = _Splitter(base=0)
    for number, piece in pieces:
        yield from splitter.feed(number, piece)
    yield from splitter.collected.take()


def object_row(line: int, text: str, *, deepest: int = 0) -> RawRow:
    """The row that one JSON text holds."""
    if deepest > DEPTH_MAX:
        return _refused(line, _BROKEN, "the object is nested too deeply")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as fault:
        where = line + fault.lineno - 1
        return _refused(line, _BROKEN, f"this is no valid JSON: {fault.msg} (line {where}, column {fault.colno})")
    except (ValueError, RecursionError):
        return _refused(line, _BROKEN, "this is no valid JSON: a number that JSON does not have, or too deep a nesting")
    if not isinstance(value, dict):
        return _refused(line, "object_expected", "a candidate is a JSON object: {...}")
    return RawRow(line, value)


class _Collected:
    """The text of one value so far; beyond OBJECT_MAX_CHARACTERS only its length is kept."""

    def __init__(self) -> None:
        self.line = self.size = self.deepest = 0
        self.parts: list[str] = []

    def add(self, line: int, text: str) -> None:
        """Append `text`, which stands on `line`; space before the value is left out."""
        if not self.size:
            text, self.line = text.lstrip(), line
        self.size += len(text)
        if self.size <= OBJECT_MAX_CHARACTERS:
            self.parts.append(text)
        else:
            self.parts.clear()

    def take(self) -> Iterator[RawRow]:
        """The row collected, if any; then collecting starts anew."""
        text, size, deepest = "".join(self.parts), self.size, self.deepest
        self.size = self.deepest = 0
        self.parts.clear()
        if size > OBJECT_MAX_CHARACTERS:
            yield _refused(self.line, _TOO_LONG, f"the object is longer than {OBJECT_MAX_CHARACTERS:,} characters")
        elif text:
            yield object_row(self.line, text, deepest=deepest)


class _Splitter:
    """Cuts a text into its values; `base` is the depth at which they stand: 1 in an array, 0 without."""

    def __init__(self, *, base: int) -> None:
        self.base, self.depth, self.collected = base, 0, _Collected()
        self._in_string, self._skip = False, 0

    def feed(self, line: int, piece: str) -> Iterator[RawRow]:
        """The values that end within `piece`, a piece of line `line`."""
        start, at = 0, self._skip
        while match := self._next_mark(piece, at):
            at = match.end()
            mark = piece[at - 1]
            if self._in_string:
                at += self._string_goes_on(mark)
            elif self._ends_value(mark):
                # The bracket that closes a value belongs to it; a comma or the array's own bracket does not.
                belongs = mark in "]}" and self.depth == self.base
                self.collected.add(line, piece[start : at if belongs else at - 1])
                start = at
                yield from self.collected.take()
        # A backslash at the very end escapes the first character of the next piece.
        self._skip = max(at - len(piece), 0)
        self.collected.add(line, piece[start:])

    def _next_mark(self, piece: str, at: int) -> re.Match[str] | None:
        if self._in_string:
            return _INSIDE_STRINGS.search(piece, at)
        return (_TO_BRACKET if self.depth > self.base else _TO_SEPARATOR).match(piece, at)

    def _string_goes_on(self, mark: str) -> bool:
        """Whether `mark` escapes the next character; any other ends the string."""
        self._in_string = mark == "\\"
        return self._in_string

    def _ends_value(self, mark: str) -> bool:
        """Take a mark outside strings into account; whether one value ends, or the array begins, with it."""
        if mark == '"':
            self._in_string = True
        elif mark == ",":
            return True
        elif mark in "{[":
            self.depth += 1
            self.collected.deepest = max(self.collected.deepest, self.depth - self.base)
            return mark == "[" and self.depth == self.base
        else:
            self.depth = max(self.depth - 1, 0)
            return self.depth <= self.base
        return False


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _refused(line: int, code: str, message: str) -> RawRow:
    return RawRow(line, {}, (Problem(line, None, code, message),))
