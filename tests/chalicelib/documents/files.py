"""Small real files for the tests of this room, and ways to spoil them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from docx import Document
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLE_HEAD = bytes.fromhex("d0cf11e0a1b11ae1")


def pdf_file(*, password: str | None = None) -> bytes:
    """A PDF of one page with one line; an empty `password` opens for everybody and only forbids changes."""
    target = io.BytesIO()
    encryption = None if password is None else StandardEncryption(password, "owner", strength=128)
    canvas = Canvas(target, encrypt=encryption)
    canvas.drawString(72, 720, "Ada Lovelace, engineer")
    canvas.save()
    return target.getvalue()


def docx_file(extra: Mapping[str, bytes] | None = None, *, replace: Mapping[str, bytes] | None = None) -> bytes:
    """A DOCX with one paragraph; `extra` adds parts, `replace` exchanges bytes in the list of content types."""
    target = io.BytesIO()
    document = Document()
    document.add_paragraph("Ada Lovelace, engineer")
    document.save(target)
    parts = members_of(target.getvalue())
    for old, new in (replace or {}).items():
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(old.encode(), new)
    return zip_file({**parts, **(extra or {})})


def xlsx_file() -> bytes:
    """A workbook as small as a workbook can be."""
    types = (
        b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    )
    return zip_file({"[Content_Types].xml": types, "xl/workbook.xml": b"<workbook/>"})


def zip_file(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members, in this order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return target.getvalue()


def members_of(archive: bytes) -> dict[str, bytes]:
    """Every member of a ZIP by its name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def nested(content: bytes, levels: int, *, name: str = "cv.txt") -> bytes:
    """`content` in `levels` archives, each in the next."""
    for level in range(levels):
        content = zip_file({name if level == 0 else f"level{level}.zip": content})
    return content


def patched(archive: bytes, mark: bytes, offset: int, layout: str, value: int) -> bytes:
    """The archive with one header field overwritten, `offset` bytes after the first `mark`."""
    spoiled = bytearray(archive)
    struct.pack_into(layout, spoiled, archive.index(mark) + offset, value)
    return bytes(spoiled)


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def encrypted_zip() -> bytes:
    """A ZIP whose one member says, in both of its headers, that it needs a password."""
    return patched(patched(zip_file({"cv.txt": b"secret"}), LOCAL, 6, "<H", 1), CENTRAL, 8, "<H", 1)
