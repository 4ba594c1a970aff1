"""What a PDF may carry besides its pages: nothing that runs, and no file that we would refuse by itself.

Readers differ in how they find the objects of a PDF, so every byte is looked at, wherever the file's own map says that
objects are: as it stands, and unpacked where objects are packed. What is looked for are actions by the key that every
reader needs (/S /Launch), because a name alone may be a word of the text: "TypeScript/JavaScript".

Objects that are packed and then encrypted cannot be looked at: such a file is refused, though it opens for everybody.
"""

from __future__ import annotations

import re
import zlib

from chalicelib.documents import magic
from chalicelib.documents.limits import Budget
from chalicelib.documents.magic import Buffer
from chalicelib.documents.pdf_names import BLANKS, any_of, plain, spelt
from chalicelib.documents.refusals import (
    ActiveContent,
    ArchiveDamaged,
    ArchiveTooBig,
    ArchiveTooManyEntries,
    EmbeddedObject,
    HiddenContent,
    PartsLocked,
)

_RUNS = any_of(
    "JavaScript", "Launch", "ImportData", "SubmitForm", "GoToE", "RichMediaExecute", "Rendition", "GoTo3DView"
)
_ACTIVE = re.compile(
    rb"(?:%s|[0-9]\s+obj)%s%s" % (spelt("S"), BLANKS, _RUNS)
    + rb"|%s%s%s" % (spelt("Subtype"), BLANKS, spelt("RichMedia"))
    + rb"|%s%s[\[0-9]" % (spelt("XFA"), BLANKS)
    + rb"|%s%s\((?:\s|\\[rnt])*+(?i:javascript:)" % (spelt("URI"), BLANKS)
)
_NAMES_OF_ACTIVE = re.compile(_RUNS)
_STRING = re.compile(rb"\((?:[^()\\]|\\.)*+\)", re.DOTALL)
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_NUMBERED = re.compile(rb"[0-9]\s+\Z")
_OBJECTS_HINT = re.compile(any_of("ObjStm", "First"))
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/[A-Za-z0-9]+)")
# Numbers and places of the objects, which their stream begins with.
_LIST = re.compile(BLANKS + rb"[0-9]+" + BLANKS + rb"[0-9]")
_MAX_OBJECTS_BYTES = 8 * 1024 * 1024
_OF_FILES, _OF_OBJECTS = b"/EmbeddedFile", b"/ObjStm"
_DEFLATE = 8
_BEFORE_BYTES, _HEAD_PACKED_BYTES = 16 * 1024, 16 * 1024
_END, _BEHIND_BYTES = b"%%EOF", 1024
_BLANK_RUN = re.compile(rb"[\x00\t\n\x0c\r \x1a]*+")


def judge_pdf(content: Buffer, budget: Budget) -> None:
    """ActiveContent, EmbeddedObject, HiddenContent, PartsLocked, or what `budget` raises, when there is cause."""
    if magic.is_for_browsers(content[: magic.PDF_WITHIN_BYTES]):
        raise HiddenContent("a page for browsers at the start of the PDF")
    _refuse_behind(content)
    if _ACTIVE.search(content):
        raise ActiveContent
    for number, match in enumerate(_STREAM.finditer(content), start=1):
        if number > budget.limits.max_streams:
            raise ArchiveTooManyEntries(budget.limits.max_streams)
        _judge_stream(content, match.start(), match.end(), budget)


def _refuse_behind(content: Buffer) -> None:
    """HiddenContent for a file behind an end of the PDF: further objects may follow there, and blanks."""
    at = content.find(_END)
    while at >= 0:
        blanks = _BLANK_RUN.match(content, at + len(_END))
        behind = blanks.end() if blanks else at + len(_END)
        rest = content[behind : behind + magic.DEEP_HEAD_BYTES]
        at = content.find(_END, behind)
        is_long = at < 0 and len(content) - behind > _BEHIND_BYTES
        if is_long or _is_file(rest) or magic.is_for_browsers(rest[:_BEHIND_BYTES]):
            raise HiddenContent("something stands behind the end of the PDF")


