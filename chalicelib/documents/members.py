"""The rules for what lies in an ordinary ZIP: what we refuse by itself is refused there as well."""

from __future__ import annotations

import re
from typing import IO

from chalicelib.documents import magic, pdf_content, pictures
from chalicelib.documents.limits import Budget
from chalicelib.documents.refusals import EmbeddedObject, HiddenContent, TypeNotAllowed
from chalicelib.documents.whole import whole

# Started by a double click, whatever is in them: the list that mail services refuse, without sources of programs.
_IS_PROGRAM = re.compile(
    r"\.(?:ade|adp|appx|appxbundle|bat|cab|chm|cmd|cpl|diagcab|diagcfg|dll|dmg|exe|hta|img|ins|iso|isp|jar|jse|lnk|mde|mdb"
    r"|msc|msi|msix|msp|mst|nsh|one|pif|reg|scf|scr|sct|settingcontent-ms|shb|sys|url|vb|vbe|vbs|vhd|vhdx|vxd|wsc|wsf|wsh"
    r"|xll|library-ms|search-ms|appref-ms|application|gadget)[. ]*$",  # Windows drops dots and blanks at the end
    re.IGNORECASE,
)
_ONENOTE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_UNCHECKED = {magic.OLE: "an Office file of the old format", magic.RTF: "an RTF file", _ONENOTE: "a notebook"}
_OF_OTHER_PACKAGES = frozenset({"meta-inf/manifest.xml", "meta-inf/manifest.mf"})
_LOOKED_INTO = (magic.PDF, magic.PNG, magic.JPEG)


def judge_names(names: list[str]) -> None:
    """EmbeddedObject for a program by its name; TypeNotAllowed for a Java program or an OpenDocument file."""
    if any(_IS_PROGRAM.search(name) for name in names):
        raise EmbeddedObject
    if any(name.lower() in _OF_OTHER_PACKAGES for name in names):
        raise TypeNotAllowed("it is or holds a package (OpenDocument, Java) that cannot be checked; save it as PDF")


def is_looked_into(head: bytes) -> bool:
    """Whether `judge_content` wants the whole of a member that begins so."""
    return head.startswith(_LOOKED_INTO)


def judge_head(head: bytes) -> None:
    """EmbeddedObject, TypeNotAllowed or HiddenContent for what a member is by its first bytes."""
    if magic.is_program(head):
        raise EmbeddedObject
    if magic.is_foreign_archive(head):
        raise TypeNotAllowed(
            "the archive holds an archive of another kind, which cannot be checked; use ZIP throughout"
        )
    for mark, what in _UNCHECKED.items():
        if head.startswith(mark):
            raise TypeNotAllowed(f"the archive holds {what}, which cannot be checked; save that as PDF or DOCX")
    if magic.hides_pdf(head):
        raise HiddenContent("a PDF that begins behind other data")


def judge_content(content: IO[bytes], size_bytes: int, head: bytes, budget: Budget) -> None:
    """What applies to a PDF or picture of its own, applied here."""
    with whole(content, size_bytes) as buffer:
        if head.startswith(magic.PDF):
            pdf_content.judge_pdf(buffer, budget)
        elif head.startswith(magic.PNG):
            pictures.judge_png(buffer, budget.limits.max_pixels)
        else:
            pictures.judge_jpeg(buffer, budget.limits.max_pixels)
