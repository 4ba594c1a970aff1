"""The test virus in documents: in every place of a DOCX, XLSX, PDF, text and picture that keeps bytes."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Iterator

import openpyxl

from tests import samples as files
from tests.corpus.raw_pdf import page_of, stream, with_catalog, write, write_packed
from tests.corpus.sample import EICAR, Sample, evasion

FAMILY = "EICAR in documents"
TEXT = EICAR.decode("ascii")


def samples() -> Iterator[Sample]:
    yield from _texts()
    yield from _office()
    yield from _pdfs()
    yield from _pictures()


def _texts() -> Iterator[Sample]:
    for around, name in (
        (b"", "alone"),
        (b"\xef\xbb\xbf", "marked UTF-8"),
        (b"Ada Lovelace\r\n", "behind a line"),
        (b"x" * 70_000, "far inside"),
    ):
        yield evasion(FAMILY, f"text, {name}", "cv.txt", around + EICAR)
    yield evasion(FAMILY, "text, padded", "cv.txt", EICAR + b" \r\n" * 40)
    yield evasion(FAMILY, "cover letter", "letter.txt", EICAR, kind="cover_letter")
    yield evasion(FAMILY, "CSV cell", "people.csv", b"name,email\nAda," + EICAR + b"\n")
    yield evasion(FAMILY, "CSV alone", "people.csv", EICAR)
    escaped = EICAR.replace(b"\\", b"\\\\")
    yield evasion(FAMILY, "JSON Lines, raw", "people.jsonl", b'{"name": "Ada"}\n' + b"[" + EICAR + b"\n")
    yield evasion(FAMILY, "JSON, raw", "people.json", b"[" + EICAR + b"]")
    yield evasion(FAMILY, "JSON, behind the object", "people.json", b'{"name": "' + escaped[:20] + b'"}\n' + EICAR)


def _office() -> Iterator[Sample]:
    document = files.docx_of(files.SAMPLE_LINES)
    for part in (
        "word/media/image1.png",
        "word/media/image1.emf",
        "customXml/item1.xml",
        "docProps/custom.xml",
        "docProps/thumbnail.jpeg",
        "word/fonts/font1.odttf",
        "word/glossary/document.xml",
        "anything.bin",
        "word/header9.xml",
        "word/comments.xml",
    ):
        yield evasion(FAMILY, f"DOCX, {part}", "cv.docx", files.with_member(document, part, EICAR))
    yield evasion(FAMILY, "DOCX, in a run", "cv.docx", files.docx_of([TEXT]))
    inner = files.with_member(document, "word/media/image1.png", EICAR)
    yield evasion(FAMILY, "DOCX in a DOCX", "cv.docx", files.with_member(document, "word/embeddings/a.docx", inner))
    twice = files.with_member(
        document, "word/embeddings/b.docx", files.with_member(document, "word/embeddings/a.docx", inner)
    )
    yield evasion(FAMILY, "DOCX in a DOCX in a DOCX", "cv.docx", twice)
    book = workbook([["name", "email"], ["Ada", TEXT]])
    yield evasion(FAMILY, "XLSX in a DOCX", "cv.docx", files.with_member(document, "word/embeddings/a.xlsx", book))
    yield evasion(FAMILY, "XLSX, a cell", "people.xlsx", book)
    for part in (
        "xl/media/image1.png",
        "xl/printerSettings/printerSettings1.bin",
        "docProps/custom.xml",
        "xl/calcChain.xml",
        "a.b",
    ):
        yield evasion(FAMILY, f"XLSX, {part}", "people.xlsx", files.with_member(workbook([["name"]]), part, EICAR))
    packed = files.with_member(document, "word/media/image1.emz", _gzip(EICAR))
    yield evasion(FAMILY, "DOCX, packed metafile", "cv.docx", packed)


def workbook(rows: list[list[str]]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush()


def _pdfs() -> Iterator[Sample]:
    base = page_of()
    for name, content in (
        ("plain stream", stream(EICAR)),
        ("packed stream", stream(EICAR, packed=True)),
        ("packed far inside", stream(b"x" * 300_000 + EICAR, packed=True)),
        ("ASCII85", _filtered(base64.a85encode(EICAR) + b"~>", b"/ASCII85Decode")),
        (
            "ASCII85 of packed",
            _filtered(base64.a85encode(zlib.compress(EICAR)) + b"~>", b"[/ASCII85Decode/FlateDecode]"),
        ),
        ("hexadecimal", _filtered(EICAR.hex().encode() + b">", b"/ASCIIHexDecode")),
        (
            "hexadecimal of packed",
            _filtered(zlib.compress(EICAR).hex().encode() + b">", b"[/ASCIIHexDecode/FlateDecode]"),
        ),
        ("packed twice", _filtered(zlib.compress(zlib.compress(EICAR)), b"[/FlateDecode/FlateDecode]")),
        ("run length", _filtered(bytes([len(EICAR) - 1]) + EICAR + b"\x80", b"/RunLengthDecode")),
        ("short names", _filtered(zlib.compress(EICAR), b"/Fl")),
        ("unknown filter", _filtered(EICAR, b"/NoSuchDecode")),
        ("said to be a JPEG", _filtered(EICAR, b"/DCTDecode")),
        ("wrong length", b"<</Length 3/Filter/FlateDecode>>stream\n" + zlib.compress(EICAR) + b"\nendstream"),
        ("no filter named", b"<</Length 3>>stream\n" + EICAR + b"\nendstream"),
        ("in a comment", b"<<>> %" + EICAR + b"\n"),
        ("in a string", b"(" + EICAR.replace(b"\\", b"\\\\") + EICAR + b")"),
    ):
        yield evasion(FAMILY, f"PDF, {name}", "cv.pdf", write({**base, 6: content}))
    yield from _embedded(base)
    yield evasion(FAMILY, "PDF, behind the end", "cv.pdf", write(base) + EICAR)
    yield evasion(
        FAMILY, "PDF, an object that is packed", "cv.pdf", write_packed({**base, 6: b"%" + EICAR + b"\nnull"})
    )
    yield evasion(FAMILY, "PDF, locked for changes", "cv.pdf", files.encrypted_pdf("") + b"\n%" + EICAR)


def _embedded(base: dict[int, bytes]) -> Iterator[Sample]:
    names = b"/Names<</EmbeddedFiles<</Names[(a.txt) 6 0 R]>>>>"
    spec = b"<</Type/Filespec/F(a.txt)/EF<</F 7 0 R>>>>"
    inner = {
        "a text": EICAR,
        "a ZIP": files.eicar_zip(),
        "a PDF": write({**base, 6: stream(EICAR, packed=True)}),
        "a DOCX": files.eicar_docx(),
        "gzip": _gzip(EICAR),
    }
    for name, content in inner.items():
        for is_packed in (False, True):
            for type_entry in (b"/Type/EmbeddedFile", b""):
                objects = with_catalog({**base, 6: spec, 7: stream(content, type_entry, packed=is_packed)}, names)
                how = f"{name}{', packed' if is_packed else ''}{'' if type_entry else ', untyped'}"
                yield evasion(FAMILY, f"PDF, embedded {how}", "cv.pdf", write(objects))
    objects = with_catalog({**base, 6: spec, 7: stream(EICAR, b"/Type/EmbeddedFile", packed=True)}, names)
    yield evasion(FAMILY, "PDF, embedded, objects packed", "cv.pdf", write_packed(objects))


def _filtered(data: bytes, filters: bytes) -> bytes:
    return b"<</Filter%s/Length %d>>stream\n%s\nendstream" % (filters, len(data), data)


def _pictures() -> Iterator[Sample]:
    png = files.png()
    end = png[-12:]
    for name, kind, content in (
        ("note", b"tEXt", b"Comment\0" + EICAR),
        ("packed note", b"zTXt", b"Comment\0\0" + zlib.compress(EICAR)),
        ("packed international note", b"iTXt", b"Comment\0\1\0en\0\0" + zlib.compress(EICAR)),
        ("international note", b"iTXt", b"Comment\0\0\0en\0\0" + EICAR),
        ("unknown chunk", b"ruSt", EICAR),
    ):
        chunk = struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
        yield evasion(FAMILY, f"PNG, {name}", "photo.png", png[:-12] + chunk + end)
    yield evasion(FAMILY, "PNG, behind the end", "photo.png", png + EICAR)
    yield evasion(FAMILY, "PNG, archive behind the end", "photo.png", png + files.eicar_zip())
    yield evasion(
        FAMILY, "PNG, archive and junk behind the end", "photo.png", png + files.eicar_zip() + b"junk" * 20_000
    )
    for marker in (0xFE, 0xE1, 0xEF):
        yield evasion(FAMILY, f"JPEG, segment {marker:X}", "photo.jpg", jpeg_with(marker, EICAR))
    yield evasion(FAMILY, "JPEG, behind the end", "photo.jpg", jpeg_with(0xFE, b"note") + EICAR)
    yield evasion(FAMILY, "JPEG, archive behind the end", "photo.jpg", jpeg_with(0xFE, b"note") + files.eicar_zip())
    yield evasion(
        FAMILY,
        "JPEG, archive and junk behind the end",
        "photo.jpg",
        jpeg_with(0xFE, b"n") + files.eicar_zip() + b"j" * 90_000,
    )
    yield evasion(FAMILY, "JPEG, gzip behind the end", "photo.jpg", jpeg_with(0xFE, b"n") + _gzip(EICAR))


def jpeg_with(marker: int, segment: bytes) -> bytes:
    """A grey picture of 8 x 8 with one more segment."""
    tables = b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    frame = b"\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00"
    huffman = (
        b"\xff\xc4\x00\x14\x00\x01" + b"\x00" * 15 + b"\x00" + b"\xff\xc4\x00\x14\x10\x01" + b"\x00" * 15 + b"\x00"
    )
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f"
    extra = b"\xff" + bytes([marker]) + struct.pack(">H", len(segment) + 2) + segment
    return b"\xff\xd8" + extra + tables + frame + huffman + scan + b"\xff\xd9"
