"""Builders of real sample files: what people send, what is broken, and what is hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import docx
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

A4 = (595, 842)
SAMPLE_LINES = (
    "Jordan Sample",
    "jordan.sample@example.com",
    "Backend engineer with eight years of Python and PostgreSQL.",
)
OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCUMENT_PART = "word/document.xml"


def pdf_drawn(draw: Callable[[Canvas], None], **options: Any) -> bytes:
    """A PDF of what `draw` does on the canvas; each build of the same is the same, byte for byte."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, **options)
    draw(canvas)
    canvas.save()
    return buffer.getvalue()


def pdf_of(*pages: Sequence[str], **options: Any) -> bytes:
    """A PDF with these lines on each page."""

    def draw(canvas: Canvas) -> None:
        for lines in pages:
            for number, line in enumerate(lines):
                canvas.drawString(50, 790 - 16 * number, line)
            canvas.showPage()

    return pdf_drawn(draw, **options)


def pdf_with_pages(count: int) -> bytes:
    """A PDF of `count` pages, a short line on each."""
    return pdf_of(*([f"page {number}"] for number in range(1, count + 1)))


def encrypted_pdf(user_password: str = "secret", owner_password: str = "owner") -> bytes:
    """A PDF that needs `user_password` to be opened; with an empty one it opens, but may not be changed."""
    encryption = StandardEncryption(user_password, owner_password, strength=128)
    return pdf_of(SAMPLE_LINES, encrypt=encryption)


def truncated_pdf() -> bytes:
    """The first half of a PDF, as a broken upload leaves it."""
    whole = pdf_of(SAMPLE_LINES)
    return whole[: len(whole) // 2]


def png(width: int = 40, height: int = 56, grey: int = 200) -> bytes:
    """A plain grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([grey]) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def image_only_pdf(pages: int = 2, recognised: Sequence[str] = ()) -> bytes:
    """A scan: one picture a page, with the invisible text of `recognised` over it, as text recognition stores it."""

    def draw(canvas: Canvas) -> None:
        for _ in range(pages):
            canvas.drawImage(ImageReader(io.BytesIO(png())), 0, 0, *A4)
            draw_invisible(canvas, recognised)
            canvas.showPage()

    return pdf_drawn(draw)


def draw_invisible(canvas: Canvas, lines: Sequence[str], top: int = 700) -> None:
    """Write `lines` in the render mode that leaves no ink."""
    canvas.saveState()
    text = canvas.beginText(50, top)
    text.setTextRenderMode(3)
    text.textLines("\n".join(lines))
    canvas.drawText(text)
    canvas.restoreState()


def docx_of(paragraphs: Sequence[str]) -> bytes:
    """A Word document of these paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return docx_bytes(document)


def docx_bytes(document: Any) -> bytes:
    """The file that Word would save of a python-docx document."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def docx_with_body(xml: str) -> bytes:
    """A Word document whose body holds this raw XML; the prefixes w, wp, wps, a, v, r and mc are declared."""
    document = docx_of([])
    names = {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    }
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    return with_member(document, DOCUMENT_PART, f"<w:document {declared}><w:body>{xml}</w:body></w:document>".encode())


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    """The ZIP `archive` with its member `name` replaced, or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def zip_bomb_docx(unpacked_mib: int = 50) -> bytes:
    """A small DOCX whose document unpacks to `unpacked_mib` of spaces."""
    return with_member(docx_of(SAMPLE_LINES), DOCUMENT_PART, b" " * (unpacked_mib * 1024 * 1024))


def lying_docx(says_bytes: int = 100) -> bytes:
    """A zip bomb whose directory says that the document unpacks to `says_bytes`."""
    bomb = bytearray(zip_bomb_docx())
    name = DOCUMENT_PART.encode()
    local, central = bomb.index(name) - 30, bomb.rindex(name) - 46
    bomb[local + 22 : local + 26] = bomb[central + 24 : central + 28] = struct.pack("<I", says_bytes)
    return bytes(bomb)


def crowded_docx(entries: int = 2500) -> bytes:
    """A DOCX with thousands of parts."""
    buffer = io.BytesIO(docx_of(SAMPLE_LINES))
    with zipfile.ZipFile(buffer, "a") as archive:
        for number in range(entries):
            archive.writestr(f"word/media/{number}.txt", b"")
    return buffer.getvalue()


def entity_docx() -> bytes:
    """A DOCX whose XML would grow a thousandfold, were its entities expanded."""
    grow = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 6))
    xml = (
        f'<!DOCTYPE d [<!ENTITY l0 "laugh">{grow}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&l5;</w:t></w:r></w:p></w:body></w:document>"
    )
    return with_member(docx_of([]), DOCUMENT_PART, xml.encode())


def encrypted_docx() -> bytes:
    """The outer shape of a DOCX with a password: an OLE container with a stream that Office names EncryptedPackage."""
    return OLE_HEADER + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def old_doc() -> bytes:
    """The outer shape of a Word 97 document."""
    return OLE_HEADER + bytes(1016) + "WordDocument".encode("utf-16-le") + bytes(488)


def zip_of(members: dict[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def eicar() -> bytes:
    """The harmless file that every virus scanner reports. Put together here, so that none reports this source."""
    return ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-" + "TEST-FILE!$H+H*").encode()


def eicar_zip() -> bytes:
    """The test virus inside a ZIP."""
    return zip_of({"resume.txt": eicar()})


def eicar_docx() -> bytes:
    """The test virus inside a DOCX that reads well otherwise."""
    return with_member(docx_of(SAMPLE_LINES), "word/media/image1.png", eicar())