def _judge_stream(content: Buffer, keyword_at: int, at: int, budget: Budget) -> None:
    before = content[max(0, keyword_at - _BEFORE_BYTES) : keyword_at]
    dictionary = plain(_dictionary(before))
    filters = _FILTERS.search(dictionary)
    named = filters[1] if filters else b""
    head = _head(content, at)
    is_objects, is_file = _OF_OBJECTS in dictionary, _OF_FILES in dictionary
    if (is_objects or is_file) and (
        re.sub(rb"/(?:FlateDecode|Fl)\b|[\[\]\s]", b"", named) or b"/Predictor" in dictionary
    ):
        raise EmbeddedObject if is_file else ActiveContent
    if named and head is None and (is_objects or is_file):
        raise PartsLocked if _is_locked(content) else ArchiveDamaged("a part cannot be unpacked")
    if _is_file(head or content[at : at + magic.DEEP_HEAD_BYTES], is_file=is_file):
        raise EmbeddedObject
    if head is not None and (is_objects or (_LIST.match(head) and _OBJECTS_HINT.search(before))):
        _judge_objects(_unpacked(content, at, budget), is_certain=is_objects)
    elif is_objects:
        _judge_objects(content[at : content.find(b"endstream", at)], is_certain=True)


def _dictionary(before: bytes) -> bytes:
    """The dictionary that ends `before`; all of it where that is not certain, as with an "obj" in a string."""
    at = before.rfind(b"obj")
    while at > 0 and not _NUMBERED.search(before, max(0, at - 8), at):
        at = before.rfind(b"obj", 0, at)
    last = before[max(at, 0) :]
    is_whole = last.count(b"<<") == last.count(b">>") > 0 and last.count(b"(") == last.count(b")")
    return last if is_whole else before


def _judge_objects(objects: bytes, *, is_certain: bool) -> None:
    """ActiveContent for objects that run something. Where no text of a page can stand, a name is enough."""
    if _ACTIVE.search(objects) or (is_certain and _NAMES_OF_ACTIVE.search(_STRING.sub(b"()", objects))):
        raise ActiveContent


def _head(content: Buffer, at: int) -> bytes | None:
    """The first bytes of a packed stream, unpacked; None when it is packed in another way or not at all."""
    mark = content[at : at + 2]
    if len(mark) < 2 or mark[0] & 0x0F != _DEFLATE or int.from_bytes(mark, "big") % 31:
        return None
    try:
        return zlib.decompressobj().decompress(content[at : at + _HEAD_PACKED_BYTES], magic.DEEP_HEAD_BYTES) or None
    except zlib.error:
        return None


def _unpacked(content: Buffer, at: int, budget: Budget) -> bytes:
    """The packed objects at `at` as a whole; they end where they are broken, as they do for readers."""
    inflate, pieces, size, start = zlib.decompressobj(), [], 0, at
    waiting = b""
    while not inflate.eof and (waiting or at < len(content)):
        if not waiting:
            waiting, at = content[at : at + magic.CHUNK_BYTES], at + magic.CHUNK_BYTES
        try:
            piece = inflate.decompress(waiting, magic.CHUNK_BYTES)
        except zlib.error:
            break
        waiting = inflate.unconsumed_tail
        size += len(piece)
        if size > _MAX_OBJECTS_BYTES:
            raise ArchiveTooBig(_MAX_OBJECTS_BYTES)
        budget.spend_bytes(len(piece), member_bytes=size, packed_bytes=at - start)
        pieces.append(piece)
    return b"".join(pieces)


def _is_file(head: bytes, *, is_file: bool = False) -> bool:
    """Whether these bytes open a program, an archive or another document. The shortest marks count only for what says
    that it is a file (`is_file`): the pixels of a picture may look like them."""
    if head.startswith((magic.PDF, *magic.ZIP, magic.OLE, magic.RTF, *magic.STRONG_ARCHIVES)):
        return True
    if head.startswith(magic.PROGRAMS[0]):
        return magic.is_portable_executable(head)
    return is_file and (magic.is_program(head) or magic.is_foreign_archive(head) or magic.is_for_browsers(head[:1024]))


def _is_locked(content: Buffer) -> bool:
    return re.search(spelt("Encrypt"), content) is not None
