"""Plain text: which encoding, and how text of any origin is tidied before it is kept and quoted."""

from __future__ import annotations

import re
import unicodedata

from chalicelib.resumes.errors import FileDamaged

LINE_ENDINGS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# Line ends are kept apart from the rest: PostgreSQL cannot hold NUL or half a surrogate pair, and characters that no
# reader sees (zero width, direction marks, tags) would hide instructions in a quote or split a word that is searched.
UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
                    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]")  # fmt: skip
BULLETS = re.compile("[\uf0a7\uf0b7\uf076\uf0d8\uf0fc]")  # Symbol and Wingdings bullets, as Word numbers them
ICONS = re.compile("[\ue000-\uf8ff]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
SOFT_HYPHEN = re.compile("\u00ad\n?")
TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
BLANK_LINES = re.compile(r"\n{3,}")


def pages(content: bytes) -> list[str]:
    """The tidy pages of a text file, parted by form feeds. UTF-8, UTF-16 or Windows-1252; FileDamaged otherwise."""
    return [tidy(page) for page in _decoded(content).split("\f")]


def tidy(text: str) -> str:
    r"""`text` in NFC with `\n` line ends, without unseen characters, trailing spaces or runs of blank lines."""
    text = LINE_ENDINGS.sub("\n", text)
    text = SOFT_HYPHEN.sub("", text)
    text = UNSEEN.sub("", text)
    text = ICONS.sub(" ", BULLETS.sub("•", SPACES.sub(" ", text)))
    text = unicodedata.normalize("NFC", text)
    return BLANK_LINES.sub("\n\n", TRAILING.sub("", text)).strip()


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise FileDamaged("its text is cut off in the middle of a character") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves open become nothing rather than a reason to refuse a résumé.
        return content.decode("cp1252", errors="ignore")
