"""The rules for Office packages (DOCX, XLSX and what is embedded in them), by what they declare and what they hold.

The main part is found by its declared content type: its name is free, and Word Online writes `word/document2.xml`.
"""

from __future__ import annotations

from typing import IO

from lxml import etree

from chalicelib.documents import magic
from chalicelib.documents.refusals import ArchiveDamaged, EmbeddedObject, ExternalContent, MacrosNotAllowed

WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

SAFE_XML = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}

_CONTENT_TYPES = "[content_types].xml"
_MAX_CONTENT_TYPES_BYTES = 1024 * 1024
_MACRO_TYPES = ("macroenabled", "vbaproject", "vbadata", "macrosheet")
_CONTROLS = "activex"
_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml")
_PACKED_PICTURES = (".emz", ".wmz")


def is_content_types(name: str) -> bool:
    """Whether this member is the declaration that makes a ZIP an Office package; names ignore case there."""
    return name.casefold() == _CONTENT_TYPES


def read_content_types(content: IO[bytes]) -> frozenset[str]:
    """Every content type that the package declares; ArchiveDamaged when the declaration is no plain XML."""
    root = read_xml(content, _MAX_CONTENT_TYPES_BYTES)
    return frozenset(str(element.get("ContentType", "")) for element in root.iter("{*}Default", "{*}Override"))


def read_xml(content: IO[bytes], max_bytes: int) -> etree._Element:
    """The root of a small part: nothing is fetched or expanded. ArchiveDamaged when it is no plain XML of that size."""
    raw = content.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise ArchiveDamaged("one of its lists is too long")
    try:
        root = etree.fromstring(raw, etree.XMLParser(**SAFE_XML))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise ArchiveDamaged("one of its lists cannot be read") from None
    if root.getroottree().docinfo.doctype:
        raise ArchiveDamaged("one of its lists cannot be read")
    return root


def refuse_macros(names: list[str], content_types: frozenset[str] = frozenset()) -> None:
    """MacrosNotAllowed when the package declares or holds a program, whatever its extension says."""
    declares = any(word in content_type.lower() for content_type in content_types for word in _MACRO_TYPES)
    holds = any(name.lower().rsplit("/", 1)[-1] in _MACRO_NAMES or "/macrosheets/" in name.lower() for name in names)
    if declares or holds:
        raise MacrosNotAllowed


def refuse_controls(content_types: frozenset[str]) -> None:
    """EmbeddedObject when the package declares a control, which is code of somebody else that it starts."""
    if any(_CONTROLS in content_type.lower() for content_type in content_types):
        raise EmbeddedObject


def refuse_embedded(name: str, head: bytes) -> None:
    """EmbeddedObject for a part that is a program, an OLE file or a PDF, and for whatever is embedded but a package."""
    is_embedding = "embeddings" in name.lower().split("/")[:-1]
    if head.startswith(magic.OLE) or magic.is_program(head) or (is_embedding and not head.startswith(magic.ZIP)):
        raise EmbeddedObject
    if head.startswith(magic.PDF) or magic.hides_pdf(head):
        raise EmbeddedObject
    if magic.is_foreign_archive(head) and not is_packed_picture(name, head):
        raise EmbeddedObject


def is_workbook_link(name: str) -> bool:
    """Whether the part says where another workbook, or another program's data, is to be had."""
    return "externallinks" in name.lower().split("/")[:-1]


def refuse_live_link(content: IO[bytes]) -> None:
    """ExternalContent for a link that asks a running program (DDE, OLE); one to another workbook is only a path."""
    if magic.contains(content, b"ddeLink") or magic.contains(content, b"oleLink"):
        raise ExternalContent


def is_packed_picture(name: str, head: bytes) -> bool:
    """Whether the part is a gzip-packed metafile, the one packing that Office uses within its own."""
    return name.lower().endswith(_PACKED_PICTURES) and head.startswith(magic.GZIP)
