"""The passwords that everybody tries first. Where the list comes from: common_passwords.LICENSE."""

from __future__ import annotations

import gzip
import unicodedata
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("common_passwords.txt.gz")


def folded(text: str) -> str:
    """One spelling for what reads alike: normalised (NFKC), without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def is_common(password: str) -> bool:
    """Whether the password, as a whole and in any case, is one of some 8,000 that are known to be common."""
    return folded(password) in _known()


@cache
def _known() -> frozenset[str]:
    # Read when the first password is chosen, about 5 ms: signing in needs no list.
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().splitlines())
