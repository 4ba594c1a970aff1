"""How PDF spells what we look for: any letter of a name may be written as #xx, and comments part words like blanks."""

from __future__ import annotations

import re

BLANKS = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*+[\r\n])*+"
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME_GOES_ON = rb"(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"


def spelt(name: str) -> bytes:
    """A pattern for `/name` in all of its spellings."""
    letters = (rb"(?:%s|#(?i:%02x))" % (re.escape(letter.encode()), ord(letter)) for letter in name)
    return b"/" + b"".join(letters) + _NAME_GOES_ON


def any_of(*names: str) -> bytes:
    return b"(?:" + b"|".join(map(spelt, names)) + b")"


def plain(dictionary: bytes) -> bytes:
    """The dictionary with its escapes resolved, to be searched in and not to be read."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), dictionary)
