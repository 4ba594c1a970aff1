"""The fields of a Word document that start programs or fetch what they show: DDE, and texts from elsewhere.

A field's code may be cut into any number of runs, so it is put together before it is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from lxml import etree

from chalicelib.documents.magic import CHUNK_BYTES
from chalicelib.documents.ooxml import SAFE_XML
from chalicelib.documents.refusals import ActiveContent, ArchiveDamaged, ExternalContent

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_HINTS = tuple(word.encode(encoding) for word in ("instrText", "fldSimple") for encoding in _ENCODINGS)
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in _ENCODINGS)
_STARTS_PROGRAM = re.compile(r"\s*(?:DDEAUTO|DDE)\b|\bQUOTE(?:\s+\d+){3}", re.IGNORECASE)
_FETCHES = re.compile(
    r"\s*(?:INCLUDETEXT|IMPORT|RD)\s+\"?\s*(?:https?:|ftp:|file:|\\\\|//)|\s*INCLUDEPICTURE\s+\"?\s*(?:\\\\|//|file:)",
    re.IGNORECASE,
)


def may_hold_fields(head: bytes) -> bool:
    """Whether this part of a package is XML, by its first character: a part may have any name."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def judge_fields(content: IO[bytes]) -> None:
    """ActiveContent or ExternalContent for such a field; ArchiveDamaged when the part is no XML as Word writes it."""
    if not _mentions_fields(content):
        return
    content.seek(0)
    try:
        for code in _codes(content):
            if _STARTS_PROGRAM.search(code) if "QUOTE" in code.upper() else _STARTS_PROGRAM.match(code):
                raise ActiveContent
            if _FETCHES.match(code):
                raise ExternalContent
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise ArchiveDamaged("a part of it cannot be read") from None


def _mentions_fields(content: IO[bytes]) -> bool:
    """Whether the part may hold a field; ArchiveDamaged when it declares a document type, as no part does that Word
    opens: its entities could spell a field that is not seen here."""
    content.seek(0)
    rest, mentions = b"", False
    while chunk := content.read(CHUNK_BYTES):
        window = rest + chunk
        if any(doctype in window for doctype in _DOCTYPES):
            raise ArchiveDamaged("a part of it declares a document type")
        mentions = mentions or any(hint in window for hint in _HINTS)
        rest = window[-32:]
    return mentions


def _codes(content: IO[bytes]) -> Iterator[str]:
    """The code of every field; of a field within another, once by itself and once as part of it."""
    open_codes: list[list[str]] = []
    for _, element in etree.iterparse(content, events=("end",), **SAFE_XML):
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if tag == "fldSimple":
            yield _attribute(element, "instr")
        elif tag == "instrText":
            for code in open_codes or [[]]:
                code.append(element.text or "")
            if not open_codes:
                yield element.text or ""
        elif tag == "fldChar":
            mark = _attribute(element, "fldCharType")
            if mark == "begin":
                open_codes.append([])
            elif mark in ("separate", "end") and open_codes:
                yield "".join(open_codes[-1])
                if mark == "end":
                    open_codes.pop()
        if tag == "p":
            element.clear(keep_tail=False)
    yield from ("".join(code) for code in open_codes)


def _attribute(element: etree._Element, local_name: str) -> str:
    return next(
        (str(value) for name, value in element.attrib.items() if str(name).rpartition("}")[2] == local_name), ""
    )
