"""Looks through an archive and all archives within it, and applies to each member the rule that fits it."""

from __future__ import annotations

from typing import IO

from chalicelib.documents import archive, magic, ooxml
from chalicelib.documents.archive import Member
from chalicelib.documents.limits import Budget, StructureLimits
from chalicelib.documents.refusals import ArchiveDamaged, EmbeddedObject, TypeNotAllowed


def look_inside(stream: IO[bytes], size_bytes: int, limits: StructureLimits) -> frozenset[str]:
    """The content types that the outermost archive declares as an Office package; none for an ordinary ZIP.

    Raises StructureRefused for whatever speaks against the archive or any archive within it.
    """
    return _look(stream, size_bytes, Budget(limits), depth=1)


def _look(stream: IO[bytes], size_bytes: int, budget: Budget, *, depth: int) -> frozenset[str]:
    entries = archive.read_members(stream, size_bytes, budget, depth=depth)
    names = [entry.name for entry in entries]
    is_package = any(map(ooxml.is_content_types, names))
    if is_package:
        _judge_names(names)
    content_types: frozenset[str] = frozenset()
    for member in archive.unpack(stream, entries, budget, keep=_is_needed):
        if ooxml.is_content_types(member.name) and member.content is not None:
            content_types = ooxml.read_content_types(member.content)
            ooxml.refuse_macros(names, content_types)
        _judge(member, budget, depth=depth, is_package=is_package)
    return content_types


def _judge_names(names: list[str]) -> None:
    """Names in a package ignore case, so "a.xml" and "A.xml" are one part with two contents."""
    if len({name.casefold() for name in names}) != len(names):
        raise ArchiveDamaged("two of its parts have the same name")
    ooxml.refuse_macros(names)


def _is_needed(name: str, head: bytes) -> bool:
    return ooxml.is_content_types(name) or ooxml.is_packed_picture(name, head)


def _judge(member: Member, budget: Budget, *, depth: int, is_package: bool) -> None:
    if is_package:
        ooxml.refuse_embedded(member.name, member.head)
    elif magic.is_foreign_archive(member.head):
        raise TypeNotAllowed(
            "the archive holds an archive of another kind, which cannot be checked; use ZIP throughout"
        )
    if member.content is None:
        return
    if member.is_archive:
        inner = _look(member.content, member.size_bytes, budget, depth=depth + 1)
        if is_package and not inner:
            raise EmbeddedObject
    elif ooxml.is_packed_picture(member.name, member.head):
        archive.gunzip_within(member.content, budget)
