"""What a part of an Office package refers to: parts within it, and places elsewhere."""

from __future__ import annotations

import re
from typing import IO
from urllib.parse import unquote

from lxml import etree

from chalicelib.documents.ooxml import SAFE_XML
from chalicelib.documents.refusals import ArchiveDamaged, EmbeddedObject, ExternalContent, MacrosNotAllowed

# Followed by a click, or shown as a picture, or asked about before they are fetched.
_HARMLESS_OUTSIDE = frozenset({"hyperlink", "image", "video", "audio", "media", "customxml", "externallinkpath"})
_TEMPLATE = "attachedtemplate"
_MACROS = frozenset({"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "attachedtoolbars"})
_OBJECTS = frozenset({"afchunk", "control", "activexcontrolbinary"})
_ON_THIS_DISK = re.compile(r"(?:file:/{1,3})?[a-z]:[/\\]", re.IGNORECASE)
_ON_ANOTHER_HOST = re.compile(r"(?:file:)?(?:[/\\]{2}|[/\\]{4,})[^/\\]", re.IGNORECASE)
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def is_links(name: str) -> bool:
    return name.lower().endswith(".rels")


def judge_links(content: IO[bytes]) -> None:
    """ExternalContent, EmbeddedObject or MacrosNotAllowed for a reference of a kind that a document has no need for.

    Read one by one: a workbook may link every address in it, 65,530 of them on a sheet.
    """
    try:
        for _, link in etree.iterparse(content, **SAFE_XML):
            if link.getroottree().docinfo.doctype:
                raise ArchiveDamaged("one of its lists cannot be read")
            if isinstance(link.tag, str) and link.tag.rpartition("}")[2] == "Relationship":
                _judge_link(link)
                link.clear()
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise ArchiveDamaged("one of its lists cannot be read") from None


def _judge_link(link: etree._Element) -> None:
    kind = str(link.get("Type", "")).rstrip("/").rpartition("/")[2].lower()
    if kind in _MACROS:
        raise MacrosNotAllowed
    if kind in _OBJECTS:
        raise EmbeddedObject
    if str(link.get("TargetMode", "")).lower() == "external" and not _may_lead_outside(
        kind, str(link.get("Target", ""))
    ):
        raise ExternalContent


def _may_lead_outside(kind: str, target: str) -> bool:
    place = unquote(target).strip()
    if kind == _TEMPLATE:
        # Word notes where the author's own template lies; only one that can be fetched from there is a danger.
        return bool(_ON_THIS_DISK.match(place)) or not (_HAS_SCHEME.match(place) or place.startswith(("/", "\\")))
    if kind == "image":
        return not _ON_ANOTHER_HOST.match(place)
    return kind in _HARMLESS_OUTSIDE
