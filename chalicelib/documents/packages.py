"""Looks through an archive and all archives within it, and applies to each member the rule that fits it."""

from __future__ import annotations

from typing import IO

from chalicelib.documents import archive, members, ooxml, ooxml_links, word_fields
from chalicelib.documents.archive import Member
from chalicelib.documents.limits import Budget, StructureLimits
from chalicelib.documents.refusals import ArchiveDamaged, EmbeddedObject
from chalicelib.documents.zip_layout import Entry


def look_inside(stream: IO[bytes], size_bytes: int, limits: StructureLimits) -> frozenset[str]:
    """The content types that the outermost archive declares as an Office package; none for an ordinary ZIP.

    Raises StructureRefused for whatever speaks against the archive or any archive within it.
    """
    return _look(stream, size_bytes, Budget(limits), depth=1)


def _look(stream: IO[bytes], size_bytes: int, budget: Budget, *, depth: int) -> frozenset[str]:
    entries = archive.read_members(stream, size_bytes, budget, depth=depth)
    names = [entry.name for entry in entries]
    if any(map(ooxml.is_content_types, names)):
        return _look_at_package(stream, entries, names, budget, depth=depth)
    members.judge_names(names)
    for member in archive.unpack(stream, entries, budget, keep=lambda _, head: members.is_looked_into(head)):
        _judge_member(member, budget, depth=depth)
    return frozenset()


def _judge_member(member: Member, budget: Budget, *, depth: int) -> None:
    members.judge_head(member.head)
    if member.content is None:
        return
    if member.is_archive:
        _look(member.content, member.size_bytes, budget, depth=depth + 1)
    else:
        members.judge_content(member.content, member.size_bytes, member.head, budget)


def _look_at_package(
    stream: IO[bytes], entries: list[Entry], names: list[str], budget: Budget, *, depth: int
) -> frozenset[str]:
    # Names in a package ignore case, so "a.xml" and "A.xml" are one part with two contents.
    if len({name.casefold() for name in names}) != len(names):
        raise ArchiveDamaged("two of its parts have the same name")
    ooxml.refuse_macros(names)
    content_types = _declared(stream, entries, names, budget)
    if {ooxml.SHEET_MAIN, ooxml.WORD_MAIN} <= content_types:
        raise ArchiveDamaged("it says that it is a document and a workbook")
    is_text = ooxml.SHEET_MAIN not in content_types
    parts = [entry for entry in entries if not ooxml.is_content_types(entry.name)]
    # The sheets of a workbook can be very large, and hold no fields.
    for part in archive.unpack(stream, parts, budget, keep=_is_needed_of_text if is_text else _is_needed):
        _judge_part(part, budget, depth=depth)
    return content_types


def _declared(stream: IO[bytes], entries: list[Entry], names: list[str], budget: Budget) -> frozenset[str]:
    declaration = [entry for entry in entries if ooxml.is_content_types(entry.name)]
    content_types: frozenset[str] = frozenset()
    for part in archive.unpack(stream, declaration, budget, keep=lambda _name, _head: True):
        assert part.content is not None, "it was asked for"
        content_types = ooxml.read_content_types(part.content)
    ooxml.refuse_macros(names, content_types)
    ooxml.refuse_controls(content_types)
    return content_types


def _is_needed(name: str, head: bytes) -> bool:
    return ooxml.is_packed_picture(name, head) or ooxml_links.is_links(name) or ooxml.is_workbook_link(name)


def _is_needed_of_text(name: str, head: bytes) -> bool:
    return _is_needed(name, head) or word_fields.may_hold_fields(head)


def _judge_part(part: Member, budget: Budget, *, depth: int) -> None:
    ooxml.refuse_embedded(part.name, part.head)
    if part.content is None:
        return
    if part.is_archive:
        if not _look(part.content, part.size_bytes, budget, depth=depth + 1):
            raise EmbeddedObject
    elif ooxml.is_packed_picture(part.name, part.head):
        archive.gunzip_within(part.content, budget)
    elif ooxml_links.is_links(part.name):
        ooxml_links.judge_links(part.content)
    elif ooxml.is_workbook_link(part.name):
        ooxml.refuse_live_link(part.content)
    else:
        word_fields.judge_fields(part.content)
